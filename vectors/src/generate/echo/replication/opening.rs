//! Opening and closing channels, which needs no signature.

use dxos_reference::echo::replication::Message;
use dxos_reference::keys::Suite;
use serde_json::{Value, json};

use super::super::super::topic::{P256, Topic};
use super::scene::{Play, REGION, Writer, close, frame, have, have_bits, request, status, want};
use crate::class::Class::ResourceCount;

const OPEN: &[&str] = &["open"];
const ASKED: &[&str] = &["want", "request", "status"];
const REQUESTS: &[&str] = &["request"];

pub(super) fn channels() -> Topic {
    let about = "Channels: opened by both sides, by any number, and closed.";
    let mut topic = Topic::new("echo/replication/channel", "wire.feed", &[P256], about);
    let empty = |topic: &Topic, slug: &str| Writer::new(&topic.key(Suite::P256, slug, "feed"), &[]);
    let one = empty(&topic, "feed");
    let reader = || Play::reader(&one);

    for role in ["initiator", "responder"] {
        let play = Play::by(role, json!([{ "feed": one.empty() }])).said(OPEN);
        let req = ["ECHO-REPL-001", "ECHO-REPL-002", "ECHO-WIRE-001"];
        topic.steps(&format!("opened-by-{role}"), &req, "", play.asks());
    }
    let several: Vec<Writer> = (0..20).map(|index| empty(&topic, &format!("feed {index}"))).collect();
    let feeds = |count: usize| -> Value {
        several.iter().take(count).map(|writer| json!({ "feed": writer.empty() })).collect()
    };
    topic.steps("three-feeds", &["ECHO-REPL-001"], "", Play::new(feeds(3)).said(OPEN).asks());
    let about = "the last channels have headers of two bytes";
    topic.steps(
        "twenty-feeds",
        &["ECHO-REPL-001", "ECHO-WIRE-003"],
        about,
        Play::new(feeds(20)).said(OPEN).asks(),
    );
    let last = several.last().map(|writer| writer.open(20)).unwrap_or_default();
    let play = Play::new(feeds(20)).feed(last).said(&["want"]);
    topic.steps(
        "twentieth-feed",
        &["ECHO-REPL-001", "ECHO-WIRE-003"],
        "it alone is opened by the remote",
        play.asks(),
    );

    for (slug, channel) in [("on-1", 1), ("on-7", 7), ("on-20", 20), ("on-5000", 5000)] {
        let have = frame(channel, &Message::Have { start: 2, length: None, bitfield: None, ack: None });
        let play = reader().feed(one.open(channel)).said(ASKED).feed(have).said(REQUESTS);
        topic.steps(slug, &["ECHO-REPL-003", "ECHO-REPL-007"], "answers come on channel 1", play.asks());
    }
    let swapped = several.first().zip(several.get(1)).map(|(first, second)| first.open(2) + &second.open(1));
    let have_on_2 = frame(2, &Message::Have { start: 2, length: None, bitfield: None, ack: None });
    let play =
        Play::new(feeds(2)).feed(swapped.unwrap_or_default()).said(&["want"]).feed(have_on_2).said(REQUESTS);
    topic.steps(
        "swapped",
        &["ECHO-REPL-003"],
        "the remote has numbered two feeds the other way round",
        play.asks(),
    );

    let stranger = empty(&topic, "stranger");
    let play = reader().feed(stranger.open(1)).said(ASKED).feed(one.open(2)).said(ASKED);
    topic.steps("unknown-feed", &["ECHO-REPL-004"], "the stream goes on", play.asks());
    for (slug, size) in [("key-of-31-bytes", 31), ("key-of-33-bytes", 33), ("key-of-no-bytes", 0)] {
        let mut key = one.discovery_key();
        key.resize(size, 0);
        let wrong = frame(1, &Message::Open { discovery_key: key, capability: None });
        let play = reader().feed(wrong).said(ASKED).feed(one.open(2)).said(ASKED);
        topic.steps(slug, &["ECHO-REPL-004"], "the stream goes on", play.asks());
    }
    let capability = Message::Open { discovery_key: one.discovery_key(), capability: Some(vec![7; 32]) };
    let play = reader().feed(frame(1, &capability)).said(ASKED);
    topic.steps("capability", &["ECHO-REPL-005"], "it is not looked at", play.asks());
    let play = reader().feed(one.open(1)).said(ASKED);
    topic.steps("no-capability", &["ECHO-REPL-005"], "", play.asks());

    for (slug, early) in [
        ("have-before-open", have(2, None)),
        ("want-before-open", want(0, REGION)),
        ("request-before-open", request(0, 0)),
        ("close-before-open", close(1)),
        ("status-before-open", status(false, true)),
    ] {
        let play = reader()
            .feed(early)
            .said(&["want", "request", "have", "data", "close"])
            .feed(one.open(1))
            .said(ASKED);
        topic.steps(slug, &["ECHO-REPL-006"], "it is ignored", play.asks());
    }
    let other = frame(2, &Message::Have { start: 2, length: None, bitfield: None, ack: None });
    let play = reader().feed(one.open(1)).feed(other).said(REQUESTS).feed(have(0, None)).said(REQUESTS);
    topic.steps("have-on-another-channel", &["ECHO-REPL-006"], "only block 0 is asked for", play.asks());

    let play = reader().feed(one.open(1)).feed(close(1)).said(&["close", "open"]);
    topic.steps("closed", &["ECHO-REPL-034", "ECHO-REPL-035"], "", play.asks());
    let play = reader().feed(one.open(7)).feed(close(7)).said(&["close", "open"]);
    topic.steps("closed-on-7", &["ECHO-REPL-034", "ECHO-REPL-003"], "", play.asks());
    let play =
        Play::new(feeds(2)).feed(several.iter().zip(1..=2).map(|(one, at)| one.open(at)).collect::<String>());
    let play = play.feed(close(1)).said(&["close"]).feed(have_on(2, 3)).said(REQUESTS);
    topic.steps("closed-one-of-two", &["ECHO-REPL-035"], "the other feed goes on", play.asks());
    let play = reader().feed(one.open(1)).feed(close(1)).feed(have(0, Some(3))).said(REQUESTS);
    topic.steps("have-after-close", &["ECHO-REPL-006"], "it is ignored", play.asks());
    let again = |play: Play| play.step("echo.replication.open", json!({ "feed": 0 })).said(OPEN);
    let play = again(reader().feed(one.open(1)).feed(close(1))).feed(one.open(1)).said(ASKED);
    topic.steps("opened-again", &["ECHO-REPL-001", "ECHO-REPL-035"], "", play.asks());
    let play =
        reader().feed(one.open(1)).step("echo.replication.close", json!({ "feed": 0 })).said(&["close"]);
    topic.steps("closed-here", &["ECHO-REPL-035"], "", play.clone().asks());
    let play = again(play.feed(close(1))).feed(one.open(1)).said(ASKED);
    topic.steps("closed-here-opened-again", &["ECHO-REPL-001"], "", play.asks());
    let play = Play::new(feeds(3)).step("echo.replication.close", json!({ "feed": 1 }));
    let play = play.step("echo.replication.open", json!({ "feed": 1 })).said(OPEN);
    topic.steps("number-not-used-again", &["ECHO-REPL-001"], "the fourth channel", play.asks());
    topic.steps("remote-opened-first", &["ECHO-REPL-007", "ECHO-REPL-003"], "both were open before", {
        let play =
            reader().step("echo.replication.close", json!({ "feed": 0 })).feed(one.open(4)).said(ASKED);
        play.step("echo.replication.open", json!({ "feed": 0 })).said(&["open", "want"]).asks()
    });

    for (slug, upload, download) in
        [("no-upload", false, true), ("no-download", true, false), ("neither", false, false)]
    {
        let feeds = json!([{ "feed": one.empty(), "upload": upload, "download": download }]);
        let play = Play::new(feeds).feed(one.open(1)).said(ASKED).feed(have(0, Some(2))).said(REQUESTS);
        topic.steps(slug, &["ECHO-REPL-026", "ECHO-REPL-029"], "", play.asks());
    }
    let feeds = json!([{ "feed": one.empty(), "upload": false }]);
    let play = Play::new(feeds).feed(one.open(1)).feed(want(0, REGION)).said(&["have"]);
    topic.steps("no-upload-want", &["ECHO-REPL-027"], "", play.asks());

    let play = reader().feed(one.open(1)).feed(have_bits(REGION, REGION, &[0x80])).said(ASKED);
    topic.steps(
        "second-region",
        &["ECHO-REPL-048"],
        "they have a block of which we have not asked",
        play.asks(),
    );
    let play = reader().feed(one.open(1)).feed(have(REGION - 1, None)).said(ASKED);
    topic.steps("end-of-first-region", &["ECHO-REPL-048"], "nothing more is to be asked", play.asks());
    let play = reader().feed(one.open(1)).feed(have(0, Some(1500))).said(&["requests"]);
    topic.steps("most-requests", &["ECHO-REPL-016"], "1,024 of 1,500", play.asks());
    topic
}

fn have_on(channel: u64, start: u64) -> String {
    frame(channel, &Message::Have { start, length: None, bitfield: None, ack: None })
}

pub(super) fn limits() -> Topic {
    let about = "More channels than a stream may have.";
    let mut topic = Topic::new("echo/replication/channel-limit", "wire.feed", &[P256], about);
    let one = Writer::new(&topic.key(Suite::P256, "feed", "feed"), &[]);
    let opens = |count: u64| -> String {
        let stranger =
            |channel: u64| Message::Open { discovery_key: vec![(channel % 251) as u8; 32], capability: None };
        (1..=count).map(|channel| frame(channel, &stranger(channel))).collect()
    };
    let play = |count| Play::reader(&one).feed(opens(count));
    topic.steps("most", &["ECHO-REPL-042"], "1,024 channels", play(1024).asks());
    let play = play(1025).rejected(ResourceCount);
    topic.steps_reject("one-more", "most", &["ECHO-REPL-042"], "1,025 channels", play.asks());
    topic
}
