//! Signalling.

use std::cell::RefCell;
use std::rc::Rc;

use dxos_proto::dxos::mesh::signal::JoinRequest;
use dxos_proto::prost::Message as _;
use dxos_reference::kube::signal::{
    Board, CloseReason, Counters, Frame, Full, Limits, Outbox, SignalSocket, WireSink,
};
use dxos_reference::mesh::rpc::{Any, Message, Request};

#[derive(Clone, Debug, Default)]
struct Queue(Rc<RefCell<(Vec<Vec<u8>>, bool)>>);

impl Outbox for Queue {
    fn send(&self, frame: Vec<u8>) -> Result<(), Full> {
        self.0.borrow_mut().0.push(frame);
        Ok(())
    }

    fn close(&self, _: CloseReason) {
        self.0.borrow_mut().1 = true;
    }
}

/// Frames to one socket, each with its length before it (one byte; 255 stands for a ping): another socket stays open
/// and is served, what goes out is dxRPC, and when both are gone nothing is left.
pub fn frames(bytes: &[u8]) {
    let mut board: Board<WireSink<Queue>> = Board::new(Limits::default());
    let (queue, other) = (Queue::default(), Queue::default());
    let mut socket = SignalSocket::new(&mut board, queue.clone(), 0);
    let mut quiet = SignalSocket::new(&mut board, other.clone(), 0);
    let request = JoinRequest { swarm: vec![0xee; 32], peer: vec![0xdd; 65], metadata: None }.encode_to_vec();
    let payload = Any { type_url: b"", value: &request };
    let join = |id| {
        let method = "dxos.mesh.signal.Signal.Join";
        Message::Request(Request { id, method, payload, stream: true }).encode()
    };
    quiet.receive(&mut board, Frame::Binary(&join(0)), 0);
    let (mut rest, mut now) = (bytes, 0);
    while let Some((length, after)) = rest.split_first() {
        now += 1;
        let (frame, after) = after.split_at(after.len().min(usize::from(*length)));
        match length {
            255 => socket.receive(&mut board, Frame::Text("__ping__"), now),
            _ => socket.receive(&mut board, Frame::Binary(frame), now),
        }
        rest = after;
    }
    assert!(!other.0.borrow().1, "the other socket was closed");
    let before = other.0.borrow().0.len();
    quiet.receive(&mut board, Frame::Binary(&join(1)), now);
    assert!(other.0.borrow().0.len() > before, "the other socket is not served any more");
    for frame in queue.0.borrow().0.iter().chain(&other.0.borrow().0) {
        Message::decode(frame).expect("a message of dxRPC");
    }
    socket.closed(&mut board, now);
    quiet.closed(&mut board, now);
    let Counters { sockets, swarms, members, joins, subscriptions, .. } = board.counters();
    assert_eq!([sockets, swarms, members, joins, subscriptions], [0; 5], "something is left");
    assert_eq!(board.deadline(), None, "something is waited for");
}
