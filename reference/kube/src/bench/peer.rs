//! One peer of a round: a socket and a task.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::Target;
use super::histogram::Histogram;
use super::identity::{Choices, Key, Topic};
use super::wire::{self, FIRST_CALL, Heard};

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What all peers do at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Connect,
    Join,
    Send,
    Rest,
    End,
}

/// What all peers of a round count together.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connected: AtomicU64,
    pub(super) ready: AtomicU64,
    /// SwarmEvents.
    pub(super) told: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) answered: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) received: AtomicU64,
    /// What a server should not say.
    pub(super) other: AtomicU64,
    /// Sockets that ended too early.
    pub(super) broken: AtomicU64,
    /// From a call to its answer.
    pub(super) answer: Histogram,
    /// From a call to the message at its recipient.
    pub(super) delivery: Histogram,
}

/// A peer's place in a round.
pub(super) struct Seat {
    pub(super) number: usize,
    pub(super) topic: Topic,
    /// All of the swarm, this one too.
    pub(super) swarm: Arc<Vec<Key>>,
    pub(super) place: usize,
    pub(super) window: usize,
    pub(super) size: usize,
    pub(super) began: Instant,
}

/// Opens a WebSocket with small buffers.  On loopback each 5,000 sockets have another source address, or ports run out
/// where thousands were closed just before.
pub(super) async fn connect(target: &Target, number: usize) -> Result<Socket> {
    let socket = if target.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let IpAddr::V4(address) = target.address.ip()
        && address.is_loopback()
    {
        let source = 2 + u8::try_from(number / 5000 % 250).unwrap_or_default();
        socket.bind(SocketAddr::new(Ipv4Addr::new(127, 0, 0, source).into(), 0))?;
    }
    let stream = socket.connect(target.address).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(2048);
    let connected = client_async_tls_with_config(target.url.as_str(), stream, Some(config), None).await;
    Ok(connected.context("the server does not open a WebSocket")?.0)
}

impl Seat {
    /// Lives through the phases.  A socket that ends early is counted.
    pub(super) async fn run(
        self,
        mut socket: Socket,
        mut phase: watch::Receiver<Phase>,
        counters: Arc<Counters>,
    ) -> Result<()> {
        let outcome = self.live(&mut socket, &mut phase, &counters).await;
        if outcome.is_err() {
            counters.broken.fetch_add(1, Relaxed);
        } else {
            let _ = tokio::time::timeout(Duration::from_secs(2), socket.close(None)).await;
        }
        outcome
    }

    async fn live(
        &self,
        socket: &mut Socket,
        phase: &mut watch::Receiver<Phase>,
        counters: &Counters,
    ) -> Result<()> {
        let me = self.swarm.get(self.place).context("no such place")?;
        phase.wait_for(|now| *now >= Phase::Join).await?;
        socket.feed(Message::binary(wire::join(&self.topic, me))).await?;
        socket.feed(Message::binary(wire::receive_messages(me))).await?;
        socket.flush().await?;
        let mut calls = Calls { choices: Choices::new()?, begun: vec![None; self.window], next: FIRST_CALL };
        let mut now = Phase::Join;
        while now < Phase::End {
            tokio::select! {
                biased;
                changed = phase.changed() => {
                    changed?;
                    now = *phase.borrow_and_update();
                }
                frame = socket.next() => {
                    let mut next = Some(frame);
                    // All that is here already, before anything is sent.
                    while let Some(frame) = next {
                        let Some(frame) = frame else { bail!("the server closed the socket") };
                        self.hear(&frame?, &mut calls, counters);
                        next = socket.next().now_or_never();
                    }
                }
            }
            if now == Phase::Send {
                let mut any = false;
                while let Some(frame) = self.call(me, &mut calls, counters) {
                    socket.feed(Message::binary(frame)).await?;
                    any = true;
                }
                if any {
                    socket.flush().await?;
                }
            }
        }
        Ok(())
    }

    /// The next call, if the window has room for one.
    fn call(&self, me: &Key, calls: &mut Calls, counters: &Counters) -> Option<Vec<u8>> {
        let free = calls.begun.iter_mut().find(|begun| begun.is_none())?;
        // Somebody else.
        let away = 1 + calls.choices.index(self.swarm.len() - 1);
        let recipient = self.swarm.get((self.place + away) % self.swarm.len())?;
        let id = calls.next;
        calls.next = id.checked_add(1).unwrap_or(FIRST_CALL);
        let now = Instant::now();
        let mut value = vec![0; self.size.max(8)];
        let since = u64::try_from((now - self.began).as_nanos()).unwrap_or_default();
        value.get_mut(..8)?.copy_from_slice(&since.to_le_bytes());
        *free = Some((id, now));
        counters.sent.fetch_add(1, Relaxed);
        Some(wire::send_message(id, me, recipient, value))
    }

    fn hear(&self, frame: &Message, calls: &mut Calls, counters: &Counters) {
        let Message::Binary(frame) = frame else { return };
        match wire::heard(frame) {
            Heard::Ready => drop(counters.ready.fetch_add(1, Relaxed)),
            Heard::Swarm => drop(counters.told.fetch_add(1, Relaxed)),
            Heard::Message(value) => {
                counters.received.fetch_add(1, Relaxed);
                if let Some(Ok(since)) = value.get(..8).map(<[u8; 8]>::try_from) {
                    let since = Duration::from_nanos(u64::from_le_bytes(since));
                    counters.delivery.record(self.began.elapsed().saturating_sub(since));
                }
            }
            Heard::Answered(id) => {
                if let Some(took) = calls.ended(id) {
                    counters.answered.fetch_add(1, Relaxed);
                    counters.answer.record(took);
                }
            }
            Heard::Refused(id) => {
                calls.ended(id);
                counters.refused.fetch_add(1, Relaxed);
            }
            Heard::Other => drop(counters.other.fetch_add(1, Relaxed)),
        }
    }
}

/// The calls of a peer.
struct Calls {
    choices: Choices,
    /// Those in flight: ids, and when they began.
    begun: Vec<Option<(i32, Instant)>>,
    next: i32,
}

impl Calls {
    fn ended(&mut self, id: i32) -> Option<Duration> {
        let place = self.begun.iter_mut().find(|begun| begun.is_some_and(|(begun, _)| begun == id))?;
        place.take().map(|(_, began)| began.elapsed())
    }
}
