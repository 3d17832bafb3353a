//! From a nonce to a token.

use serde_json::json;

use super::super::super::topic::Topic;
use super::{Play, hex};
use crate::class::Class::{AuthRole, ResourceCount};

/// Why a case with a refusal on the way derives from none.
const AGAIN: &str = "what is tested is what comes after a refusal";

pub(super) fn nonces() -> Topic {
    let about = "Nonces: fresh, for one socket, for one answer, for a minute.";
    let mut topic = Topic::new("kube/supervisor/nonces", "kube.challenge", &[], about);
    let play = |topic: &Topic, slug: &str| Play::new(topic, slug, &["a"]);

    let one = play(&topic, "one").challenge("a");
    topic.steps("one", &["KUBE-AUTH-001", "KUBE-SUP-001"], "", one.asks());
    let several = play(&topic, "several").challenge("a").challenge("a").challenge("a");
    topic.steps("several", &["KUBE-AUTH-002"], "each is another, and the key is the same", several.asks());
    let two = Play::new(&topic, "two-sockets", &["a", "b"]).challenge("a").challenge("b").challenge("a");
    topic.steps("two-sockets", &["KUBE-AUTH-002", "KUBE-AUTH-003"], "", two.asks());

    let answered = Play::new(&topic, "answered", &["a", "b"]).challenge("a").challenge("b");
    let good = answered.clone().present("a", "operator", false, &[]).present("b", "operator", false, &[]);
    topic.steps(
        "answered",
        &["KUBE-AUTH-003", "KUBE-AUTH-011", "KUBE-AUTH-030"],
        "each its own",
        good.asks(),
    );
    let others = answered.present("a", "operator", false, &[("nonce_of", "b")]).rejected(AuthRole);
    topic.steps_reject("of-another-socket", "answered", &["KUBE-AUTH-003"], "", others.asks());
    let alone = Play::new(&topic, "answered-alone", &["a", "b"]).challenge("a");
    let good = alone.clone().present("a", "operator", false, &[]);
    topic.steps("answered-alone", &["KUBE-AUTH-003"], "", good.asks());
    let others = alone.present("b", "operator", false, &[("nonce_of", "a")]).rejected(AuthRole);
    topic.steps_reject(
        "on-another-socket",
        "answered-alone",
        &["KUBE-AUTH-003", "KUBE-AUTH-006"],
        "",
        others.asks(),
    );

    let twice = |topic: &Topic| play(topic, "twice").challenge("a").present("a", "operator", false, &[]);
    let good = twice(&topic).challenge("a").present("a", "operator", false, &[]);
    topic.steps("twice", &["KUBE-AUTH-004"], "a nonce for each", good.asks());
    // The challenge of the accepted case is asked on a socket that has nothing to do with it.
    let replay = |topic: &Topic, with: bool| {
        Play::new(topic, "replay", &["a", "b"])
            .challenge("a")
            .present("a", "operator", false, &[])
            .challenge(if with { "a" } else { "b" })
            .present("a", "operator", false, &[])
    };
    topic.steps("replay-not", &["KUBE-AUTH-004"], "", replay(&topic, true).asks());
    let again = replay(&topic, false).rejected(AuthRole);
    topic.steps_reject("replay", "replay-not", &["KUBE-AUTH-004"], "one nonce for two answers", again.asks());
    let used_up = |topic: &Topic, with: bool| {
        Play::new(topic, "used-up", &["a", "b"])
            .challenge("a")
            .present("a", "operator", false, &[("fault", "signature")])
            .rejected(AuthRole)
            .challenge(if with { "a" } else { "b" })
            .present("a", "operator", false, &[])
    };
    topic
        .steps("used-up-not", &["KUBE-AUTH-004"], "a bad answer ends no socket", used_up(&topic, true).asks())
        .underived = Some(AGAIN.to_owned());
    let again = used_up(&topic, false).rejected(AuthRole);
    topic.steps("used-up", &["KUBE-AUTH-004"], "by a bad answer, too", again.asks()).underived =
        Some(AGAIN.to_owned());
    let none = |topic: &Topic, with: bool| {
        Play::new(topic, "none", &["a", "b"]).challenge(if with { "a" } else { "b" }).present(
            "a",
            "operator",
            false,
            &[],
        )
    };
    topic.steps("none-not", &["KUBE-AUTH-006"], "", none(&topic, true).asks());
    let absent = none(&topic, false).rejected(AuthRole);
    topic.steps_reject("none", "none-not", &["KUBE-AUTH-006"], "", absent.asks());

    let late = |topic: &Topic, slug: &str, ms: u64| {
        play(topic, slug).challenge("a").step("kube.advance", json!({ "ms": ms })).present(
            "a",
            "operator",
            false,
            &[],
        )
    };
    topic.steps(
        "in-time",
        &["KUBE-AUTH-005"],
        "a millisecond before",
        late(&topic, "in-time", 59_999).asks(),
    );
    let expired = late(&topic, "in-time", 60_000).rejected(AuthRole);
    topic.steps_reject("expired", "in-time", &["KUBE-AUTH-005"], "", expired.asks());
    topic
}

pub(super) fn presentations() -> Topic {
    let about =
        "Presentations on a socket: first a credential, then a token; and everything that gets neither.";
    let mut topic = Topic::new("kube/supervisor/presentations", "kube.authenticate", &[], about);
    let first = |topic: &Topic| Play::new(topic, "first", &["a"]).challenge("a");
    let second = |topic: &Topic| {
        Play::new(topic, "second", &["a"]).challenge("a").present("a", "operator", false, &[]).challenge("a")
    };
    let good = first(&topic).present("a", "operator", false, &[("fault", "")]);
    topic.steps("first", &["KUBE-AUTH-030", "KUBE-AUTH-032"], "a credential", good.asks());
    let good = second(&topic).present("a", "operator", true, &[("fault", "")]);
    let req = &["KUBE-AUTH-032", "KUBE-AUTH-033", "KUBE-AUTH-040", "KUBE-AUTH-041"];
    topic.steps("second", req, "a token", good.asks());
    let again = second(&topic).present("a", "operator", false, &[]);
    topic.steps("first-again", &["KUBE-AUTH-030"], "a credential each time", again.asks());
    let mut twice = second(&topic);
    for _ in 0..2 {
        twice = twice.present("a", "operator", true, &[]).challenge("a");
    }
    topic.steps("second-again", &["KUBE-AUTH-033"], "", twice.asks());

    for (fault, req) in [
        ("empty", "KUBE-AUTH-010"),
        ("no-proofs", "KUBE-AUTH-010"),
        ("two-proofs", "KUBE-AUTH-010"),
        ("no-nonce", "KUBE-AUTH-011"),
        ("another-nonce", "KUBE-AUTH-011"),
        ("half-nonce", "KUBE-AUTH-011"),
        ("signature", "KUBE-AUTH-012"),
        ("another-signer", "KUBE-AUTH-016"),
        ("two-devices", "KUBE-AUTH-013"),
        ("another-device", "KUBE-AUTH-016"),
        ("expired-device", "KUBE-AUTH-015"),
        ("tampered-device", "KUBE-AUTH-015"),
    ] {
        let bad = first(&topic).present("a", "operator", false, &[("fault", fault)]).rejected(AuthRole);
        let req = &[req, "KUBE-AUTH-036"];
        topic.steps_reject(&format!("first-{fault}"), "first", req, "", bad.asks());
    }
    for (fault, req) in [
        ("no-proofs", "KUBE-AUTH-010"),
        ("two-proofs", "KUBE-AUTH-010"),
        ("another-nonce", "KUBE-AUTH-011"),
        ("signature", "KUBE-AUTH-012"),
        ("no-device", "KUBE-AUTH-013"),
        ("no-chain", "KUBE-AUTH-017"),
        ("another-chain", "KUBE-AUTH-017"),
        ("foreign-access", "KUBE-AUTH-018"),
        ("own-access", "KUBE-AUTH-018"),
        ("another-device", "KUBE-AUTH-016"),
        ("expired-device", "KUBE-AUTH-015"),
    ] {
        let bad = second(&topic).present("a", "operator", true, &[("fault", fault)]).rejected(AuthRole);
        let req = &[req, "KUBE-AUTH-036"];
        topic.steps_reject(&format!("second-{fault}"), "second", req, "", bad.asks());
    }
    topic
}

pub(super) fn operators() -> Topic {
    let about = "Whom the operator allows, and with what.";
    let mut topic = Topic::new("kube/supervisor/operators", "kube.authenticate", &[], about);
    let stranger = hex(&topic.bytes("stranger", "stranger"));
    let who = |topic: &Topic, identity: &str| {
        Play::new(topic, "known", &["a"]).challenge("a").present("a", identity, false, &[])
    };
    topic.steps("known", &["KUBE-AUTH-030"], "", who(&topic, "operator").asks());
    let unknown = who(&topic, &stranger).rejected(AuthRole);
    topic.steps_reject(
        "unknown",
        "known",
        &["KUBE-AUTH-031", "KUBE-AUTH-036"],
        "nobody has allowed it",
        unknown.asks(),
    );
    let with = |topic: &Topic, identity: &str| {
        Play::new(topic, "own-access", &["a"])
            .challenge("a")
            .present("a", "operator", false, &[])
            .challenge("a")
            .present("a", identity, true, &[("access_of", "operator")])
    };
    topic.steps("own-access", &["KUBE-AUTH-020"], "", with(&topic, "operator").asks());
    let stolen = with(&topic, &stranger).rejected(AuthRole);
    topic.steps_reject("access-of-another", "own-access", &["KUBE-AUTH-020"], "", stolen.asks());

    let scoped = |topic: &Topic, slug: &str, capabilities: serde_json::Value| {
        Play::new(topic, slug, &["a"]).step("kube.configure", json!({ "capabilities": capabilities }))
    };
    let few = scoped(&topic, "few", json!(["status", "config/read"])).enter("a");
    topic.steps("few", &["KUBE-AUTH-030", "KUBE-AUTH-033"], "", few.asks());
    let later = |topic: &Topic, capabilities: serde_json::Value, allowed: bool| {
        scoped(topic, "later", json!(["status", "config"]))
            .challenge("a")
            .present("a", "operator", false, &[])
            .step("kube.configure", json!({ "capabilities": capabilities, "allowed": allowed }))
            .challenge("a")
            .present("a", "operator", true, &[])
    };
    topic.steps(
        "fewer-later",
        &["KUBE-AUTH-033"],
        "those that both give",
        later(&topic, json!(["config/read"]), true).asks(),
    );
    topic.steps(
        "more-later",
        &["KUBE-AUTH-033"],
        "the credential gives fewer",
        later(&topic, json!(["*"]), true).asks(),
    );
    let withdrawn = later(&topic, json!(["config/read"]), false).rejected(AuthRole);
    topic.steps_reject(
        "withdrawn",
        "fewer-later",
        &["KUBE-AUTH-031"],
        "an access is not enough",
        withdrawn.asks(),
    );

    let seeded = |topic: &Topic, slug: &str| {
        let play = Play::new(topic, slug, &[]);
        let minted = play.next();
        let play = play.step("kube.mint", json!({ "capabilities": ["claim"], "seconds": 3600 })).only(&[]);
        (play, json!({ "$step": minted, "get": "token" }))
    };
    let opened = |play: Play, token: &serde_json::Value, socket: &str| {
        play.step("kube.open", json!({ "socket": socket, "path": super::PATH, "token": token }))
            .only(&["open"])
    };
    let claim = |topic: &Topic, second: &str| {
        let (play, token) = seeded(topic, "seed");
        opened(play, &token, "a").challenge("a").present("a", &stranger, false, &[]).challenge("a").present(
            "a",
            second,
            false,
            &[],
        )
    };
    topic.steps(
        "seed",
        &["KUBE-AUTH-034"],
        "a stranger becomes an operator",
        claim(&topic, &stranger).asks(),
    );
    let other = hex(&topic.bytes("seed", "other"));
    let second = claim(&topic, &other).rejected(AuthRole);
    topic.steps_reject("seed-twice", "seed", &["KUBE-AUTH-034"], "once only", second.asks());
    let (play, token) = seeded(&topic, "seed-all");
    let play = opened(play, &token, "a").challenge("a").present("a", &stranger, false, &[]);
    let play = play.challenge("a").present("a", &stranger, true, &[]).call("a", "GetConfig");
    topic.steps("seed-all", &["KUBE-AUTH-034", "KUBE-AUTH-035"], "", play.asks());
    let (play, token) = seeded(&topic, "seed-is-no-token");
    let play = opened(play, &token, "a");
    let good = play.clone().step("kube.configure", json!({ "public_status": true })).call("a", "Status");
    topic.steps("seed-is-no-token-not", &["KUBE-AUTH-063"], "", good.asks());
    let bad =
        play.step("kube.configure", json!({ "public_status": false })).call("a", "Status").rejected(AuthRole);
    topic.steps_reject("seed-is-no-token", "seed-is-no-token-not", &["KUBE-AUTH-061"], "", bad.asks());

    let attempts = |topic: &Topic, count: usize| {
        let mut play = Play::new(topic, "attempts", &["a"]);
        for attempt in 0..16 {
            let fault = if attempt < count { "signature" } else { "" };
            play = play.challenge("a").present("a", "operator", false, &[("fault", fault)]);
            if attempt < count {
                play = play.rejected(AuthRole);
            }
        }
        play.challenge("a").present("a", "operator", false, &[])
    };
    topic.steps("attempts", &["KUBE-AUTH-037"], "15 bad ones", attempts(&topic, 15).asks()).underived =
        Some(AGAIN.to_owned());
    let many = attempts(&topic, 16).rejected(ResourceCount);
    topic.steps("attempts-too-many", &["KUBE-AUTH-037"], "16 bad ones", many.asks()).underived =
        Some(AGAIN.to_owned());
    topic
}
