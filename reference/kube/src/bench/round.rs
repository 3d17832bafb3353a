//! One round against one server: connect, join, rest, send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::peer::{Counters, Phase, Seat, connect};
use super::{Args, Target, identity, process, settled};

/// Sockets that are opened at the same time.
const OPENING: usize = 128;
/// How long a server may be silent before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a round has shown.  Times in milliseconds but where the name says otherwise.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Figures {
    /// Until all sockets were open.
    pub(super) connected_ms: f64,
    /// From then until all peers were ready and knew of each other; absent if that never came.
    pub(super) joined_ms: Option<f64>,
    pub(super) told: u64,
    pub(super) told_expected: u64,
    /// Answered.
    pub(super) messages_per_second: f64,
    pub(super) answer_p50_ms: Option<f64>,
    pub(super) answer_p99_ms: Option<f64>,
    pub(super) delivery_p50_ms: Option<f64>,
    pub(super) delivery_p99_ms: Option<f64>,
    pub(super) sent: u64,
    pub(super) received: u64,
    /// Answered and not received.
    pub(super) lost: u64,
    pub(super) refused: u64,
    pub(super) broken: u64,
    pub(super) unexpected: u64,
    /// Of the server's process.  In later rounds a server has memory left from the rounds before.
    pub(super) idle_bytes_per_peer: Option<f64>,
    pub(super) cpu_us_per_message: Option<f64>,
}

/// Peers of earlier rounds, so that source addresses change.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

pub(super) async fn run(args: &Args, target: &Target) -> Result<Figures> {
    let mut figures = Figures::default();
    let counters = Arc::new(Counters::default());
    let (phase, watching) = watch::channel(Phase::Connect);
    let before = target.pid.map(process::memory).transpose()?;

    let began = Instant::now();
    let opening = Arc::new(Semaphore::new(OPENING));
    let mut peers = JoinSet::new();
    for seat in seats(args, began)? {
        let (target, counters, watching) = (target.clone(), Arc::clone(&counters), watching.clone());
        let opening = Arc::clone(&opening);
        peers.spawn(async move {
            let permit = opening.acquire().await?;
            let socket = connect(&target, seat.number).await.inspect_err(|_| {
                counters.broken.fetch_add(1, Relaxed);
            })?;
            drop(permit);
            counters.connected.fetch_add(1, Relaxed);
            seat.run(socket, watching, counters).await
        });
    }
    let all = u64::from(args.peers);
    let connected = || (get(&counters.connected), get(&counters.connected) == all);
    if !settled(PATIENCE, connected).await {
        let mut problem = None;
        while let Some(Ok(outcome)) = peers.try_join_next() {
            problem = problem.or_else(|| outcome.err());
        }
        let count = get(&counters.connected);
        let problem = problem.map_or_else(String::new, |problem| format!(": {problem:#}"));
        anyhow::bail!("{count} of {all} sockets were opened{problem}");
    }
    figures.connected_ms = milliseconds(began.elapsed());

    figures.told_expected = swarms(args).map(|size| size * (size - 1)).sum();
    let began = Instant::now();
    phase.send_replace(Phase::Join);
    let joined = || {
        let (ready, told) = (get(&counters.ready), get(&counters.told));
        (ready + told, ready == 2 * all && told >= figures.told_expected)
    };
    if settled(PATIENCE, joined).await {
        figures.joined_ms = Some(milliseconds(began.elapsed()));
    }
    ensure!(get(&counters.ready) > 0, "no peer became ready");

    tokio::time::sleep(Duration::from_secs(1)).await;
    figures.told = get(&counters.told);
    if let (Some(pid), Some(before)) = (target.pid, before) {
        #[allow(clippy::cast_precision_loss)]
        let grown = process::memory(pid)?.saturating_sub(before) as f64;
        figures.idle_bytes_per_peer = Some(grown / f64::from(args.peers));
    }

    let cpu = target.pid.map(process::cpu).transpose()?;
    let began = Instant::now();
    phase.send_replace(Phase::Send);
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    let (answered, elapsed) = (get(&counters.answered), began.elapsed());
    phase.send_replace(Phase::Rest);
    let rested = || {
        let answers = get(&counters.answered) + get(&counters.refused);
        let received = get(&counters.received);
        (answers + received, answers == get(&counters.sent) && received >= get(&counters.answered))
    };
    settled(Duration::from_secs(2), rested).await;
    #[allow(clippy::cast_precision_loss)]
    {
        figures.messages_per_second = answered as f64 / elapsed.as_secs_f64();
        if let (Some(pid), Some(before)) = (target.pid, cpu) {
            let spent = process::cpu(pid)?.saturating_sub(before);
            let all = get(&counters.answered).max(1) as f64;
            figures.cpu_us_per_message = Some(spent.as_secs_f64() * 1e6 / all);
        }
    }
    figures.broken = get(&counters.broken);
    phase.send_replace(Phase::End);
    while let Some(ended) = peers.join_next().await {
        ended.context("a peer")?.ok();
    }
    figures.answer_p50_ms = counters.answer.quantile(0.5);
    figures.answer_p99_ms = counters.answer.quantile(0.99);
    figures.delivery_p50_ms = counters.delivery.quantile(0.5);
    figures.delivery_p99_ms = counters.delivery.quantile(0.99);
    figures.sent = get(&counters.sent);
    figures.received = get(&counters.received);
    figures.lost = get(&counters.answered).saturating_sub(figures.received);
    figures.refused = get(&counters.refused);
    figures.unexpected = get(&counters.other);
    Ok(figures)
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The sizes of the swarms.  A single peer that would be left over has nobody to send to: it joins the last swarm.
fn swarms(args: &Args) -> impl Iterator<Item = u64> {
    let (peers, size) = (u64::from(args.peers), u64::from(args.swarm));
    let (whole, rest) = if peers <= size { (0, peers) } else { (peers / size, peers % size) };
    let lone = u64::from(rest == 1 && whole > 0);
    (0..whole)
        .map(move |number| if number + 1 == whole { size + lone } else { size })
        .chain((rest > 0 && lone == 0).then_some(rest))
}

fn seats(args: &Args, began: Instant) -> Result<Vec<Seat>> {
    let mut seats = Vec::new();
    for size in swarms(args) {
        let topic = identity::random()?;
        let swarm = Arc::new((0..size).map(|_| identity::key()).collect::<Result<Vec<_>>>()?);
        for place in 0..swarm.len() {
            seats.push(Seat {
                number: NUMBER.fetch_add(1, Relaxed),
                topic,
                swarm: Arc::clone(&swarm),
                place,
                window: args.window as usize,
                size: args.size as usize,
                began,
            });
        }
    }
    Ok(seats)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn nobody_is_left_alone_in_a_swarm() {
        for (peers, swarm, sizes) in [
            (50, 50, vec![50]),
            (2, 50, vec![2]),
            (101, 50, vec![50, 51]),
            (7, 3, vec![3, 4]),
            (8, 3, vec![3, 3, 2]),
        ] {
            let line = format!("bench --url ws://localhost/ --peers {peers} --swarm {swarm}");
            let args = Line::parse_from(line.split(' ')).args;
            assert_eq!(swarms(&args).collect::<Vec<_>>(), sizes, "{line}");
            assert_eq!(seats(&args, Instant::now()).unwrap().len(), peers);
        }
    }
}
