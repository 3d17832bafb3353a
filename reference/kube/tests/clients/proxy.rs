//! A proxy that drops connections.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Passes bytes on to a server, and drops each connection when it has lived for so long.
pub(crate) struct Dropping {
    address: SocketAddr,
    dropped: Count,
}

/// How many connections were dropped.
type Count = Arc<(Mutex<usize>, Condvar)>;

impl Dropping {
    /// Stands before `server`.
    pub(crate) fn before(server: SocketAddr, life: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let dropped = Count::default();
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

    /// Waits until `more` connections are dropped, counted from now.
    pub(crate) fn drops(&self, more: usize, deadline: Instant) {
        let (count, changed) = &*self.dropped;
        let mut dropped = count.lock().unwrap();
        let wanted = *dropped + more;
        while *dropped < wanted {
            let left =
                deadline.checked_duration_since(Instant::now()).expect("connections are dropped in time");
            dropped = changed.wait_timeout(dropped, left).unwrap().0;
        }
    }
}

/// Each connection has a thread for each direction, and one that waits for its end.
fn carry(client: TcpStream, upstream: TcpStream, life: Duration, dropped: Count) {
    let streams = Arc::new((client, upstream));
    let there = Arc::clone(&streams);
    thread::spawn(move || pass(&there.0, &there.1));
    let back = Arc::clone(&streams);
    thread::spawn(move || pass(&back.1, &back.0));
    thread::spawn(move || {
        thread::sleep(life);
        let still = [&streams.0, &streams.1].map(|stream| stream.shutdown(Shutdown::Both).is_ok());
        if still.contains(&true) {
            *dropped.0.lock().unwrap() += 1;
            dropped.1.notify_all();
        }
    });
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    // An end on one side is an end on both.
    drop(io::copy(&mut from, &mut to));
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
