//! Messages from a client of one server to one of another.

use super::super::super::topic::Topic;
use super::scene::{
    FEATURES, Play, message as encoded, peer, peer_event, peer_subject, plain_peer_event, topic,
};

pub(super) fn message() -> Topic {
    let about = "Messages from a client of one server to one of another.";
    let mut cases = Topic::new("kube/federation/message", "kube.federation.send", FEATURES, about);
    let p = peer;
    let to = |number: u8, text: &str| encoded(&p(1), &p(number), text);
    let base = || Play::new(2).subscribe(0, "a", &p(1)).subscribe(1, "b", &p(2));

    let req = ["KUBE-FED-003", "KUBE-FED-030", "KUBE-FED-033"];
    cases.steps("across", &req, "with a field that nobody knows", base().send("a", &to(2, "one")).asks());
    let play =
        base().send("a", &to(2, "one")).send("b", &encoded(&p(2), &p(1), "two")).send("a", &to(2, "three"));
    cases.steps("there-and-back", &req, "", play.asks());
    cases.steps("on-the-bus", &req, "published once", base().whole().send("a", &to(2, "one")).asks());
    cases.steps(
        "for-nobody",
        &["KUBE-FED-030"],
        "published all the same",
        base().whole().send("a", &to(9, "one")).asks(),
    );
    let play = Play::new(3).subscribe(0, "a", &p(1)).subscribe(1, "b", &p(2)).subscribe(2, "c", &p(2));
    cases.steps(
        "at-two-servers",
        &["KUBE-FED-033"],
        "once each",
        play.whole().send("a", &to(2, "one")).asks(),
    );
    let play = base().subscribe(1, "c", &p(2)).subscribe(1, "d", &p(3)).send("a", &to(2, "one"));
    cases.steps("two-streams", &["KUBE-FED-033"], "once each, and nothing for another peer", play.asks());

    let req = ["KUBE-FED-031"];
    let t = topic(1);
    let both = || {
        let play = Play::new(2).subscribe(0, "a", &p(1)).subscribe(0, "b", &p(2)).join(0, "x", &t, &p(1));
        play.join(1, "y", &t, &p(2)).subscribe(1, "c", &p(2))
    };
    cases.steps("here-and-elsewhere", &req, "to both", both().send("a", &to(2, "one")).asks());
    let play = both().leave("b").send("a", &to(2, "one"));
    cases.steps("elsewhere-only", &["KUBE-FED-030"], "", play.asks());

    let req = ["KUBE-FED-032"];
    cases.steps(
        "subscribed",
        &req,
        "",
        Play::new(1).whole().subscribe(0, "a", &p(1)).subscribe(0, "b", &p(1)).asks(),
    );
    let play = Play::new(1).subscribe(0, "a", &p(1)).subscribe(0, "b", &p(1)).whole().leave("a").leave("b");
    cases.steps("unsubscribed", &req, "with the last one", play.asks());
    let play = base().leave("b").send("a", &to(2, "one")).subscribe(1, "c", &p(2)).send("a", &to(2, "two"));
    cases.steps("subscribed-again", &req, "what came between is lost", play.asks());

    let play = Play::new(1).subscribe(0, "b", &p(2)).whole();
    let play = play.publish(&peer_subject(&p(2)), &peer_event(&to(2, "foreign")));
    cases.steps("taken", &["KUBE-FED-033"], "and not passed on", play.asks());
    let play = Play::new(1).subscribe(0, "b", &p(2));
    let play = play.publish(&peer_subject(&p(2)), &plain_peer_event(&p(1), &p(2)));
    cases.steps("taken-plain", &["KUBE-FED-033"], "", play.asks());
    cases
}
