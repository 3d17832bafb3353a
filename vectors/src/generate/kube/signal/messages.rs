//! Messages from peer to peer.

use serde_json::json;

use super::super::super::topic::Topic;
use super::super::play::{Keys, Play, field, message, number, send, stream_close};

pub(super) fn messages() -> Topic {
    let about = "Peers send messages; each socket is asked what it has got.";
    let mut topic = Topic::new("kube/signal/messages", "kube.receive", &[], about);
    delivery(&mut topic);
    unchanged(&mut topic);
    absent(&mut topic);
    order(&mut topic);
    topic
}

/// The peer 0 listens on the socket `a`; `b` is open.
fn listening(keys: &Keys) -> Play {
    Play::new(keys).open("a").open("b").subscribe("a", 0, keys.peer(0))
}

fn delivery(topic: &mut Topic) {
    let slug = "delivered";
    let keys = Keys::new(topic, slug, 2);
    let play = listening(&keys).send("b", 0, keys.peer(1), keys.peer(0), b"hello").hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-002", "KUBE-SIG-017", "KUBE-SIG-019", "KUBE-SIG-023"], "", play.asks());
    let slug = "answered";
    let keys = Keys::new(topic, slug, 2);
    let play = listening(&keys)
        .send("b", 0, keys.peer(1), keys.peer(0), b"1")
        .send("b", 1, keys.peer(1), keys.peer(0), b"2")
        .hear("a", 2);
    topic.steps(slug, &["KUBE-SIG-019", "KUBE-SIG-021"], "each by the id of its request", play.asks());
    let slug = "every-subscription";
    let keys = Keys::new(topic, slug, 2);
    let play = listening(&keys).open("c").subscribe("c", 3, keys.peer(0)).subscribe("a", 1, keys.peer(0));
    let play = play.send("b", 0, keys.peer(1), keys.peer(0), b"hello").hear("a", 2).hear("c", 1);
    topic.steps(slug, &["KUBE-SIG-017", "KUBE-SIG-021"], "of the recipient, on two sockets", play.asks());
    let slug = "nobody-else";
    let keys = Keys::new(topic, slug, 3);
    let play = listening(&keys).open("c").subscribe("c", 0, keys.peer(2)).subscribe("b", 1, keys.peer(1));
    let play = play.send("b", 0, keys.peer(1), keys.peer(0), b"hello").hear("a", 1).hear("c", 0).hear("b", 0);
    topic.steps(slug, &["KUBE-SIG-018"], "neither a third peer nor the author", play.asks());
    let slug = "not-to-the-swarm";
    let keys = Keys::new(topic, slug, 3);
    let play = listening(&keys)
        .join("a", 1, &keys.topic, keys.peer(0), 0)
        .open("c")
        .join("c", 0, &keys.topic, keys.peer(2), 1)
        .hear("a", 1);
    let play = play.send("b", 0, keys.peer(1), keys.peer(0), b"hello").hear("a", 1).hear("c", 0);
    topic.steps(slug, &["KUBE-SIG-018"], "a swarm gets no messages", play.asks());
    let slug = "to-itself";
    let keys = Keys::new(topic, slug, 1);
    let play = listening(&keys).send("b", 0, keys.peer(0), keys.peer(0), b"me").hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-017", "KUBE-SIG-021"], "author and recipient are the same", play.asks());
    let slug = "from-the-own-socket";
    let keys = Keys::new(topic, slug, 2);
    let play = listening(&keys).frame("a", &send(7, &message(keys.peer(1), keys.peer(0), b"x"))).hear("a", 2);
    topic.steps(slug, &["KUBE-SIG-017", "KUBE-SIG-019"], "", play.asks());
    let slug = "both-ways";
    let keys = Keys::new(topic, slug, 2);
    let play = listening(&keys)
        .subscribe("b", 5, keys.peer(1))
        .send("b", 6, keys.peer(1), keys.peer(0), b"ping")
        .hear("a", 1);
    let play = play.send("a", 1, keys.peer(0), keys.peer(1), b"pong").hear("b", 1);
    topic.steps(slug, &["KUBE-SIG-017", "KUBE-SIG-018"], "", play.asks());
    let slug = "a-joined-peer-is-not-subscribed";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
    let play =
        play.send("b", 0, keys.peer(1), keys.peer(0), b"x").hear("a", 0).subscribe("a", 1, keys.peer(0));
    topic.steps(slug, &["KUBE-SIG-018", "KUBE-SIG-020"], "", play.asks());
}

fn unchanged(topic: &mut Topic) {
    type Make = fn(&[u8], &[u8]) -> Vec<u8>;
    let forms: [(&str, &str, Make); 10] = [
        ("empty-value", "", |a, r| message(a, r, b"")),
        ("no-payload", "", |a, r| [field(1, a), field(2, r)].concat()),
        ("empty-payload", "", |a, r| [field(1, a), field(2, r), field(3, b"")].concat()),
        ("type-with-a-dot", "", |a, r| {
            [field(1, a), field(2, r), field(3, &field(1, b".dxos.test.Payload"))].concat()
        }),
        ("type-as-url", "", |a, r| {
            let any = [field(1, b"type.googleapis.com/dxos.test.Payload"), field(2, b"v")].concat();
            [field(1, a), field(2, r), field(3, &any)].concat()
        }),
        ("unknown-field", "of the message", |a, r| [message(a, r, b"v"), field(15, b"new")].concat()),
        ("unknown-number", "of the message", |a, r| [message(a, r, b"v"), number(9, 300)].concat()),
        ("unknown-field-of-the-payload", "", |a, r| {
            [field(1, a), field(2, r), field(3, &[field(1, b"t"), field(9, b"new")].concat())].concat()
        }),
        ("fields-in-another-order", "", |a, r| {
            [field(3, &field(1, b"t")), field(2, r), field(1, a)].concat()
        }),
        ("metadata", "", |a, r| {
            let entry = [field(1, b"origin"), field(2, &field(3, b"test"))].concat();
            [message(a, r, b"v"), field(4, &field(1, &entry))].concat()
        }),
    ];
    for (slug, about, make) in forms {
        let slug = format!("unchanged-{slug}");
        let keys = Keys::new(topic, &slug, 2);
        let frame = send(0, &make(keys.peer(1), keys.peer(0)));
        let play = listening(&keys).frame("b", &frame).hear("b", 1).hear("a", 1);
        topic.steps(&slug, &["KUBE-SIG-016"], about, play.asks());
    }
    let slug = "unchanged-64-kib";
    let keys = Keys::new(topic, slug, 2);
    // Of the same length as one that is written out, but for the block of the value.
    let around = message(keys.peer(1), keys.peer(0), &[0x61; 65_300]);
    let whole = send(0, &around);
    let at = whole.windows(65_300).position(|window| window == [0x61; 65_300]).unwrap_or_default();
    let (head, tail) = (whole.get(..at).unwrap_or_default(), whole.get(at + 65_300..).unwrap_or_default());
    let hex = dxos_reference::keys::to_hex;
    let frame = json!([hex(head), { "byte": "61", "count": 65_300 }, hex(tail)]);
    let play = listening(&keys).blocks("b", frame).hear("b", 1).hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-016", "KUBE-SIG-031"], "the answer shows length and SHA-256", play.asks());
}

fn absent(topic: &mut Topic) {
    let slug = "nobody-there";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("b").send("b", 0, keys.peer(1), keys.peer(0), b"x");
    topic.steps(slug, &["KUBE-SIG-019"], "is answered like any other", play.asks());
    let slug = "not-kept";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys)
        .open("a")
        .open("b")
        .send("b", 0, keys.peer(1), keys.peer(0), b"early")
        .subscribe("a", 0, keys.peer(0));
    let play = play.send("b", 1, keys.peer(1), keys.peer(0), b"late").hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-020"], "who subscribes later gets only what is sent later", play.asks());
    for (slug, how) in [("unsubscribed", 0), ("subscriber-closed", 1), ("subscriber-lost", 2)] {
        let keys = Keys::new(topic, slug, 2);
        let play = listening(&keys);
        let play = match how {
            0 => play.frame("a", &stream_close(0)).hear("a", 1),
            1 => play.close("a"),
            _ => play.lose("a"),
        };
        let play =
            play.send("b", 0, keys.peer(1), keys.peer(0), b"x").open("c").subscribe("c", 0, keys.peer(0));
        let play = play.send("b", 1, keys.peer(1), keys.peer(0), b"y").hear("c", 1);
        topic.steps(
            slug,
            &["KUBE-SIG-019", "KUBE-SIG-020", "KUBE-SIG-010"],
            "a message between is lost",
            play.asks(),
        );
    }
    let slug = "one-of-two-subscriptions-ended";
    let keys = Keys::new(topic, slug, 2);
    let play = listening(&keys).subscribe("a", 1, keys.peer(0)).frame("a", &stream_close(0)).hear("a", 1);
    let play = play.send("b", 0, keys.peer(1), keys.peer(0), b"x").hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-014", "KUBE-SIG-017"], "the other one goes on", play.asks());
}

fn order(topic: &mut Topic) {
    for count in [2, 10, 50] {
        let slug = format!("{count}-in-order");
        let keys = Keys::new(topic, &slug, 2);
        let mut play = listening(&keys);
        for id in 0..count {
            play = play.frame("b", &send(id, &message(keys.peer(1), keys.peer(0), &id.to_be_bytes())));
        }
        let play = play.hear("b", count as usize).hear("a", count as usize);
        topic.steps(
            &slug,
            &["KUBE-SIG-022", "KUBE-SIG-021"],
            "sent without waiting for answers",
            play.asks(),
        );
    }
}
