//! The carrier `tcp:`: an implementation that dialed in, asked by lines.

use std::net::{Shutdown, TcpStream};

use crate::conversation::{Conversation, Peer, send_lines};
use crate::testee::{Limits, Trouble};

/// The far end of a connection.
pub struct Connection {
    stream: TcpStream,
    farewell: &'static [u8],
}

impl Connection {
    /// `farewell` is written before the connection is closed, if it is free.
    pub(crate) const fn new(stream: TcpStream, farewell: &'static [u8]) -> Self {
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
    let connection = Connection::new(stream, &[]);
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
        let farewell = std::mem::take(&mut self.farewell);
        // Without waiting: a testee that does not read gets none.
        if !farewell.is_empty() && self.stream.set_nonblocking(true).is_ok() {
            let _ = std::io::Write::write(&mut self.stream, farewell);
        }
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    fn last_words(&mut self) -> String {
        String::new()
    }
}
