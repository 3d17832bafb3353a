//! What the server counts, in the OpenMetrics form.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dxos_proto::dxos::service::supervisor::service::Status;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::kube::Kube;
use crate::websocket::session::Traffic;

/// Media type of what [`text`] makes.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted beside the board's own counters.
#[derive(Debug)]
pub struct Metrics {
    /// Bytes on WebSockets.
    pub traffic: Arc<Traffic>,
    /// Tokens that were refused with the request for a WebSocket.
    pub auth_failures: AtomicU64,
    /// HTTP connections that were accepted.
    pub connections: AtomicU64,
    /// TLS handshakes that failed.
    pub tls_failures: AtomicU64,
    /// Connections that the system could not hand over.
    pub accept_failures: AtomicU64,
    /// From frames read to answers queued, in seconds.
    pub handling: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            traffic: Arc::default(),
            auth_failures: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            tls_failures: AtomicU64::new(0),
            accept_failures: AtomicU64::new(0),
            // 2 µs to 0.5 s.
            handling: Histogram::new(exponential_buckets(2e-6, 4.0, 10)),
        }
    }
}

impl Metrics {
    /// Counts one more.
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Everything as text.
pub fn text(kube: &Arc<Kube>) -> String {
    let mut registry = Registry::with_prefix("kube");
    registry.register_with_unit(
        "signal_handling",
        "From frames read to answers queued",
        Unit::Seconds,
        kube.metrics.handling.clone(),
    );
    registry.register_collector(Box::new(Snapshot(kube.clone())));
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
    text
}

struct Snapshot(Arc<Kube>);

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot")
    }
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Self(kube) = self;
        let board = kube.board().counters();
        let metrics = &kube.metrics;
        let refusals = kube.supervisor().counters().refusals;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for (name, help, value) in [
            ("signal_sockets", "Clients of signalling that are connected", board.sockets),
            ("signal_swarms", "Swarms with at least one peer", board.swarms),
            ("signal_members", "Peers in swarms, summed over the swarms", board.members),
            ("signal_joins", "Streams of swarms that are open", board.joins),
            ("signal_subscriptions", "Streams of messages that are open", board.subscriptions),
        ] {
            gauge(&mut encoder, name, help, value)?;
        }
        gauge(
            &mut encoder,
            "uptime_seconds",
            "Since the server has started",
            kube.started.elapsed().as_secs(),
        )?;
        for (name, help, value) in [
            ("signal_joined", "Joins that were carried out", board.joined),
            ("signal_left", "Streams of swarms that have ended", board.left),
            ("signal_subscribed", "Subscriptions that were made", board.subscribed),
            ("signal_messages", "Messages taken from clients", board.messages),
            ("signal_message_bytes", "Bytes of messages taken from clients", board.bytes),
            ("signal_delivered", "Deliveries of messages, one for each subscription", board.delivered),
            ("signal_undelivered", "Messages for which nobody was there", board.undelivered),
            ("websocket_received_bytes", "Bytes read from WebSockets", get(&metrics.traffic.received)),
            ("websocket_sent_bytes", "Bytes written to WebSockets", get(&metrics.traffic.sent)),
            (
                "websocket_writes",
                "Writes to WebSockets, of one or more frames each",
                get(&metrics.traffic.writes),
            ),
            ("connections", "Connections that were accepted", get(&metrics.connections)),
            (
                "auth_failures",
                "Failed attempts to authenticate or to use a token",
                get(&metrics.auth_failures) + refusals,
            ),
        ] {
            counter(&mut encoder, name, help, value)?;
        }
        family(
            &mut encoder,
            "signal_refused",
            "Requests that were refused, by reason",
            "reason",
            [("limit", board.limited), ("malformed", board.malformed), ("unproved", board.unproved)],
        )?;
        family(
            &mut encoder,
            "dropped",
            "Connections that the server gave up, by reason",
            "reason",
            [
                ("slow", board.slow),
                ("dead", board.dead),
                ("violation", get(&metrics.traffic.violations)),
                ("tls", get(&metrics.tls_failures)),
                ("accept", get(&metrics.accept_failures)),
            ],
        )?;
        processes(&mut encoder, kube)
    }
}

fn processes(encoder: &mut DescriptorEncoder<'_>, kube: &Kube) -> fmt::Result {
    let states: Vec<(String, &str)> =
        kube.services().into_iter().map(|service| (service.name.clone(), word(service.status()))).collect();
    let mut encoder = encoder.encode_descriptor(
        "process_state",
        "1 for the state in which a process or service is",
        None,
        prometheus_client::metrics::MetricType::Gauge,
    )?;
    for (name, now) in &states {
        for state in ["STARTED", "STOPPED", "FAILED"] {
            let labels = [("process", name.as_str()), ("state", state)];
            ConstGauge::new(i64::from(*now == state)).encode(encoder.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

/// A state as people and metrics name it.
pub const fn word(status: Status) -> &'static str {
    match status {
        Status::Unknown => "UNKNOWN",
        Status::Started => "STARTED",
        Status::Stopped => "STOPPED",
        Status::Failed => "FAILED",
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let counter = ConstCounter::new(value);
    counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
}

fn family<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: [(&str, u64); N],
) -> fmt::Result {
    let mut encoder =
        encoder.encode_descriptor(name, help, None, prometheus_client::metrics::MetricType::Counter)?;
    for (reason, value) in values {
        ConstCounter::new(value).encode(encoder.encode_family(&[(label, reason)])?)?;
    }
    Ok(())
}
