//! The carrier `ws:`: an implementation that dialed in by WebSocket, asked by text messages.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket, accept_hdr_with_config};

use crate::conversation::{Conversation, Receiving};
use crate::protocol::{LINE_LIMIT, PREFIX};
use crate::tcp::{Connection, Farewell, both_ways};
use crate::testee::{Limits, Trouble};

/// For the whole handshake, however slowly it drips.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);

/// A close frame of the server: code 1000, a normal end.
const FAREWELL: &[u8] = &[0x88, 0x02, 0x03, 0xe8];

/// A WebSocket whose handshake is done.
pub(crate) type Socket = WebSocket<Way>;

/// One handle of a connection.  All handles write one at a time, and each write is of whole frames, so that an
/// answer to a ping from one thread does not fall into the request that another is sending.
pub(crate) struct Way {
    stream: TcpStream,
    turn: Arc<Mutex<()>>,
    deadline: Option<Instant>,
}

impl Way {
    /// The connection.
    pub(crate) const fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

impl Read for Way {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
        }
        self.stream.read(buffer)
    }
}

impl Write for Way {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.stream.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn config() -> WebSocketConfig {
    let limit = Some(PREFIX.len() + LINE_LIMIT);
    WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(0)
        .max_message_size(limit)
        .max_frame_size(limit)
}

/// The server's side of the handshake.  What is no handshake gets an answer that says what is wanted.
pub(crate) fn shake_hands(stream: TcpStream) -> Option<Socket> {
    let spare = stream.try_clone().ok()?;
    let deadline = Some(Instant::now() + HANDSHAKE_LIMIT);
    let way = Way { stream, turn: Arc::default(), deadline };
    match accept_hdr_with_config(way, at_the_root, Some(config())) {
        Ok(mut socket) => {
            socket.get_mut().deadline = None;
            socket.get_ref().stream.set_read_timeout(None).ok()?;
            Some(socket)
        }
        Err(HandshakeError::Failure(Error::Http(_)) | HandshakeError::Interrupted(_)) => None,
        Err(HandshakeError::Failure(error)) => {
            let (status, text) = match error {
                Error::Protocol(
                    ProtocolError::MissingConnectionUpgradeHeader
                    | ProtocolError::MissingUpgradeWebSocketHeader
                    | ProtocolError::MissingSecWebSocketVersionHeader,
                ) => (
                    "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
                    "here an implementation dials a running dxspec, by WebSocket version 13\n",
                ),
                _ => ("400 Bad Request", "this is no WebSocket handshake\n"),
            };
            respond(&spare, status, text);
            None
        }
    }
}

#[expect(clippy::result_large_err, reason = "the signature is the library's")]
fn at_the_root(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() == "/" {
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(Some("an implementation dials the path /\n".to_owned()));
    *refusal.status_mut() = tungstenite::http::StatusCode::NOT_FOUND;
    Err(refusal)
}

/// Turns a connection away for which there is no room.
pub(crate) fn refuse(stream: &TcpStream) {
    respond(stream, "503 Service Unavailable", "too many implementations wait for their turn\n");
}

fn respond(mut stream: &TcpStream, status: &str, text: &str) {
    let response = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}",
        text.len()
    );
    // So short an answer fits into the connection's buffer; whoever does not take it gets none.
    let _ = stream.set_nonblocking(true);
    let _ = stream.write(response.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
    // Unread input would turn the end into a reset, and the answer be lost.
    let _ = stream.read(&mut [0; 4096]);
}

/// Greets an implementation that dialed in.
///
/// # Errors
///
/// [`Trouble`] without a proper answer to `hello` in time.
pub(crate) fn greet(socket: Socket, limits: &Limits) -> Result<Conversation<Connection>, Trouble> {
    let Way { stream, turn, .. } = socket.get_ref();
    let (end, way) = both_ways(stream)?;
    let connection = Connection::new(end, Some(Farewell { bytes: FAREWELL, turn: Arc::clone(turn) }));
    let way = Way { stream: way, turn: Arc::clone(turn), deadline: None };
    let mut sending = WebSocket::from_raw_socket(way, Role::Server, Some(config()));
    let send = move |line: Vec<u8>| {
        let text = String::from_utf8(line).map_err(io::Error::other)?;
        sending.send(Message::text(text)).map_err(io::Error::other)
    };
    Conversation::greet(connection, send, |to| messages(socket, to), limits)
}

/// Hands on all messages.
fn messages(mut socket: Socket, mut receiving: Receiving) {
    loop {
        let more = match socket.read() {
            Ok(Message::Text(text)) => receiving.line(text.as_bytes().to_vec()),
            Ok(Message::Binary(_)) => {
                receiving.breach("a message is binary; each line is to be a text message")
            }
            // Pings are answered by the library.
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_)) => true,
            Err(Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                receiving.breach("a message is longer than 4 MiB")
            }
            Err(Error::Utf8(_)) => receiving.breach("a text message is not UTF-8"),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                return receiving.closed(&[]);
            }
            Err(Error::Protocol(error)) => {
                receiving.breach(format!("the WebSocket protocol is broken: {error}"))
            }
            Err(_) => return receiving.closed(&[]),
        };
        if !more {
            return;
        }
    }
}
