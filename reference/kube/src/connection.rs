//! One connection of a client, which the requests on it share.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use dxos_reference::kube::signal::{Board, SocketId};
use dxos_reference::kube::supervisor::{SocketId as AdministrationId, Supervisor};

use crate::kube::Kube;
use crate::signalling::client::Client;

/// A connection of HTTP: what is one socket to the board, and to the supervisor.
pub struct Connection {
    kube: Weak<Kube>,
    /// On the board, from the first request of signalling on.
    socket: Mutex<Option<SocketId>>,
    /// At the supervisor, from the first request to it on.
    administration: Mutex<Option<AdministrationId>>,
}

impl Connection {
    /// A client has connected.
    pub fn new(kube: &Arc<Kube>) -> Arc<Self> {
        Arc::new(Self {
            kube: Arc::downgrade(kube),
            socket: Mutex::default(),
            administration: Mutex::default(),
        })
    }

    /// Its socket on the board; a new one if the board has closed the last.
    pub fn socket(&self, board: &mut Board<Client>) -> SocketId {
        let mut socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        match *socket {
            Some(id) if board.is_open(id) => id,
            _ => {
                let now = self.kube.upgrade().map_or(0, |kube| kube.now());
                *socket.insert(board.open(now))
            }
        }
    }

    /// Its socket at the supervisor.
    pub fn administration(&self, supervisor: &mut Supervisor) -> AdministrationId {
        let mut socket = self.administration.lock().unwrap_or_else(PoisonError::into_inner);
        *socket.get_or_insert_with(|| supervisor.open(None))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let administration = self.administration.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(socket), Some(kube)) = (administration, self.kube.upgrade()) {
            kube.supervisor().closed(socket);
        }
        let socket = self.socket.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(socket), Some(kube)) = (socket, self.kube.upgrade()) {
            kube.board().drop_socket(socket);
        }
    }
}
