//! The clients of a session, over whichever transport the address names.

use std::sync::Arc;

use dxos_conformance::kube_address::Scheme;
use dxos_reference::operations::kube::{
    Frame, HttpRequest, HttpResponse, Lost, Network, Open, Opened, Received, Refused,
};
use tokio::runtime::Runtime;

use crate::calls::{self, Calls};
use crate::dial::{DialError, Dialler};
use crate::sockets::{self, Sockets};

/// WebSockets, or calls of gRPC.
pub(crate) enum Clients {
    Sockets(Sockets),
    Calls(Calls),
}

impl Clients {
    pub(crate) fn new(dialler: &Arc<Dialler>, runtime: &Arc<Runtime>) -> Self {
        let (dialler, runtime) = (Arc::clone(dialler), Arc::clone(runtime));
        if is_grpc(&dialler) {
            Self::Calls(Calls::new(dialler, runtime))
        } else {
            Self::Sockets(Sockets::new(dialler, runtime))
        }
    }

    fn network(&mut self) -> &mut dyn Network {
        match self {
            Self::Sockets(sockets) => sockets,
            Self::Calls(calls) => calls,
        }
    }
}

pub(crate) fn is_grpc(dialler: &Dialler) -> bool {
    matches!(dialler.address().scheme, Scheme::Grpc | Scheme::Grpcs)
}

/// Sees whether there is a KUBE.
pub(crate) async fn look(dialler: &Dialler) -> Result<(), DialError> {
    if is_grpc(dialler) { calls::look(dialler).await } else { sockets::look(dialler).await }
}

impl Network for Clients {
    fn begin(&mut self, keys: &[Vec<u8>]) {
        self.network().begin(keys);
    }

    fn operator(&mut self, seed: &[u8]) -> Vec<u8> {
        self.network().operator(seed)
    }

    fn open(&mut self, socket: &str, request: &Open) -> Result<Opened, Refused> {
        self.network().open(socket, request)
    }

    fn send(&mut self, socket: &str, frame: Frame) -> Result<(), Lost> {
        self.network().send(socket, frame)
    }

    fn receive(&mut self, socket: &str, count: usize) -> Result<Received, Lost> {
        self.network().receive(socket, count)
    }

    fn close(&mut self, socket: &str, abrupt: bool) {
        self.network().close(socket, abrupt);
    }

    fn http(&mut self, request: &HttpRequest) -> HttpResponse {
        self.network().http(request)
    }
}
