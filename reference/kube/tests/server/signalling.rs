//! Signalling on WebSockets, by what a client sees.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Client, Content, PATIENCE, Server, message};
use dxos_proto::dxos::mesh::signal::swarm_event::Event;
use dxos_proto::dxos::mesh::signal::{Message, SwarmEvent};
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::Connector;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::test]
async fn peers_meet_and_a_message_arrives_as_it_was_sent() {
    let server = Server::start().await;
    let (mut a, mut b) = (server.client().await, server.client().await);
    a.join(b"topic", b"a").await;
    a.subscribe(b"a").await;
    b.join(b"topic", b"b").await;
    let SwarmEvent { event: Some(Event::PeerAvailable(there)) } = b.value().await else { panic!() };
    assert_eq!(there.peer, b"a");
    let SwarmEvent { event: Some(Event::PeerAvailable(joined)) } = a.value().await else { panic!() };
    assert_eq!(joined.peer, b"b");

    let sent = message(b"b", b"a", &[7; 70_000]);
    b.send(&sent).await;
    assert_eq!(a.value::<Message>().await, sent);
    b.value::<()>().await;

    drop(b);
    let SwarmEvent { event: Some(Event::PeerLeft(left)) } = a.value().await else { panic!() };
    assert_eq!(left.peer, b"b");
}

#[tokio::test]
async fn texts_and_pings_leave_a_client_where_it_is() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.socket.send(Frame::text("__ping__")).await.unwrap();
    client.socket.send(Frame::Ping(b"x".as_slice().into())).await.unwrap();
    let frame = timeout(PATIENCE, client.socket.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(frame, Frame::Pong(b"x".as_slice().into()));
    client.join(b"topic", b"a").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_costs_nobody_else_anything() {
    let server = Server::configured(
        "kube: {signalling: {queueBytes: 65536, messagesPerSecond: 1000000, burst: 1000000}}",
    )
    .await;
    let (mut slow, mut fast, mut author) =
        (server.client().await, server.client().await, server.client().await);
    slow.join(b"topic", b"slow").await;
    slow.subscribe(b"slow").await;
    fast.join(b"topic", b"fast").await;
    let SwarmEvent { event: Some(Event::PeerAvailable(_)) } = fast.value().await else { panic!() };
    fast.subscribe(b"fast").await;
    // More than all the buffers between server and client hold.
    let mut sent = 0;
    loop {
        author.send(&message(b"author", b"slow", &[0; 60_000])).await;
        author.value::<()>().await;
        sent += 1;
        assert!(sent < 2000, "the slow client was never closed");
        if server.running.kube().board().counters().slow == 1 {
            break;
        }
    }
    author.send(&message(b"author", b"fast", b"hello")).await;
    let SwarmEvent { event: Some(Event::PeerLeft(left)) } = fast.value().await else { panic!() };
    assert_eq!(left.peer, b"slow");
    assert_eq!(fast.value::<Message>().await.payload.unwrap().value, b"hello");
    server.running.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_closes_sockets_and_says_no_bye() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.join(b"topic", b"a").await;
    server.running.stop().await;
    match timeout(PATIENCE, client.socket.next()).await.unwrap() {
        Some(Ok(Frame::Close(Some(close)))) => assert_eq!(close.code, CloseCode::Away),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection() {
    let server = Server::configured("kube: {signalling: {messageBytes: 1000}}").await;
    let mut client = server.client().await;
    client.socket.send(Frame::binary(vec![0; 100_000])).await.unwrap();
    match timeout(PATIENCE, client.socket.next()).await.unwrap() {
        Some(Ok(Frame::Close(Some(close)))) => assert_eq!(close.code, CloseCode::Size),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_certificate_of_its_own_making_serves() {
    let text = "runtime: {kube: {https: {enabled: true, port: 1}}}\nkube: {tls: {generate: true}}";
    let server = Server::configured(text).await;
    let mut roots = RootCertStore::empty();
    let file = server.directory.path().join(dxos_kube::tls::CERTIFICATE);
    for certificate in
        <rustls_pki_types::CertificateDer<'_> as rustls_pki_types::pem::PemObject>::pem_file_iter(file)
            .unwrap()
    {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let url = format!("wss://localhost:{}/.well-known/dx/signal", server.running.https.unwrap().port());
    let connecting = tokio_tungstenite::connect_async_tls_with_config(
        url,
        None,
        true,
        Some(Connector::Rustls(Arc::new(config))),
    );
    let (socket, _) = timeout(Duration::from_secs(20), connecting).await.unwrap().unwrap();
    let mut client = Client::over(socket);
    client.join(b"topic", b"a").await;
    client.send(&message(b"a", b"nobody", b"x")).await;
    assert!(matches!(client.response().await.unwrap().content, Some(Content::Payload(_))));
    server.running.stop().await;
}
