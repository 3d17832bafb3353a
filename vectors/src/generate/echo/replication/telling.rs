//! What is told when blocks come and go.

use dxos_reference::keys::Suite;
use serde_json::{Value, json};

use super::super::super::topic::{Topic, suite_of};
use super::scene::{Play, REGION, Writer, close, have, request, want};

const HAVE: &[&str] = &["have"];
const UNHAVE: &[&str] = &["unhave"];

pub(super) fn telling(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "A live feed: blocks that are appended, received from others, and cleared.";
    let mut topic = Topic::new(&format!("echo/replication/telling-{name}"), "wire.feed", &[feature], about);
    let key = topic.key(suite, "feed", "feed");
    let begin = || Writer::new(&key, &[&["a", "bc", "def"]]);
    let writer = begin();
    let open = || Play::writer(&writer).feed(writer.open(1));
    let wanted = || open().feed(want(0, REGION)).said(HAVE);
    let append = |play: Play, request: Value| play.step("echo.replication.append", request);

    let mut grown = begin();
    let (one, batch, more) = (grown.append(&["ghij"]), grown.append(&["k", "l", "m"]), grown.append(&["n"]));
    let play = append(wanted(), one.clone()).said(HAVE);
    topic.steps("appended", &["ECHO-REPL-019"], "", play.asks());
    let play =
        append(append(append(wanted(), one.clone()).said(HAVE), batch.clone()).said(HAVE), more).said(HAVE);
    topic.steps("appended-batch", &["ECHO-REPL-022", "ECHO-REPL-019"], "", play.asks());
    let play = append(wanted(), one.clone()).feed(request(3, 6)).said(&["data"]);
    topic.steps("appended-and-served", &["ECHO-REPL-019", "ECHO-REPL-023"], "", play.asks());
    let play = append(open(), one.clone()).said(HAVE);
    topic.steps("appended-not-wanted", &["ECHO-REPL-020"], "nobody has asked", play.asks());
    let play = append(open(), one.clone()).feed(want(0, REGION)).said(HAVE);
    topic.steps("appended-before-want", &["ECHO-REPL-008", "ECHO-REPL-009"], "", play.asks());
    let play = append(Play::writer(&writer), one.clone()).said(HAVE);
    topic.steps("appended-not-open", &["ECHO-REPL-020"], "the remote has not opened the feed", play.asks());
    let play = append(wanted().feed(close(1)), one.clone()).said(HAVE);
    topic.steps("appended-after-close", &["ECHO-REPL-020", "ECHO-REPL-035"], "", play.asks());
    let play = append(open().feed(want(1, 8192)), one.clone()).said(HAVE);
    topic.steps(
        "appended-after-ignored-want",
        &["ECHO-REPL-020", "ECHO-REPL-010"],
        "a Want that is ignored is none",
        play.asks(),
    );
    let first = Writer::new(&topic.key(suite, "first", "feed"), &[]);
    let mut begun = Writer::new(&topic.key(suite, "first", "feed"), &[]);
    let first_block = begun.append(&["a"]);
    let feeds = json!([{ "feed": first.empty(), "writable": true }]);
    let play =
        append(Play::new(feeds).feed(first.open(1)).feed(want(0, REGION)).said(HAVE), first_block).said(HAVE);
    topic.steps("appended-first", &["ECHO-REPL-019"], "the feed was empty", play.asks());

    let clear = |play: Play, start: u64, length: u64| {
        play.step("echo.replication.clear", json!({ "feed": 0, "start": start, "length": length }))
    };
    topic.steps("cleared", &["ECHO-REPL-033"], "", clear(wanted(), 0, 1).said(UNHAVE).asks());
    topic.steps("cleared-two", &["ECHO-REPL-033"], "", clear(wanted(), 1, 2).said(UNHAVE).asks());
    let play = clear(open(), 0, 1).said(UNHAVE);
    topic.steps("cleared-not-wanted", &["ECHO-REPL-020"], "nobody has asked", play.asks());

    // Two streams over one feed: what comes on the first is told on the second.
    let reader = |first: &str, second: &str| {
        let play = Play::reader(&writer).step_of_two("echo.replication.connect", json!({}));
        let play = play.step_of_two("wire.feed", json!({ "bytes": writer.open(1) + first }));
        play.step_of_two("wire.feed", json!({ "stream": 1, "bytes": writer.open(1) + second }))
    };
    let asks = want(0, REGION);
    let received = |play: Play| {
        let play = play.step_of_two("wire.feed", json!({ "bytes": have(0, Some(3)) }));
        play.step_of_two("wire.feed", json!({ "bytes": writer.all() }))
    };
    let both = |play: Play| play.said_on_both(HAVE);
    let play = both(received(reader(&asks, &asks)));
    topic.steps(
        "received",
        &["ECHO-REPL-019", "ECHO-REPL-021"],
        "the other is told, who has sent it is not",
        play.asks(),
    );
    let play = both(received(reader(&asks, "")));
    topic.steps("received-not-wanted", &["ECHO-REPL-020", "ECHO-REPL-021"], "neither is told", play.asks());
    let play = received(reader("", &asks))
        .step_of_two("wire.feed", json!({ "stream": 1, "bytes": request(1, 0) }))
        .said(&["data"]);
    topic.steps("received-and-served", &["ECHO-REPL-019", "ECHO-REPL-023"], "", play.asks());

    let two = || {
        let play = open().step_of_two("echo.replication.connect", json!({}));
        let play = play.step_of_two("wire.feed", json!({ "bytes": asks }));
        play.step_of_two("wire.feed", json!({ "stream": 1, "bytes": writer.open(1) }))
    };
    let play = both(
        two()
            .step_of_two("wire.feed", json!({ "stream": 1, "bytes": asks }))
            .step_of_two("echo.replication.append", one.clone()),
    );
    topic.steps("appended-two-streams", &["ECHO-REPL-019"], "both are told", play.asks());
    let play = both(two().step_of_two("echo.replication.append", one));
    topic.steps(
        "appended-one-of-two-wanted",
        &["ECHO-REPL-019", "ECHO-REPL-020"],
        "one is told",
        play.asks(),
    );
    topic
}
