//! The carrier `tcp:`: an implementation that dialed in, asked by lines.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use crate::conversation::{Conversation, Peer, send_lines};
use crate::testee::{Limits, Trouble};

/// The far end of a connection.
pub struct Connection {
    stream: TcpStream,
    farewell: Option<Farewell>,
}

/// What is written before a connection is closed, and whose turn it is to write.
pub(crate) struct Farewell {
    pub(crate) bytes: &'static [u8],
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Connection {
    pub(crate) const fn new(stream: TcpStream, farewell: Option<Farewell>) -> Self {
        Self { stream, farewell }
    }
}

/// Greets an implementation that dialed in.
///
/// # Errors
///
/// [`Trouble`] without a proper answer to `hello` in time.
pub(crate) fn greet(stream: TcpStream, limits: &Limits) -> Result<Conversation<Connection>, Trouble> {
    let (sending, receiving) = both_ways(&stream)?;
    let connection = Connection::new(stream, None);
    Conversation::greet(connection, send_lines(sending), |to| to.lines(receiving), limits)
}

/// Two more handles of the same connection.
pub(crate) fn both_ways(stream: &TcpStream) -> Result<(TcpStream, TcpStream), Trouble> {
    let both = stream.try_clone().and_then(|one| Ok((one, stream.try_clone()?)));
    both.map_err(|error| Trouble::CannotStart(format!("cannot use a connection: {error}")))
}

impl Peer for Connection {
    /// Nobody but the implementation holds the connection: its end is seen as that of the stream.
    fn has_ended(&mut self) -> bool {
        false
    }

    fn closed(&mut self, unfinished: bool) -> Trouble {
        let middle = if unfinished { "in the middle of an answer" } else { "without an answer" };
        Trouble::Crash { end: format!("closed its connection {middle}"), stderr: String::new() }
    }

    fn end(&mut self) {
        let farewell = self.farewell.take();
        // Without waiting: a testee that does not read gets none.  And the turn is kept until the connection is
        // closed, as nothing may follow.
        let turn = farewell.as_ref().map(|farewell| farewell.turn.try_lock());
        if let (Some(farewell), Some(Ok(_))) = (&farewell, &turn)
            && self.stream.set_nonblocking(true).is_ok()
        {
            let _ = self.stream.write(farewell.bytes);
        }
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    fn last_words(&mut self) -> String {
        String::new()
    }
}
