//! Who is in a swarm, over all servers.

use super::super::super::topic::Topic;
use super::scene::{
    FEATURES, Play, answer, answer_subject, available, foreign_back, left, peer, swarm_subject, topic,
};

pub(super) fn swarm() -> Topic {
    let about = "Peers at several servers hear of each other.";
    let mut cases = Topic::new("kube/federation/swarm", "kube.federation.join", FEATURES, about);
    let (t, p) = (topic(1), peer);
    let two = || Play::new(2).join(0, "a", &t, &p(1));

    let req = ["KUBE-FED-002", "KUBE-FED-010", "KUBE-FED-011", "KUBE-FED-012", "KUBE-FED-018"];
    cases.steps("two-servers", &req, "", two().join(1, "b", &t, &p(2)).asks());
    let play = Play::new(3).join(0, "a", &t, &p(1)).join(1, "b", &t, &p(2)).join(2, "c", &t, &p(3));
    cases.steps("three-servers", &req, "", play.asks());
    let play = two().join(0, "b", &t, &p(2)).join(1, "c", &t, &p(3)).join(1, "d", &t, &p(4));
    cases.steps("two-peers-each", &req, "", play.asks());
    let req = ["KUBE-FED-002"];
    let play = two().join(1, "b", &topic(2), &p(2));
    cases.steps("two-topics", &req, "nobody hears of anybody", play.asks());
    // Half of the hashes of these two topics is the same for nobody that we know of: the subject shows it.
    let req = ["KUBE-FED-002", "KUBE-FED-009", "KUBE-FED-010", "KUBE-FED-011"];
    cases.steps("first-words", &req, "", Play::new(1).whole().join(0, "a", &t, &p(1)).asks());
    let play = Play::new(1).whole().join(0, "a", &t, &p(1)).join(0, "b", &topic(2), &p(1));
    cases.steps("second-topic", &["KUBE-FED-011"], "questions are counted", play.asks());
    let play = Play::new(1).join(0, "a", &t, &p(1)).whole().join(0, "b", &t, &p(2));
    cases.steps("second-peer", &["KUBE-FED-010", "KUBE-FED-011"], "it asks nothing", play.asks());
    let play = Play::new(1).join(0, "a", &t, &p(1)).whole().join(0, "b", &t, &p(1));
    cases.steps("second-stream", &["KUBE-FED-010"], "the peer is there already", play.asks());
    let play = two().whole().join(1, "b", &t, &p(2));
    let req = ["KUBE-FED-004", "KUBE-FED-006", "KUBE-FED-012"];
    cases.steps("answer", &req, "to the one who asks, by the other alone", play.asks());

    let req = ["KUBE-FED-016", "KUBE-FED-019"];
    let met = || two().join(1, "b", &t, &p(2));
    cases.steps("left", &req, "", met().leave("a").asks());
    let play = met().join_by(0, "a", "a2", &t, &p(1)).leave("a").leave("a2");
    cases.steps("last-stream", &["KUBE-FED-016"], "a peer is there with one of two streams", play.asks());
    let play = met().leave("a").join(0, "a3", &t, &p(1));
    cases.steps("back", &["KUBE-FED-018", "KUBE-FED-019"], "", play.asks());
    let play =
        Play::new(1).join(0, "a", &t, &p(1)).join(0, "b", &t, &p(2)).leave("b").join(0, "c", &t, &p(3));
    cases.steps("own-words", &["KUBE-FED-006"], "one's own peer that has left stays away", play.asks());

    let req = ["KUBE-FED-017"];
    cases.steps("lost", &req, "", met().lose("a").advance(4_999).advance(1).asks());
    let play = met().lose("a").advance(4_999).join(0, "a2", &t, &p(1)).advance(10_000);
    cases.steps("lost-and-back", &req, "nobody was told", play.asks());
    let play = Play::new(3).join(0, "a", &t, &p(1)).join(1, "b", &t, &p(2));
    let play = play.lose("a").advance(100).join(2, "c", &t, &p(1)).advance(5_000);
    cases.steps("lost-and-elsewhere", &["KUBE-FED-017", "KUBE-FED-020"], "nobody was told", play.asks());
    let play = two().join(0, "b", &t, &p(2)).lose("b").join(1, "c", &t, &p(3)).advance(5_000);
    cases.steps("lost-is-no-answer", &["KUBE-FED-012"], "a newcomer does not hear of it", play.asks());
    let play = met().lose("a").leave("b").asks();
    cases.steps("lost-and-left", &["KUBE-FED-016", "KUBE-FED-017"], "", play);

    let req = ["KUBE-FED-019", "KUBE-FED-020"];
    let both = || met().join(0, "c", &t, &p(3)).join(1, "c2", &t, &p(3));
    cases.steps("at-two-servers", &req, "", both().leave("c").leave("c2").asks());
    let play = Play::new(3).join(2, "x", &t, &p(9)).join(0, "a", &t, &p(1)).join(1, "b", &t, &p(1));
    cases.steps("at-two-other-servers", &req, "", play.leave("a").leave("b").asks());

    let req = ["KUBE-FED-009"];
    cases.steps("last-leaves", &req, "", two().join(0, "b", &t, &p(2)).leave("a").whole().leave("b").asks());
    let play = met().leave("a").join(1, "c", &t, &p(3)).leave("b").join(0, "d", &t, &p(4));
    cases.steps("forgotten", &req, "who joins again hears only of those who are there", play.asks());

    let req = ["KUBE-FED-014"];
    let asked =
        |round| Play::new(1).join(0, "a", &t, &p(1)).publish(&answer_subject(round), &answer(&t, &p(2)));
    cases.steps("answered", &req, "", asked(1).asks());
    cases.steps("answer-to-nothing", &req, "it is ignored", asked(2).asks());
    let again = |round| {
        let play = Play::new(1).join(0, "a", &t, &p(1)).leave("a").join(0, "b", &t, &p(1));
        play.publish(&answer_subject(round), &answer(&t, &p(2)))
    };
    cases.steps("answered-again", &req, "", again(2).asks());
    cases.steps("late-answer", &req, "it was asked for before the topic was left", again(1).asks());
    let play = Play::new(1).join(0, "a", &t, &p(1)).publish(&answer_subject(1), &answer(&topic(2), &p(2)));
    cases.steps("answer-in-another-topic", &req, "it is ignored", play.asks());
    let play = Play::new(1).join(0, "a", &t, &p(1)).whole();
    let play = play.publish(&swarm_subject(&t), &available(&p(2), Some(60_000), Some(foreign_back(7))));
    cases.steps("asked-by-another", &["KUBE-FED-004", "KUBE-FED-012"], "", play.asks());
    cases
}

pub(super) fn time() -> Topic {
    let about = "Announcements hold for a time.  A server that is not one of ours makes them.";
    let mut cases = Topic::new("kube/federation/time", "kube.federation.advance", FEATURES, about);
    let (t, p) = (topic(1), peer);
    let subject = swarm_subject(&t);
    let base = || Play::new(1).join(0, "a", &t, &p(1));
    let until = |ms| base().publish(&subject, &available(&p(2), Some(ms), None));

    let req = ["KUBE-FED-021"];
    cases.steps("lapses", &req, "", until(10_000).advance(9_999).advance(1).asks());
    cases.steps(
        "over",
        &req,
        "its time has passed already",
        base().advance(5_000).publish(&subject, &available(&p(2), Some(5_000), None)).asks(),
    );
    cases.steps("far", &req, "it holds for 600 seconds", until(9_000_000).asks());
    cases.steps(
        "endless",
        &req,
        "it holds for 600 seconds",
        base().publish(&subject, &available(&p(2), None, None)).asks(),
    );
    let play = until(10_000).advance(9_000).publish(&subject, &available(&p(2), Some(20_000), None));
    cases.steps("repeated", &req, "", play.advance(10_999).advance(1).asks());
    let play = until(20_000).publish(&subject, &available(&p(2), Some(10_000), None)).advance(10_000);
    cases.steps("shortened", &req, "the last one counts", play.asks());
    let play = until(10_000).publish(&subject, &left(&p(2))).advance(10_000);
    cases.steps("left-before", &["KUBE-FED-019", "KUBE-FED-021"], "told once", play.asks());
    cases.steps(
        "stranger-left",
        &["KUBE-FED-019"],
        "who was not there has not left",
        base().publish(&subject, &left(&p(3))).asks(),
    );
    cases.steps(
        "own-peer-left",
        &["KUBE-FED-020"],
        "another server cannot say so",
        base().join(0, "b", &t, &p(2)).publish(&subject, &left(&p(2))).asks(),
    );

    let req = ["KUBE-FED-015"];
    cases.steps("renewed", &req, "", base().advance(299_000).whole().advance(999).advance(1).asks());
    let play = base().advance(300_000).advance(299_000).whole().advance(1_000);
    cases.steps("renewed-again", &req, "", play.asks());
    let play = base().join(0, "b", &t, &p(2)).leave("b").advance(299_000).whole().advance(1_000);
    cases.steps("not-renewed", &req, "a peer that has left is not announced", play.asks());
    let play = Play::new(2).join(0, "a", &t, &p(1)).join(1, "b", &t, &p(2)).advance(3_600_000);
    cases.steps("an-hour", &req, "nobody leaves", play.asks());
    cases
}
