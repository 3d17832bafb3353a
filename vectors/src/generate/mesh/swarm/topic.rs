//! Topics of spaces.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::json;

use super::super::super::topic::Topic;

pub(super) fn topic() -> Topic {
    let about = "The topic by which the peers of a space find each other.";
    let mut topic = Topic::new("mesh/swarm/topic", "mesh.topic", &[], about);
    let known = [&[4][..], &[0x11; 32], &[0x22; 32]].concat();
    let mut keys = vec![("known", known.clone()), ("zeros", vec![0; 65])];
    let flipped = |at: usize| {
        let mut key = known.clone();
        key.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
        key
    };
    keys.extend([("first-bit", flipped(0)), ("last-bit", flipped(64))]);
    for slug in ["key-a", "key-b", "key-c", "key-d"] {
        keys.push((slug, topic.key(Suite::P256, slug, "space").public_key().to_vec()));
    }
    for (slug, key) in keys {
        topic.accept(slug, &["MESH-SWARM-001"], "", json!({ "space_key": to_hex(&key) }));
    }
    topic
}
