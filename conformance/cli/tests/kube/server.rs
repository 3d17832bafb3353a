//! Our server in a thread of the test.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use dxos_kube::config::Configuration;
use dxos_kube::daemon::{Daemon, Options, Running};
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::kube::capability::Capabilities;
use dxos_reference::mutant::{self, Switch};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

/// The seed of the operator's identity.
pub(crate) const SEED: &str = "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed";

/// A place of the reference: requirement and description.
pub(crate) type Place = (&'static str, &'static str);

/// A server, stopped when this is dropped.
pub(crate) struct Kube {
    pub(crate) address: SocketAddr,
    /// With TLS, if it has that.
    pub(crate) https: Option<SocketAddr>,
    /// Of its certificate, if it made one.
    pub(crate) certificate: PathBuf,
    asks: Option<mpsc::UnboundedSender<oneshot::Sender<BTreeSet<Place>>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Kube {
    /// Starts one on any port, with an operator whose key is made from [`SEED`].
    pub(crate) fn start() -> Self {
        Self::with("version: 1", Switch::Right)
    }

    /// The same with a configuration and a switch for its mutants.
    pub(crate) fn with(configuration: &'static str, switch: Switch) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let (asks, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<BTreeSet<Place>>>();
        let thread = thread::spawn(move || {
            // Switches belong to a thread, and so does all of the server.
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let directory = tempfile::tempdir().unwrap();
                let configuration = Configuration::parse(configuration, "kube.yml").unwrap();
                let options = Options { configuration, ..Options::local(directory.path()) };
                let running: Running = Daemon::start(options).await.unwrap();
                let operator = SigningKey::new(Suite::P256, &hex::decode(SEED).unwrap()).unwrap();
                running.kube().supervisor().allow(operator.public_key(), Capabilities::everything());
                let certificate = directory.path().join(dxos_kube::tls::CERTIFICATE);
                // What it takes to start is the same for all.
                mutant::set(switch);
                tell.send((running.address, running.https, certificate)).unwrap();
                while let Some(answer) = asked.recv().await {
                    drop(answer.send(mutant::reached()));
                }
                // One that is wrong may not stop, either.
                drop(tokio::time::timeout(Duration::from_secs(5), running.stop()).await);
            });
        });
        let (address, https, certificate) = told.recv().unwrap();
        Self { address, https, certificate, asks: Some(asks), thread: Some(thread) }
    }

    /// The places that it reached since this was last called.
    pub(crate) fn reached(&self) -> BTreeSet<Place> {
        let (answer, answered) = oneshot::channel();
        let asked = self.asks.as_ref().map(|asks| asks.send(answer));
        assert!(matches!(asked, Some(Ok(()))), "the server is gone");
        answered.blocking_recv().unwrap()
    }
}

impl Drop for Kube {
    fn drop(&mut self) {
        self.asks = None;
        drop(self.thread.take().map(thread::JoinHandle::join));
    }
}
