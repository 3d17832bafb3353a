//! A KUBE as its clients see it: sockets, and HTTP.

use serde_json::{Map, Value};

/// What a client asks for when it opens a WebSocket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Path and query.
    pub path: String,
    /// The subprotocols that it offers, in order.
    pub protocols: Vec<String>,
    /// The header `Authorization`.
    pub authorization: Option<String>,
}

/// An opened WebSocket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The subprotocol that the server has selected.
    pub protocol: Option<String>,
}

/// The server has answered, and there is no WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status; 0 if the connection failed.
    pub status: u16,
}

/// A frame of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A binary frame.
    Binary(Vec<u8>),
    /// A text frame.
    Text(String),
}

/// What has come on a socket since it was asked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The binary frames, in order.
    pub frames: Vec<Vec<u8>>,
    /// The text frames.
    pub texts: Vec<String>,
    /// Whether the socket is still open.
    pub open: bool,
}

/// There is no such socket, or it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the socket is closed")]
pub struct Lost;

/// Nothing that one can do from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not possible from outside")]
pub struct Unsupported;

/// A plain HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

/// Its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status; 0 if the connection failed.
    pub status: u16,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A KUBE with the clients of one test run; sockets have names.
pub trait Network {
    /// The topics and keys of the case.  Where others may use the same server, they are replaced by random ones of
    /// the same length on the way out, and put back on the way in.
    fn begin(&mut self, keys: &[Vec<u8>]) {
        let _ = keys;
    }

    /// The seed of the identity that the server's operator has allowed, with the right to everything.  A server in this
    /// process is told to allow that of the case; of another one it was agreed on before, and the answer is that.
    fn operator(&mut self, seed: &[u8]) -> Vec<u8> {
        seed.to_vec()
    }

    /// Opens a WebSocket.
    ///
    /// # Errors
    /// [`Refused`] if the server does not switch to the protocol.
    fn open(&mut self, socket: &str, request: &Open) -> Result<Opened, Refused>;

    /// Sends a frame.
    ///
    /// # Errors
    /// [`Lost`] if the socket is closed.
    fn send(&mut self, socket: &str, frame: Frame) -> Result<(), Lost>;

    /// Takes what has come.  On real sockets: waits for `count` binary frames, at most 3 s, then sees for 150 ms
    /// whether more come.
    ///
    /// # Errors
    /// [`Lost`] if there never was such a socket.
    fn receive(&mut self, socket: &str, count: usize) -> Result<Received, Lost>;

    /// Closes a socket; `abrupt`: without the closing frames of WebSocket, as when a client crashes.
    fn close(&mut self, socket: &str, abrupt: bool);

    /// Lets time pass.
    ///
    /// # Errors
    /// [`Unsupported`] where time cannot be told.
    fn advance(&mut self, ms: u64) -> Result<(), Unsupported> {
        let _ = ms;
        Err(Unsupported)
    }

    /// Changes how the server is configured; the members are those of `kube.configure`.
    ///
    /// # Errors
    /// [`Unsupported`] where that cannot be done.
    fn configure(&mut self, settings: &Map<String, Value>) -> Result<(), Unsupported> {
        let _ = settings;
        Err(Unsupported)
    }

    /// A token for whoever has it, with capabilities, for so many seconds.
    ///
    /// # Errors
    /// [`Unsupported`] where one cannot be had.
    fn mint(&mut self, capabilities: Vec<String>, seconds: u64) -> Result<String, Unsupported> {
        let _ = (capabilities, seconds);
        Err(Unsupported)
    }

    /// What the server counts, by name.
    ///
    /// # Errors
    /// [`Unsupported`] where it does not say so.
    fn counters(&mut self) -> Result<Map<String, Value>, Unsupported> {
        Err(Unsupported)
    }

    /// A plain HTTP request.
    fn http(&mut self, request: &HttpRequest) -> HttpResponse;
}
