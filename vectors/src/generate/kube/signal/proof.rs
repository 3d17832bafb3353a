//! Proof of peer keys, where a server asks for it.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::super::play::{Keys, Play, join, message, send, subscribe};
use super::CLOCK;

pub(super) fn proof() -> Topic {
    let about = "A server that asks peers to prove their keys; `prove` signs the last challenge that a socket was told.";
    let mut topic = Topic::new("kube/signal/proof", "kube.receive", &[CLOCK], about);
    for suite in [Suite::P256, Suite::Ed25519] {
        let name = if suite == Suite::P256 { "p256" } else { "ed25519" };
        cases(&mut topic, suite, name);
    }
    topic
}

fn cases(topic: &mut Topic, suite: Suite, name: &str) {
    let secret = |topic: &Topic, slug: &str, who: &str| to_hex(&topic.bytes(&format!("{name}-{slug}"), who));
    let setting = |topic: &Topic, slug: &str| {
        let slug = format!("{name}-{slug}");
        let mut keys = Keys::new(topic, &slug, 0);
        keys.peers = ["a", "b"].iter().map(|who| topic.key(suite, &slug, who).public_key()).collect();
        let play = Play::new(&keys).configure(json!({ "prove_peers": true })).open("a").open("b");
        (keys, play)
    };
    let prove = |id: i32, keys: &Keys, private_key: &str, of: &str, peer: usize| -> Value {
        json!({ "suite": name, "private_key": private_key, "id": id, "swarm": to_hex(&keys.topic),
            "of": of, "peer": to_hex(keys.peer(peer)) })
    };
    let asked = |play: Play, socket: &str, keys: &Keys, peer: usize| {
        play.frame(socket, &join(0, &keys.topic, keys.peer(peer))).hear(socket, 1)
    };

    let slug = "unproved";
    let (keys, play) = setting(topic, slug);
    topic.steps(&format!("{name}-{slug}"), &["KUBE-SIG-039"], "", asked(play, "a", &keys, 0).asks());

    for (slug, req, signer, of, peer) in [
        ("proved", "KUBE-SIG-040", "a", "a", 0),
        ("signed-by-another-key", "KUBE-SIG-040", "b", "a", 0),
        ("challenge-of-another-socket", "KUBE-SIG-041", "a", "b", 0),
        ("for-another-peer", "KUBE-SIG-040", "a", "a", 1),
    ] {
        let (keys, play) = setting(topic, slug);
        let key = secret(topic, slug, signer);
        let play = asked(asked(play, "a", &keys, 0), "b", &keys, 1);
        let play =
            play.sending(json!({ "socket": "a", "prove": prove(1, &keys, &key, of, peer) })).hear("a", 1);
        topic.steps(&format!("{name}-{slug}"), &["KUBE-SIG-039", req], "", play.asks());
    }

    let slug = "before-a-proof";
    let (keys, play) = setting(topic, slug);
    let play = play.frame("a", &subscribe(0, keys.peer(0))).hear("a", 1);
    let play = play.frame("a", &send(1, &message(keys.peer(0), keys.peer(1), b"x"))).hear("a", 1);
    topic.steps(&format!("{name}-{slug}"), &["KUBE-SIG-042"], "neither receiving nor sending", play.asks());

    let slug = "after-a-proof";
    let (keys, play) = setting(topic, slug);
    let key = secret(topic, slug, "a");
    let play = asked(play, "a", &keys, 0)
        .sending(json!({ "socket": "a", "prove": prove(1, &keys, &key, "a", 0) }))
        .hear("a", 1);
    let play = play
        .subscribe("a", 2, keys.peer(0))
        .frame("a", &send(3, &message(keys.peer(0), keys.peer(0), b"x")))
        .hear("a", 2);
    let play = play.join("a", 4, &keys.other, keys.peer(0), 0);
    let play = play
        .frame("a", &subscribe(5, keys.peer(1)))
        .hear("a", 1)
        .frame("b", &subscribe(0, keys.peer(0)))
        .hear("b", 1);
    topic.steps(
        &format!("{name}-{slug}"),
        &["KUBE-SIG-042", "KUBE-SIG-040"],
        "for that key and that socket only",
        play.asks(),
    );
}
