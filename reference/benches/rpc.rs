//! What a call and an item of a stream cost, apart from the transport.
#![forbid(unsafe_code)]
// A bench that cannot be set up is to stop.
#![allow(clippy::unwrap_used)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dxos_reference::mesh::rpc::{Any, Event, Message, Output, Payload, Peer, Request, Settings, encode_item};

fn main() {
    divan::main();
}

const METHOD: &str = "dxos.mesh.signal.Signal.SendMessage";

fn request(id: i32, value: &[u8]) -> Vec<u8> {
    let payload = Any { type_url: b".dxos.mesh.signal.Message", value };
    Message::Request(Request { id, method: METHOD, payload, stream: false }).encode()
}

fn server() -> Peer {
    let mut peer = Peer::new(Settings { handshake: false, ..Settings::default() }, 0);
    assert_eq!(peer.poll(), Some(Output::Event(Event::Opened)));
    peer
}

/// A request of 200 bytes is read, handed to its handler and answered, while others wait.
#[divan::bench(args = [0, 100, 1000])]
fn unary(bencher: Bencher<'_, '_>, waiting: i32) {
    let mut peer = server();
    for id in 0..waiting {
        peer.receive(&request(1_000_000 + id, b""), 0);
        while peer.poll().is_some() {}
    }
    let bytes = request(1, &[7; 120]);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        peer.receive(black_box(&bytes), 0);
        while let Some(output) = peer.poll() {
            match output {
                Output::Event(Event::Request { id, .. }) => {
                    peer.answer(id, Ok(Payload::empty()));
                }
                other => {
                    black_box(other);
                }
            }
        }
    });
}

/// Reading alone.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let bytes = request(1, &[7; 120]);
    bencher.counter(ItemsCount::new(1usize)).bench(|| Message::decode(black_box(&bytes)).is_ok());
}

/// One item of a stream, written for one receiver.
#[divan::bench]
fn item(bencher: Bencher<'_, '_>) {
    let event = [7; 40];
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| encode_item(black_box(5), "dxos.mesh.signal.SwarmEvent", black_box(&event)));
}
