//! What the server says of itself: on standard error, and its last lines in memory for `kube logs`.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Lines that are kept.
pub const KEPT: usize = 1000;

/// The last lines of something that writes lines.
#[derive(Clone, Debug)]
pub struct Tail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Mutex<VecDeque<String>>,
    news: broadcast::Sender<String>,
}

impl Default for Tail {
    fn default() -> Self {
        Self(Arc::new(Inner { lines: Mutex::default(), news: broadcast::channel(64).0 }))
    }
}

impl Tail {
    /// Adds a line, without its end.
    pub fn push(&self, line: String) {
        // Nobody may be following.
        let _ = self.0.news.send(line.clone());
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The last `count` lines, oldest first.
    pub fn last(&self, count: usize) -> Vec<String> {
        let lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }

    /// Lines from now on.  Whoever does not keep up misses some.
    pub fn follow(&self) -> broadcast::Receiver<String> {
        self.0.news.subscribe()
    }
}

/// One event's text, to standard error and to the tail.
#[derive(Debug)]
pub struct Tee(Tail);

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for line in String::from_utf8_lossy(bytes).lines() {
            self.0.push(line.to_owned());
        }
        // A log that nobody takes must not stop the server.
        let _ = std::io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Tail {
    type Writer = Tee;

    fn make_writer(&'a self) -> Tee {
        Tee(self.clone())
    }
}

/// Begins to log.  `filter` as in `RUST_LOG`; `json`: an object a line.  To be called once in a process.
///
/// # Errors
/// If the filter makes no sense, or logging has begun already.
pub fn start(filter: &str, json: bool, tail: Tail) -> anyhow::Result<()> {
    let registry = tracing_subscriber::registry().with(EnvFilter::try_new(filter)?);
    #[cfg(feature = "otel")]
    let registry = registry.with(crate::otel::layer()?);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(tail);
    if json {
        registry.with(layer.json()).try_init()?;
    } else {
        registry.with(layer).try_init()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lines_go() {
        let tail = Tail::default();
        for number in 0..KEPT + 2 {
            tail.push(number.to_string());
        }
        assert_eq!(tail.last(2), ["1000", "1001"]);
        assert_eq!(tail.last(5000).first().map(String::as_str), Some("2"));
    }
}
