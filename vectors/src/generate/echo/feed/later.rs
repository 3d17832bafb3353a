//! Blocks that come after the first.

use dxos_reference::echo::Data;
use dxos_reference::keys::Suite;
use serde_json::json;

use super::super::super::steps::{ask, session};
use super::super::super::topic::Topic;
use super::first::{flip, flip_hash};
use super::writer::{READER, VERIFY, Writer, invented, suite_of, with};

/// Blocks that lead to stored nodes.
pub(super) fn trusted(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Blocks whose way leads to a node that was verified before.";
    let mut topic = Topic::new(&format!("echo/feed/verify/trusted-{name}"), VERIFY, &[feature], about);
    topic.flag("Unsigned", "a signature once given is enough");
    let writer = Writer::new(&topic, suite, "feed", 8);
    let first = writer.data(8, 0, 0);
    // Known from now on: 0, 2, 1, 5, 3, 11 and 7.
    let bare = |index: u64, take: usize| {
        with(&writer.data(8, index, 0), |data| {
            data.nodes.truncate(take);
            data.signature = None;
        })
    };
    for (slug, index, take) in
        [("sibling", 1, 0), ("cousin", 2, 1), ("cousin-right", 3, 1), ("far", 4, 2), ("far-right", 7, 2)]
    {
        let good = bare(index, take);
        let req = ["ECHO-VER-006", "ECHO-VER-007", "ECHO-VER-014"];
        writer.accept(&mut topic, slug, &req, "", &[first.clone(), good.clone()]).flags =
            vec!["Unsigned".to_owned()];
        let mut reject = |fault: &str, req: &str, about: &str, change: &dyn Fn(&mut Data)| {
            let data = [first.clone(), with(&good, change)];
            writer.reject(&mut topic, &format!("{slug}-{fault}"), slug, &[req], about, &data);
        };
        reject("value-flipped", "ECHO-VER-006", "", &|data| flip(data.value.as_mut(), 0, 1));
        reject("value-empty", "ECHO-VER-006", "", &|data| data.value = Some(Vec::new()));
        reject("value-longer", "ECHO-VER-006", "", &|data| {
            data.value.iter_mut().for_each(|value| value.push(0));
        });
        for at in 0..take {
            reject(&format!("node-{at}-hash"), "ECHO-VER-006", "", &|data| {
                data.nodes.get_mut(at).into_iter().for_each(flip_hash);
            });
            reject(&format!("node-{at}-size"), "ECHO-TREE-004", "", &|data| {
                data.nodes.get_mut(at).into_iter().for_each(|node| node.size += 1);
            });
            reject(&format!("node-{at}-absent"), "ECHO-VER-009", "", &|data| {
                data.nodes.remove(at);
            });
        }
    }
    let mut accept = |slug: &str, req: &str, about: &str, all: &[Data]| {
        writer.accept(&mut topic, slug, &[req], about, all);
    };
    let full = writer.data(8, 4, 0);
    let garbage = with(&full, |data| data.signature = Some(vec![7; 64]));
    let ignored = "ECHO-VER-007";
    accept(
        "garbage-signature",
        ignored,
        "the signature is none, and is not stored",
        &[first.clone(), garbage],
    );
    accept(
        "full-proof",
        ignored,
        "with all roots and a signature that nobody needs",
        &[first.clone(), full.clone()],
    );
    accept("twice", ignored, "the same block again", &[first.clone(), first.clone()]);
    accept("twice-bare", ignored, "the same block again, without any proof", &[first.clone(), bare(0, 0)]);
    let about = "nodes that the way does not need, as they are stored";
    let needless = with(&bare(1, 0), |data| data.nodes.clone_from(&first.nodes));
    accept("needless-nodes", ignored, about, &[first.clone(), needless]);
    let about = "a node that nobody knows, where none is needed";
    let stray = with(&bare(1, 0), |data| data.nodes.push(invented(28, 3)));
    accept("stray-node", ignored, about, &[first.clone(), stray]);
    let about = "its leaf came with the neighbour";
    accept("leaf-known", ignored, about, &[first.clone(), bare(4, 2), bare(5, 0)]);
    let about = "the parent of its leaf came with the neighbour";
    accept("parent-known", ignored, about, &[first.clone(), bare(4, 2), bare(6, 1)]);
    let about = "the value is wrong, and so is the signature";
    let wrong =
        with(&bare(1, 0), |data| (data.value, data.signature) = (Some(b"xx".to_vec()), Some(vec![7; 64])));
    writer.reject(
        &mut topic,
        "garbage-signature-wrong-value",
        "sibling",
        &["ECHO-VER-010"],
        about,
        &[first.clone(), wrong],
    );
    let about = "the nodes in the other order";
    let swapped = with(&bare(4, 2), |data| data.nodes.reverse());
    writer.reject(&mut topic, "far-swapped", "far", &["ECHO-VER-005"], about, &[first.clone(), swapped]);
    let about = "the block under the number of its neighbour";
    let moved = with(&bare(2, 1), |data| data.index = 3);
    writer.reject(&mut topic, "cousin-moved", "cousin", &["ECHO-VER-006"], about, &[first, moved]);
    topic
}

/// Lengths, and the places of blocks and signatures.
pub(super) fn length(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Feeds that grow, peers that are behind, and blocks in any order.";
    let mut topic = Topic::new(&format!("echo/feed/verify/length-{name}"), VERIFY, &[feature], about);
    topic.flag("Shrink", "a peer that is behind must not make the feed shorter");
    let writer = Writer::new(&topic, suite, "feed", 20);
    let mut download = |slug: &str, req: &[&str], about: &str, requests: &[(u64, u64)]| {
        let all = writer.download(requests);
        let mut asks = writer.read(&all);
        asks.push(ask(READER, json!({ "session": session(0) })));
        topic.steps(slug, req, about, asks);
    };
    let grows = ["ECHO-VER-012", "ECHO-VER-005"];
    download(
        "live",
        &grows,
        "each block as it is written",
        &[(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6), (8, 7)],
    );
    download("batches", &grows, "", &[(3, 0), (3, 1), (3, 2), (8, 3), (8, 4), (8, 7), (20, 19)]);
    download(
        "skipped",
        &grows,
        "the reader misses some lengths",
        &[(2, 0), (5, 4), (11, 10), (16, 15), (20, 16)],
    );
    let order = ["ECHO-VER-014", "ECHO-VER-007"];
    download("backward", &order, "", &[(8, 7), (8, 6), (8, 5), (8, 4), (8, 3), (8, 2), (8, 1), (8, 0)]);
    download("scattered", &order, "", &[(20, 11), (20, 2), (20, 19), (20, 7), (20, 16), (20, 10), (20, 3)]);
    download("one-far", &order, "", &[(20, 18), (20, 17)]);
    let older = ["ECHO-VER-012", "ECHO-VER-013"];
    download("older", &older, "the second peer has three blocks of eight", &[(8, 4), (3, 0)]);
    download("older-twice", &older, "", &[(20, 17), (8, 5), (3, 2), (1, 0)]);
    download("older-then-newer", &older, "", &[(8, 7), (3, 1), (20, 10)]);
    download("older-by-one", &older, "", &[(7, 6), (6, 5), (7, 0)]);

    let all = [writer.data(8, 4, 0), writer.data(3, 0, 0)];
    let base = "older-full";
    writer.accept(&mut topic, base, &older, "", &all).flags = vec!["Shrink".to_owned()];
    let [first, second] = all;
    let mut reject = |slug: &str, req: &str, about: &str, change: &dyn Fn(&mut Data)| {
        let all = [first.clone(), with(&second, change)];
        writer.reject(&mut topic, &format!("older-{slug}"), base, &[req], about, &all);
    };
    reject("unsigned", "ECHO-VER-009", "", &|data| data.signature = None);
    reject("value-flipped", "ECHO-VER-010", "", &|data| flip(data.value.as_mut(), 0, 1));
    reject("signature-flipped", "ECHO-VER-010", "", &|data| flip(data.signature.as_mut(), 9, 1));
    reject("signature-of-head", "ECHO-VER-010", "the signature of length 8", &|data| {
        data.signature.clone_from(&first.signature);
    });
    reject("root-absent", "ECHO-VER-008", "", &|data| {
        data.nodes.pop();
    });
    reject("root-flipped", "ECHO-VER-010", "", &|data| data.nodes.last_mut().into_iter().for_each(flip_hash));

    // Known after the first: 0, 2, 1 and 4.
    let all = [writer.data(3, 0, 0), writer.data(4, 3, 6)];
    let base = "next";
    let about = "the siblings are stored";
    writer.accept(&mut topic, base, &["ECHO-VER-005", "ECHO-VER-010", "ECHO-VER-012"], about, &all);
    let [first, second] = all;
    let mut reject = |slug: &str, req: &str, about: &str, change: &dyn Fn(&mut Data)| {
        let all = [first.clone(), with(&second, change)];
        writer.reject(&mut topic, &format!("next-{slug}"), base, &[req], about, &all);
    };
    reject("unsigned", "ECHO-VER-009", "the length is known, and nothing is signed", &|data| {
        data.signature = None
    });
    reject("value-flipped", "ECHO-VER-010", "", &|data| flip(data.value.as_mut(), 0, 1));
    reject("signature-flipped", "ECHO-VER-010", "", &|data| flip(data.signature.as_mut(), 0, 1));
    reject("signature-of-old", "ECHO-VER-010", "the signature of length 3", &|data| {
        data.signature.clone_from(&first.signature);
    });
    reject("number-more", "ECHO-VER-008", "", &|data| data.index += 1);
    reject("number-far", "ECHO-VER-008", "", &|data| data.index += 12);
    let about = "a node behind all others";
    reject("node-added", "ECHO-VER-008", about, &|data| data.nodes.push(invented(16, 1)));
    let about = "a node within, whose place the roots do not ask for";
    reject("node-within", "ECHO-VER-017", about, &|data| data.nodes.push(invented(5, 7)));

    let refused = with(&second, |data| flip(data.value.as_mut(), 0, 1));
    unchanged(&mut topic, &writer, "next-after-refusal", &first, &refused, &second);
    let refused = with(&second, |data| flip(data.signature.as_mut(), 0, 1));
    unchanged(&mut topic, &writer, "next-after-bad-signature", &first, &refused, &second);
    let refused = with(&writer.data(8, 5, 0), |data| flip(data.signature.as_mut(), 0, 1));
    unchanged(&mut topic, &writer, "next-after-bad-nodes", &first, &refused, &second);
    topic
}

/// A reader that refuses something holds what it held, and takes what is right.
fn unchanged(topic: &mut Topic, writer: &Writer, slug: &str, first: &Data, refused: &Data, next: &Data) {
    let Some((class, _)) = writer.refusal(&[first.clone(), refused.clone()]) else {
        topic.problem(slug, "it is not refused");
        return;
    };
    let reader = || ask(READER, json!({ "session": session(0) }));
    let mut asks = writer.read(&[first.clone(), refused.clone(), next.clone()]);
    asks.insert(2, reader());
    asks.insert(4, reader());
    let asks = asks.into_iter().enumerate().map(|(at, ask)| if at == 3 { ask.rejected(class) } else { ask });
    topic.steps(slug, &["ECHO-VER-019"], "", asks.chain([reader()]).collect()).underived =
        Some("it asks what the reader holds before and after the rejection".to_owned());
}

/// Replies without the block.
pub(super) fn hash(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Replies that hold the hash of a block and not the block.";
    let mut topic = Topic::new(&format!("echo/feed/verify/hash-{name}"), VERIFY, &[feature], about);
    topic.flag("Sizes", "two sizes are covered by their sum alone");
    let writer = Writer::new(&topic, suite, "feed", 8);
    let reader = || ask(READER, json!({ "session": session(0) }));
    let uncertain = "ECHO-VER-018";
    for (slug, length, index) in [("three", 3, 0), ("four", 4, 3), ("eight", 8, 5)] {
        let data = writer.hash(length, index);
        writer
            .accept(&mut topic, slug, &["ECHO-VER-004", uncertain], "", std::slice::from_ref(&data))
            .flags = vec!["Sizes".to_owned()];
        let begun = writer.read(std::slice::from_ref(&data));
        let told = begun.into_iter().map(|ask| if ask.is(VERIFY) { ask.only(&["length"]) } else { ask });
        let length = format!("{slug}-length");
        let about = "whatever is stored of it";
        topic.steps(&length, &["ECHO-VER-012"], about, told.collect());
        let mut reject = |fault: &str, req: &str, about: &str, change: &dyn Fn(&mut Data)| {
            writer.reject(
                &mut topic,
                &format!("{slug}-{fault}"),
                &length,
                &[req],
                about,
                &[with(&data, change)],
            );
        };
        reject("no-leaf", "ECHO-VER-004", "", &|data| {
            data.nodes.remove(0);
        });
        reject("no-nodes", "ECHO-VER-004", "", &|data| data.nodes.clear());
        reject("other-leaf", "ECHO-VER-004", "the sibling first", &|data| {
            data.nodes.rotate_left(1);
        });
        reject("leaf-flipped", "ECHO-VER-010", "", &|data| {
            data.nodes.first_mut().into_iter().for_each(flip_hash);
        });
        reject("leaf-size", "ECHO-TREE-004", "", &|data| {
            data.nodes.first_mut().into_iter().for_each(|node| node.size += 1);
        });
        reject("sibling-flipped", "ECHO-VER-010", "", &|data| {
            data.nodes.get_mut(1).into_iter().for_each(flip_hash);
        });
        reject("unsigned", "ECHO-VER-009", "", &|data| data.signature = None);
        reject("signature-flipped", "ECHO-VER-010", "", &|data| flip(data.signature.as_mut(), 20, 1));
        let shifted = with(&data, |data| {
            if let [leaf, sibling, ..] = data.nodes.as_mut_slice() {
                leaf.size += 1;
                sibling.size -= 1;
            }
        });
        let mut asks = writer.read(std::slice::from_ref(&shifted));
        asks.push(reader());
        let about = "one byte is moved from the sibling to the leaf, and the sum is right";
        topic.steps(&format!("{slug}-shifted"), &[uncertain], about, asks).flags = vec!["Sizes".to_owned()];
    }
    let root = writer.hash(3, 2);
    let about = "the leaf is a root, whose size is signed";
    writer.accept(&mut topic, "root", &["ECHO-VER-004"], about, std::slice::from_ref(&root));
    let size = with(&root, |data| data.nodes.first_mut().into_iter().for_each(|node| node.size += 1));
    writer.reject(&mut topic, "root-size", "root", &["ECHO-TREE-005"], "", &[size]);
    let all = [writer.hash(3, 0), writer.data(3, 0, 0)];
    writer.accept(&mut topic, "then-block", &[uncertain], "the block itself comes later", &all);
    let first = writer.data(4, 0, 0);
    let known = with(&writer.hash(4, 1), |data| {
        data.nodes.truncate(1);
        data.signature = None;
    });
    let req = ["ECHO-VER-020"];
    let all = [first.clone(), known.clone()];
    let mut asks = writer.read(&all);
    asks.push(reader());
    topic.steps("known", &req, "the leaf came with the neighbour", asks);
    let again = with(&writer.hash(4, 0), |data| {
        data.nodes.truncate(1);
        data.signature = None;
    });
    let mut asks = writer.read(&[first.clone(), again]);
    asks.push(reader());
    topic.steps("known-block", &req, "the block is there", asks);
    let flipped = with(&known, |data| data.nodes.first_mut().into_iter().for_each(flip_hash));
    writer.reject(&mut topic, "known-flipped", "known", &["ECHO-VER-006"], "", &[first.clone(), flipped]);
    let size = with(&known, |data| data.nodes.first_mut().into_iter().for_each(|node| node.size += 1));
    writer.reject(&mut topic, "known-size", "known", &["ECHO-VER-006"], "", &[first.clone(), size]);
    let none = with(&known, |data| data.nodes.clear());
    let about = "no node at all, for a leaf that is stored";
    writer.reject(&mut topic, "known-nothing", "known", &["ECHO-VER-004"], about, &[first.clone(), none]);
    let tied = with(&writer.hash(4, 2), |data| {
        data.nodes.truncate(2);
        data.signature = None;
    });
    let about = "its parent is stored, and nothing is signed";
    writer.accept(&mut topic, "tied", &["ECHO-VER-007", uncertain], about, &[first.clone(), tied.clone()]);
    let flipped = with(&tied, |data| data.nodes.last_mut().into_iter().for_each(flip_hash));
    writer.reject(&mut topic, "tied-flipped", "tied", &["ECHO-VER-006"], "", &[first, flipped]);
    topic
}
