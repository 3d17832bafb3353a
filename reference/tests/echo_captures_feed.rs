//! Every captured feed, proof and reply gives what the deployed implementation gave, but for the deviations that the
//! book names by requirement.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod capture;

use std::collections::BTreeMap;

use capture::lines;
use dxos_reference::echo::replication::{FrameReader, Message};
use dxos_reference::echo::{
    Data, Node, RemoteTree, Replica, Tree, digest, discovery_key, hypercore_key, places, prove,
};
use dxos_reference::keys;
use serde_json::Value;

/// Requirements that are stricter than the deployed implementation.  Each has a `Deployed:` line.
const STRICTER: &[&str] = &["ECHO-VER-004", "ECHO-VER-011", "ECHO-VER-015", "ECHO-VER-017", "ECHO-VER-022"];

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

/// None where the hash is not 32 bytes.
fn nodes(value: &Value) -> Option<Vec<Node>> {
    let node = |node: &Value| {
        let hash = bytes(&node[1]).try_into().ok()?;
        Some(Node { index: node[0].as_u64().unwrap(), hash, size: node[2].as_u64().unwrap() })
    };
    value.as_array().unwrap().iter().map(node).collect()
}

fn optional(value: &Value) -> Option<Vec<u8>> {
    (!value.is_null()).then(|| bytes(value))
}

#[test]
fn feeds() {
    let (mut count, mut proofs, mut signed) = (0, 0, 0);
    for line in lines("feeds.jsonl.gz").iter().filter(|line| line["kind"] == "feed") {
        count += 1;
        let key = bytes(&line["feed_key"]);
        let hypercore = hypercore_key(&key);
        assert_eq!(bytes(&line["hypercore_key"]), hypercore);
        assert_eq!(bytes(&line["discovery_key"]), discovery_key(&hypercore));
        let tree = Tree::over(line["blocks"].as_array().unwrap().iter().map(bytes));
        assert_eq!(
            tree.nodes().cloned().collect::<Vec<_>>(),
            nodes(&line["tree"]).unwrap(),
            "{}",
            line["id"]
        );
        for signable in line["signables"].as_array().unwrap() {
            let length = signable["length"].as_u64().unwrap();
            let roots: Vec<u64> = tree.roots(length).unwrap().iter().map(|root| root.index).collect();
            assert_eq!(numbers(&signable["roots"]), roots);
            assert_eq!(bytes(&signable["signable"]), tree.signable(length).unwrap());
        }
        let signatures: Vec<Option<Vec<u8>>> =
            line["signatures"].as_array().unwrap().iter().map(optional).collect();
        for (length, signature) in (1..).zip(&signatures) {
            if let Some(signature) = signature {
                signed += 1;
                keys::verify(&key, &tree.signable(length).unwrap(), signature).unwrap();
            }
        }
        for expected in line["proofs"].as_array().unwrap() {
            proofs += 1;
            let number = |name: &str| expected[name].as_u64().unwrap();
            let hash = expected["hash"].as_bool().unwrap();
            let remote = &mut RemoteTree::default();
            let proof = prove(&tree, number("block"), number("digest"), hash, remote).unwrap();
            assert_eq!(proof.nodes, nodes(&expected["nodes"]).unwrap(), "{}", line["id"]);
            let slot = usize::try_from(proof.verified_by / 2).unwrap().checked_sub(1);
            assert_eq!(slot.and_then(|slot| signatures[slot].clone()), optional(&expected["signature"]));
        }
    }
    println!("{count} feeds, {signed} signatures, {proofs} proofs agree");
    assert_eq!((count, proofs), (40, 424));
}

#[test]
fn replies() {
    let lines = lines("feeds.jsonl.gz");
    let key = |id: &Value| bytes(&lines.iter().find(|line| line["id"] == *id).unwrap()["feed_key"]);
    let (mut agree, mut passed_over, mut wrong) = (0, 0, Vec::new());
    let mut deviations: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line["kind"] == "reply") {
        let verdict = line["verdict"].as_str().unwrap();
        if verdict == "ignored" {
            // Nobody asked for it, or it came on another channel: it never gets to be verified.
            passed_over += 1;
            continue;
        }
        let mut replica = Replica::new(&key(&line["base"]));
        for frame in line["prior_frames"].as_array().unwrap() {
            let frame = bytes(frame);
            let frame = FrameReader::default().read(&mut frame.as_slice()).unwrap().unwrap();
            let Ok(Some(Message::Data(data))) = Message::decode(&frame) else { panic!("no data") };
            replica.receive(&data).unwrap();
        }
        let given = &line["data"];
        let ours = nodes(&given["nodes"]).map(|nodes| Data {
            index: given["index"].as_u64().unwrap(),
            value: optional(&given["value"]),
            nodes,
            signature: optional(&given["signature"]),
        });
        let ours = ours.map(|data| replica.receive(&data));
        let accepted = matches!(verdict, "accepted" | "no_change");
        let mut deviates = |name: &str| *deviations.entry(name.to_owned()).or_default() += 1;
        match &ours {
            None if accepted => deviates("a hash that is not 32 bytes"),
            None => agree += 1,
            _ if verdict.starts_with("crash") => deviates("ECHO-VER-004"),
            Some(Ok(_)) if accepted => {
                agree += 1;
                let blocks: Vec<u64> = replica.blocks().map(|(index, _)| index).collect();
                assert_eq!(numbers(&line["reader_blocks"]), blocks, "{}", line["id"]);
                assert_eq!(line["reader_length"], replica.length(), "{}", line["id"]);
                assert_eq!(line["reader_byte_length"], replica.byte_length(), "{}", line["id"]);
            }
            Some(Err(_)) if !accepted => agree += 1,
            Some(Err(error)) if STRICTER.contains(&error.reject().unwrap().requirement.id()) => {
                deviates(error.reject().unwrap().requirement.id());
            }
            Some(ours) => wrong.push(format!("{} {} {verdict}: {ours:?}", line["id"], line["mutation"])),
        }
    }
    println!("{agree} replies agree, {passed_over} were never verified, deviations: {deviations:?}");
    assert!(wrong.is_empty(), "{} unexplained:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn random_states() {
    let of = |value: &Value| {
        let mut tree = Tree::default();
        numbers(value).into_iter().for_each(|index| tree.insert(Node { index, hash: [0; 32], size: 0 }));
        tree
    };
    for (number, line) in lines("feed-proofs.jsonl.gz").iter().enumerate() {
        let count = |name: &str| line[name].as_u64().unwrap();
        let (block, told) = (count("idx") / 2, count("dg"));
        assert_eq!(digest(&of(&line["known"]), count("bl"), block), told, "digest of {number}");
        let mut remote = RemoteTree::default();
        let proof = places(&of(&line["local"]), block, told, false, &mut remote).ok();
        match &line["proof"] {
            Value::Null => assert_eq!(proof, None, "{number}"),
            expected => {
                let proof = proof.unwrap();
                assert_eq!(proof.indices, numbers(&expected["nodes"]), "{number}");
                assert_eq!(expected["verifiedBy"], proof.verified_by, "{number}");
            }
        }
        assert_eq!(remote.nodes().collect::<Vec<_>>(), numbers(&line["remoteAfter"]), "{number}");
    }
}
