//! Starts the server and stops it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::Context;
use dxos_proto::dxos::service::supervisor::service::{Status, Type};
use dxos_proto::dxos::service::supervisor::{Service, WellKnown};
use dxos_reference::keys::{SigningKey, Suite, from_hex};
use dxos_reference::kube::capability::Capabilities;
use dxos_reference::kube::config::{KEYS, put};
use dxos_reference::kube::endpoint;
use dxos_reference::kube::signal::{Board, Limits};
use dxos_reference::kube::supervisor::{self, Supervisor};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::config::{Configuration, environment};
use crate::kube::{Kube, tick};
use crate::logs::Tail;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::websocket::outbox::Room;
use crate::{control, grpc, http, serve, supervising, tls};

/// Bytes of a WebSocket message beyond those of the longest message of signalling: what dxRPC puts around it.
const ENVELOPE: usize = 64 << 10;

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where its files are; made if it is not there.
    pub directory: PathBuf,
    /// Where it listens, in place of what the configuration says; port 0: any.
    pub listen: Option<SocketAddr>,
    /// Its configuration.
    pub configuration: Configuration,
    /// Variables of the environment, which win over what was set while running.
    pub variables: BTreeSet<String>,
    /// Its log lines, where somebody collects them.
    pub tail: Tail,
}

impl Options {
    /// With its files in `directory`, on any port of this machine alone.
    pub fn local(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            ..Self::default()
        }
    }
}

/// The server.
#[derive(Debug)]
pub struct Daemon;

/// A server that runs until it is stopped.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens with TLS, if it does.
    pub https: Option<SocketAddr>,
    kube: Arc<Kube>,
    tasks: JoinSet<()>,
    sockets: mpsc::Receiver<()>,
}

impl Daemon {
    /// Starts a server: when this returns, it serves.
    ///
    /// # Errors
    /// If its files cannot be used, its configuration makes no sense, or its ports are taken.
    pub async fn start(options: Options) -> anyhow::Result<Running> {
        let Options { directory, listen, mut configuration, variables, tail } = options;
        prepare(&directory)?;
        let store = Store::open(&directory)?;
        overlay(&mut configuration, &store, &variables)?;

        let any = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let address = listen.unwrap_or(SocketAddr::new(any, configuration.port()?));
        let listener = bind(address).await?;
        let local = listener.local_addr()?;
        let encrypted = match configuration.https_port()? {
            None => None,
            Some(port) => {
                let acceptor = acceptor(&configuration, &directory)?;
                // A port of the system's choice beside a port of the system's choice.
                let port = if listen.is_some_and(|listen| listen.port() == 0) { 0 } else { port };
                let listener = bind(SocketAddr::new(address.ip(), port)).await?;
                Some((listener.local_addr()?, listener, acceptor))
            }
        };

        let signalling = configuration.settings.signalling.unwrap_or_default();
        let limits = limits(&signalling);
        let mut board = Board::new(limits);
        if signalling.prove_peers() {
            board = board.with_proof(crate::random());
        }
        let nats = configuration.settings.federation.as_ref().and_then(|federation| federation.nats.clone());
        let federation = nats.as_ref().map(|_| Arc::default());
        if nats.is_some() {
            board = board.with_remote();
        }
        let default = Room::default();
        let room = Room {
            bytes: signalling.queue_bytes.map_or(default.bytes, |bytes| bytes as usize),
            frames: signalling.queue_frames.map_or(default.frames, |frames| frames as usize),
        };
        let supervisor = supervisor(&configuration, &store)?;
        let (held, sockets) = mpsc::channel(1);
        let kube = Arc::new(Kube {
            port: local.port(),
            https: encrypted.as_ref().map(|(address, ..)| address.port()),
            directory,
            store,
            metrics: Metrics::default(),
            tail,
            started: Instant::now(),
            room,
            message_limit: limits.message_bytes + ENVELOPE,
            stopping: watch::channel(false).0,
            federation: federation.clone(),
            sockets: Mutex::new(Some(held)),
            board: Mutex::new(board),
            supervisor: Mutex::new(supervisor),
            services: Mutex::default(),
            tails: Mutex::default(),
            configuration,
        });
        announce(&kube, local);

        let router = http::routes(kube.clone()).merge(grpc::routes(&kube).await?).fallback(http::unknown);
        let mut tasks = JoinSet::new();
        tasks.spawn(tick(kube.clone()));
        if let (Some(nats), Some(wake)) = (nats, federation) {
            let (kube, stopping) = (kube.clone(), kube.stopping.subscribe());
            tasks.spawn(async move {
                if let Err(error) = crate::federation::run(kube, &nats, wake, stopping).await {
                    tracing::error!(%error, "not joined to other servers");
                }
            });
        }
        tasks.spawn(control::serve(kube.clone(), control::bind(&kube.directory)?));
        supervising::processes::end_leftovers(&kube);
        for program in kube.configuration.settings.processes.clone() {
            tasks.spawn(supervising::processes::run(kube.clone(), program));
        }
        let https = encrypted.map(|(address, listener, acceptor)| {
            tasks.spawn(serve::serve(kube.clone(), listener, Some(acceptor), router.clone()));
            address
        });
        tasks.spawn(serve::serve(kube.clone(), listener, None, router));
        tracing::info!(address = %local, https = https.map(tracing::field::display), "serving");
        Ok(Running { address: local, https, kube, tasks, sockets })
    }
}

impl Running {
    /// Its state.
    pub const fn kube(&self) -> &Arc<Kube> {
        &self.kube
    }

    /// Waits until somebody stops it, and until it has stopped.
    pub async fn wait(mut self) {
        while self.tasks.join_next().await.is_some() {}
        // Sockets that are being closed: each has its own time limit.
        drop(self.kube.sockets.lock().map(|mut held| held.take()));
        self.sockets.recv().await;
    }

    /// Tells it to stop, and waits until it has: sockets are closed, processes have ended.
    pub async fn stop(self) {
        self.kube.stopping.send_replace(true);
        self.wait().await;
    }
}

/// The directory, for nobody but its owner: the server's key is in it.
fn prepare(directory: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot use the data directory {}", directory.display());
    if !directory.exists() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).with_context(failed)?;
    }
    let metadata = std::fs::metadata(directory).with_context(failed)?;
    anyhow::ensure!(metadata.is_dir(), "{} is no directory", directory.display());
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(directory = %directory.display(), "others may look into the data directory");
    }
    Ok(())
}

/// What was set while running wins over the file, and the environment over both.
fn overlay(
    configuration: &mut Configuration,
    store: &Store,
    variables: &BTreeSet<String>,
) -> anyhow::Result<()> {
    for (name, value) in store.overlay()? {
        let variable = environment::variable(&format!("runtime.kube.{name}"));
        match KEYS.iter().find(|key| key.name == name) {
            Some(key) if !variables.contains(&variable) => put(&mut configuration.config, key, &value),
            Some(_) => {
                tracing::warn!(key = name, variable, "set while running, but the environment says otherwise")
            }
            None => tracing::warn!(key = name, "a stored key that this version does not know"),
        }
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = match TcpListener::bind(address).await {
        // Machines without IPv6.
        Err(_) if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        bound => bound,
    };
    listener.with_context(|| {
        format!("cannot listen at {address}; another address is given by --listen or runtime.kube.port")
    })
}

fn acceptor(configuration: &Configuration, directory: &Path) -> anyhow::Result<tokio_rustls::TlsAcceptor> {
    let https = configuration.kube().and_then(|kube| kube.https.clone()).unwrap_or_default();
    let generate = configuration.settings.tls.as_ref().is_some_and(|tls| tls.generate());
    let (certificate, key) = match (https.certfile.as_str(), https.keyfile.as_str()) {
        ("", "") if generate => tls::development(directory, configuration.host())?,
        ("", _) | (_, "") => anyhow::bail!(
            "runtime.kube.https is enabled and needs certfile and keyfile, or kube.tls.generate for development"
        ),
        (certificate, key) => (certificate.into(), key.into()),
    };
    Ok(tls::acceptor(&certificate, &key)?)
}

fn limits(signalling: &dxos_proto::dxos::kube::Signalling) -> Limits {
    let default = Limits::default();
    let or = |set: Option<u32>, default: usize| set.map_or(default, |set| set as usize);
    Limits {
        joins: or(signalling.joins, default.joins),
        subscriptions: or(signalling.subscriptions, default.subscriptions),
        streams_per_peer: or(signalling.streams_per_peer, default.streams_per_peer),
        members: or(signalling.members, default.members),
        message_bytes: or(signalling.message_bytes, default.message_bytes),
        messages_per_second: signalling.messages_per_second.unwrap_or(default.messages_per_second),
        burst: signalling.burst.unwrap_or(default.burst),
        silence: signalling.silence.map_or(default.silence, u64::from),
        ..default
    }
}

fn supervisor(configuration: &Configuration, store: &Store) -> anyhow::Result<Supervisor> {
    // Almost every 32 bytes are a key; those that are not are drawn again.
    let secret = store.secret("key", || {
        loop {
            let secret = crate::random::<32>();
            if SigningKey::new(Suite::P256, &secret).is_ok() {
                break secret.to_vec();
            }
        }
    })?;
    let mut settings = supervisor::Settings::new(SigningKey::new(Suite::P256, &secret)?);
    let access = configuration.settings.access.clone().unwrap_or_default();
    for identity in &access.allow {
        let key = from_hex(identity).ok().filter(|key| Suite::of(key).is_ok()).with_context(|| {
            format!("kube.access.allow: `{identity}` is not the key of an identity in hex")
        })?;
        settings.allowed.push((key, Capabilities::everything()));
    }
    for (key, capabilities) in store.allowed()? {
        settings.allowed.push((key, Capabilities::new(capabilities)));
    }
    settings.public_status = access.public_status();
    settings.document = configuration.config.clone();
    settings.revoked = store.revoked()?.into_iter().map(|(id, _)| id).collect();
    Ok(Supervisor::new(settings))
}

/// Reports the services that the server is.
fn announce(kube: &Kube, address: SocketAddr) {
    for (service, name) in endpoint::Service::ALL.into_iter().zip(["signal", "supervisor"]) {
        kube.report(Service {
            name: name.to_owned(),
            status: Some(Status::Started.into()),
            addresses: vec![address.to_string()],
            r#type: Some(Type::Service.into()),
            well_knowns: vec![WellKnown {
                url: service.path().to_owned(),
                description: service.name().to_owned(),
            }],
        });
    }
}
