//! The testee's side of `tcp:` and `ws:`: dials a runner that waits, and serves it until it hangs up.

use std::fmt;
use std::io::{self, BufReader};
use std::net::TcpStream;
use std::str::FromStr;

use tungstenite::error::ProtocolError;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, client::client_with_config};

use crate::protocol::LINE_LIMIT;
use crate::serve::Server;

/// What to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `HOST:PORT`, by lines.
    Tcp(String),
    /// `HOST:PORT`, by WebSocket.
    Ws(String),
}

impl FromStr for Target {
    type Err = String;

    /// Reads what a runner prints when it waits: `tcp:HOST:PORT` or `ws://HOST:PORT/`.
    fn from_str(text: &str) -> Result<Self, String> {
        let rest = |scheme: &str| {
            let rest = text.strip_prefix(scheme)?.trim_start_matches('/').trim_end_matches('/');
            let (host, port) = rest.rsplit_once(':')?;
            (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| rest.to_owned())
        };
        match (rest("tcp:"), rest("ws:")) {
            (Some(address), _) => Ok(Self::Tcp(address)),
            (_, Some(address)) => Ok(Self::Ws(address)),
            _ => Err("give what the runner prints: tcp:HOST:PORT or ws://HOST:PORT/".to_owned()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Ws(address) => write!(f, "ws://{address}/"),
        }
    }
}

impl Target {
    /// The carrier of a runner that waits there.
    pub fn carrier(&self) -> String {
        match self {
            Self::Tcp(address) => format!("tcp:{address}"),
            Self::Ws(address) => format!("ws:{address}"),
        }
    }

    /// Dials, and answers until the runner hangs up.
    ///
    /// # Errors
    ///
    /// When there is no runner, it turns the connection away, or it breaks the protocol.
    pub fn serve(&self, server: &mut Server) -> io::Result<()> {
        let (Self::Tcp(address) | Self::Ws(address)) = self;
        let stream = TcpStream::connect(address)?;
        // An answer is one small packet, which must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true)?;
        let served = match self {
            Self::Tcp(_) => server.serve_lines(BufReader::new(stream.try_clone()?), stream),
            Self::Ws(_) => serve_messages(server, address, stream),
        };
        match served {
            Err(error) if hung_up(&error) => Ok(()),
            other => other,
        }
    }
}

fn hung_up(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}

fn serve_messages(server: &mut Server, address: &str, stream: TcpStream) -> io::Result<()> {
    let config =
        WebSocketConfig::default().max_message_size(Some(LINE_LIMIT)).max_frame_size(Some(LINE_LIMIT));
    let (mut socket, _) = client_with_config(format!("ws://{address}/"), stream, Some(config))
        .map_err(|error| io::Error::other(format!("the handshake failed: {error}")))?;
    loop {
        let done = match socket.read() {
            Ok(Message::Text(line)) => socket.send(Message::text(server.answer(line.as_bytes()))),
            Ok(Message::Binary(_)) => return Err(io::Error::other("a request is a binary message")),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => {}
            Err(
                Error::ConnectionClosed
                | Error::AlreadyClosed
                | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake),
            ) => return Ok(()),
            Err(Error::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_or_explained() {
        assert_eq!("tcp:127.0.0.1:9000".parse(), Ok(Target::Tcp("127.0.0.1:9000".into())));
        assert_eq!("tcp://[::1]:9000".parse(), Ok(Target::Tcp("[::1]:9000".into())));
        assert_eq!("ws://localhost:9000/".parse(), Ok(Target::Ws("localhost:9000".into())));
        for bad in ["", "9000", "ws:9000", "tcp::1", "http://a:1/", "ws://a:b/"] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
