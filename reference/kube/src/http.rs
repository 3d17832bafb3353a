//! What is at which path.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use dxos_reference::kube::endpoint::{self, Denied, Service};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::kube::Kube;
use crate::metrics::{self, Metrics};
use crate::signalling::socket::Socket;
use crate::websocket::handshake;
use crate::websocket::outbox::Outbox;
use crate::websocket::session;

/// The routes of everything but gRPC.
pub fn routes(kube: Arc<Kube>) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .route("/.well-known/dx/config", get(config));
    for service in Service::ALL {
        router = router.route(service.path(), any(upgrade));
    }
    router.with_state(kube)
}

/// Nothing is at this path: said in the way of whoever asks.
pub async fn unknown(request: Request) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    match kind.is_some_and(|kind| kind.starts_with(b"application/grpc")) {
        true => tonic::Status::unimplemented("there is no such method").into_http(),
        false => (StatusCode::NOT_FOUND, "there is nothing at this path\n").into_response(),
    }
}

async fn ready(State(kube): State<Arc<Kube>>) -> Response {
    match kube.is_stopping() {
        false => "ready\n".into_response(),
        true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response(),
    }
}

async fn scrape(State(kube): State<Arc<Kube>>) -> Response {
    ([(CONTENT_TYPE, metrics::MEDIA_TYPE)], metrics::text(&kube)).into_response()
}

/// What applications of other origins configure themselves by; there is no secret in it.
async fn config(State(kube): State<Arc<Kube>>) -> Response {
    match kube.client_config() {
        Ok(json) => {
            ([(CONTENT_TYPE, "application/json"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], json).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the configuration cannot be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn upgrade(State(kube): State<Arc<Kube>>, mut request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let protocols = handshake::protocols(request.headers());
    let authorization = request.headers().get(AUTHORIZATION);
    let asked = endpoint::Request {
        target,
        upgrade: handshake::wanted(&request),
        protocols: &protocols,
        // What is no text is no token either.
        authorization: authorization.map(|value| value.to_str().unwrap_or("?")),
    };
    let admitted = match asked.admit(|token| kube.is_valid(token)) {
        Ok(admitted) => admitted,
        Err(denied) => return deny(&kube, denied),
    };
    let (response, upgrade) = match handshake::accept(&mut request, admitted.protocol.as_deref()) {
        Ok(accepted) => accepted,
        Err(status) => return status.into_response(),
    };
    tokio::spawn(upgraded(kube, admitted, upgrade));
    response
}

fn deny(kube: &Kube, denied: Denied) -> Response {
    if denied == Denied::Unauthorized {
        Metrics::count(&kube.metrics.auth_failures);
    }
    let status = StatusCode::from_u16(denied.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, format!("{denied}\n")).into_response();
    if denied == Denied::UpgradeRequired {
        response.headers_mut().insert(axum::http::header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}

async fn upgraded(kube: Arc<Kube>, admitted: endpoint::Admitted, upgrade: OnUpgrade) {
    // Fails when the client is gone before the answer.
    let Ok(upgraded) = upgrade.await else { return };
    // The wrappers that HTTP needed are left behind: most sockets are idle, and each byte is held for each of them.
    match downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => socket(kube, admitted, parts.io.into_inner(), parts.read_buf.to_vec()).await,
        Err(upgraded) => encrypted(kube, admitted, upgraded).await,
    }
}

async fn encrypted(kube: Arc<Kube>, admitted: endpoint::Admitted, upgraded: Upgraded) {
    match downcast::<TokioIo<TlsStream<TcpStream>>>(upgraded) {
        Ok(parts) => socket(kube, admitted, parts.io.into_inner(), parts.read_buf.to_vec()).await,
        Err(upgraded) => socket(kube, admitted, TokioIo::new(upgraded), Vec::new()).await,
    }
}

async fn socket<T>(kube: Arc<Kube>, admitted: endpoint::Admitted, stream: T, early: Vec<u8>)
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let _held = kube.hold();
    let outbox = Outbox::new(kube.room);
    let (limit, traffic, stop) =
        (kube.message_limit, kube.metrics.traffic.clone(), kube.stopping.subscribe());
    match admitted.service {
        Service::Signal => {
            let mut service = Socket::new(kube, outbox.clone());
            session::run(stream, early, limit, outbox, &mut service, traffic, stop).await;
        }
        Service::Supervisor => {
            let mut service =
                crate::supervising::socket::Socket::new(kube, outbox.clone(), admitted.token.as_deref());
            session::run(stream, early, limit, outbox, &mut service, traffic, stop).await;
        }
    }
}
