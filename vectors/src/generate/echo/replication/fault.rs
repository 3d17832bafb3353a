//! What ends a stream that both sides have begun well.

use dxos_reference::echo::replication::Message;
use dxos_reference::echo::{Data, Node};
use dxos_reference::keys::Suite;

use super::super::super::topic::{Topic, suite_of};
use super::scene::{Play, Writer, frame, have};
use crate::class::Class::{
    self, AuthSignature, DecodeLength, DecodeMissing, DecodeTrailing, DecodeVarint, DecodeWireType,
    FrameOversize, StateConflict,
};

pub(super) fn stream(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Bytes that cannot be read, behind a good beginning.";
    let mut topic =
        Topic::new(&format!("echo/replication/stream-fault-{name}"), "wire.feed", &[feature], about);
    let writer = Writer::new(&topic.key(suite, "feed", "feed"), &[&["a", "bc", "def"]]);
    let begun = || Play::reader(&writer).feed(writer.open(1) + &have(0, Some(3)));
    topic.steps("good", &["ECHO-REPL-018"], "a block", begun().feed(writer.sent(0, 0)).asks());
    let mut reject = |slug: &str, req: &str, class: Class, about: &str, bytes: &str| {
        let play = begun().feed(bytes.replace(' ', "")).rejected(class);
        topic.steps_reject(slug, "good", &[req], about, play.asks());
    };
    reject("oversize", "ECHO-WIRE-006", FrameOversize, "", "8280800419");
    reject("undersize", "ECHO-WIRE-007", FrameOversize, "", "0199020800");
    reject("endless-length", "ECHO-WIRE-008", DecodeVarint, "", "ffffffffffffffff");
    reject("no-index", "ECHO-WIRE-012", DecodeMissing, "Data without index", "04 19 120161");
    reject("no-start", "ECHO-WIRE-012", DecodeMissing, "Have without start", "03 13 1003");
    reject("no-key", "ECHO-WIRE-012", DecodeMissing, "Open without discovery key", "01 10");
    reject("garbage", "ECHO-WIRE-016", DecodeWireType, "", "05 19 ffffff7f");
    reject("cut-node", "ECHO-WIRE-014", DecodeLength, "", "09 19 0800 120161 1a0408");
    reject("cut-number", "ECHO-WIRE-015", DecodeVarint, "", "03 13 0880");
    reject(
        "bitfield",
        "ECHO-WIRE-022",
        DecodeLength,
        "a bitfield ends inside a literal",
        "07 13 0800 1a02 04e0",
    );
    reject(
        "unopened-channel",
        "ECHO-WIRE-012",
        DecodeMissing,
        "also on a channel that is not open",
        "03 53 1003",
    );
    topic
}

pub(super) fn proof(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Blocks that were asked for and do not verify.";
    let mut topic =
        Topic::new(&format!("echo/replication/proof-fault-{name}"), "wire.feed", &[feature], about);
    let writer = Writer::new(&topic.key(suite, "feed", "feed"), &[&["a", "bc", "def"]]);
    let other = Writer::new(&topic.key(suite, "other", "feed"), &[&["a", "bc", "def"]]);
    let fork = Writer::new(&topic.key(suite, "feed", "feed"), &[&["X", "YY", "ZZZ"], &["W"]]);
    let begun = || Play::reader(&writer).feed(writer.open(1) + &have(0, Some(3)));
    let good = writer.data(0, 0);
    let sent = |data: Data| frame(1, &Message::Data(data));
    topic.steps("good", &["ECHO-REPL-039"], "", begun().feed(sent(good.clone())).asks());

    let mut reject = |slug: &str, class: Class, about: &str, data: Data| {
        let play = begun().feed(sent(data)).rejected(class);
        topic.steps_reject(slug, "good", &["ECHO-REPL-039"], about, play.asks());
    };
    let with = |change: &dyn Fn(&mut Data)| {
        let mut data = good.clone();
        change(&mut data);
        data
    };
    let flip = |bytes: &mut [u8], at: usize| bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1);
    reject(
        "value",
        AuthSignature,
        "one bit of the block",
        with(&|data| {
            data.value.iter_mut().for_each(|value| flip(value, 0));
        }),
    );
    reject(
        "value-longer",
        AuthSignature,
        "a byte more",
        with(&|data| {
            data.value.iter_mut().for_each(|value| value.push(0));
        }),
    );
    reject("value-empty", AuthSignature, "no byte at all", with(&|data| data.value = Some(Vec::new())));
    reject(
        "signature",
        AuthSignature,
        "one bit of the signature",
        with(&|data| {
            data.signature.iter_mut().for_each(|signature| flip(signature, 40));
        }),
    );
    reject(
        "signature-of-63-bytes",
        AuthSignature,
        "",
        with(&|data| {
            data.signature.iter_mut().for_each(|signature| signature.truncate(63));
        }),
    );
    reject("no-signature", AuthSignature, "", with(&|data| data.signature = None));
    reject("other-feed", AuthSignature, "signed with another key", other.data(0, 0));
    reject(
        "other-block",
        AuthSignature,
        "the block of another place",
        with(&|data| data.value = writer.data(1, 0).value),
    );
    reject(
        "node-hash",
        AuthSignature,
        "one bit of a hash",
        with(&|data| {
            data.nodes.iter_mut().take(1).for_each(|node| flip(&mut node.hash, 0));
        }),
    );
    reject(
        "node-size",
        AuthSignature,
        "a size is one more",
        with(&|data| {
            data.nodes.iter_mut().take(1).for_each(|node| node.size += 1);
        }),
    );
    reject(
        "root-missing",
        AuthSignature,
        "the last root is missing",
        with(&|data| {
            data.nodes.pop();
        }),
    );
    reject("node-order", DecodeMissing, "the nodes are swapped", with(&|data| data.nodes.reverse()));
    reject(
        "node-twice",
        DecodeTrailing,
        "the last node comes twice",
        with(&|data| {
            data.nodes.extend(data.nodes.last().cloned());
        }),
    );
    reject(
        "index",
        DecodeMissing,
        "the number of another block that was asked for",
        with(&|data| data.index = 1),
    );
    let far = Node { index: 12, hash: [7; 32], size: 1 };
    reject("node-trailing", DecodeMissing, "one node more", with(&|data| data.nodes.push(far.clone())));

    let all = || begun().feed(writer.all()).feed(have(3, None));
    let mut longer = Writer::new(&topic.key(suite, "feed", "feed"), &[&["a", "bc", "def"]]);
    longer.append(&["ghij"]);
    topic.steps("good-fourth", &["ECHO-REPL-040"], "", all().feed(longer.sent(3, 0)).asks());
    let play = all().feed(fork.sent(3, 0)).rejected(StateConflict);
    let about = "the same key has signed another history";
    topic.steps_reject("second-history", "good-fourth", &["ECHO-REPL-040"], about, play.asks());
    let play = all().feed(fork.sent(3, 6)).rejected(AuthSignature);
    let about = "another history, with a proof that leaves out what it contradicts";
    topic.steps_reject("second-history-short", "good-fourth", &["ECHO-REPL-039"], about, play.asks());
    topic
}
