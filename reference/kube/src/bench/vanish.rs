//! Soak: peers come, send and vanish, and the server has to forget them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

use super::identity::{self, Choices, Key, Topic};
use super::peer::{Socket, connect};
use super::wire::{self, FIRST_CALL, Heard};
use super::{Args, Target, process, report};

/// Swarms have new topics so often.
const EPOCH: Duration = Duration::from_secs(10);
/// Memory is looked at so often.
const SAMPLE: Duration = Duration::from_secs(2);
/// What comes in the first minute is warming up.
const WARM: Duration = Duration::from_secs(60);
/// Memory that has grown by more than this much of what it was, and by more bytes than these, has grown.
const TOLERANCE: f64 = 1.05;
const TOLERATED: f64 = 1024.0 * 1024.0;

#[derive(Debug, Default)]
struct Counters {
    opened: AtomicU64,
    not_opened: AtomicU64,
    joined: AtomicU64,
    told: AtomicU64,
    sent: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
    received: AtomicU64,
    cut: AtomicU64,
    closed: AtomicU64,
    silent: AtomicU64,
    /// The server ended it.
    ended: AtomicU64,
}

/// What it came to.
#[derive(Debug, Serialize)]
struct Soak {
    seconds: f64,
    counters: Vec<(&'static str, u64)>,
    /// Median of the samples of the first quarter behind the first minute, in bytes.
    memory_before: Option<f64>,
    /// Median of the last quarter.
    memory_after: Option<f64>,
    grew: Option<bool>,
    /// Metrics of the server that changed, with by how much.
    metrics: Vec<(String, f64)>,
}

struct Scene {
    target: Target,
    counters: Counters,
    run: [u8; 16],
    began: Instant,
    end: Instant,
    swarm: usize,
    size: usize,
    /// Who is there, by place; many are so no longer.
    keys: Vec<Mutex<Key>>,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let target = Target::new("server", &args.url, args.pid).await?;
    let metrics_before = scrape(args.metrics.as_deref()).await?;
    let began = Instant::now();
    let scene = Arc::new(Scene {
        target,
        counters: Counters::default(),
        run: identity::random()?,
        began,
        end: began + Duration::from_secs(args.seconds),
        swarm: args.swarm as usize,
        size: args.size as usize,
        keys: (0..args.peers).map(|_| identity::key().map(Mutex::new)).collect::<Result<_>>()?,
    });
    let mut places = JoinSet::new();
    for place in 0..scene.keys.len() {
        places.spawn(Arc::clone(&scene).occupy(place));
    }
    let mut samples = Vec::new();
    while Instant::now() < scene.end {
        tokio::time::sleep(SAMPLE.min(scene.end.saturating_duration_since(Instant::now()))).await;
        if let Some(pid) = args.pid {
            #[allow(clippy::cast_precision_loss)]
            let memory = process::memory(pid).context("the server has ended")? as f64;
            samples.push((began.elapsed(), memory));
            if samples.len() % 15 == 0 {
                let (opened, sent) = (get(&scene.counters.opened), get(&scene.counters.sent));
                let seconds = began.elapsed().as_secs();
                eprintln!(
                    "{seconds} s: {opened} peers so far, {sent} messages, {:.1} MiB",
                    memory / 1_048_576.0
                );
            }
        }
    }
    while let Some(ended) = places.join_next().await {
        ended.context("a peer")??;
    }
    let (memory_before, memory_after) = ends(&samples);
    let metrics_after = scrape(args.metrics.as_deref()).await?;
    let soak = Soak {
        seconds: began.elapsed().as_secs_f64(),
        counters: scene.counters.all(),
        memory_before,
        memory_after,
        grew: grew(memory_before, memory_after),
        metrics: changed(&metrics_before, &metrics_after),
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&soak)?);
    } else {
        print!("{}", soak.text());
    }
    if soak.grew == Some(true) {
        bail!("the memory of the server grew after the first minute");
    }
    Ok(())
}

impl Counters {
    fn all(&self) -> Vec<(&'static str, u64)> {
        [
            ("sockets opened", &self.opened),
            ("sockets not opened", &self.not_opened),
            ("streams ready", &self.joined),
            ("swarm events", &self.told),
            ("messages sent", &self.sent),
            ("messages answered", &self.answered),
            ("messages refused", &self.refused),
            ("messages received", &self.received),
            ("peers cut off", &self.cut),
            ("peers closed", &self.closed),
            ("peers fallen silent", &self.silent),
            ("ended by the server", &self.ended),
        ]
        .map(|(name, counter)| (name, get(counter)))
        .to_vec()
    }
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}

impl Scene {
    /// One peer after the other at one place.
    async fn occupy(self: Arc<Self>, place: usize) -> Result<()> {
        let mut choices = Choices::new()?;
        let mut number = place;
        while Instant::now() < self.end {
            let lifetime = Duration::from_millis(500 + choices.below(9_500));
            let until = (Instant::now() + lifetime).min(self.end);
            match connect(&self.target, number).await {
                Ok(mut socket) => {
                    self.counters.opened.fetch_add(1, Relaxed);
                    let lived =
                        tokio::time::timeout_at(until.into(), self.live(&mut socket, place, &mut choices));
                    match lived.await {
                        // Its time has come.
                        Err(_) => self.vanish(socket, &mut choices).await,
                        Ok(ended) => {
                            ended?;
                            self.counters.ended.fetch_add(1, Relaxed);
                        }
                    }
                }
                Err(_) => {
                    self.counters.not_opened.fetch_add(1, Relaxed);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            number += self.keys.len();
        }
        Ok(())
    }

    /// Joins, and sends to others until the socket ends.
    async fn live(&self, socket: &mut Socket, place: usize, choices: &mut Choices) -> Result<()> {
        let me = identity::key()?;
        let mine = self.keys.get(place).context("no such place")?;
        *mine.lock().unwrap_or_else(PoisonError::into_inner) = me;
        let _ = socket.feed(Message::binary(wire::join(&self.topic(place), &me))).await;
        let _ = socket.feed(Message::binary(wire::receive_messages(&me))).await;
        let _ = socket.flush().await;
        let mut pause = tokio::time::interval(Duration::from_millis(200 + choices.below(300)));
        let mut id = FIRST_CALL;
        loop {
            tokio::select! {
                frame = socket.next() => match frame {
                    Some(Ok(Message::Binary(frame))) => self.hear(&frame),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Ok(()),
                },
                _ = pause.tick() => {
                    let first = place / self.swarm * self.swarm;
                    let size = self.swarm.min(self.keys.len() - first);
                    let other = self.keys.get(first + choices.index(size)).context("no such place")?;
                    let other = *other.lock().unwrap_or_else(PoisonError::into_inner);
                    self.counters.sent.fetch_add(1, Relaxed);
                    let frame = wire::send_message(id, &me, &other, vec![7; self.size]);
                    id = id.checked_add(1).unwrap_or(FIRST_CALL);
                    let _ = socket.send(Message::binary(frame)).await;
                }
            }
        }
    }

    fn hear(&self, frame: &[u8]) {
        let counter = match wire::heard(frame) {
            Heard::Ready => &self.counters.joined,
            Heard::Swarm => &self.counters.told,
            Heard::Message(_) => &self.counters.received,
            Heard::Answered(_) => &self.counters.answered,
            Heard::Refused(_) => &self.counters.refused,
            Heard::Other => return,
        };
        counter.fetch_add(1, Relaxed);
    }

    /// Each epoch has swarms of its own, so that a server that keeps empty ones grows.
    fn topic(&self, place: usize) -> Topic {
        let mut topic = [0; 32];
        let epoch = self.began.elapsed().as_secs() / EPOCH.as_secs();
        let swarm = (place / self.swarm) as u64;
        let parts = self.run.into_iter().chain(epoch.to_be_bytes()).chain(swarm.to_be_bytes());
        for (to, from) in topic.iter_mut().zip(parts) {
            *to = from;
        }
        topic
    }

    /// Half are cut off, a quarter closes, a quarter stays without a word, reads nothing, and is cut off later.
    async fn vanish(&self, mut socket: Socket, choices: &mut Choices) {
        match choices.below(4) {
            0 => {
                self.counters.closed.fetch_add(1, Relaxed);
                let _ = tokio::time::timeout(Duration::from_secs(1), socket.close(None)).await;
                return;
            }
            1 => {
                self.counters.silent.fetch_add(1, Relaxed);
                let pause = Duration::from_millis(choices.below(10_000));
                tokio::time::sleep_until((Instant::now() + pause).min(self.end).into()).await;
            }
            _ => drop(self.counters.cut.fetch_add(1, Relaxed)),
        }
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            // Reset instead of an orderly end.
            #[allow(deprecated)]
            let _ = stream.set_linger(Some(Duration::ZERO));
        }
    }
}

/// The medians of the first and the last quarter of the samples behind the first minute.
fn ends(samples: &[(Duration, f64)]) -> (Option<f64>, Option<f64>) {
    let warm: Vec<f64> = samples.iter().filter(|(at, _)| *at > WARM).map(|(_, memory)| *memory).collect();
    let quarter = warm.len() / 4;
    let middle = |part: Option<&[f64]>| {
        let mut part = part.unwrap_or_default().to_vec();
        part.sort_by(f64::total_cmp);
        report::median(&part)
    };
    (middle(warm.get(..quarter)), middle(warm.get(warm.len() - quarter..)))
}

fn grew(before: Option<f64>, after: Option<f64>) -> Option<bool> {
    let (before, after) = (before?, after?);
    Some(after > before * TOLERANCE && after > before + TOLERATED)
}

impl Soak {
    fn text(&self) -> String {
        let mut text = format!("{:.0} s of peers that vanish\n\n", self.seconds);
        for (name, count) in &self.counters {
            text += &format!("{name:<22} {count:>12}\n");
        }
        if let (Some(before), Some(after)) = (self.memory_before, self.memory_after) {
            let mebibytes = |bytes: f64| bytes / 1_048_576.0;
            text += &format!("\nmemory after a minute  {:>8.1} MiB\n", mebibytes(before));
            text += &format!("memory at the end      {:>8.1} MiB\n", mebibytes(after));
        }
        text += match self.grew {
            Some(true) => "memory has grown\n",
            Some(false) => "memory has not grown\n",
            None => "\nwhether memory grows is not known: it takes --pid and more than a minute\n",
        };
        if !self.metrics.is_empty() {
            text += "\nmetrics of the server that changed\n";
        }
        for (name, by) in &self.metrics {
            text += &format!("{name} {by:+}\n");
        }
        text
    }
}

/// The samples of an OpenMetrics text, by name and labels; of histograms only sums and counts.
fn samples(text: &str) -> Vec<(String, f64)> {
    let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        (!name.contains("_bucket{")).then_some((name.to_owned(), value.parse().ok()?))
    });
    samples.collect()
}

fn changed(before: &[(String, f64)], after: &[(String, f64)]) -> Vec<(String, f64)> {
    let change = after.iter().map(|(name, value)| {
        let old = before.iter().find(|(old, _)| old == name).map_or(0.0, |(_, value)| *value);
        (name.clone(), value - old)
    });
    change.filter(|(_, by)| *by != 0.0).collect()
}

/// One GET, without a client that the rest has no use for.
async fn scrape(url: Option<&str>) -> Result<Vec<(String, f64)>> {
    let Some(url) = url else { return Ok(Vec::new()) };
    let uri: axum::http::Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        bail!("{url} does not begin with http://")
    };
    let address = (authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(80));
    let mut stream = tokio::net::TcpStream::connect(address).await.with_context(|| url.to_owned())?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = format!("GET {path} HTTP/1.0\r\nHost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(16 << 20).read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(samples(body)),
        _ => bail!("{url} gives no metrics"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_of_what_comes_behind_the_first_minute() {
        let at = |seconds: u64, mebibytes: f64| (Duration::from_secs(seconds), mebibytes * 1_048_576.0);
        let even: Vec<_> =
            (0..100).map(|number| at(2 * number, if number < 30 { number as f64 } else { 40.0 })).collect();
        let (before, after) = ends(&even);
        assert_eq!(grew(before, after), Some(false));
        let growing: Vec<_> = (0..100).map(|number| at(2 * number, 20.0 + number as f64)).collect();
        let (before, after) = ends(&growing);
        assert_eq!(grew(before, after), Some(true));
        let (before, after) = ends(&even[..30]);
        assert_eq!(grew(before, after), None);
    }

    #[test]
    fn metrics_that_changed_are_told() {
        let before = samples("# TYPE a counter\na_total 1\nb{x=\"1 2\"} 3\n");
        let after = samples("a_total 4\nb{x=\"1 2\"} 3\nc_bucket{le=\"1\"} 9\nc_sum 0.5\n# EOF\n");
        assert_eq!(changed(&before, &after), [("a_total".to_owned(), 3.0), ("c_sum".to_owned(), 0.5)]);
    }
}
