//! The services over gRPC.

use crate::support::{Server, message};
use dxos_proto::dxos::mesh::signal::signal_client::SignalClient;
use dxos_proto::dxos::mesh::signal::swarm_event::Event;
use dxos_proto::dxos::mesh::signal::{JoinRequest, Message, ReceptionRequest};
use dxos_proto::dxos::service::supervisor::supervisor_client::SupervisorClient;
use dxos_proto::dxos::service::supervisor::{ConfigPair, SetConfigRequest};
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

async fn channel(server: &Server) -> Channel {
    Channel::from_shared(format!("http://{}", server.running.address)).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn reflection_lists_the_services_and_their_schemas() {
    let server = Server::start().await;
    let mut client = ServerReflectionClient::new(channel(&server).await);
    let ask = |request| ServerReflectionRequest { host: String::new(), message_request: Some(request) };
    let requests = futures_util::stream::iter([
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol("dxos.mesh.signal.Signal".to_owned())),
    ]);
    let mut answers = client.server_reflection_info(requests).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!()
    };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort_unstable();
    insta::assert_snapshot!(names.join("\n"), @r#"
    dxos.mesh.signal.Signal
    dxos.service.supervisor.Supervisor
    grpc.health.v1.Health
    "#);
    let Some(MessageResponse::FileDescriptorResponse(file)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!()
    };
    let text = String::from_utf8_lossy(&file.file_descriptor_proto[0]).into_owned();
    assert!(text.contains("ReceiveMessages"));
}

#[tokio::test]
async fn health_is_served() {
    let server = Server::start().await;
    let mut client = HealthClient::new(channel(&server).await);
    for name in ["", "dxos.mesh.signal.Signal", "dxos.service.supervisor.Supervisor"] {
        let answer = client.check(HealthCheckRequest { service: name.to_owned() }).await.unwrap();
        assert_eq!(answer.into_inner().status, 1, "{name}");
    }
}

#[tokio::test]
async fn a_peer_on_grpc_and_one_on_a_websocket_meet() {
    let server = Server::start().await;
    let mut grpc = SignalClient::new(channel(&server).await);
    let request = JoinRequest { swarm: b"topic".to_vec(), peer: b"grpc".to_vec(), metadata: None };
    let mut events = grpc.join(request).await.unwrap().into_inner();
    let mut inbox =
        grpc.receive_messages(ReceptionRequest { peer: b"grpc".to_vec() }).await.unwrap().into_inner();

    let mut socket = server.client().await;
    socket.join(b"topic", b"ws").await;
    let Some(Event::PeerAvailable(there)) = events.message().await.unwrap().unwrap().event else { panic!() };
    assert_eq!(there.peer, b"ws");
    let event: dxos_proto::dxos::mesh::signal::SwarmEvent = socket.value().await;
    let Some(Event::PeerAvailable(there)) = event.event else { panic!() };
    assert_eq!(there.peer, b"grpc");
    socket.subscribe(b"ws").await;

    let to_grpc = message(b"ws", b"grpc", b"one");
    socket.send(&to_grpc).await;
    assert_eq!(inbox.message().await.unwrap().unwrap(), to_grpc);
    socket.value::<()>().await;
    let to_ws = message(b"grpc", b"ws", b"two");
    grpc.send_message(to_ws.clone()).await.unwrap();
    assert_eq!(socket.value::<Message>().await, to_ws);

    drop(events);
    let event: dxos_proto::dxos::mesh::signal::SwarmEvent = socket.value().await;
    assert!(matches!(event.event, Some(Event::PeerLeft(left)) if left.peer == b"grpc"));
}

#[tokio::test]
async fn refusals_name_their_error() {
    let server = Server::start().await;
    let mut client = SignalClient::new(channel(&server).await);
    let refused = client.join(JoinRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(refused.metadata().get("dxos-error").unwrap(), "PROTOCOL_ERROR");
    let mut supervisor = SupervisorClient::new(channel(&server).await);
    let refused = supervisor.get_config(()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert_eq!(refused.metadata().get("dxos-error").unwrap(), "AUTHORIZATION_ERROR");
}

#[tokio::test]
async fn a_token_allows_what_it_says() {
    use dxos_reference::kube::capability::Capabilities;
    let server = Server::start().await;
    let kube = server.running.kube();
    let granted = Capabilities::new(["status", "config"]);
    let token = kube.supervisor().mint(&[], granted, 60, &[1; 16], kube.now()).unwrap();
    let mut client = SupervisorClient::new(channel(&server).await);
    let mut request = Request::new(SetConfigRequest {
        config: Some(ConfigPair { key: "host".to_owned(), value: "new.example".to_owned() }),
    });
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let set = client.set_config(request).await.unwrap().into_inner();
    assert_eq!(set.config.unwrap().value, "new.example");
    // The token counts for the connection.
    let config = client.get_config(()).await.unwrap().into_inner().config.unwrap();
    assert_eq!(config.runtime.unwrap().kube.unwrap().host, "new.example");
    let services = client.status(()).await.unwrap().into_inner().services;
    assert_eq!(
        services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>(),
        ["signal", "supervisor"]
    );
    assert_eq!(kube.store.overlay().unwrap(), [("host".to_owned(), "new.example".to_owned())]);
}

#[tokio::test]
async fn who_does_not_read_is_told_so_and_loses_all_its_streams() {
    let configuration =
        "kube:\n  signalling:\n    queueFrames: 4\n    messagesPerSecond: 100000\n    burst: 100000\n";
    let server = Server::configured(configuration).await;
    let mut slow = SignalClient::new(channel(&server).await);
    let mut inbox =
        slow.receive_messages(ReceptionRequest { peer: b"slow".to_vec() }).await.unwrap().into_inner();
    let request = JoinRequest { swarm: b"topic".to_vec(), peer: b"slow".to_vec(), metadata: None };
    let mut events = slow.join(request).await.unwrap().into_inner();

    let mut socket = server.client().await;
    // More than the windows of HTTP/2 and the queue take.
    let large = message(b"ws", b"slow", &vec![0; 32 << 10]);
    for _ in 0..200 {
        socket.send(&large).await;
        socket.value::<()>().await;
    }
    let end = loop {
        match inbox.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("an end without a status"),
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::ResourceExhausted, "{end}");
    assert_eq!(events.message().await.unwrap_err().code(), Code::ResourceExhausted);
    // Nobody else is touched.
    socket.join(b"topic", b"ws").await;
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let server = Server::start().await;
    let mut health = HealthClient::new(channel(&server).await);
    let mut states = health.watch(HealthCheckRequest { service: String::new() }).await.unwrap().into_inner();
    assert_eq!(states.message().await.unwrap().unwrap().status, 1);
    let mut client = SignalClient::new(channel(&server).await);
    let mut inbox =
        client.receive_messages(ReceptionRequest { peer: b"peer".to_vec() }).await.unwrap().into_inner();
    let Server { running, directory } = server;
    let stopped = tokio::spawn(running.stop());
    assert_eq!(states.message().await.unwrap().unwrap().status, 2, "NOT_SERVING");
    assert_eq!(inbox.message().await.unwrap_err().code(), Code::Unavailable);
    drop((states, inbox, health, client));
    stopped.await.unwrap();
    drop(directory);
}
