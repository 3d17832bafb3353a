//! Signalling across servers over NATS: what `dxos_reference::kube::federation` wants done, done with `async-nats`.
//!
//! NATS is an engine that exists, is one small program, and does what is needed and no more: it carries a
//! publication to those who have subscribed to its subject, and forgets it.  While it is out of reach a server goes
//! on for its own clients; when it is back, everything is announced anew.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, Subscriber};
use dxos_reference::kube::federation::{Federation, Output, Settings, Subscription};
use dxos_reference::kube::signal::{Board, Sink};
use futures_util::StreamExt as _;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

/// Messages of the bus that wait for the board; what comes beyond them is lost, as by a bus that is cut.
const WAITING: usize = 4096;
/// Messages of one subscription that wait.
const WAITING_EACH: usize = 1024;
/// What the client of NATS holds back for a moment.
const CLIENT_QUEUE: usize = 65_536;
/// How long a server that stops waits until its last words are out.
const GOODBYE: Duration = Duration::from_secs(1);

/// A server whose board is joined to those of others.
pub trait Server: Send + Sync + 'static {
    /// Its clients.
    type Sink: Sink + Send;

    /// Does something with the board, which must have been made with [`Board::with_remote`].
    fn with_board(&self, act: &mut dyn FnMut(&mut Board<Self::Sink>));

    /// Unix milliseconds.
    fn now(&self) -> u64;
}

/// The lock of a board.  When it is let go, the federation looks at what has changed.
#[derive(Debug)]
pub struct BoardGuard<'a, S> {
    // Let go before the other is woken: fields are dropped in this order.
    board: MutexGuard<'a, Board<S>>,
    _wake: Wake<'a>,
}

#[derive(Debug)]
struct Wake<'a>(Option<&'a Notify>);

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        if let Some(wake) = self.0 {
            wake.notify_one();
        }
    }
}

impl<'a, S> BoardGuard<'a, S> {
    /// Holds the board; `wake` is that of [`run`], where there is one.
    pub const fn new(board: MutexGuard<'a, Board<S>>, wake: Option<&'a Notify>) -> Self {
        Self { board, _wake: Wake(wake) }
    }
}

impl<S> Deref for BoardGuard<'_, S> {
    type Target = Board<S>;

    fn deref(&self) -> &Board<S> {
        &self.board
    }
}

impl<S> DerefMut for BoardGuard<'_, S> {
    fn deref_mut(&mut self) -> &mut Board<S> {
        &mut self.board
    }
}

/// Joins a server to the bus at `nats` (`nats://HOST:PORT`, several separated by commas), until `stopping` is true.
/// `wake` is notified whenever the board was touched.
///
/// # Errors
/// The address makes no sense.  That NATS cannot be reached is none: it is
/// tried again.
pub async fn run<S: Server>(
    server: Arc<S>,
    nats: &str,
    wake: Arc<Notify>,
    mut stopping: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let (events, mut happened) = mpsc::unbounded_channel();
    let addresses: Vec<&str> = nats.split(',').map(str::trim).collect();
    let client = ConnectOptions::new()
        .name("kube")
        .no_echo()
        .retry_on_initial_connect()
        .client_capacity(CLIENT_QUEUE)
        .subscription_capacity(WAITING_EACH)
        .event_callback(move |event| {
            let _ = events.send(event);
            std::future::ready(())
        })
        .connect(addresses)
        .await?;
    let (arrivals, mut arrived) = mpsc::channel(WAITING);
    let mut bus = Bus { client, arrivals, wanted: BTreeMap::new(), held: BTreeMap::new() };
    let mut federation = Federation::new(crate::random(), Settings::default(), server.now());
    loop {
        server.with_board(&mut |board| federation.pump(board, server.now()));
        while let Some(output) = federation.poll() {
            bus.carry_out(output).await;
        }
        let wait = Duration::from_millis(federation.deadline().saturating_sub(server.now()).max(1));
        tokio::select! {
            () = wake.notified() => {}
            Some(event) = happened.recv() => match event {
                Event::Connected => {
                    tracing::info!(nats, "connected to the bus");
                    bus.subscribe_all().await;
                    federation.reconnected(server.now());
                }
                Event::Disconnected => tracing::warn!(nats, "the bus is out of reach"),
                other => tracing::warn!(event = %other, "of the bus"),
            },
            Some(first) = arrived.recv() => {
                let mut next = Some(first);
                let mut room = WAITING;
                while let Some(Arrived { id, message }) = next {
                    let subject = message.subject.as_str();
                    if let Err(reject) = federation.receive(id, subject, &message.payload, server.now()) {
                        tracing::warn!(subject, %reject, "a message of the bus is not as it must be");
                    }
                    room -= 1;
                    next = if room > 0 { arrived.try_recv().ok() } else { None };
                }
            }
            () = tokio::time::sleep(wait) => federation.tick(server.now()),
            () = crate::kube::stopped(&mut stopping) => break,
        }
    }
    federation.stop();
    while let Some(output) = federation.poll() {
        bus.carry_out(output).await;
    }
    if bus.connected() {
        let _ = tokio::time::timeout(GOODBYE, bus.client.flush()).await;
    }
    Ok(())
}

/// A message, and of which subscription it is.
struct Arrived {
    id: Subscription,
    message: async_nats::Message,
}

/// A subscription that is held: its task hands on what comes, and ends it when it is dropped.
struct Held(JoinHandle<()>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The connection.
struct Bus {
    client: Client,
    arrivals: mpsc::Sender<Arrived>,
    /// All subscriptions by their subjects, those too that could not be begun yet.
    wanted: BTreeMap<Subscription, String>,
    held: BTreeMap<Subscription, Held>,
}

impl Bus {
    fn connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    async fn carry_out(&mut self, output: Output) {
        match output {
            Output::Subscribe { id, subject } => {
                self.wanted.insert(id, subject);
                if self.connected() {
                    self.subscribe(id).await;
                }
            }
            Output::Unsubscribe { id } => {
                self.wanted.remove(&id);
                self.held.remove(&id);
            }
            // Nothing waits for a bus that is out of reach: all is announced again when it is back.
            Output::Publish { subject, payload } if self.connected() => {
                if let Err(error) = self.client.publish(subject, payload.into()).await {
                    tracing::warn!(%error, "cannot publish");
                }
            }
            Output::Publish { .. } => {}
        }
    }

    /// Begins what could not be begun.
    async fn subscribe_all(&mut self) {
        let missing: Vec<Subscription> =
            self.wanted.keys().filter(|id| !self.held.contains_key(id)).copied().collect();
        for id in missing {
            self.subscribe(id).await;
        }
    }

    async fn subscribe(&mut self, id: Subscription) {
        let Some(subject) = self.wanted.get(&id).cloned() else { return };
        match self.client.subscribe(subject).await {
            Ok(subscriber) => {
                let task = tokio::spawn(hand_on(id, subscriber, self.arrivals.clone()));
                self.held.insert(id, Held(task));
            }
            Err(error) => tracing::warn!(%error, "cannot subscribe"),
        }
    }
}

async fn hand_on(id: Subscription, mut subscriber: Subscriber, arrivals: mpsc::Sender<Arrived>) {
    while let Some(message) = subscriber.next().await {
        if arrivals.send(Arrived { id, message }).await.is_err() {
            return;
        }
    }
}
