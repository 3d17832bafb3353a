//! Messages of swarms, and the peers that get them.

use dxos_reference::mesh::swarm::{Body, Id, Random, Swarm, SwarmMessage, Topology, TransportEvent};

/// Ids that follow each other.
#[derive(Debug)]
struct Counting(u8);

impl Random for Counting {
    fn session(&mut self) -> Id {
        self.0 = self.0.wrapping_add(1);
        [self.0; 32]
    }

    fn message(&mut self) -> Id {
        self.session()
    }

    fn below(&mut self, _count: usize) -> usize {
        0
    }
}

/// A message survives writing and reading.  A peer that gets it, in whatever state, answers each offer once, and is
/// left with one connection to its author at most and with no timer that is due.
pub fn message(bytes: &[u8]) {
    let Some(message) = SwarmMessage::decode(bytes) else { return };
    let again = SwarmMessage::decode(&message.encode()).expect("what was written reads");
    if !has_numbers(&message) {
        assert_eq!(again, message, "writing changes a message");
    }
    for lower in [true, false] {
        let (own, author) = if lower { (vec![2], vec![1]) } else { (vec![1], vec![2]) };
        let mut swarm = Swarm::new(message.topic, own, Topology::Full, Counting(0));
        for event in [None, Some(TransportEvent::Connected), Some(TransportEvent::Closed)] {
            swarm.receive(&author, message.clone(), 1_000);
            let sent = std::iter::from_fn(|| swarm.poll()).count();
            assert!(message.body != Body::Offer || sent > 0, "an offer is not answered");
            assert!(swarm.connections().count() <= 1, "two connections to one peer");
            if let Some(event) = event {
                swarm.transport(&author, event, 1_000);
            }
            swarm.available(&author, 1_000);
            swarm.tick(1_000);
            assert!(swarm.deadline().is_none_or(|at| at > 1_000), "a timer is left");
        }
    }
}

/// Numbers of signals may be such as equal not even themselves.
fn has_numbers(message: &SwarmMessage) -> bool {
    matches!(message.body, Body::Signals(_))
}
