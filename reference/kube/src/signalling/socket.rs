//! A WebSocket of signalling.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use dxos_reference::kube::signal::{Frame, SignalSocket};

use crate::kube::Kube;
use crate::signalling::client::Client;
use crate::websocket::frame::{Incoming, Violation};
use crate::websocket::outbox::Outbox;
use crate::websocket::session::{Each, Service};

/// One client.
pub struct Socket {
    kube: Arc<Kube>,
    socket: SignalSocket<Outbox>,
}

impl Socket {
    /// A client has connected.
    pub fn new(kube: Arc<Kube>, outbox: Outbox) -> Self {
        let socket = SignalSocket::new::<Client>(&mut kube.board(), outbox, kube.now());
        Self { kube, socket }
    }
}

impl Service for Socket {
    fn receive(&mut self, each: Each<'_>) -> Result<(), Violation> {
        let Self { kube, socket } = self;
        let now = kube.now();
        let begun = Instant::now();
        let mut board = kube.board();
        let read = each(&mut |incoming| {
            match incoming {
                Incoming::Binary(message) => socket.receive(&mut board, Frame::Binary(message), now),
                Incoming::Text(text) => socket.receive(&mut board, Frame::Text(text), now),
                Incoming::Ping(_) | Incoming::Close => {}
            }
            ControlFlow::Continue(())
        });
        drop(board);
        kube.metrics.handling.observe(begun.elapsed().as_secs_f64());
        read
    }

    fn closed(&mut self) {
        let mut board = self.kube.board();
        self.socket.closed(&mut board, self.kube.now());
    }
}
