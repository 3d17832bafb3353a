//! The supervisor over gRPC.

use std::sync::Arc;

use dxos_proto::dxos::service::supervisor as wire;
use dxos_proto::dxos::service::supervisor::supervisor_server::Supervisor as Service;
use dxos_proto::prost::Message;
use dxos_reference::kube::endpoint;
use dxos_reference::kube::supervisor::{SocketId, Supervisor, code};
use dxos_reference::{Class, Reject};
use tonic::{Request, Response, Status};

use crate::connection::Connection;
use crate::kube::Kube;

/// The service.
#[derive(Clone)]
pub struct SupervisorService(pub Arc<Kube>);

impl SupervisorService {
    /// Does something on the connection's socket, with the token that the request brings.
    fn call<T, R>(
        &self,
        request: Request<T>,
        call: impl FnOnce(&Kube, &mut Supervisor, SocketId, T, u64) -> Result<R, Reject>,
    ) -> Result<Response<R>, Status> {
        let Self(kube) = self;
        let connection: Arc<Connection> = crate::grpc::connection(&request)?;
        let authorization =
            request.metadata().get("authorization").map(|value| value.to_str().unwrap_or("?"));
        let token =
            authorization.map(|value| endpoint::from_header(value).ok_or_else(no_token)).transpose()?;
        let now = kube.now();
        let mut supervisor = kube.supervisor();
        let socket = connection.administration(&mut supervisor);
        if let Some(token) = token {
            supervisor.bear(socket, &token, now).map_err(|reject| status(&reject))?;
        }
        let answer = call(kube, &mut supervisor, socket, request.into_inner(), now);
        // What an answer depends on is stored before it.
        super::store(kube, &mut supervisor);
        answer.map(Response::new).map_err(|reject| status(&reject))
    }
}

#[tonic::async_trait]
impl Service for SupervisorService {
    async fn authenticate(
        &self,
        request: Request<wire::Authentication>,
    ) -> Result<Response<wire::AuthenticateResponse>, Status> {
        self.call(request, |_, supervisor, socket, request, now| {
            let answer = supervisor.authenticate(socket, &request.encode_to_vec(), &crate::random(), now)?;
            Ok(answer.response())
        })
    }

    async fn init_auth_sequence(
        &self,
        request: Request<()>,
    ) -> Result<Response<wire::InitAuthSequenceResponse>, Status> {
        self.call(request, |_, supervisor, socket, (), now| {
            Ok(supervisor.init_auth_sequence(socket, &crate::random(), now))
        })
    }

    async fn get_config(&self, request: Request<()>) -> Result<Response<wire::GetConfigResponse>, Status> {
        self.call(request, |_, supervisor, socket, (), now| supervisor.get_config(socket, now))
    }

    async fn set_config(
        &self,
        request: Request<wire::SetConfigRequest>,
    ) -> Result<Response<wire::SetConfigResponse>, Status> {
        let answer = self.call(request, |kube, supervisor, socket, request, now| {
            let ticket = supervisor.set_config(socket, &request, now)?;
            let outcome = super::store(kube, supervisor).into_iter().find(|(stored, _)| *stored == ticket);
            outcome.map(|(_, outcome)| outcome).transpose()
        })?;
        let answer = answer.into_inner().ok_or_else(|| Status::aborted("the change was not stored"))?;
        Ok(Response::new(answer))
    }

    async fn status(&self, request: Request<()>) -> Result<Response<wire::Services>, Status> {
        self.call(request, |_, supervisor, socket, (), now| supervisor.status(socket, now))
    }
}

fn no_token() -> Status {
    let mut status = Status::unauthenticated("not authorized");
    crate::grpc::name(&mut status, "AUTHORIZATION_ERROR");
    status
}

/// A rejection as gRPC says it; the name of dxRPC goes along (KUBE-GRPC-006).
fn status(reject: &Reject) -> Status {
    let (name, text) = code(reject);
    let mut status = match (name, reject.class) {
        ("AUTHORIZATION_ERROR", _) => Status::unauthenticated(text),
        ("RATE_LIMIT_EXCEEDED", _) => Status::resource_exhausted(text),
        (_, Class::StateConflict) => Status::aborted(text),
        _ => Status::invalid_argument(text),
    };
    crate::grpc::name(&mut status, name);
    status
}
