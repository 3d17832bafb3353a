//! Servers that come, go, and are cut off.

use super::super::super::topic::Topic;
use super::scene::{FEATURES, Play, alive_subject, available, peer, swarm_subject, topic};

pub(super) fn server() -> Topic {
    let about = "Servers that are alive, fall silent, stop, and come back.";
    let mut cases = Topic::new("kube/federation/server", "kube.federation.advance", FEATURES, about);
    let (t, p) = (topic(1), peer);
    let met = || Play::new(2).join(0, "a", &t, &p(1)).join(1, "b", &t, &p(2));

    let req = ["KUBE-FED-005", "KUBE-FED-024"];
    cases.steps(
        "signs-of-life",
        &req,
        "",
        Play::new(1).whole().advance(4_999).advance(1).advance(10_000).asks(),
    );
    let req = ["KUBE-FED-005", "KUBE-FED-024", "KUBE-FED-025"];
    cases.steps("alive", &req, "", met().advance(60_000).asks());

    let req = ["KUBE-FED-025"];
    cases.steps("killed", &req, "", met().server("kill", 1).advance(14_999).advance(1).asks());
    let play = met().advance(7_000).server("kill", 1).advance(12_999).advance(1);
    cases.steps("killed-later", &req, "its last word was two seconds before", play.asks());
    let play = met().join(1, "c", &t, &p(3)).join(0, "d", &t, &p(3)).server("kill", 1).advance(15_000);
    cases.steps("killed-with-a-peer-elsewhere", &["KUBE-FED-020", "KUBE-FED-025"], "it stays", play.asks());
    let play = met().server("kill", 1).advance(15_000).join(0, "c", &t, &p(3));
    cases.steps("joined-after", &req, "who comes now does not hear of the dead", play.asks());
    let play = Play::new(3).join(0, "a", &t, &p(1)).join(1, "b", &t, &p(2)).join(2, "c", &t, &p(3));
    cases.steps("one-of-three", &req, "", play.server("kill", 2).advance(15_000).advance(60_000).asks());

    let req = ["KUBE-FED-026"];
    let subject = swarm_subject(&t);
    let silent = || {
        let play = Play::new(1).join(0, "a", &t, &p(1));
        play.publish(&subject, &available(&p(2), Some(100_000), None)).advance(15_000)
    };
    let heard = || silent().publish(&alive_subject(), &[]);
    cases.steps("heard-again", &req, "", heard().asks());
    cases.steps("heard-again-asks", &req, "", silent().whole().publish(&alive_subject(), &[]).asks());
    let play = heard().advance(10_000).publish(&alive_subject(), &[]).advance(4_999).advance(1);
    cases.steps("heard-again-not-repeated", &req, "", play.asks());
    let play = heard().publish(&subject, &available(&p(2), Some(40_000), None)).alive_for(20);
    cases.steps("heard-again-repeated", &req, "", play.asks());
    cases.steps(
        "heard-again-silent-again",
        &["KUBE-FED-025", "KUBE-FED-026"],
        "",
        heard().advance(15_000).asks(),
    );
    let play = silent().publish(&subject, &available(&p(3), Some(40_000), None));
    cases.steps("heard-again-with-a-peer", &req, "both are there", play.asks());

    let req = ["KUBE-FED-025", "KUBE-FED-026", "KUBE-FED-027"];
    let cut = || met().server("cut", 1).advance(15_000);
    cases.steps("cut-off", &["KUBE-FED-025"], "each loses the other", cut().asks());
    cases.steps("cut-off-and-back", &req, "", cut().server("mend", 1).asks());
    cases.steps("cut-off-and-back-for-good", &req, "", cut().server("mend", 1).advance(60_000).asks());
    let play = met().server("cut", 1).join(1, "c", &t, &p(3)).server("mend", 1);
    cases.steps("joined-while-cut-off", &["KUBE-FED-027"], "", play.asks());
    let play = met().server("cut", 1).join(0, "c", &t, &p(3)).server("mend", 1);
    cases.steps("joined-elsewhere-while-cut-off", &["KUBE-FED-027"], "", play.asks());
    let play = met().join(0, "c", &t, &p(3)).server("cut", 1).leave("c").server("mend", 1);
    cases.steps(
        "left-elsewhere-while-cut-off",
        &["KUBE-FED-027"],
        "",
        play.advance(14_999).advance(1).asks(),
    );
    let play = Play::new(1).join(0, "a", &t, &p(1)).join(0, "b", &t, &p(2)).server("cut", 0);
    cases.steps(
        "words-of-one-back",
        &["KUBE-FED-027"],
        "one question",
        play.whole().server("mend", 0).asks(),
    );

    let req = ["KUBE-FED-028"];
    cases.steps("stopped", &req, "", met().server("stop", 1).asks());
    let play = met().join(1, "c", &t, &p(3)).join(0, "d", &topic(2), &p(1)).join(1, "e", &topic(2), &p(2));
    cases.steps("stopped-with-several", &req, "", play.server("stop", 1).asks());
    cases.steps("stopped-after-a-loss", &req, "", met().lose("b").server("stop", 1).asks());
    cases
}
