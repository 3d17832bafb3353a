//! How connections end, and when the next one begins.

use super::super::super::topic::Topic;
use super::scene::{Play, answer, higher, lower, offer, theirs};

pub(super) fn ending() -> Topic {
    let about = "Connections that do not come to be, peers that leave, and a swarm that is left.";
    let mut topic = Topic::new("mesh/swarm/ending", "wire.tick", &[], about);
    let accepted = || Play::new().feed(&lower(), &offer(theirs(), "offer"));

    let limit = ["MESH-SWARM-025"];
    topic.steps("not-open", &limit, "after 10 seconds", Play::connecting().at(9_999).at(10_000).asks());
    topic.steps("not-open-when-answered", &limit, "", accepted().at(9_999).at(10_000).asks());
    let play = Play::connecting().at(9_999).transport(&higher(), "connected").at(10_000).at(60_000);
    topic.steps("open-at-last", &limit, "", play.asks());
    let play =
        Play::new().available(&higher()).at(3_000).feed(&higher(), &answer(0, true)).at(12_999).at(13_000);
    topic.steps("from-the-answer-on", &limit, "", play.asks());

    let lost = ["MESH-SWARM-026"];
    let play = Play::losing(&[0]).available(&higher()).at(9_999).at(10_000);
    topic.steps("offer-lost", &lost, "", play.asks());
    let play = Play::losing(&[0]).available(&higher()).at(10_000).at(10_050);
    topic.steps("offer-lost-and-again", &["MESH-SWARM-026", "MESH-SWARM-028"], "", play.asks());
    let play = Play::losing(&[0]).available(&higher()).at(10_000).feed(&higher(), &answer(0, true));
    topic.steps("offer-lost-then-accepted", &["MESH-SWARM-026", "MESH-SWARM-014"], "", play.asks());
    let play = Play::losing(&[0]).available(&lower()).at(100).feed(&lower(), &offer(theirs(), "offer"));
    let play = play.transport(&lower(), "connected").at(10_100);
    topic.steps("offer-lost-that-was-given-up", &["MESH-SWARM-018", "MESH-SWARM-010"], "", play.asks());
    let play = Play::losing(&[0]).feed(&lower(), &offer(theirs(), "offer")).transport(&lower(), "connected");
    topic.steps("answer-lost", &["MESH-SWARM-027"], "the connection stays", play.at(10_000).asks());

    let left = ["MESH-SWARM-030"];
    let play = Play::connecting().left(&higher()).at(60_000);
    topic.steps("left-when-opening", &left, "the transport is closed", play.asks());
    topic.steps("left-when-accepted", &left, "", accepted().left(&lower()).asks());
    topic.steps("left-when-open", &left, "the connection stays", Play::connected().left(&higher()).asks());
    topic.steps("somebody-else-left", &left, "", Play::connecting().left(&lower()).asks());
    let gone = ["MESH-SWARM-031"];
    let play = Play::connected().left(&higher()).transport(&higher(), "closed").at(60_000);
    topic.steps("closed-after-leaving", &gone, "", play.asks());
    let play = accepted().transport(&lower(), "connected").transport(&lower(), "closed").at(60_000);
    topic.steps("closed-and-never-announced", &gone, "", play.asks());
    let play =
        Play::connected().left(&higher()).transport(&higher(), "closed").at(1_000).available(&higher());
    topic.steps("closed-and-back", &gone, "offered to at once", play.asks());
    let play = Play::connected().left(&higher()).available(&higher()).transport(&higher(), "closed").at(50);
    topic.steps("back-before-closed", &["MESH-SWARM-031", "MESH-SWARM-028"], "", play.asks());

    let leave = ["MESH-SWARM-032"];
    topic.steps("leave", &leave, "", Play::connected().leave().asks());
    topic.steps("leave-when-opening", &leave, "", Play::connecting().leave().at(60_000).asks());
    let play = Play::connected().leave().feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("offer-after-leaving", &leave, "not answered", play.asks());
    let play = Play::new().available(&lower()).leave().at(100).available(&higher());
    topic.steps("announced-after-leaving", &leave, "", play.asks());
    let play = Play::new().available(&higher()).leave().feed(&higher(), &answer(0, true));
    topic.steps("answer-after-leaving", &leave, "", play.asks());
    topic
}

pub(super) fn backoff() -> Topic {
    let about = "When a peer is offered to again.";
    let mut topic = Topic::new("mesh/swarm/backoff", "wire.tick", &[], about);
    let rest = ["MESH-SWARM-028"];
    let play = Play::connected().transport(&higher(), "closed").at(49).at(50);
    topic.steps("closed", &rest, "50 milliseconds", play.asks());
    let play = Play::connected().transport(&higher(), "error").at(49).at(50);
    topic.steps("error", &rest, "", play.asks());
    let play = Play::connecting().at(10_000).at(10_049).at(10_050);
    topic.steps("not-open", &rest, "", play.asks());
    let play = Play::connecting().transport(&higher(), "closed").at(50);
    topic.steps("closed-before-open", &rest, "", play.asks());
    let mut play = Play::new().available(&higher());
    let mut now = 0;
    for (number, gap) in [50, 500, 1_000, 5_000, 10_000, 10_000].into_iter().enumerate() {
        play = play.feed(&higher(), &answer(number, true)).transport(&higher(), "closed");
        play = play.at(now + gap - 1).at(now + gap);
        now += gap;
    }
    topic.steps(
        "again-and-again",
        &rest,
        "50, 500, 1,000, 5,000, 10,000 and 10,000 milliseconds",
        play.asks(),
    );
    let play = Play::new()
        .available(&lower())
        .at(100)
        .feed(&lower(), &answer(0, true))
        .transport(&lower(), "closed")
        .at(249)
        .at(250);
    topic.steps(
        "lower",
        &["MESH-SWARM-028", "MESH-SWARM-005"],
        "the wait of the higher key comes on top",
        play.asks(),
    );
    let play = Play::connecting().transport(&higher(), "closed").at(10).available(&higher()).at(49).at(50);
    topic.steps("announced-meanwhile", &rest, "it waits all the same", play.asks());
    let play = Play::connecting()
        .transport(&higher(), "closed")
        .at(10)
        .feed(&higher(), &offer(theirs(), "offer"))
        .at(60);
    topic.steps(
        "offered-meanwhile",
        &["MESH-SWARM-008", "MESH-SWARM-006"],
        "an offer of the other side is accepted",
        play.asks(),
    );

    let stable = ["MESH-SWARM-029"];
    let play = Play::connected().at(5_001).transport(&higher(), "closed");
    topic.steps("long-enough", &stable, "offered to at once", play.asks());
    let play = Play::connected().at(5_000).transport(&higher(), "closed").at(5_049).at(5_050);
    topic.steps("not-long-enough", &["MESH-SWARM-028", "MESH-SWARM-029"], "", play.asks());
    let twice = || {
        let play = Play::connecting().transport(&higher(), "closed").at(50);
        play.feed(&higher(), &answer(1, true)).transport(&higher(), "connected")
    };
    let play = twice().at(100).transport(&higher(), "closed").at(599).at(600);
    topic.steps("short-again", &["MESH-SWARM-028"], "it goes on with 500 milliseconds", play.asks());
    let play = twice().at(10_000).transport(&higher(), "closed");
    topic.steps("long-after-short", &stable, "", play.asks());
    let play = twice().at(10_000).transport(&higher(), "closed").feed(&higher(), &answer(2, true));
    let play = play.at(10_001).transport(&higher(), "connected").transport(&higher(), "closed").at(10_051);
    topic.steps("short-after-long", &["MESH-SWARM-029", "MESH-SWARM-028"], "from the beginning", play.asks());
    let play = twice().at(10_000).transport(&higher(), "closed").feed(&higher(), &answer(2, true));
    let play = play.transport(&higher(), "closed");
    topic.steps("failed-after-long", &stable, "it is not offered to at once", play.asks());
    topic
}
