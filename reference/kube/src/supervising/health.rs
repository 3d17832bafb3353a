//! Checks of health: a GET that answers 2xx.

use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks again and again, and says what was found.
pub async fn check(url: String, every: Duration, found: watch::Sender<Option<bool>>) {
    loop {
        sleep(every).await;
        let healthy = matches!(timeout(PATIENCE, ask(&url)).await, Ok(Ok(true)));
        // Nobody listens when the server stops.
        if found.send(Some(healthy)).is_err() {
            return;
        }
    }
}

/// Whether an address answers 2xx.
async fn ask(url: &str) -> anyhow::Result<bool> {
    let url: hyper::Uri = url.parse()?;
    let authority = url.authority().ok_or_else(|| anyhow::anyhow!("no host"))?.clone();
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host().trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path).header("host", authority.as_str()).body(Body::empty())?;
    let answer = sender.send_request(request).await?;
    driver.abort();
    Ok(answer.status().is_success())
}
