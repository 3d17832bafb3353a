//! The KUBE under test, as a process that can be killed.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The binary `kube` on a port of the loopback interface; it is killed when this is dropped.
pub(crate) struct Kube {
    address: SocketAddr,
    data: TempDir,
    process: Child,
}

impl Kube {
    /// Starts one and waits until it listens.
    pub(crate) fn start() -> Self {
        let address = free_address();
        let data = tempfile::tempdir().unwrap();
        let process = serve(address, &data);
        Self { address, data, process }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again, where it was and with what it had.
    pub(crate) fn restart(&mut self) {
        self.process = serve(self.address, &self.data);
    }
}

impl Drop for Kube {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Where nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// The signal endpoint at an address.
pub(crate) fn signal(address: SocketAddr) -> String {
    format!("ws://{address}/.well-known/dx/signal")
}

fn serve(address: SocketAddr, data: &TempDir) -> Child {
    let mut process = Command::new(env!("CARGO_BIN_EXE_kube"))
        .args(["daemon", "--listen", &address.to_string(), "--data-dir"])
        .arg(data.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(address).is_err() {
        assert_eq!(process.try_wait().unwrap(), None, "the kube has ended");
        assert!(Instant::now() < deadline, "the kube does not listen at {address}");
        thread::sleep(Duration::from_millis(10));
    }
    process
}
