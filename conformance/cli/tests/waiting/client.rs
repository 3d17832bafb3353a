//! An implementation that dials in, and does as a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use dxos_conformance::hello::Hello;
use dxos_conformance::protocol::{Answer, Request};
use dxos_reference::operations;
use tungstenite::{Message, WebSocket};

use super::Waiting;

/// An implementation that dialed in.
pub(crate) enum Client {
    Tcp(BufReader<TcpStream>),
    Ws(Box<WebSocket<TcpStream>>),
}

impl Client {
    pub(crate) fn dial(waiting: &Waiting) -> Self {
        Self::try_dial(waiting).unwrap()
    }

    pub(crate) fn try_dial(waiting: &Waiting) -> Option<Self> {
        let stream = TcpStream::connect(waiting.address()).ok()?;
        match waiting.url.starts_with("tcp:") {
            true => Some(Self::Tcp(BufReader::new(stream))),
            false => {
                let socket = tungstenite::client(waiting.url.as_str(), stream).ok()?.0;
                Some(Self::Ws(Box::new(socket)))
            }
        }
    }

    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        match self {
            Self::Tcp(reader) => reader.get_mut(),
            Self::Ws(socket) => socket.get_mut(),
        }
    }

    /// The next request; nothing if the runner has hung up.
    pub(crate) fn request(&mut self) -> Option<Request> {
        let line = match self {
            Self::Tcp(reader) => {
                let mut line = String::new();
                reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
                line
            }
            Self::Ws(socket) => loop {
                match socket.read().ok()? {
                    Message::Text(text) => break text.to_string(),
                    Message::Close(_) => return None,
                    _ => {}
                }
            },
        };
        Some(Request::parse(&line).unwrap())
    }

    pub(crate) fn say(&mut self, line: &str) {
        match self {
            Self::Tcp(reader) => writeln!(reader.get_mut(), "{line}").unwrap(),
            Self::Ws(socket) => socket.send(Message::text(line)).unwrap(),
        }
    }

    pub(crate) fn greet(mut self) -> Self {
        let id = self.request().unwrap().id;
        let hello = Hello::new("client", "1", "rust", &["halo.key.*"], &["suite.p256"]);
        self.say(&Answer::Ok(hello.to_result()).to_line(id));
        self
    }

    /// Answers as the reference does, until the runner hangs up; how often.
    pub(crate) fn serve(mut self) -> usize {
        let mut answered = 0;
        while let Some(request) = self.request() {
            let result = operations::call(&request.op, &request.input).ok().unwrap();
            self.say(&Answer::Ok(result).to_line(request.id));
            answered += 1;
        }
        answered
    }

    /// Answers `hello` and takes the next request in.
    pub(crate) fn in_a_case(waiting: &Waiting) -> (Self, u64) {
        let mut client = Self::dial(waiting).greet();
        let id = client.request().unwrap().id;
        (client, id)
    }

    /// Whether the runner hangs up; what it says before is passed over.
    pub(crate) fn is_hung_up_on(&mut self) -> bool {
        let mut rest = [0; 1024];
        loop {
            match self.stream().read(&mut rest) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return true,
            }
        }
    }
}
