//! Accepts connections, and speaks HTTP/1.1 and HTTP/2 on them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::connection::Connection;
use crate::kube::{Kube, stopped};
use crate::metrics::Metrics;

/// How long a client may take for its TLS handshake, and for the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long requests may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(3);
/// Pause after a failed accept, as the system is out of something then.
const BREATH: Duration = Duration::from_millis(50);
/// Read buffer of a connection; the smallest that hyper takes.
const BUFFER: usize = 8 << 10;

/// Serves a listener until the server stops.
pub async fn serve(kube: Arc<Kube>, listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let mut stop = kube.stopping.subscribe();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                Metrics::count(&kube.metrics.accept_failures);
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        Metrics::count(&kube.metrics.connections);
        // Signalling is small messages that somebody waits for.
        let _ = stream.set_nodelay(true);
        connections.spawn(connection(kube.clone(), stream, from, tls.clone(), router.clone()));
    }
    drop(listener);
    let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn connection(
    kube: Arc<Kube>,
    stream: TcpStream,
    from: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
) {
    let Some(tls) = tls else { return http(kube, stream, from, router).await };
    match timeout(PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(kube, stream, from, router).await,
        failed => {
            tracing::debug!(%from, error = ?failed.err(), "no TLS");
            Metrics::count(&kube.metrics.tls_failures);
        }
    }
}

async fn http<T>(kube: Arc<Kube>, stream: T, from: SocketAddr, router: Router)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shared = Connection::new(&kube);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(shared.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(BUFFER);
    // A client of gRPC that is gone without a word is noticed by its silence.
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .max_concurrent_streams(2048);
    let mut stop = kube.stopping.subscribe();
    let serving = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%from, error, "a connection broke");
    }
}
