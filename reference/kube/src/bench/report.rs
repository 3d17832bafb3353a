//! The figures of all rounds: medians, and from the lowest to the highest.

use std::fmt;

use serde::Serialize;

use super::round::Figures;
use super::{Args, Target};

/// What was measured of one server.
#[derive(Debug, Serialize)]
struct Measured {
    name: &'static str,
    url: String,
    rounds: Vec<Figures>,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    peers: u32,
    swarm: u32,
    window: u32,
    size: u32,
    seconds: u64,
    servers: Vec<Measured>,
}

impl Report {
    pub(super) fn new(args: &Args, targets: &[Target], rounds: &[Vec<Figures>]) -> Self {
        let servers = targets.iter().zip(rounds).map(|(target, rounds)| Measured {
            name: target.name,
            url: target.url.clone(),
            rounds: rounds.clone(),
        });
        Self {
            peers: args.peers,
            swarm: args.swarm,
            window: args.window,
            size: args.size,
            seconds: args.seconds,
            servers: servers.collect(),
        }
    }
}

/// A line of the table: what it is called, with its unit, where it is from, and digits behind the point.
type Line = (&'static str, fn(&Figures) -> Option<f64>, usize);

#[allow(clippy::cast_precision_loss)]
const LINES: [Line; 15] = [
    ("sockets open, ms", |one| Some(one.connected_ms), 0),
    ("joined and told, ms", |one| one.joined_ms, 1),
    ("messages/s", |one| Some(one.messages_per_second), 0),
    ("messages/s per core", |one| one.cpu_us_per_message.map(|cost| 1e6 / cost.max(0.001)), 0),
    ("CPU µs per message", |one| one.cpu_us_per_message, 2),
    ("answer p50, ms", |one| one.answer_p50_ms, 2),
    ("answer p99, ms", |one| one.answer_p99_ms, 2),
    ("end to end p50, ms", |one| one.delivery_p50_ms, 2),
    ("end to end p99, ms", |one| one.delivery_p99_ms, 2),
    ("messages sent", |one| Some(one.sent as f64), 0),
    ("messages lost", |one| Some(one.lost as f64), 0),
    ("messages refused", |one| Some(one.refused as f64), 0),
    ("events missing", |one| Some(one.told_expected.saturating_sub(one.told) as f64), 0),
    ("sockets broken", |one| Some(one.broken as f64), 0),
    ("unexpected frames", |one| Some(one.unexpected as f64), 0),
];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peers, swarm, window, size, seconds, .. } = self;
        writeln!(
            f,
            "{peers} peers in swarms of {swarm}, {window} messages of {size} bytes in flight each, {seconds} s a round"
        )?;
        for server in &self.servers {
            writeln!(f, "{:<8} {}", server.name, server.url)?;
        }
        write!(f, "\n{:<22}", "")?;
        for server in &self.servers {
            write!(f, " {:>30}", server.name)?;
        }
        writeln!(f, "{}", if self.servers.len() == 2 { "   ratio" } else { "" })?;
        for (name, of, digits) in LINES {
            self.line(f, name, digits, |server| server.rounds.iter().filter_map(of).collect())?;
        }
        // Later rounds find the memory of the earlier ones.
        self.line(f, "KiB per idle peer", 1, |server| {
            let first = server.rounds.first().and_then(|first| first.idle_bytes_per_peer);
            first.iter().map(|bytes| bytes / 1024.0).collect()
        })
    }
}

impl Report {
    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        digits: usize,
        of: impl Fn(&Measured) -> Vec<f64>,
    ) -> fmt::Result {
        write!(f, "{name:<22}")?;
        let mut medians = Vec::new();
        for server in &self.servers {
            let mut values = of(server);
            values.sort_by(f64::total_cmp);
            let cell = match (median(&values), values.first(), values.last()) {
                (Some(median), Some(lowest), Some(highest)) if lowest < highest => {
                    format!("{median:.digits$} ({lowest:.digits$}–{highest:.digits$})")
                }
                (Some(median), ..) => format!("{median:.digits$}"),
                _ => "–".to_owned(),
            };
            medians.extend(median(&values));
            write!(f, " {cell:>30}")?;
        }
        match medians.as_slice() {
            [first, second] if *second > 0.0 => writeln!(f, " {:>7.2}", first / second),
            _ => writeln!(f),
        }
    }
}

/// The middle of sorted values.
pub(super) fn median(sorted: &[f64]) -> Option<f64> {
    let (low, high) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(scale: f64) -> Figures {
        Figures {
            connected_ms: 12.0 * scale,
            joined_ms: (scale < 3.0).then_some(30.0 * scale),
            told: 2449,
            told_expected: 2450,
            messages_per_second: 100_000.0 / scale,
            answer_p50_ms: Some(0.5 * scale),
            answer_p99_ms: Some(2.0 * scale),
            delivery_p50_ms: Some(0.4 * scale),
            delivery_p99_ms: Some(1.9 * scale),
            sent: 500_000,
            received: 499_990,
            lost: 10,
            refused: 0,
            broken: 0,
            unexpected: 0,
            idle_bytes_per_peer: Some(9216.0 * scale),
            cpu_us_per_message: Some(8.0 * scale),
        }
    }

    #[test]
    fn the_table_has_medians_spreads_and_ratios() {
        let target = |name, pid| Target {
            name,
            url: format!("ws://127.0.0.1:1/{name}"),
            address: ([127, 0, 0, 1], 1).into(),
            pid,
        };
        let (one, other) = (target("server", Some(1)), target("against", None));
        let figures = [vec![round(1.0), round(1.5), round(1.25)], vec![round(2.0), round(4.0)]];
        let report = Report {
            peers: 50,
            swarm: 50,
            window: 4,
            size: 300,
            seconds: 5,
            servers: [one, other]
                .into_iter()
                .zip(figures)
                .map(|(target, rounds)| Measured { name: target.name, url: target.url, rounds })
                .collect(),
        };
        insta::assert_snapshot!(report);
    }

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[1.0, 2.0]), Some(1.5));
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
    }
}
