//! Who hears of whom.

use super::super::super::topic::Topic;
use super::super::play::{Keys, Play, stream_close};
use super::CLOCK;

pub(super) fn swarms() -> Topic {
    let about = "Peers join swarms and leave them; each socket is asked what it has heard.";
    let mut topic = Topic::new("kube/signal/swarms", "kube.receive", &[], about);
    alone(&mut topic);
    meeting(&mut topic);
    apart(&mut topic);
    topic
}

pub(super) fn presence() -> Topic {
    let about = "Peers leave swarms, or are there more than once; each socket is asked what it has heard.";
    let mut topic = Topic::new("kube/signal/presence", "kube.receive", &[], about);
    leaving(&mut topic);
    twice(&mut topic);
    streams(&mut topic);
    memory(&mut topic);
    topic
}

fn alone(topic: &mut Topic) {
    let keys = Keys::new(topic, "alone", 1);
    let play = Play::new(&keys).open("a").join("a", 0, &keys.topic, keys.peer(0), 0);
    topic.steps(
        "alone",
        &["KUBE-END-001", "KUBE-END-014", "KUBE-SIG-001"],
        "nobody else is there",
        play.asks(),
    );
    for id in [1, 127, 128, 300, i32::MAX] {
        let slug = format!("alone-request-{id}");
        let keys = Keys::new(topic, &slug, 1);
        let play = Play::new(&keys).open("a").join("a", id, &keys.topic, keys.peer(0), 0);
        topic.steps(&slug, &["KUBE-SIG-001"], "the id of the request comes back", play.asks());
    }
    for (slug, length) in [("one-byte", 1), ("33-bytes", 33), ("128-bytes", 128)] {
        let slug = format!("keys-of-{slug}");
        let mut keys = Keys::new(topic, &slug, 2);
        let of = |seed: &[u8], number: u8| {
            [&[number], seed.repeat(4).as_slice()].concat().into_iter().take(length).collect()
        };
        keys.topic = of(&keys.topic.clone(), 1);
        keys.other = of(&keys.other.clone(), 2);
        keys.peers = keys.peers.iter().zip(3..).map(|(peer, number)| of(peer, number)).collect();
        // Single bytes would be found everywhere in a frame.
        let listed = Keys { topic: keys.topic.clone(), other: keys.other.clone(), peers: keys.peers.clone() };
        if length == 1 {
            topic.features(&["kube.library"]);
        }
        let play = Play::new(&listed).open("a").open("b");
        let play = play
            .join("a", 0, &keys.topic, keys.peer(0), 0)
            .join("b", 0, &keys.topic, keys.peer(1), 1)
            .hear("a", 1);
        topic.steps(&slug, &["KUBE-SIG-027", "KUBE-SIG-005"], "keys are bytes of any length", play.asks());
        topic.features(&[]);
    }
    let keys = Keys::new(topic, "many-joins", 1);
    let mut play = Play::new(&keys).open("a");
    for id in 0..16 {
        play = play.join("a", id, if id % 2 == 0 { &keys.topic } else { &keys.other }, keys.peer(0), 0);
    }
    topic.steps(
        "many-joins",
        &["KUBE-SIG-001", "KUBE-SIG-006"],
        "each is ready, nobody hears of itself",
        play.asks(),
    );
}

/// `peers` of one topic, each on a socket of its own, whose names are letters.
fn meet(keys: &Keys, peers: usize) -> Play {
    let names = ["a", "b", "c", "d", "e"];
    let mut play = Play::new(keys);
    for (number, name) in names.iter().enumerate().take(peers) {
        play = play.open(name).join(name, 0, &keys.topic, keys.peer(number), number);
        for earlier in names.iter().take(number) {
            play = play.hear(earlier, 1);
        }
    }
    play
}

fn meeting(topic: &mut Topic) {
    for peers in 2..=5 {
        let slug = format!("{peers}-peers");
        let keys = Keys::new(topic, &slug, peers);
        let req = ["KUBE-SIG-004", "KUBE-SIG-005", "KUBE-SIG-006", "KUBE-SIG-012"];
        topic.steps(&slug, &req, "each hears of each other once", meet(&keys, peers).asks());
    }
    let slug = "two-peers-of-one-socket";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play.join("a", 1, &keys.topic, keys.peer(1), 2);
    topic.steps(
        slug,
        &["KUBE-SIG-004", "KUBE-SIG-005"],
        "each stream hears of the other's peer",
        play.asks(),
    );
    let slug = "quiet-afterwards";
    let keys = Keys::new(topic, slug, 2);
    let play = meet(&keys, 2).hear("a", 0).hear("b", 0);
    topic.steps(slug, &["KUBE-SIG-004"], "nobody hears more", play.asks());
}

fn apart(topic: &mut Topic) {
    let req = ["KUBE-SIG-007"];
    let slug = "another-topic";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").open("b");
    let play = play
        .join("a", 0, &keys.topic, keys.peer(0), 0)
        .join("b", 0, &keys.other, keys.peer(1), 0)
        .hear("a", 0);
    topic.steps(slug, &req, "two peers of two topics do not hear of each other", play.asks());
    let slug = "topics-of-one-socket";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play
        .join("a", 1, &keys.other, keys.peer(0), 0)
        .join("b", 0, &keys.other, keys.peer(1), 1)
        .hear("a", 1);
    topic.steps(slug, &req, "the event comes on the stream of its topic", play.asks());
    let slug = "a-topic-that-begins-like-another";
    let mut keys = Keys::new(topic, slug, 2);
    keys.other = [keys.topic.as_slice(), &[0]].concat();
    let play = Play::new(&keys).open("a").open("b");
    let play = play
        .join("a", 0, &keys.topic, keys.peer(0), 0)
        .join("b", 0, &keys.other, keys.peer(1), 0)
        .hear("a", 0);
    topic.features(&["kube.library"]);
    topic.steps(slug, &req, "", play.asks());
    topic.features(&[]);
    let slug = "leaves-one-of-two-topics";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play.join("a", 1, &keys.other, keys.peer(0), 0).join("b", 0, &keys.topic, keys.peer(1), 1);
    let play = play.join("b", 1, &keys.other, keys.peer(1), 1).hear("a", 2);
    let play = play.frame("a", &stream_close(1)).hear("a", 1).hear("b", 1);
    topic.steps(
        slug,
        &["KUBE-SIG-007", "KUBE-SIG-011", "KUBE-SIG-014"],
        "the others there hear of it, once",
        play.asks(),
    );
}

fn leaving(topic: &mut Topic) {
    type Leave = fn(Play) -> Play;
    let ways: [(&str, &str, Leave); 3] = [
        ("stream-close", "KUBE-SIG-014", |play| play.frame("b", &stream_close(0)).hear("b", 1)),
        ("socket-close", "KUBE-SIG-010", |play| play.close("b")),
        ("socket-lost", "KUBE-SIG-010", |play| play.lose("b")),
    ];
    for (way, req, leave) in ways {
        for peers in 2..=4 {
            let slug = format!("leaves-{peers}-by-{way}");
            let keys = Keys::new(topic, &slug, peers);
            let mut play = leave(meet(&keys, peers));
            for name in ["a", "c", "d"].iter().take(peers - 1) {
                play = play.hear(name, 1);
            }
            topic.steps(&slug, &["KUBE-SIG-011", req], "all others hear of it", play.asks());
        }
        let slug = format!("returns-after-{way}");
        let keys = Keys::new(topic, &slug, 2);
        let play = leave(meet(&keys, 2))
            .hear("a", 1)
            .open("c")
            .join("c", 0, &keys.topic, keys.peer(1), 1)
            .hear("a", 1);
        topic.steps(
            &slug,
            &["KUBE-SIG-005", req],
            "it is announced again, and hears of who is there",
            play.asks(),
        );
        let slug = format!("nobody-there-after-{way}");
        let keys = Keys::new(topic, &slug, 3);
        let play = leave(meet(&keys, 2)).hear("a", 1).open("c").join("c", 0, &keys.topic, keys.peer(2), 1);
        topic.steps(&slug, &["KUBE-SIG-004", req], "a newcomer does not hear of who has left", play.asks());
    }
    let slug = "all-streams-of-a-socket";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play.join("a", 1, &keys.other, keys.peer(0), 0).join("b", 0, &keys.topic, keys.peer(1), 1);
    let play = play.join("b", 1, &keys.other, keys.peer(1), 1).hear("a", 2).lose("a").hear("b", 2);
    topic.steps(slug, &["KUBE-SIG-010"], "both swarms hear of it", play.asks());
}

fn twice(topic: &mut Topic) {
    let base = |keys: &Keys| {
        let play = Play::new(keys).open("a").open("b").open("c").join("a", 0, &keys.topic, keys.peer(0), 0);
        play.join("b", 0, &keys.topic, keys.peer(1), 1)
            .hear("a", 1)
            .join("c", 0, &keys.topic, keys.peer(1), 1)
            .hear("a", 0)
    };
    let slug = "second-socket";
    let keys = Keys::new(topic, slug, 2);
    let req = ["KUBE-SIG-008", "KUBE-SIG-006"];
    topic.steps(
        slug,
        &req,
        "of a peer that is there: nobody hears of it, and it hears of the others",
        base(&keys).hear("b", 0).asks(),
    );
    for (slug, way) in [("first-of-two-sockets-closed", "b"), ("second-of-two-sockets-closed", "c")] {
        let keys = Keys::new(topic, slug, 2);
        let play = base(&keys).close(way).hear("a", 0).close(if way == "b" { "c" } else { "b" }).hear("a", 1);
        topic.steps(slug, &["KUBE-SIG-011"], "the peer has left only with the other one", play.asks());
    }
    let slug = "two-streams-of-one-socket";
    let keys = Keys::new(topic, slug, 2);
    let play = Play::new(&keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play.join("b", 0, &keys.topic, keys.peer(1), 1).hear("a", 1).join(
        "b",
        1,
        &keys.topic,
        keys.peer(1),
        1,
    );
    let play = play
        .frame("b", &stream_close(0))
        .hear("b", 1)
        .hear("a", 0)
        .frame("b", &stream_close(1))
        .hear("b", 1)
        .hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-008", "KUBE-SIG-011", "KUBE-SIG-014"], "", play.asks());
    let slug = "both-sockets-hear";
    let keys = Keys::new(topic, slug, 3);
    let play = base(&keys)
        .open("d")
        .join("d", 0, &keys.topic, keys.peer(2), 2)
        .hear("b", 1)
        .hear("c", 1)
        .hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-005"], "every stream of those present hears of a joiner", play.asks());
}

fn streams(topic: &mut Topic) {
    let slug = "no-events-behind-the-end";
    let keys = Keys::new(topic, slug, 3);
    let play = meet(&keys, 2).frame("b", &stream_close(0)).hear("b", 1).open("c");
    let play = play.join("c", 0, &keys.topic, keys.peer(2), 1).hear("b", 0);
    topic.steps(slug, &["KUBE-SIG-014"], "who has left hears nothing more", play.asks());
    let slug = "unknown-stream-closed";
    let keys = Keys::new(topic, slug, 2);
    let play = meet(&keys, 2).frame("b", &stream_close(99)).hear("b", 0).hear("a", 0).open("c");
    let play = play.join("c", 0, &keys.other, keys.peer(1), 0);
    topic.steps(slug, &["KUBE-SIG-014"], "a StreamClose of no stream is passed over", play.asks());
    let slug = "closed-twice";
    let keys = Keys::new(topic, slug, 2);
    let play = meet(&keys, 2)
        .frame("b", &stream_close(0))
        .hear("b", 1)
        .frame("b", &stream_close(0))
        .hear("b", 0)
        .hear("a", 1);
    topic.steps(slug, &["KUBE-SIG-011", "KUBE-SIG-014"], "it has left once", play.asks());
    let slug = "stays-open";
    let keys = Keys::new(topic, slug, 2);
    let play = meet(&keys, 2)
        .close("b")
        .hear("a", 1)
        .open("c")
        .join("c", 0, &keys.topic, keys.peer(1), 1)
        .hear("a", 1)
        .close("c")
        .hear("a", 1);
    topic.steps(
        slug,
        &["KUBE-SIG-036"],
        "a stream lasts although nobody else is there any more",
        play.asks(),
    );
    for text in ["__ping__", "", "hello", "{}"] {
        let slug = format!(
            "text-{}",
            if text.is_empty() { "empty" } else { text.trim_matches(|c: char| !c.is_alphanumeric()) }
        );
        let slug = if text == "{}" { "text-json".to_owned() } else { slug };
        let keys = Keys::new(topic, &slug, 2);
        let play = meet(&keys, 2).text("b", text).hear("b", 0).hear("a", 0);
        let play = play.frame("b", &stream_close(0)).hear("b", 1).hear("a", 1);
        topic.steps(&slug, &["KUBE-END-012"], "the text is not answered, and the socket lives", play.asks());
    }
}

fn memory(topic: &mut Topic) {
    topic.features(&[CLOCK]);
    for (slug, drop) in [("nothing-kept-after-close", false), ("nothing-kept-after-loss", true)] {
        let keys = Keys::new(topic, slug, 2);
        let play = meet(&keys, 2).subscribe("a", 1, keys.peer(0)).counters();
        let leave = |play: Play, name| if drop { play.lose(name) } else { play.close(name) };
        let play = leave(leave(play, "a"), "b").counters();
        topic.steps(slug, &["KUBE-SIG-043"], "once everybody has gone", play.asks());
    }
    topic.features(&[]);
}
