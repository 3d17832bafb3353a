//! A WebSocket of the supervisor.

use std::ops::ControlFlow;
use std::sync::Arc;

use dxos_reference::kube::signal::CloseReason;
use dxos_reference::kube::supervisor::{Output, SupervisorSocket};

use crate::kube::Kube;
use crate::websocket::frame::{Incoming, Violation};
use crate::websocket::outbox::Outbox;
use crate::websocket::session::{Each, Service};

/// One client.
pub struct Socket {
    kube: Arc<Kube>,
    outbox: Outbox,
    socket: SupervisorSocket,
}

impl Socket {
    /// A client has connected, with a token or without; the token was valid a moment ago.
    pub fn new(kube: Arc<Kube>, outbox: Outbox, token: Option<&str>) -> Self {
        let now = kube.now();
        let mut supervisor = kube.supervisor();
        let claims = token.and_then(|token| supervisor.verify_token(token, now).ok());
        let socket = SupervisorSocket::new(&mut supervisor, claims, now);
        drop(supervisor);
        Self { kube, outbox, socket }
    }

    fn message(&mut self, message: &[u8]) {
        let Self { kube, outbox, socket } = self;
        let mut supervisor = kube.supervisor();
        socket.receive(&mut supervisor, message, &crate::random(), kube.now());
        for (ticket, outcome) in super::store(kube, &mut supervisor) {
            socket.stored(ticket, &outcome);
        }
        drop(supervisor);
        while let Some(output) = socket.poll() {
            match output {
                Output::Send(frame) => {
                    if outbox.binary(&frame).is_err() {
                        outbox.end(CloseReason::Slow);
                    }
                }
                Output::Close => outbox.end(CloseReason::Malformed),
            }
        }
    }
}

impl Service for Socket {
    fn receive(&mut self, each: Each<'_>) -> Result<(), Violation> {
        each(&mut |incoming| {
            if let Incoming::Binary(message) = incoming {
                self.message(message);
            }
            ControlFlow::Continue(())
        })
    }

    fn closed(&mut self) {
        self.socket.closed(&mut self.kube.supervisor());
    }
}
