//! To whom one offers, and whose offers one accepts.

use dxos_reference::keys::to_hex;
use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::super::id;
use super::scene::{Play, answer, higher, lower, offer, own, peer, theirs};

/// Cases that need the topology of invitations.
const INVITATION: &str = "mesh.invitation";

pub(super) fn topologies() -> Topic {
    let about = "Full, star and sparse topologies.";
    let mut topic = Topic::new("mesh/swarm/topologies", "mesh.swarm.available", &[], about);
    let of = |topology: Value| Play::with(&own(), topology, &[]);
    let full = ["MESH-SWARM-033"];
    let play = Play::connected()
        .available(&peer(0xf1))
        .feed(&peer(0xf1), &answer(1, true))
        .at(1)
        .available(&peer(0xf2));
    topic.steps("full", &full, "a third connection", play.asks());
    let play = Play::connected().feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("full-offered", &full, "", play.asks());

    let star = ["MESH-SWARM-034"];
    let leaf = || of(json!({ "kind": "star", "center": to_hex(&higher()) }));
    let center = || of(json!({ "kind": "star", "center": to_hex(&own()) }));
    topic.steps("leaf", &star, "", leaf().available(&higher()).asks());
    topic.steps(
        "leaf-and-leaf",
        &star,
        "",
        leaf().available(&peer(0xf1)).at(200).available(&higher()).asks(),
    );
    let play = leaf().feed(&higher(), &offer(theirs(), "offer"));
    topic.steps("leaf-offered-by-center", &star, "", play.asks());
    let refuse = ["MESH-SWARM-034", "MESH-SWARM-012"];
    let play = leaf().feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("leaf-offered-by-leaf", &refuse, "refused", play.asks());
    let play = leaf().available(&peer(0xf1)).feed(&peer(0xf1), &offer(theirs(), "offer")).at(60_000);
    topic.steps("leaf-offered-by-announced-leaf", &refuse, "refused", play.asks());
    let play = center().available(&higher()).at(1).available(&peer(0xf1));
    topic.steps("center", &star, "offers to all", play.asks());
    let play = center().feed(&higher(), &offer(theirs(), "offer")).feed(&lower(), &offer(id("s"), "o"));
    topic.steps("center-offered", &star, "accepts all", play.asks());

    let sparse = |originate: u64, max: u64| {
        of(json!({ "kind": "mmst", "originate": originate, "max": max, "sample": 20 }))
    };
    let accept = ["MESH-SWARM-039", "MESH-SWARM-012"];
    let play = sparse(1, 2)
        .feed(&lower(), &offer(theirs(), "offer"))
        .feed(&higher(), &offer(id("s"), "o"))
        .feed(&peer(0x20), &offer(id("t"), "p"));
    topic.steps("sparse-full", &accept, "the third is refused", play.asks());
    let play = sparse(1, 1).available(&higher()).feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("sparse-full-of-own", &accept, "an offer of one's own counts", play.asks());
    let begin = ["MESH-SWARM-038"];
    topic.steps("sparse-first", &begin, "", sparse(2, 4).available(&higher()).asks());
    let play = sparse(2, 4).available(&higher()).at(5_000).available(&peer(0xf1)).at(10_000);
    topic.steps("sparse-one-at-a-time", &begin, "not before 10 seconds have passed", play.asks());
    let play = sparse(1, 4).available(&higher()).at(10_001).available(&peer(0xf1));
    topic.steps("sparse-enough", &begin, "it has as many as it begins", play.asks());
    // From 80…: 90… is at a distance of 10…, a0… at one of 20…, and 7f… at one of ff….
    for (slug, near, far) in [("higher", 0x90, 0xa0), ("lowest", 0x90, 0x7f), ("xor", 0x81, 0x7e)] {
        let play = sparse(2, 4)
            .available(&higher())
            .at(1_000)
            .available(&peer(far))
            .available(&peer(near))
            .at(10_001)
            .available(&peer(0xf8))
            .at(10_200);
        topic.steps(&format!("sparse-nearest-{slug}"), &begin, "", play.asks());
    }
    topic
}

pub(super) fn invitation() -> Topic {
    let about = "The two roles of an invitation.";
    let mut topic = Topic::new("mesh/swarm/invitation", "mesh.swarm.available", &[INVITATION], about);
    let host = || Play::with(&own(), json!({ "kind": "host" }), &[]);
    let guest = || Play::with(&own(), json!({ "kind": "guest" }), &[]);
    let another = || peer(0xf1);

    let waits = ["MESH-SWARM-035"];
    let play = guest()
        .available(&higher())
        .available(&lower())
        .at(60_000)
        .feed(&higher(), &offer(theirs(), "offer"));
    topic.steps("guest", &waits, "it waits for an offer, and accepts", play.asks());
    let one = ["MESH-SWARM-036"];
    topic.steps("host", &one, "", host().available(&higher()).asks());
    let play = host().available(&higher()).at(1).available(&another()).at(60_000);
    topic.steps("host-one-at-a-time", &one, "", play.asks());
    let met = || host().available(&higher()).at(1).available(&another()).feed(&higher(), &answer(0, true));
    let play = met().transport(&higher(), "connected").at(2_000).transport(&higher(), "closed").at(2_050);
    topic.steps("host-in-turn", &one, "the second guest after the first", play.asks());
    let play = host().available(&higher()).feed(&higher(), &answer(0, true)).transport(&higher(), "closed");
    topic.steps("host-once-each", &one, "not offered again", play.at(60_000).asks());
    let play = host().available(&higher()).at(1).available(&another()).feed(&higher(), &answer(0, false));
    topic.steps("host-refused", &one, "the next guest", play.at(60).asks());
    let refuse = ["MESH-SWARM-037", "MESH-SWARM-012"];
    let play = host().feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("host-offered", &refuse, "accepted", play.asks());
    let play = host()
        .available(&higher())
        .feed(&higher(), &answer(0, true))
        .transport(&higher(), "closed")
        .feed(&higher(), &offer(theirs(), "offer"));
    topic.steps("host-offered-by-one-it-met", &refuse, "refused", play.asks());
    topic
}
