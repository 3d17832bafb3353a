//! A proxy that drops connections.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Passes bytes on to a server, and drops each connection when it has lived for so long.
pub(crate) struct Dropping {
    address: SocketAddr,
    dropped: Arc<AtomicUsize>,
}

impl Dropping {
    /// Stands before `server`.
    pub(crate) fn before(server: SocketAddr, life: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let dropped = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&dropped);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Ok(upstream) = TcpStream::connect(server) {
                    carry(client, upstream, life, Arc::clone(&count));
                }
            }
        });
        Self { address, dropped }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were dropped.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Each connection has a thread for each direction, and one that waits for its end.
fn carry(client: TcpStream, upstream: TcpStream, life: Duration, dropped: Arc<AtomicUsize>) {
    let streams = Arc::new((client, upstream));
    let there = Arc::clone(&streams);
    thread::spawn(move || pass(&there.0, &there.1));
    let back = Arc::clone(&streams);
    thread::spawn(move || pass(&back.1, &back.0));
    thread::spawn(move || {
        thread::sleep(life);
        let still = [&streams.0, &streams.1].map(|stream| stream.shutdown(Shutdown::Both).is_ok());
        if still.contains(&true) {
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    });
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    // An end on one side is an end on both.
    drop(io::copy(&mut from, &mut to));
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
