//! The state of a running server, which all its connections share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dxos_proto::dxos::config::runtime::services;
use dxos_proto::dxos::service::supervisor::Service;
use dxos_reference::kube::config::without_secrets;
use dxos_reference::kube::endpoint;
use dxos_reference::kube::signal::Board;
use dxos_reference::kube::supervisor::Supervisor;
use tokio::sync::{Notify, mpsc, watch};

use crate::config::{Configuration, DEFAULT_HOST};
use crate::federation::{self, BoardGuard};
use crate::logs::Tail;
use crate::metrics::Metrics;
use crate::signalling::client::Client;
use crate::store::Store;
use crate::websocket::outbox::Room;

/// A running server.
pub struct Kube {
    /// What it was started with.
    pub configuration: Configuration,
    /// The port of HTTP.
    pub port: u16,
    /// The port of HTTPS, if it is served.
    pub https: Option<u16>,
    /// Where its files are.
    pub directory: PathBuf,
    /// What outlives it.
    pub store: Store,
    /// What it counts.
    pub metrics: Metrics,
    /// Its last log lines.
    pub tail: Tail,
    /// When it started.
    pub started: Instant,
    /// Room of the queue towards a client.
    pub room: Room,
    /// Longest message of a WebSocket, in bytes.
    pub message_limit: usize,
    /// Becomes true when it stops.
    pub stopping: watch::Sender<bool>,
    /// Wakes what joins the board to other servers, if it is joined.
    pub(crate) federation: Option<Arc<Notify>>,
    /// Held by every WebSocket, so that whoever stops the server can wait for the last.
    pub(crate) sockets: Mutex<Option<mpsc::Sender<()>>>,
    pub(crate) board: Mutex<Board<Client>>,
    pub(crate) supervisor: Mutex<Supervisor>,
    pub(crate) services: Mutex<BTreeMap<String, Service>>,
    pub(crate) tails: Mutex<BTreeMap<String, Tail>>,
}

impl Kube {
    /// Unix milliseconds.
    pub fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// The signalling state.  Held for short: nothing waits under it.
    pub fn board(&self) -> BoardGuard<'_, Client> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        BoardGuard::new(board, self.federation.as_deref())
    }

    /// Who may do what, and the configuration.
    pub fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        self.supervisor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a WebSocket holds for as long as it is there; `None` when the server no longer waits for any.
    pub(crate) fn hold(&self) -> Option<mpsc::Sender<()>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a token is valid here and now.
    pub fn is_valid(&self, token: &str) -> bool {
        self.supervisor().verify_token(token, self.now()).is_ok()
    }

    /// Takes note of the state of a service or process.
    pub fn report(&self, service: Service) {
        self.supervisor().report(service.clone());
        self.services.lock().unwrap_or_else(PoisonError::into_inner).insert(service.name.clone(), service);
    }

    /// The services and processes, by their names.
    pub fn services(&self) -> Vec<Service> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The last lines of a process.
    pub fn process_tail(&self, name: &str) -> Tail {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default().clone()
    }

    /// The last lines of a process, if there is one of that name.
    pub fn known_tail(&self, name: &str) -> Option<Tail> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The configuration that applications get, as JSON: without secrets, and with this server's own services where
    /// none are configured.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn client_config(&self) -> anyhow::Result<String> {
        let mut shown = without_secrets(self.supervisor().document());
        let runtime = shown.runtime.get_or_insert_default();
        // How the server itself is run is not the applications' business; how it is reached is.
        let kube = runtime.kube.take().unwrap_or_default();
        let host = [kube.confhost.as_str(), kube.host.as_str()].into_iter().find(|host| !host.is_empty());
        let host = host.unwrap_or(DEFAULT_HOST);
        let (scheme, port) = match self.https {
            Some(port) => ("wss", if port == 443 { String::new() } else { format!(":{port}") }),
            None => ("ws", if self.port == 80 { String::new() } else { format!(":{}", self.port) }),
        };
        let at = |path: &str| format!("{scheme}://{host}{port}{path}");
        let services = runtime.services.get_or_insert_default();
        if services.signaling.is_empty() {
            services.signaling.push(services::Signal {
                server: at(endpoint::Service::Signal.path()),
                ..Default::default()
            });
        }
        services.supervisor.get_or_insert_with(|| services::Supervisor {
            server: Some(at(endpoint::Service::Supervisor.path())),
        });
        crate::config::to_json(&shown)
    }

    /// Whether it has begun to stop.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

impl federation::Server for Kube {
    type Sink = Client;

    fn with_board(&self, act: &mut dyn FnMut(&mut Board<Client>)) {
        act(&mut self.board.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn now(&self) -> u64 {
        Self::now(self)
    }
}

/// Waits until the server begins to stop.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that the server is gone altogether.
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// Ticks the board until the server stops.
pub(crate) async fn tick(kube: Arc<Kube>) {
    /// Milliseconds between looks at an idle board.
    const IDLE: u64 = 1000;
    let mut stop = kube.stopping.subscribe();
    loop {
        let now = kube.now();
        let wait = {
            let mut board = kube.board();
            board.tick(now);
            board.deadline().map_or(IDLE, |at| at.saturating_sub(now).clamp(10, IDLE))
        };
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_millis(wait)) => {}
            () = stopped(&mut stop) => return,
        }
    }
}
