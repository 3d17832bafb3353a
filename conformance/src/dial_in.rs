//! Carriers by which the implementation comes to the runner: it listens, and whoever dials in is the testee.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::conversation::GLANCE;
use crate::tcp;
use crate::testee::{CarrierError, Limits, Testee, Trouble};
use crate::ws;

/// The most connections that wait for their turn, and the most that are in the middle of a handshake.
const WAITING: usize = 16;

/// The most connections in a row that may end before they have answered `hello`.
const FALSE_STARTS: usize = 20;

/// After so long without a connection it is said again what is waited for.
const SILENCE: Duration = Duration::from_secs(5);

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Lines, as on standard input and output.
    Tcp,
    /// A text message for each line.
    Ws,
}

impl Wire {
    const fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ws => "ws",
        }
    }
}

/// Where testees dial in.  The port is opened when the first testee is to be started, and stays open as long as
/// there is a clone of this.
#[derive(Clone, Debug)]
pub struct DialIn {
    wire: Wire,
    host: String,
    port: u16,
    door: Arc<Mutex<Option<Door>>>,
}

impl PartialEq for DialIn {
    fn eq(&self, other: &Self) -> bool {
        (self.wire, &self.host, self.port) == (other.wire, &other.host, other.port)
    }
}

impl Eq for DialIn {}

impl fmt::Display for DialIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.wire.scheme(), self.host, self.port)
    }
}

impl DialIn {
    /// Reads `PORT` or `HOST:PORT`, also as in a URL (`//HOST:PORT/`).  Without a host it is 127.0.0.1; port 0
    /// is any that is free.
    ///
    /// # Errors
    ///
    /// [`CarrierError::Address`].
    pub fn parse(wire: Wire, text: &str) -> Result<Self, CarrierError> {
        let error = || CarrierError::Address(wire.scheme(), text.to_owned());
        let address = text.strip_prefix("//").map_or(text, |rest| rest.strip_suffix('/').unwrap_or(rest));
        let (host, port) = address.rsplit_once(':').unwrap_or(("127.0.0.1", address));
        let port = port.parse().map_err(|_| error())?;
        if host.is_empty() || host.contains(['/', ' ']) {
            return Err(error());
        }
        Ok(Self { wire, host: host.to_owned(), port, door: Arc::default() })
    }

    /// Opens the port, if it is not open yet, and gives what an implementation is to dial: `tcp:HOST:PORT` or
    /// `ws://HOST:PORT/`.  The first time that is also said on standard error, and again whenever nobody comes.
    ///
    /// # Errors
    ///
    /// [`Trouble::CannotStart`] if the port cannot be opened.
    pub fn open(&self) -> Result<String, Trouble> {
        Ok(self.queue()?.1)
    }

    fn queue(&self) -> Result<(Arc<Queue>, String), Trouble> {
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Door { queue, address, .. }) = &*door {
            return Ok((Arc::clone(queue), self.url(*address)));
        }
        let cannot = |error: io::Error| Trouble::CannotStart(format!("cannot listen on {self}: {error}"));
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let listener = TcpListener::bind((host, self.port)).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let queue = Arc::<Queue>::default();
        let (wire, admitting) = (self.wire, Arc::clone(&queue));
        thread::spawn(move || admit(&listener, wire, &admitting));
        let url = self.url(address);
        announce(&url);
        *door = Some(Door { queue: Arc::clone(&queue), address });
        Ok((queue, url))
    }

    fn url(&self, address: SocketAddr) -> String {
        match self.wire {
            Wire::Tcp => format!("tcp:{address}"),
            Wire::Ws => format!("ws://{address}/"),
        }
    }

    /// Takes the next implementation that dials in and greets it.  One that goes away before it has answered is
    /// passed over.
    ///
    /// # Errors
    ///
    /// [`Trouble`] if nobody comes within `limits.start`, if too many go away, or if one answers wrongly.
    pub fn start(&self, limits: &Limits) -> Result<Box<dyn Testee>, Trouble> {
        let (queue, url) = self.queue()?;
        let deadline = Instant::now() + limits.start;
        for count in 1..=FALSE_STARTS {
            let mut caller = queue.next(deadline.min(Instant::now() + SILENCE), limits)?;
            if caller.is_none() {
                announce(&url);
                caller = queue.next(deadline, limits)?;
            }
            let Some(caller) = caller else {
                let seconds = limits.start.as_secs_f64();
                return Err(Trouble::CannotStart(format!(
                    "no implementation dialed {url} within {seconds} s"
                )));
            };
            match caller.greet(limits) {
                Err(Trouble::Crash { end, .. }) => {
                    eprintln!("dxspec: connection {count} was passed over, as it {end}");
                }
                other => return other,
            }
        }
        Err(Trouble::CannotStart(format!(
            "{FALSE_STARTS} connections to {url} were closed before they had answered hello"
        )))
    }
}

fn announce(url: &str) {
    eprintln!("dxspec: waiting for an implementation to dial {url}");
}

/// An open port.
#[derive(Debug)]
struct Door {
    queue: Arc<Queue>,
    address: SocketAddr,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.queue.lock().shut = true;
        // The admitting thread waits for a connection, and looks up when there is one.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
    }
}

/// Somebody who dialed in and is ready to be asked.
pub(crate) enum Caller {
    Tcp(TcpStream),
    Ws(Box<ws::Socket>),
}

impl Caller {
    fn greet(self, limits: &Limits) -> Result<Box<dyn Testee>, Trouble> {
        let conversation = match self {
            Self::Tcp(stream) => tcp::greet(stream, limits)?,
            Self::Ws(socket) => ws::greet(*socket, limits)?,
        };
        Ok(Box::new(conversation))
    }

    /// Whether the connection is closed already.
    fn is_gone(&self) -> bool {
        let stream = match self {
            Self::Tcp(stream) => stream,
            Self::Ws(socket) => socket.get_ref().stream(),
        };
        let looked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
        let gone = match looked {
            Ok(count) => count == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        };
        gone || stream.set_nonblocking(false).is_err()
    }
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

#[derive(Default)]
struct State {
    ready: VecDeque<Caller>,
    shaking_hands: usize,
    shut: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next caller, or nothing at the deadline.
    fn next(&self, deadline: Instant, limits: &Limits) -> Result<Option<Caller>, Trouble> {
        let mut state = self.lock();
        loop {
            if let Some(caller) = state.ready.pop_front() {
                return Ok(Some(caller));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if limits.interrupted() {
                return Err(Trouble::Interrupted);
            }
            if left.is_zero() {
                return Ok(None);
            }
            let waited = self.changed.wait_timeout(state, left.min(GLANCE));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether there is room for one more; if so it counts as shaking hands.
    fn enter(&self) -> bool {
        let mut state = self.lock();
        if state.ready.len() >= WAITING {
            state.ready.retain(|caller| !caller.is_gone());
        }
        // Who is still shaking hands will wait, too.
        let room = state.ready.len() + state.shaking_hands < WAITING;
        state.shaking_hands += usize::from(room);
        room
    }

    fn shook_hands(&self, caller: Option<Caller>) {
        let mut state = self.lock();
        state.shaking_hands -= 1;
        if !state.shut {
            state.ready.extend(caller);
            self.changed.notify_one();
        }
    }
}

fn admit(listener: &TcpListener, wire: Wire, queue: &Arc<Queue>) {
    for stream in listener.incoming() {
        if queue.lock().shut {
            return;
        }
        let Ok(stream) = stream else {
            // No more file descriptors, most likely; some may become free.
            thread::sleep(GLANCE);
            continue;
        };
        // A request is one small packet, which must not wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        match (queue.enter(), wire) {
            (true, Wire::Tcp) => queue.shook_hands(Some(Caller::Tcp(stream))),
            (true, Wire::Ws) => {
                let queue = Arc::clone(queue);
                thread::spawn(move || {
                    queue.shook_hands(ws::shake_hands(stream).map(Box::new).map(Caller::Ws))
                });
            }
            (false, Wire::Tcp) => {}
            (false, Wire::Ws) => ws::refuse(&stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_explained() {
        let read = |text: &str| DialIn::parse(Wire::Ws, text).map(|dial_in| dial_in.to_string());
        assert_eq!(read("0").as_deref(), Ok("ws:127.0.0.1:0"));
        assert_eq!(read("//localhost:9000/").as_deref(), Ok("ws:localhost:9000"));
        assert_eq!(read("[::1]:9000").as_deref(), Ok("ws:[::1]:9000"));
        for bad in ["", ":1", "host", "host:", "host:65536", "//a/b:1", "1 2:3"] {
            assert!(matches!(read(bad), Err(CarrierError::Address("ws", _))), "{bad}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_trouble() {
        let first = DialIn::parse(Wire::Tcp, "0").unwrap();
        let url = first.open().unwrap();
        let second = DialIn::parse(Wire::Tcp, url.strip_prefix("tcp:").unwrap()).unwrap();
        let text = second.open().unwrap_err().to_string();
        assert!(text.starts_with(&format!("cannot listen on {url}: ")), "{text}");
        drop(first);
        // The thread that held the port lets go of it soon after.
        while second.open().is_err() {
            thread::yield_now();
        }
    }
}
