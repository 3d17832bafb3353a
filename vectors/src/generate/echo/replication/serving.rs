//! What is answered to Wants and Requests.

use dxos_reference::echo::replication::Message;
use dxos_reference::keys::Suite;
use serde_json::json;

use super::super::super::topic::{Topic, suite_of};
use super::scene::{Play, REGION, Writer, close, frame, request, want};

const HAVE: &[&str] = &["have"];
const DATA: &[&str] = &["data"];

pub(super) fn serving(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "A peer that has blocks: what it says of them, and with which proofs it sends them.";
    let mut topic = Topic::new(&format!("echo/replication/serving-{name}"), "wire.feed", &[feature], about);
    let writer =
        Writer::new(&topic.key(suite, "feed", "feed"), &[&["a"], &["bc"], &["def", "ghij"], &["klmno"]]);
    let open = || Play::writer(&writer).feed(writer.open(1));
    let wanted = ["ECHO-REPL-008", "ECHO-REPL-009"];

    topic.steps("asks-too", &["ECHO-REPL-007"], "", open().said(&["want"]).asks());
    topic.steps("want", &wanted, "", open().feed(want(0, REGION)).said(HAVE).asks());
    let play = open().feed(want(0, REGION)).feed(want(0, REGION)).said(HAVE);
    topic.steps("want-again", &wanted, "the end is told once", play.asks());
    let play = open().feed(want(0, 8192)).said(HAVE).feed(want(8192, 8192)).said(HAVE);
    topic.steps("want-two-parts", &wanted, "", play.asks());
    topic.steps(
        "want-beyond",
        &wanted,
        "nothing is there",
        open().feed(want(REGION, REGION)).said(HAVE).asks(),
    );
    for (slug, start, length) in [
        ("want-start-1", 1, REGION),
        ("want-start-4096", 4096, 8192),
        ("want-length-1", 0, 1),
        ("want-length-8191", 0, 8191),
        ("want-length-8200", 0, 8200),
    ] {
        let play = open().feed(want(start, length)).said(HAVE).feed(want(0, 8192)).said(HAVE);
        topic.steps(slug, &["ECHO-REPL-010"], "it is ignored", play.asks());
    }
    let empty = Writer::new(&topic.key(suite, "empty", "feed"), &[]);
    let play = Play::reader(&empty).feed(empty.open(1)).feed(want(0, REGION)).said(HAVE);
    topic.steps("want-of-nothing", &["ECHO-REPL-008"], "an empty feed", play.asks());
    let many: Vec<String> = (0..20).map(|index| format!("block {index}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let twenty = Writer::new(&topic.key(suite, "twenty", "feed"), &[&many]);
    let play = Play::writer(&twenty).feed(twenty.open(1)).feed(want(0, REGION)).said(HAVE);
    topic.steps(
        "want-of-20",
        &["ECHO-REPL-008", "ECHO-WIRE-025"],
        "20 blocks are two and a half bytes",
        play.asks(),
    );
    let clear = |play: Play, start: u64, length: u64| {
        play.step("echo.replication.clear", json!({ "feed": 0, "start": start, "length": length }))
    };
    let play = clear(open(), 1, 2).feed(want(0, REGION)).said(HAVE);
    topic.steps("want-with-holes", &wanted, "blocks 1 and 2 were cleared", play.asks());
    let play = clear(open(), 4, 1).feed(want(0, REGION)).said(HAVE);
    topic.steps(
        "want-without-the-end",
        &["ECHO-REPL-009", "ECHO-REPL-008"],
        "the last block was cleared, so that there is no hint",
        play.asks(),
    );

    for index in 0..5 {
        let play = open().feed(request(index, 0)).said(DATA);
        topic.steps(&format!("block-{index}"), &["ECHO-REPL-023"], "", play.asks());
    }
    for (index, digest) in [(0, 2), (1, 1), (2, 4), (3, 6), (3, 1), (4, 16), (0, 5), (1, 13), (4, 2)] {
        let play = open().feed(request(index, digest)).said(DATA);
        topic.steps(&format!("block-{index}-digest-{digest}"), &["ECHO-REPL-023"], "", play.asks());
    }
    let all: String = [3, 0, 4, 1, 2].iter().map(|index| request(*index, 0)).collect();
    topic.steps("blocks-at-once", &["ECHO-REPL-023"], "", open().feed(all).said(DATA).asks());
    let short = |fields: (Option<u64>, Option<bool>, Option<u64>)| {
        frame(1, &Message::Request { index: 3, bytes: fields.0, hash: fields.1, nodes: fields.2 })
    };
    for (slug, fields) in [
        ("short", (None, None, None)),
        ("long", (Some(0), Some(false), Some(0))),
        ("with-digest", (None, None, Some(6))),
    ] {
        let play = open().feed(short(fields)).said(DATA);
        topic.steps(&format!("request-{slug}"), &["ECHO-WIRE-013", "ECHO-REPL-023"], "", play.asks());
    }
    for index in [1, 4] {
        let request = frame(1, &Message::Request { index, bytes: None, hash: Some(true), nodes: None });
        let play = open().feed(request).said(DATA);
        topic.steps(&format!("hash-of-{index}"), &["ECHO-REPL-024"], "", play.asks());
    }
    let play = open().feed(request(0, 9)).said(DATA).feed(request(1, 0)).said(DATA);
    topic.steps(
        "claims-stay",
        &["ECHO-REPL-049"],
        "the second proof leaves out what was claimed with the first Request",
        play.asks(),
    );
    let play = open().feed(request(0, 9)).feed(close(1)).step("echo.replication.open", json!({ "feed": 0 }));
    let play = play.feed(writer.open(1)).feed(request(1, 0)).said(DATA);
    topic.steps("claims-end-with-the-channel", &["ECHO-REPL-049"], "a whole proof", play.asks());
    let play = open().feed(request(0, 9)).step_of_two("echo.replication.connect", json!({}));
    let play = play.step_of_two("wire.feed", json!({ "stream": 1, "bytes": writer.open(1) }));
    let play = play.step_of_two("wire.feed", json!({ "stream": 1, "bytes": request(1, 0) })).said(DATA);
    topic.steps("claims-of-another-stream", &["ECHO-REPL-049"], "a whole proof", play.asks());

    for (slug, index) in [("missing-next", 5), ("missing-far", 99), ("missing-very-far", 1 << 40)] {
        let play = open().feed(request(index, 0)).said(DATA).feed(request(0, 0)).said(DATA);
        topic.steps(slug, &["ECHO-REPL-025"], "block 0 is served all the same", play.asks());
    }
    let play = clear(open(), 1, 1).feed(request(1, 0)).said(DATA).feed(request(0, 0)).said(DATA);
    topic.steps("cleared", &["ECHO-REPL-025"], "block 0 is served all the same", play.asks());

    let mute = || Play::new(json!([{ "feed": writer.whole(), "upload": false }])).feed(writer.open(1));
    topic.steps("no-upload", &["ECHO-REPL-026"], "", mute().said(&["status", "want"]).asks());
    topic.steps("no-upload-want", &["ECHO-REPL-027"], "", mute().feed(want(0, REGION)).said(HAVE).asks());
    topic.steps("no-upload-request", &["ECHO-REPL-027"], "", mute().feed(request(0, 0)).said(DATA).asks());
    let stop =
        open().step("echo.replication.transfer", json!({ "feed": 0, "upload": false })).said(&["status"]);
    let stop = stop.feed(request(0, 0)).said(DATA);
    topic.steps("stops-uploading", &["ECHO-REPL-027", "ECHO-REPL-026"], "", stop.asks());

    let open = |channel| Play::writer(&writer).feed(writer.open(channel));
    let on = |channel| frame(channel, &Message::Request { index: 0, bytes: None, hash: None, nodes: None });
    let play = open(7).feed(on(1)).said(DATA).feed(on(7)).said(DATA);
    topic.steps("on-channel-7", &["ECHO-REPL-003", "ECHO-REPL-006"], "channel 1 is not open", play.asks());
    let play = open(20).feed(on(20)).said(DATA);
    topic.steps("on-channel-20", &["ECHO-REPL-003", "ECHO-WIRE-003"], "", play.asks());
    topic
}
