//! Limits, of which a server states its own, and silence.

use serde_json::json;

use super::super::super::topic::Topic;
use super::super::play::{Keys, Play, join, message, send, stream_close, subscribe};
use super::CLOCK;

pub(super) fn limits() -> Topic {
    let about =
        "What exceeds a limit is refused, and nothing else changes; `kube.configure` sets small ones.";
    let mut topic = Topic::new("kube/signal/limits", "kube.receive", &[CLOCK], about);
    let on = |keys: &Keys, limits| Play::new(keys).configure(limits).open("a").open("b");

    let slug = "joins-of-a-socket";
    let keys = Keys::new(&topic, slug, 2);
    let play = on(&keys, json!({ "joins": 2 })).join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play
        .join("a", 1, &keys.topic, keys.peer(0), 0)
        .frame("a", &join(2, &keys.other, keys.peer(0)))
        .hear("a", 1);
    let play = play.join("b", 0, &keys.other, keys.peer(1), 0);
    topic.steps(slug, &["KUBE-SIG-029"], "another socket has its own", play.asks());
    let slug = "joins-end";
    let keys = Keys::new(&topic, slug, 1);
    let play = on(&keys, json!({ "joins": 1 })).join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play
        .frame("a", &join(1, &keys.other, keys.peer(0)))
        .hear("a", 1)
        .frame("a", &stream_close(0))
        .hear("a", 1);
    let play = play.join("a", 2, &keys.other, keys.peer(0), 0);
    topic.steps(slug, &["KUBE-SIG-029", "KUBE-SIG-034"], "one that has ended does not count", play.asks());
    let slug = "subscriptions-do-not-count-as-joins";
    let keys = Keys::new(&topic, slug, 1);
    let play = on(&keys, json!({ "joins": 1, "subscriptions": 1 })).subscribe("a", 0, keys.peer(0));
    let play = play.join("a", 1, &keys.topic, keys.peer(0), 0);
    topic.steps(slug, &["KUBE-SIG-029", "KUBE-SIG-030"], "", play.asks());
    let slug = "subscriptions-of-a-socket";
    let keys = Keys::new(&topic, slug, 2);
    let play = on(&keys, json!({ "subscriptions": 2 })).subscribe("a", 0, keys.peer(0)).subscribe(
        "a",
        1,
        keys.peer(1),
    );
    let play = play.frame("a", &subscribe(2, keys.peer(0))).hear("a", 1).subscribe("b", 0, keys.peer(0));
    topic.steps(slug, &["KUBE-SIG-030"], "another socket has its own", play.asks());
    let slug = "joins-of-a-peer";
    let keys = Keys::new(&topic, slug, 2);
    let play = on(&keys, json!({ "streams_per_peer": 2 })).join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play
        .join("a", 1, &keys.other, keys.peer(0), 0)
        .frame("b", &join(0, &keys.topic, keys.peer(0)))
        .hear("b", 1);
    let play = play.join("b", 1, &keys.topic, keys.peer(1), 1).close("a").hear("b", 1).join(
        "b",
        2,
        &keys.topic,
        keys.peer(0),
        1,
    );
    topic.steps(slug, &["KUBE-SIG-033"], "over all sockets, until some have ended", play.asks());
    let slug = "subscriptions-of-a-peer";
    let keys = Keys::new(&topic, slug, 2);
    let play = on(&keys, json!({ "streams_per_peer": 1 })).subscribe("a", 0, keys.peer(0));
    let play = play.frame("b", &subscribe(0, keys.peer(0))).hear("b", 1).subscribe("b", 1, keys.peer(1));
    topic.steps(slug, &["KUBE-SIG-033"], "over all sockets", play.asks());
    let slug = "peers-of-a-swarm";
    let keys = Keys::new(&topic, slug, 3);
    let play = on(&keys, json!({ "members": 2 })).join("a", 0, &keys.topic, keys.peer(0), 0);
    let play = play.join("b", 0, &keys.topic, keys.peer(1), 1).hear("a", 1);
    let play = play.frame("b", &join(1, &keys.topic, keys.peer(2))).hear("b", 1).hear("a", 0);
    let play = play.join("b", 2, &keys.topic, keys.peer(0), 1).join("b", 3, &keys.other, keys.peer(2), 0);
    topic.steps(slug, &["KUBE-SIG-044"], "a peer that is there may join again", play.asks());
    let slug = "message-size";
    let keys = Keys::new(&topic, slug, 2);
    let fits = message(keys.peer(1), keys.peer(0), &[1; 40]);
    let play = on(&keys, json!({ "message_bytes": fits.len() })).subscribe("a", 0, keys.peer(0));
    let play = play.frame("b", &send(0, &fits)).hear("b", 1).hear("a", 1);
    let play =
        play.frame("b", &send(1, &message(keys.peer(1), keys.peer(0), &[1; 41]))).hear("b", 1).hear("a", 0);
    topic.steps(slug, &["KUBE-SIG-031"], "one byte more is refused", play.asks());
    let rate = json!({ "burst": 2, "messages_per_second": 1 });
    let slug = "messages-at-once";
    let keys = Keys::new(&topic, slug, 2);
    let say = |play: Play, id: i32| {
        play.frame("b", &send(id, &message(keys.peer(1), keys.peer(0), &[id as u8]))).hear("b", 1)
    };
    let play = (0..3).fold(on(&keys, rate.clone()).subscribe("a", 0, keys.peer(0)), &say).hear("a", 2);
    topic.steps(
        slug,
        &["KUBE-SIG-032", "KUBE-SIG-034"],
        "the third one is too many, and not delivered",
        play.asks(),
    );
    let slug = "messages-with-time";
    let keys = Keys::new(&topic, slug, 2);
    let say = |play: Play, id: i32| {
        play.frame("b", &send(id, &message(keys.peer(1), keys.peer(0), &[id as u8]))).hear("b", 1)
    };
    let play = (0..3).fold(on(&keys, rate.clone()).subscribe("a", 0, keys.peer(0)), &say).advance(999);
    let play = say(say(say(play, 3).advance(1), 4), 5).hear("a", 3);
    topic.steps(slug, &["KUBE-SIG-032"], "one more each second", play.asks());
    let slug = "messages-of-another-socket";
    let keys = Keys::new(&topic, slug, 2);
    let say = |play: Play, id: i32| {
        play.frame("b", &send(id, &message(keys.peer(1), keys.peer(0), &[id as u8]))).hear("b", 1)
    };
    let play = (0..3).fold(on(&keys, rate).subscribe("a", 0, keys.peer(0)), &say);
    let play = play.open("c").send("c", 0, keys.peer(1), keys.peer(0), b"x").hear("a", 3);
    topic.steps(slug, &["KUBE-SIG-032"], "each socket has its own", play.asks());

    let slug = "slow-receiver";
    let keys = Keys::new(&topic, slug, 3);
    let play = Play::new(&keys).open("b").configure(json!({ "room": 4 })).open("a");
    let play = play.subscribe("a", 0, keys.peer(0)).join("a", 1, &keys.topic, keys.peer(0), 0);
    let play = play.join("b", 1, &keys.topic, keys.peer(1), 1).hear("a", 1);
    let play = (10..16).fold(play, |play, id| play.send("b", id, keys.peer(1), keys.peer(0), b"x"));
    let play = play.hear("a", 4).hear("b", 0);
    topic.steps(
        slug,
        &["KUBE-SIG-035", "KUBE-SIG-019"],
        "is closed; senders are answered, and its swarm hears of it",
        play.asks(),
    );

    topic
}

/// What every server takes.
pub(super) fn room() -> Topic {
    let about = "What every server takes, whatever limits it states.";
    let mut topic = Topic::new("kube/signal/room", "kube.receive", &[], about);
    let slug = "256-joins";
    let keys = Keys::new(&topic, slug, 1);
    let frames: Vec<_> = (0..255).map(|id| join(id, &keys.topic, keys.peer(0))).collect();
    let play = Play::new(&keys).open("a").frames("a", &frames);
    topic.steps(
        slug,
        &["KUBE-SIG-029"],
        "",
        play.hear("a", 255).join("a", 255, &keys.other, keys.peer(0), 0).asks(),
    );
    topic
}

/// How much of the rest every server takes.
pub(super) fn plenty() -> Topic {
    let about = "Subscriptions and messages that every server takes, whatever limits it states.";
    let mut topic = Topic::new("kube/signal/plenty", "kube.receive", &[], about);
    let slug = "16-subscriptions";
    let keys = Keys::new(&topic, slug, 2);
    let mut play = Play::new(&keys).open("a");
    for id in 0..16 {
        play = play.frame("a", &subscribe(id, keys.peer(0)));
    }
    let play = play.hear("a", 16).open("b").send("b", 0, keys.peer(1), keys.peer(0), b"x").hear("a", 16);
    topic.steps(slug, &["KUBE-SIG-030"], "", play.asks());
    let slug = "100-messages";
    let keys = Keys::new(&topic, slug, 2);
    let mut play = Play::new(&keys).open("a").open("b").subscribe("a", 0, keys.peer(0));
    for id in 0..100 {
        play = play.frame("b", &send(id, &message(keys.peer(1), keys.peer(0), &[id as u8])));
    }
    topic.steps(
        slug,
        &["KUBE-SIG-032", "KUBE-SIG-022"],
        "at once",
        play.hear("b", 100).hear("a", 100).asks(),
    );
    topic
}

pub(super) fn silence() -> Topic {
    let about = "Sockets whose clients are no longer heard; time is told by `kube.advance`.";
    let mut topic = Topic::new("kube/signal/silence", "kube.receive", &[CLOCK], about);
    let there = |keys: &Keys| {
        let play = Play::new(keys).open("a").open("b").join("a", 0, &keys.topic, keys.peer(0), 0);
        play.join("b", 0, &keys.topic, keys.peer(1), 1).hear("a", 1)
    };
    let req = ["KUBE-SIG-037", "KUBE-SIG-011"];
    for (slug, about, steps) in [
        ("heard-29-seconds-ago", "", vec![29_999]),
        ("silent-for-30-seconds", "", vec![30_000]),
        ("silent-for-an-hour", "", vec![3_600_000]),
        ("silent-step-by-step", "", vec![10_000, 10_000, 10_000]),
    ] {
        let keys = Keys::new(&topic, slug, 2);
        let play = steps
            .into_iter()
            .fold(there(&keys).text("b", "__ping__"), Play::advance)
            .hear("a", 1)
            .hear("b", 0);
        topic.steps(slug, &req, about, play.asks());
    }
    let slug = "pings-go-on";
    let keys = Keys::new(&topic, slug, 2);
    let play =
        (0..6).fold(there(&keys).text("b", "__ping__"), |play, _| play.advance(20_000).text("b", "__ping__"));
    topic.steps(slug, &req, "", play.hear("a", 0).advance(30_000).hear("a", 1).asks());
    let slug = "requests-are-heard-too";
    let keys = Keys::new(&topic, slug, 2);
    let play =
        there(&keys).text("b", "__ping__").advance(20_000).send("b", 1, keys.peer(1), keys.peer(0), b"x");
    topic.steps(slug, &req, "", play.advance(20_000).hear("a", 0).advance(10_000).hear("a", 1).asks());
    let req = ["KUBE-SIG-038"];
    for (slug, text) in [("never-pinged", None), ("another-text", Some("ping"))] {
        let keys = Keys::new(&topic, slug, 2);
        let play = match text {
            Some(text) => there(&keys).text("b", text),
            None => there(&keys),
        };
        let play = play.advance(3_600_000).hear("a", 0).send("b", 1, keys.peer(1), keys.peer(0), b"x");
        topic.steps(slug, &req, "it is not closed", play.asks());
    }
    let slug = "without-streams";
    let keys = Keys::new(&topic, slug, 1);
    let play = Play::new(&keys).open("a").text("a", "__ping__").advance(30_000).hear("a", 0);
    topic.steps(slug, &["KUBE-SIG-037"], "a socket that has asked for nothing", play.asks());
    topic
}
