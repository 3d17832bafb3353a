//! Messages between servers.

use dxos_proto::dxos::mesh::signal::JoinRequest;
use dxos_reference::kube::federation::{Federation, Output, Settings};
use dxos_reference::kube::signal::{Board, CloseReason, Full, Item, Limits, Sink};

/// A client that takes everything.
#[derive(Clone, Copy)]
struct Client;

impl Sink for Client {
    fn deliver(&self, _: Item<'_>) -> Result<(), Full> {
        Ok(())
    }

    fn close(&self, _: CloseReason) {}
}

/// Whatever another server publishes is taken or refused; what is taken lapses, and nothing is left of it.
pub fn federation_messages(bytes: &[u8]) {
    let now = 1_000_000;
    let mut board = Board::new(Limits::default()).with_remote();
    let mut federation = Federation::new([1; 16], Settings::default(), now);
    let socket = board.open(now);
    let request = JoinRequest { swarm: vec![1], peer: vec![1], metadata: None };
    assert!(board.join(socket, &request, Client, now).is_ok());
    assert!(board.subscribe(socket, &[1], Client, now).is_ok());
    federation.pump(&mut board, now);
    let outputs: Vec<Output> = std::iter::from_fn(|| federation.poll()).collect();
    for output in outputs {
        if let Output::Subscribe { id, subject } = output {
            let (sender, round) = ("02".repeat(16), "0000000000000001");
            let stem = subject.trim_end_matches(".*");
            let subject = if stem.contains(".host.") {
                format!("{stem}.{round}.{sender}")
            } else {
                format!("{stem}.{sender}")
            };
            let _ = federation.receive(id, &subject, bytes, now);
            federation.pump(&mut board, now);
        }
    }
    federation.tick(now + 700_000);
    federation.pump(&mut board, now + 700_000);
    assert_eq!(federation.held(), 0, "an announcement does not lapse");
}
