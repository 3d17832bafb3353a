//! Two deployed clients in processes of their own meet through the KUBE: one invites the other into a space with a
//! shared secret, and each sees what the other writes; undisturbed, and while things go wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod client;
mod node;
mod proxy;
mod server;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::proxy::Dropping;
use crate::server::{Kube, free_address, signal};

/// For two clients to start, meet and write.  They need 12 s on two quiet cores, and far more on busy ones.
const LIMIT: Duration = Duration::from_secs(300);

/// Two clients take all of a small machine, so pairs of them take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A host that invites, and a guest that has not yet been told.
struct Pair {
    host: Client,
    guest: Client,
    invitation: serde_json::Value,
    deadline: Instant,
}

impl Pair {
    fn start(servers: &[String]) -> Self {
        let deadline = Instant::now() + LIMIT;
        let host = Client::start("host", servers);
        let guest = Client::start("guest", servers);
        host.expect("started", deadline);
        guest.expect("started", deadline);
        let invitation = host.expect("invitation", deadline);
        assert!(invitation["secret"].as_str().is_some_and(|secret| !secret.is_empty()), "{invitation}");
        Self { host, guest, invitation, deadline }
    }

    /// The guest begins to join.
    fn invite(&mut self) {
        self.guest.tell(&self.invitation);
        self.guest.expect("connecting", self.deadline);
    }

    /// They meet, and see each other's changes.
    fn meet(&self) {
        let Self { host, guest, deadline, .. } = self;
        guest.expect("admitted", *deadline);
        host.expect("joined", *deadline);
        assert_eq!(guest.expect("seen", *deadline)["n"], 1);
        assert_eq!(host.expect("seen", *deadline)["n"], 2);
        host.expect("done", *deadline);
        assert_eq!(guest.expect("seen", *deadline)["n"], 3);
        guest.expect("done", *deadline);
    }
}

fn undisturbed() {
    let kube = Kube::start();
    let mut pair = Pair::start(&[signal(kube.address())]);
    pair.invite();
    pair.meet();
}

#[test]
fn two_clients_meet() {
    if node::is_ready("two deployed clients that meet through a KUBE") {
        let _turn = turn();
        undisturbed();
    }
}

#[test]
#[ignore = "some minutes; for a release"]
fn two_clients_meet_ten_times_in_a_row() {
    if node::is_ready("two deployed clients that meet through a KUBE, ten times") {
        let _turn = turn();
        (0..10).for_each(|_| undisturbed());
    }
}

#[test]
fn two_clients_meet_though_sockets_drop() {
    if !node::is_ready("two deployed clients whose sockets drop") {
        return;
    }
    let _turn = turn();
    let kube = Kube::start();
    let proxy = Dropping::before(kube.address(), Duration::from_secs(2));
    let mut pair = Pair::start(&[signal(proxy.address())]);
    proxy.drops(2, pair.deadline);
    pair.invite();
    proxy.drops(1, pair.deadline);
    pair.meet();
}

#[test]
fn two_clients_meet_though_one_of_two_kubes_is_dead() {
    if !node::is_ready("two deployed clients with a dead KUBE beside a living one") {
        return;
    }
    let _turn = turn();
    let kube = Kube::start();
    // The dead one first: it is the one that is asked first.
    let mut pair = Pair::start(&[signal(free_address()), signal(kube.address())]);
    pair.invite();
    pair.meet();
}

#[test]
fn two_clients_meet_though_the_kube_is_killed() {
    if !node::is_ready("two deployed clients whose KUBE is killed and started again") {
        return;
    }
    let _turn = turn();
    let mut kube = Kube::start();
    let mut pair = Pair::start(&[signal(kube.address())]);
    kube.kill();
    // The guest looks for the host where nobody listens.
    pair.invite();
    kube.restart();
    pair.meet();
}
