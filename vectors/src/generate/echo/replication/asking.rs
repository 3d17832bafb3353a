//! What a reader asks for, and what it takes.

use dxos_reference::echo::Data;
use dxos_reference::echo::replication::Message;
use dxos_reference::keys::Suite;
use serde_json::json;

use super::super::super::topic::{Topic, suite_of};
use super::scene::{Play, Writer, close, frame, have, have_bits, request, status, unhave, want};

const REQUESTS: &[&str] = &["request"];

pub(super) fn asking(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "A reader: which blocks it asks for, and in which forms and orders it takes them.";
    let mut topic = Topic::new(&format!("echo/replication/asking-{name}"), "wire.feed", &[feature], about);
    let writer = Writer::new(&topic.key(suite, "feed", "feed"), &[&["a", "bc", "def"]]);
    let open = || Play::reader(&writer).feed(writer.open(1));
    let asked = || open().feed(have_bits(0, 1 << 20, &[0xe0])).said(REQUESTS);
    let sent = |index| writer.sent(index, 0);

    let download = &["ECHO-REPL-014", "ECHO-REPL-015", "ECHO-REPL-018", "ECHO-REPL-047"];
    for (slug, order) in [("ascending", [0, 1, 2]), ("descending", [2, 1, 0]), ("mixed", [1, 2, 0])] {
        let play = order.iter().fold(asked(), |play, index| play.feed(sent(*index)));
        topic.steps(slug, download, "", play.asks());
    }
    topic.steps("at-once", &["ECHO-REPL-018", "ECHO-WIRE-005"], "", asked().feed(writer.all()).asks());
    let whole = writer.open(1) + &have_bits(0, 1 << 20, &[0xe0]) + &writer.all();
    let split = |bytes: usize| json!({ "bytes": whole, "split": bytes });
    for bytes in [1, 5, 64] {
        let play = Play::reader(&writer).step("wire.feed", split(bytes));
        topic.steps(&format!("split-{bytes}"), &["ECHO-WIRE-005", "ECHO-REPL-018"], "", play.asks());
    }
    for index in 0..3 {
        let play = asked().feed(sent(index));
        topic.steps(
            &format!("only-block-{index}"),
            &["ECHO-REPL-046", "ECHO-REPL-018"],
            "the length is that of the signature",
            play.asks(),
        );
    }
    let short = asked().feed(sent(2)).feed(writer.sent(0, 5)).feed(writer.sent(1, 1));
    topic.steps("digests", &["ECHO-REPL-047"], "proofs as they were asked for", short.asks());
    let keep_alives = format!("00{}0000{}00", sent(0), sent(1));
    topic.steps("keep-alives", &["ECHO-WIRE-004"], "", asked().feed(keep_alives).asks());

    let play = open().feed(have(2, None)).said(REQUESTS);
    topic.steps("have-one", &["ECHO-REPL-015", "ECHO-WIRE-019"], "block 2 alone", play.asks());
    let play = open().feed(have(0, Some(3))).said(REQUESTS);
    topic.steps("have-range", &["ECHO-REPL-013"], "", play.asks());
    let play = open().feed(have(5, Some(2))).said(REQUESTS);
    topic.steps("have-later-range", &["ECHO-REPL-013", "ECHO-REPL-015"], "", play.asks());
    let play = open().feed(have(0, Some(3)));
    topic.steps("have-is-no-length", &["ECHO-REPL-046"], "the feed stays empty", play.asks());
    let play = open().feed(have_bits(0, 1 << 20, &[0b1010_0000])).said(REQUESTS);
    topic.steps("have-some", &["ECHO-REPL-014", "ECHO-REPL-015", "ECHO-WIRE-021"], "", play.asks());
    let play = open().feed(have_bits(0, 1 << 20, &[])).said(REQUESTS);
    topic.steps("have-none", &["ECHO-REPL-014", "ECHO-REPL-015"], "", play.asks());
    let play = open().feed(have_bits(8192, 8192, &[0x01, 0x80])).said(REQUESTS);
    topic.steps(
        "have-bits-later",
        &["ECHO-REPL-014", "ECHO-WIRE-021"],
        "the first bit is block 8192",
        play.asks(),
    );
    let play = open().feed(have_bits(32_768, 32_768, &[0x01, 0x80])).said(REQUESTS);
    topic.steps(
        "have-bits-later-still",
        &["ECHO-REPL-014", "ECHO-WIRE-021"],
        "the first bit is block 32768",
        play.asks(),
    );
    let bits: Vec<u8> = [&[0xff; 40][..], &[0xa5], &[0; 20], &[1]].concat();
    let play = open().feed(have_bits(0, 1 << 20, &bits)).said(REQUESTS);
    topic.steps("have-runs", &["ECHO-WIRE-021", "ECHO-REPL-014"], "", play.asks());

    let play = asked().feed(have(0, Some(3))).said(REQUESTS);
    topic.steps("announced-twice", &["ECHO-REPL-017"], "nothing is asked for again", play.asks());
    let play = asked().feed(writer.all()).feed(have(0, Some(3))).said(REQUESTS);
    topic.steps("announced-when-held", &["ECHO-REPL-017"], "", play.asks());
    let play = asked().feed(sent(0)).feed(sent(0));
    topic.steps("twice", &["ECHO-REPL-037"], "the second is ignored", play.asks());
    let play = open().feed(sent(0));
    topic.steps("not-announced", &["ECHO-REPL-037"], "it is ignored", play.asks());
    let play = open().feed(have(1, None)).feed(sent(0)).feed(sent(1));
    topic.steps("not-requested", &["ECHO-REPL-037"], "block 0 is ignored, block 1 taken", play.asks());
    let forged = |value: &str| {
        let data = Data { value: Some(value.as_bytes().to_vec()), ..writer.data(0, 0) };
        frame(1, &Message::Data(data))
    };
    let play = open().feed(forged("x"));
    topic.steps(
        "not-requested-forged",
        &["ECHO-REPL-037"],
        "it is ignored before it is verified",
        play.asks(),
    );
    let leaf = |index: u64| {
        let whole = writer.data(index, 0);
        let leaf = dxos_reference::echo::hash::leaf(whole.value.as_deref().unwrap_or_default());
        let size = whole.value.as_ref().map_or(0, Vec::len) as u64;
        let first = dxos_reference::echo::Node { index: 2 * index, hash: leaf, size };
        let nodes = [vec![first], whole.nodes.clone()].concat();
        frame(1, &Message::Data(Data { value: None, nodes, ..whole }))
    };
    topic.steps(
        "hash-not-requested",
        &["ECHO-REPL-038"],
        "a good proof without its block",
        open().feed(leaf(0)).asks(),
    );

    let silent = || open().feed(status(false, true));
    let play = silent().feed(have(0, Some(3))).said(REQUESTS).feed(status(true, true)).said(REQUESTS);
    topic.steps("remote-not-uploading", &["ECHO-REPL-028"], "it is asked only later", play.asks());
    let play = asked().feed(status(false, true)).said(REQUESTS).feed(status(true, true)).said(REQUESTS);
    topic.steps(
        "remote-stops-uploading",
        &["ECHO-REPL-028"],
        "what was in flight is asked for again",
        play.asks(),
    );
    let play = asked().feed(status(false, true)).feed(sent(0));
    topic.steps(
        "data-after-status",
        &["ECHO-REPL-028", "ECHO-REPL-037"],
        "it is no longer requested",
        play.asks(),
    );
    let resumed = |play: Play| play.feed(status(true, true)).said(REQUESTS);
    let play = resumed(silent().feed(have(0, Some(3))).feed(unhave(1, 1)));
    topic.steps("unhave-one", &["ECHO-REPL-032"], "blocks 0 and 2 are asked for", play.asks());
    let play = resumed(silent().feed(have(0, Some(3))).feed(unhave(0, 3)));
    topic.steps("unhave-all", &["ECHO-REPL-032"], "", play.asks());
    let play = resumed(silent().feed(have(0, Some(3))).feed(unhave(1, 1)).feed(have(1, None)));
    topic.steps("unhave-have", &["ECHO-REPL-032"], "all are asked for", play.asks());
    let play = resumed(silent().feed(have(0, Some(8))).feed(have_bits(0, 32, &[0xa0, 0, 0, 1])));
    topic.steps("replaced", &["ECHO-REPL-014"], "", play.asks());
    let play = resumed(silent().feed(have(0, Some(64))).feed(have_bits(0, 64, &[0x80])));
    topic.steps("replaced-beyond", &["ECHO-REPL-014"], "the bitfield ends early", play.asks());

    let options = Message::Options { extensions: vec!["ext".to_owned()], ack: Some(false) };
    let cancel = Message::Cancel { index: 0, bytes: None, hash: None };
    let unwant = Message::Unwant { start: 0, length: Some(8192) };
    let extension = Message::Extension { id: 0, payload: vec![1, 2, 3] };
    for (slug, req, bytes) in [
        ("options", "ECHO-REPL-041", frame(1, &options)),
        ("cancel", "ECHO-REPL-041", frame(1, &cancel)),
        ("unwant", "ECHO-REPL-041", frame(1, &unwant)),
        ("extension", "ECHO-WIRE-010", frame(1, &extension)),
        ("unknown-type", "ECHO-WIRE-009", "041bffffff".to_owned()),
        ("stream-extension", "ECHO-WIRE-010", "030f0001".to_owned()),
    ] {
        let play = open().feed(bytes).said(REQUESTS).feed(have(0, None)).said(REQUESTS).feed(sent(0));
        topic.steps(&format!("passed-over-{slug}"), &[req], "the stream goes on", play.asks());
    }
    let play = asked().feed(close(1)).feed(sent(0));
    topic.steps("data-after-close", &["ECHO-REPL-006", "ECHO-REPL-035"], "it is ignored", play.asks());

    let mut live = Writer::new(&topic.key(suite, "live", "feed"), &[&["a", "bc", "def"]]);
    let begun = Play::reader(&live).feed(live.open(1) + &have(0, Some(3)) + &live.all());
    live.append(&["ghij"]);
    let begun = begun.feed(have(3, None)).said(&["request", "digests"]).feed(live.sent(3, 6));
    topic.steps("live", &["ECHO-REPL-015", "ECHO-REPL-047", "ECHO-REPL-018"], "", begun.clone().asks());
    let full = Play::reader(&live)
        .feed(live.open(1) + &have(0, Some(1)))
        .feed(live.sent(0, 0))
        .feed(have(3, None))
        .feed(live.sent(3, 0));
    topic.steps(
        "digest-ignored",
        &["ECHO-REPL-047"],
        "the whole proof comes, known nodes included",
        full.asks(),
    );
    live.append(&["k", "l"]);
    let begun = begun.feed(have(4, Some(2)));
    let batch = begun.clone().feed(live.sent(4, 8)).feed(live.sent(5, 8));
    topic.steps("live-batch", &["ECHO-REPL-013", "ECHO-REPL-047"], "", batch.asks());
    let joined = begun.said(REQUESTS).feed(live.sent(4, 8)).said(REQUESTS);
    topic.steps(
        "joining-block-first",
        &["ECHO-REPL-056"],
        "of two new blocks the one at the length, then the other",
        joined.asks(),
    );

    let play = Play::reader(&writer)
        .feed(writer.open(1) + &want(0, 1 << 20) + &request(0, 0))
        .said(&["have", "data"]);
    topic.steps("asked-for-what-it-lacks", &["ECHO-REPL-008", "ECHO-REPL-025"], "", play.asks());
    let play =
        asked().feed(sent(0)).feed(want(0, 1 << 20)).said(&["have"]).feed(request(0, 0)).said(&["data"]);
    topic.steps(
        "passes-on",
        &["ECHO-REPL-008", "ECHO-REPL-023"],
        "what it has received it serves",
        play.asks(),
    );
    topic
}
