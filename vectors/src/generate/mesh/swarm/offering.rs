//! Who offers, what is accepted, and what becomes of offers that meet.

use dxos_reference::mesh::swarm::{Body, SwarmMessage};

use super::super::super::topic::Topic;
use super::super::{first, id};
use super::scene::{Play, answer, higher, lower, message_of, offer, own, peer, say, session_of, theirs};

pub(super) fn offering() -> Topic {
    let about = "To whom the testee offers, and when.";
    let mut topic = Topic::new("mesh/swarm/offering", "mesh.swarm.available", &[], about);
    let wait = ["MESH-SWARM-005"];
    let play = Play::new().available(&higher());
    topic.steps("higher", &["MESH-SWARM-005", "MESH-SWARM-007"], "offered to at once", play.asks());
    let play = Play::new().available(&lower()).at(99).at(100);
    topic.steps("lower", &wait, "offered to after 100 milliseconds", play.asks());
    let play = Play::new().at(3_000).available(&lower()).at(3_099).at(3_100);
    topic.steps("lower-later", &wait, "the wait begins with the announcement", play.asks());
    let play = Play::new().available(&higher()).at(1).available(&peer(0xf1));
    topic.steps("two", &["MESH-SWARM-007", "MESH-SWARM-033"], "each has a session of its own", play.asks());
    let play = Play::new().available(&own()).at(200).available(&higher());
    topic.steps("itself", &["MESH-SWARM-003"], "", play.asks());
    let play = Play::new().available(&lower()).at(50).available(&lower()).at(100).at(1_000);
    topic.steps("announced-twice", &wait, "one offer", play.asks());

    let dropped = ["MESH-SWARM-006"];
    let play = Play::new().available(&lower()).at(50).left(&lower()).at(1_000);
    topic.steps("left-while-waiting", &dropped, "", play.asks());
    let play =
        Play::new().available(&lower()).at(50).left(&lower()).at(60).available(&lower()).at(159).at(160);
    topic.steps("back-while-waiting", &["MESH-SWARM-006", "MESH-SWARM-005"], "it waits anew", play.asks());
    let play =
        Play::new().available(&lower()).at(50).feed(&lower(), &offer(theirs(), "offer")).at(100).at(1_000);
    topic.steps("offered-while-waiting", &dropped, "the offer of the other side is enough", play.asks());

    let order = ["MESH-SWARM-004", "MESH-SWARM-005"];
    let changed = |at: usize, byte: u8| {
        let mut key = own();
        key.iter_mut().skip(at).take(1).for_each(|old| *old = byte);
        key
    };
    for (slug, key) in [
        ("sign", peer(0x7f)),
        ("last-byte-lower", changed(64, 0x7f)),
        ("last-byte-higher", changed(64, 0x81)),
        ("last-byte-highest", changed(64, 0xff)),
        ("first-byte-counts", {
            let mut key = changed(64, 0xff);
            key.iter_mut().skip(1).take(1).for_each(|b| *b = 0x7f);
            key
        }),
        ("letter-and-digit", changed(30, 0x09)),
        ("letters", changed(30, 0xab)),
    ] {
        let play = Play::new().available(&key).at(99).at(100);
        topic.steps(&format!("order-{slug}"), &order, "", play.asks());
    }
    topic
}

pub(super) fn answering() -> Topic {
    let about = "Offers that the testee gets while it wants nothing of that peer itself.";
    let mut topic = Topic::new("mesh/swarm/answering", "wire.feed", &[], about);
    let accepted = ["MESH-SWARM-008", "MESH-SWARM-016"];
    let play = Play::new().feed(&higher(), &offer(theirs(), "offer"));
    topic.steps("unknown-higher", &accepted, "a peer that was not announced", play.asks());
    let play = Play::new().feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("unknown-lower", &accepted, "", play.asks());
    let play =
        Play::new().feed(&lower(), &offer(theirs(), "offer")).at(1).feed(&higher(), &offer(id("s"), "o"));
    topic.steps("two", &accepted, "", play.asks());
    let play = Play::new().feed(&lower(), &offer(theirs(), "offer")).available(&lower()).at(1_000);
    topic.steps("announced-later", &["MESH-SWARM-006", "MESH-SWARM-008"], "no offer follows", play.asks());

    let open = ["MESH-SWARM-009", "MESH-SWARM-008"];
    let play = Play::connected().feed(&higher(), &offer(theirs(), "offer"));
    topic.steps("connected", &open, "", play.asks());
    let play = Play::new()
        .feed(&lower(), &offer(theirs(), "offer"))
        .transport(&lower(), "connected")
        .feed(&lower(), &offer(id("another"), "another offer"));
    topic.steps("connected-lower", &open, "the first connection stays", play.asks());

    let wrong = SwarmMessage { topic: id("another topic"), ..offer(theirs(), "offer") };
    let play = Play::new().feed(&higher(), &wrong).feed(&higher(), &offer(theirs(), "offer"));
    topic.steps("another-topic", &["MESH-SWARM-002"], "", play.asks());

    let whole = offer(theirs(), "offer").encode();
    let good = |play: Play| play.feed(&higher(), &offer(theirs(), "offer"));
    let bad = ["MESH-SWARM-013"];
    // A message is the fields 3 to 6, each with a key byte and a length byte before it.
    let (topic_end, session_end) = (36, 72);
    let data_end = session_end + 4;
    let part = |from: usize, to: usize| whole.iter().take(to).skip(from).copied().collect::<Vec<u8>>();
    let end = whole.len();
    for (slug, bytes) in [
        ("cut", first(&whole, end - 1)),
        ("wire-type", [&[0x0f], whole.as_slice()].concat()),
        ("empty", Vec::new()),
        ("no-data", [part(0, session_end), part(data_end, end)].concat()),
        ("no-topic", part(topic_end, end)),
    ] {
        topic.steps(
            &format!("bad-{slug}"),
            &bad,
            "ignored",
            good(Play::new().bytes(&higher(), &bytes)).asks(),
        );
    }
    for (slug, bytes) in [
        ("no-session", [part(0, topic_end), part(session_end, end)].concat()),
        ("no-message", part(0, data_end)),
    ] {
        let play = Play::new().bytes(&higher(), &bytes);
        topic.steps(&format!("bad-{slug}"), &bad, "ignored", play.asks());
    }
    topic
}

pub(super) fn collisions() -> Topic {
    let about = "Two peers that offer to each other: one connection survives.";
    let mut topic = Topic::new("mesh/swarm/collisions", "wire.feed", &[], about);
    let keep = ["MESH-SWARM-011", "MESH-SWARM-010", "MESH-SWARM-008"];
    let play = Play::new()
        .available(&higher())
        .feed(&higher(), &offer(theirs(), "offer"))
        .feed(&higher(), &answer(0, true));
    topic.steps("of-higher", &keep, "refused, and accepted by the other side", play.asks());
    let play =
        Play::connecting().feed(&higher(), &offer(theirs(), "offer")).transport(&higher(), "connected");
    topic.steps("of-higher-when-opening", &keep, "", play.asks());
    let play = Play::new()
        .feed(&higher(), &offer(theirs(), "offer"))
        .feed(&higher(), &offer(id("another"), "another offer"));
    topic.steps("second-of-higher", &keep, "what was accepted stays", play.asks());

    let yields = ["MESH-SWARM-010", "MESH-SWARM-008"];
    let offered = || Play::new().available(&lower()).at(100);
    let met = || offered().feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("of-lower", &yields, "accepted, and ours given up", met().asks());
    let late = ["MESH-SWARM-018", "MESH-SWARM-010"];
    let play = met().feed(&lower(), &answer(0, false)).transport(&lower(), "connected");
    topic.steps("of-lower-then-refused", &late, "the refusal of our offer changes nothing", play.asks());
    let play = met().feed(&lower(), &answer(0, true)).transport(&lower(), "connected");
    topic.steps("of-lower-then-accepted", &late, "nor does the acceptance", play.asks());
    let play = offered().feed(&lower(), &answer(0, false)).feed(&lower(), &offer(theirs(), "offer"));
    topic.steps("refused-then-of-lower", &["MESH-SWARM-017", "MESH-SWARM-008"], "", play.asks());
    let play = offered()
        .feed(&lower(), &answer(0, true))
        .feed(&lower(), &offer(theirs(), "offer"))
        .transport(&lower(), "connected");
    topic.steps(
        "of-lower-when-opening",
        &yields,
        "the transport is closed, and one for the new session opened",
        play.asks(),
    );
    let play = Play::new()
        .feed(&lower(), &offer(theirs(), "offer"))
        .feed(&lower(), &offer(id("another"), "another offer"));
    topic.steps("second-of-lower", &yields, "it takes the place of the first", play.asks());
    topic
}

pub(super) fn answers() -> Topic {
    let about = "Answers to an offer of the testee, and what looks like one.";
    let mut topic = Topic::new("mesh/swarm/answers", "wire.feed", &[], about);
    let offered = || Play::new().available(&higher());
    let accepted = |play: Play| play.feed(&higher(), &answer(0, true));

    topic.steps("accepted", &["MESH-SWARM-016"], "", accepted(offered()).asks());
    let refused = ["MESH-SWARM-017"];
    let play = offered().feed(&higher(), &answer(0, false)).at(60_000);
    topic.steps("refused", &refused, "not offered again", play.asks());
    let play = offered().feed(&higher(), &answer(0, false)).at(60_000).available(&higher());
    topic.steps("refused-and-announced", &refused, "offered again", play.asks());
    let play = offered().feed(&higher(), &answer(0, false)).feed(&higher(), &answer(0, true));
    topic.steps(
        "refused-then-accepted",
        &["MESH-SWARM-017", "MESH-SWARM-014"],
        "the second counts for nothing",
        play.asks(),
    );
    let play = accepted(offered()).feed(&higher(), &answer(0, false));
    topic.steps("accepted-then-refused", &["MESH-SWARM-014"], "", play.asks());
    topic.steps("accepted-twice", &["MESH-SWARM-014"], "", accepted(accepted(offered())).asks());

    let naming = |offer: [u8; 32]| say(session_of(0), "an answer", Body::Answer { accept: true, offer });
    for (slug, named) in
        [("unknown", id("no offer")), ("session", session_of(0)), ("answer", id("an answer"))]
    {
        let play = accepted(offered().feed(&higher(), &naming(named)));
        topic.steps(&format!("names-{slug}"), &["MESH-SWARM-014"], "ignored, and then accepted", play.asks());
    }
    let play = Play::new().feed(&higher(), &answer(0, true)).available(&higher());
    topic.steps("to-nothing", &["MESH-SWARM-014"], "", play.asks());
    let body = Body::Answer { accept: true, offer: message_of(0) };
    let play = offered().feed(&higher(), &say(id("another"), "an answer", body));
    topic.steps("another-session", &["MESH-SWARM-015"], "ignored", play.asks());
    let play = offered().feed(&lower(), &answer(0, true));
    topic.steps("another-author", &["MESH-SWARM-015"], "ignored", play.asks());
    let wrong = SwarmMessage { topic: id("another topic"), ..answer(0, true) };
    topic.steps("another-topic", &["MESH-SWARM-002"], "", accepted(offered().feed(&higher(), &wrong)).asks());
    // Only `accept`: the field 5 of 4 bytes, in it the field 2 of 2 bytes, in it the field 1.
    let whole = answer(0, true).encode();
    let bare = [
        first(&whole, 72),
        vec![0x2a, 0x04, 0x12, 0x02, 0x08, 0x01],
        whole.iter().skip(whole.len() - 36).copied().collect(),
    ]
    .concat();
    topic.steps("names-nothing", &["MESH-SWARM-013"], "", accepted(offered().bytes(&higher(), &bare)).asks());
    let play = accepted(offered().left(&higher()));
    topic.steps("left", &["MESH-SWARM-018", "MESH-SWARM-030"], "the offer was given up", play.asks());
    let play = Play::new()
        .available(&higher())
        .at(1)
        .available(&peer(0xf1))
        .feed(&peer(0xf1), &answer(1, true))
        .feed(&higher(), &answer(0, false));
    topic.steps("two-offers", &["MESH-SWARM-014"], "each has its own answer", play.asks());
    topic
}
