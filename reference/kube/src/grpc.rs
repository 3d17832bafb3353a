//! What both services over gRPC share, and what is served beside them: reflection and health.

use std::sync::Arc;

use dxos_proto::dxos::mesh::signal::signal_server::SignalServer;
use dxos_proto::dxos::service::supervisor::supervisor_server::SupervisorServer;
use tonic::service::Routes;
use tonic::{Request, Status};

use crate::connection::Connection;
use crate::kube::Kube;
use crate::signalling::grpc::SignalService;
use crate::supervising::grpc::SupervisorService;

/// Metadata in which the name of a dxRPC error goes along with a status (KUBE-GRPC-006).
pub const NAME: &str = "dxos-error";

/// The routes of all services.
///
/// # Errors
/// If the compiled schemas cannot be served.
pub async fn routes(kube: &Arc<Kube>) -> Result<axum::Router, tonic_reflection::server::Error> {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(dxos_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("dxos.mesh.signal.Signal")
            .with_service_name("dxos.service.supervisor.Supervisor")
            .with_service_name("grpc.health.v1.Health")
    };
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<SignalServer<SignalService>>().await;
    health.set_serving::<SupervisorServer<SupervisorService>>().await;
    let mut stop = kube.stopping.subscribe();
    tokio::spawn(async move {
        // Answered so until the connections are closed.
        if stop.wait_for(|stop| *stop).await.is_ok() {
            health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
            health.set_not_serving::<SignalServer<SignalService>>().await;
            health.set_not_serving::<SupervisorServer<SupervisorService>>().await;
        }
    });
    let limit = kube.message_limit;
    Ok(Routes::new(SignalServer::new(SignalService(kube.clone())).max_decoding_message_size(limit))
        .add_service(SupervisorServer::new(SupervisorService(kube.clone())).max_decoding_message_size(limit))
        .add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .prepare()
        .into_axum_router())
}

/// The connection on which a request came.
pub(crate) fn connection<T>(request: &Request<T>) -> Result<Arc<Connection>, Status> {
    request.extensions().get().cloned().ok_or_else(|| Status::internal("a request without a connection"))
}

/// Says the name of a dxRPC error in a status.
pub(crate) fn name(status: &mut Status, name: &'static str) {
    status.metadata_mut().insert(NAME, tonic::metadata::MetadataValue::from_static(name));
}
