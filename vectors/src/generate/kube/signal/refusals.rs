//! Requests that make no sense, and what they leave as it was.

use super::super::super::topic::Topic;
use super::super::play::{Keys, Play, field, join, message, number, request, send, stream_close, subscribe};

pub(super) fn refusals() -> Topic {
    let about = "Requests and frames that a server refuses; others are undisturbed.";
    let mut topic = Topic::new("kube/signal/refusals", "kube.receive", &[], about);
    type Make = fn(&Keys) -> Vec<u8>;
    let requests: [(&str, &str, Make); 15] = [
        ("join-without-topic", "KUBE-SIG-024", |keys| join(9, b"", keys.peer(1))),
        ("join-without-peer", "KUBE-SIG-024", |keys| join(9, &keys.topic, b"")),
        ("join-without-both", "KUBE-SIG-024", |_| join(9, b"", b"")),
        ("subscription-without-peer", "KUBE-SIG-024", |_| subscribe(9, b"")),
        ("join-with-long-topic", "KUBE-SIG-027", |keys| join(9, &[7; 129], keys.peer(1))),
        ("join-with-long-peer", "KUBE-SIG-027", |keys| join(9, &keys.topic, &[7; 129])),
        ("subscription-with-long-peer", "KUBE-SIG-027", |_| subscribe(9, &[7; 129])),
        ("message-without-author", "KUBE-SIG-025", |keys| send(9, &message(b"", keys.peer(0), b"x"))),
        ("message-without-recipient", "KUBE-SIG-025", |keys| send(9, &message(keys.peer(1), b"", b"x"))),
        ("message-without-anything", "KUBE-SIG-025", |_| send(9, b"")),
        ("message-cut-short", "KUBE-SIG-028", |keys| {
            let whole = message(keys.peer(1), keys.peer(0), b"x");
            send(9, whole.get(..100).unwrap_or_default())
        }),
        ("message-with-a-number-for-author", "KUBE-SIG-028", |keys| {
            send(9, &[number(1, 5), field(2, keys.peer(0))].concat())
        }),
        ("join-cut-short", "KUBE-SIG-028", |_| {
            request(9, "dxos.mesh.signal.Signal.Join", "dxos.mesh.signal.JoinRequest", &[10, 32, 1], true)
        }),
        ("subscription-cut-short", "KUBE-SIG-028", |_| {
            request(
                9,
                "dxos.mesh.signal.Signal.ReceiveMessages",
                "dxos.mesh.signal.ReceptionRequest",
                &[10, 9],
                true,
            )
        }),
        ("method-of-the-supervisor", "KUBE-END-017", |_| {
            request(9, "dxos.service.supervisor.Supervisor.Status", "google.protobuf.Empty", b"", false)
        }),
    ];
    for (slug, req, make) in requests {
        let keys = Keys::new(&topic, slug, 2);
        let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0).subscribe(
            "a",
            1,
            keys.peer(0),
        );
        let play = play.join("b", 0, &keys.topic, keys.peer(1), 1).hear("a", 1);
        let play = play.frame("b", &make(&keys)).hear("b", 1).hear("a", 0);
        let play = play.send("b", 10, keys.peer(1), keys.peer(0), b"y").hear("a", 1);
        let play = play.frame("b", &stream_close(0)).hear("b", 1).hear("a", 1);
        topic.steps(slug, &[req, "KUBE-SIG-034"], "refused, and the socket goes on", play.asks());
    }
    let frames: [(&str, &[u8]); 6] = [
        ("zero", &[0]),
        ("cut-short", &[0x0a, 0x20, 1]),
        ("text-as-bytes", b"__ping__"),
        ("unknown-wire-type", &[0x0f]),
        ("endless-varint", &[0xff; 11]),
        ("length-of-2-exabytes", &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]),
    ];
    for (slug, frame) in frames {
        let slug = format!("garbage-{slug}");
        let keys = Keys::new(&topic, &slug, 2);
        let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
        let play = play.join("b", 0, &keys.topic, keys.peer(1), 1).hear("a", 1);
        let play = play.frame("b", frame).hear("b", 1).hear("a", 1);
        let req = ["KUBE-END-013", "KUBE-END-015", "KUBE-SIG-010"];
        topic.steps(
            &slug,
            &req,
            "the socket is closed, without a word; the other one hears that its peer has left",
            play.asks(),
        );
    }
    let handshake: [(&str, &[u8]); 3] = [("open", &[0x18, 1]), ("open-ack", &[0x20, 1]), ("bye", &[0x32, 0])];
    for (slug, frame) in handshake {
        let slug = format!("handshake-{slug}");
        let keys = Keys::new(&topic, &slug, 1);
        let play = Play::new(&keys).open("a").frame("a", frame).hear("a", 0).join(
            "a",
            0,
            &keys.topic,
            keys.peer(0),
            0,
        );
        topic.steps(&slug, &["KUBE-END-014", "KUBE-END-015"], "passed over", play.asks());
    }
    topic
}
