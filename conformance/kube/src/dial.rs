//! Connections to a KUBE, and why there is none.

use std::io;
use std::time::Duration;

use dxos_conformance::kube_address::{Address, Scheme};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::tls;

/// For a connection, and for the answer to a request.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// For the frames that a case waits for.
pub(crate) const FRAMES: Duration = Duration::from_secs(3);

/// A connection, with or without TLS.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<C: AsyncRead + AsyncWrite + Unpin + Send> Connection for C {}

/// Why there is no KUBE to talk to, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The connection is refused.
    #[error("nobody listens at {0}; start the KUBE first, for example with: kube daemon --listen {0}")]
    Nobody(String),
    /// There is no way there.
    #[error("cannot reach {0}: {1}")]
    Unreachable(String, String),
    /// Too slow.
    #[error("{0} does not answer within 5 s")]
    Silent(String),
    /// No TLS, or a certificate that is not trusted.
    #[error(
        "no TLS with {0}: {1}; use ?ca=FILE to trust the certificates in a file, ?insecure to trust any, or the scheme without TLS"
    )]
    Tls(String, String),
    /// Something else than HTTP.
    #[error(
        "{0} does not answer as a web server does; if it wants TLS, use the scheme with TLS (wss or grpcs)"
    )]
    NotHttp(String),
    /// A web server without the signal endpoint.
    #[error("what listens at {0} is no KUBE: it answers {1} at {2}, where a KUBE opens a WebSocket")]
    NotAKube(String, u16, &'static str),
    /// A server without the service.
    #[error("what listens at {0} is no KUBE: over gRPC it says: {1}")]
    NoService(String, String),
}

/// Makes connections to one address.
#[derive(Clone)]
pub(crate) struct Dialler {
    address: Address,
    tls: Option<TlsConnector>,
}

impl Dialler {
    /// Reads the certificates that are needed.
    pub(crate) fn new(address: &Address) -> Result<Self, DialError> {
        let protocols: &[&[u8]] = match address.scheme {
            Scheme::Ws | Scheme::Wss => &[b"http/1.1"],
            Scheme::Grpc | Scheme::Grpcs => &[b"h2"],
        };
        let tls = match address.scheme {
            Scheme::Ws | Scheme::Grpc => None,
            Scheme::Wss | Scheme::Grpcs => Some(
                tls::connector(&address.trust, protocols)
                    .map_err(|error| DialError::Tls(address.authority(), error))?,
            ),
        };
        Ok(Self { address: address.clone(), tls })
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// One connection.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Connection>, DialError> {
        let at = self.address.authority();
        let host = self.address.bare_host();
        let connecting = TcpStream::connect((host, self.address.port));
        let stream = match timeout(PATIENCE, connecting).await {
            Err(_) => return Err(DialError::Silent(at)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                return Err(DialError::Nobody(at));
            }
            Ok(Err(error)) => return Err(DialError::Unreachable(at, error.to_string())),
            Ok(Ok(stream)) => stream,
        };
        // Frames are small and each is waited for.
        drop(stream.set_nodelay(true));
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| DialError::Tls(at.clone(), error.to_string()))?;
        match timeout(PATIENCE, tls.connect(name, stream)).await {
            Err(_) => Err(DialError::Tls(at, format!("no answer within {} s", PATIENCE.as_secs()))),
            Ok(Err(error)) => Err(DialError::Tls(at, error.to_string())),
            Ok(Ok(stream)) => Ok(Box::new(stream)),
        }
    }
}
