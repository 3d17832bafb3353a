//! Status and configuration, with and without the right to them.

use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::{PATH, Play};
use crate::class::Class::{AuthRole, SchemaConstraint, SchemaType, StateUnknownRef};

/// Why a case with a refusal on the way derives from none.
const AGAIN: &str = "what is tested is what comes after a refusal";

pub(super) fn calls() -> Topic {
    let about = "Methods of the supervisor, and who may call them.";
    let mut topic = Topic::new("kube/supervisor/calls", "kube.call", &[], about);
    let two = |topic: &Topic, slug: &str| Play::new(topic, slug, &["a", "b"]).enter("a");
    // What is served of these depends on the server; that there is nothing wrong with it does not.
    let known: [(&str, &'static [&'static str]); 2] =
        [("Status", &["twice", "vague", "any"]), ("GetConfig", &["secrets"])];
    for (method, members) in known {
        let slug = method.to_lowercase();
        let good = two(&topic, &slug).call("a", method).only(members);
        topic.steps(
            &slug,
            &["KUBE-AUTH-035", "KUBE-AUTH-060", "KUBE-SUP-004"],
            "where the token was given",
            good.asks(),
        );
        let bad = two(&topic, &slug).call("b", method).rejected(AuthRole);
        let req = &["KUBE-AUTH-062", "KUBE-AUTH-036"];
        topic.steps_reject(&format!("{slug}-without-token"), &slug, req, "", bad.asks());
    }
    let good = two(&topic, "status-shown").here().call("a", "Status");
    topic.steps("status-shown", &["KUBE-SUP-004"], "", good.asks());
    let good = two(&topic, "config-shown").here().call("a", "GetConfig");
    topic.steps("config-shown", &["KUBE-CONF-011", "KUBE-CONF-012"], "", good.asks());

    bearers(&mut topic);

    let public = |topic: &Topic, public: bool| {
        Play::new(topic, "public-status", &["a"])
            .step("kube.configure", json!({ "public_status": public }))
            .call("a", "Status")
    };
    topic.steps("public-status", &["KUBE-AUTH-063"], "", public(&topic, true).asks());
    let bad = public(&topic, false).rejected(AuthRole);
    topic.steps_reject("private-status", "public-status", &["KUBE-AUTH-063"], "", bad.asks());
    let one = |topic: &Topic, method: &str| Play::new(topic, "methods", &["a"]).enter("a").call("a", method);
    topic.steps("methods", &["KUBE-SUP-001"], "", one(&topic, "InitAuthSequence").only(&[]).asks());
    for (slug, method) in [
        ("unknown-method", "Restart"),
        ("method-lower-case", "initAuthSequence"),
        ("method-of-another-service", "dxos.mesh.signal.Signal.InitAuthSequence"),
    ] {
        let bad = one(&topic, method).rejected(StateUnknownRef);
        topic.steps_reject(slug, "methods", &["KUBE-SUP-002"], "", bad.asks());
    }
    // A rejection by itself proves nothing, and what the others of the group accept needs the operator.
    topic.features(&["kube.operator"]);
    let on =
        Play::new(&topic, "goes-on", &["a"]).call("a", "Restart").rejected(StateUnknownRef).challenge("a");
    topic.steps("goes-on", &["KUBE-SUP-002"], "after an unknown method", on.asks()).underived =
        Some(AGAIN.to_owned());
    topic
}

/// Sockets that were opened with a token.
fn bearers(topic: &mut Topic) {
    let borne = |topic: &Topic, slug: &str, capabilities: &[&str], seconds: u64| {
        let play = Play::new(topic, slug, &[]);
        let token = json!({ "$step": play.next(), "get": "token" });
        let minted = json!({ "capabilities": capabilities, "seconds": seconds });
        let play = play.step("kube.mint", minted).only(&[]);
        let open = json!({ "socket": "a", "path": PATH, "token": token });
        (play.step("kube.open", open).only(&["open"]), token)
    };
    let rights: [(&str, &[&str], &str, &[&str]); 3] = [
        ("status-right", &["status"], "Status", &["config", "stat", "status/x"]),
        ("read-right", &["config/read"], "GetConfig", &["status", "config/write", "config/rea"]),
        ("claim-right", &["*"], "GetConfig", &["claim"]),
    ];
    for (slug, good, method, others) in rights {
        let play = borne(topic, slug, good, 60).0.call("a", method);
        topic.steps(slug, &["KUBE-AUTH-060", "KUBE-AUTH-061"], "", play.asks());
        for other in others {
            let bad = borne(topic, slug, &[other], 60).0.call("a", method).rejected(AuthRole);
            let name = format!("{slug}-{}", other.replace('/', "-"));
            topic.steps_reject(&name, slug, &["KUBE-AUTH-062", "KUBE-AUTH-060"], "", bad.asks());
        }
    }
    let after = |topic: &Topic, ms: u64| {
        borne(topic, "lasting", &["status"], 60)
            .0
            .step("kube.advance", json!({ "ms": ms }))
            .call("a", "Status")
    };
    topic.steps("lasting", &["KUBE-AUTH-051"], "", after(topic, 58_000).asks());
    let expired = after(topic, 60_000).rejected(AuthRole);
    topic.steps_reject(
        "expired-since",
        "lasting",
        &["KUBE-AUTH-051"],
        "since the socket was opened",
        expired.asks(),
    );
    let revoked = |topic: &Topic, token: bool| {
        let (play, text) = borne(topic, "not-revoked", &["status"], 60);
        let revoke = if token { text } else { "another".into() };
        play.step("kube.configure", json!({ "revoke": revoke })).call("a", "Status")
    };
    topic.steps("not-revoked", &["KUBE-AUTH-051", "KUBE-AUTH-049"], "", revoked(topic, false).asks());
    let bad = revoked(topic, true).rejected(AuthRole);
    topic.steps_reject("revoked-since", "not-revoked", &["KUBE-AUTH-051", "KUBE-AUTH-049"], "", bad.asks());
}

pub(super) fn changes() -> Topic {
    let about = "Changes of the configuration by SetConfig.";
    let mut topic = Topic::new("kube/supervisor/changes", "kube.call", &[], about);
    let set = |topic: &Topic, slug: &str, key: &str, value: &str| {
        Play::new(topic, slug, &["a"]).enter("a").set("a", key, value)
    };
    for (slug, key, value) in [
        ("text", "https.email", "someone@kube.example"),
        ("list", "telemetry.tags", r#"["one", "two"]"#),
        ("flag", "gravity.disabled", "true"),
        ("secret", "p2p.privatekey", "0123"),
    ] {
        let req = &["KUBE-CONF-013", "KUBE-SUP-006"];
        topic.steps(slug, req, "", set(&topic, slug, key, value).asks());
    }
    let read = set(&topic, "read-back", "alias", r#"["b.example"]"#).here().call("a", "GetConfig");
    topic.steps("read-back", &["KUBE-CONF-009", "KUBE-SUP-006"], "", read.asks());
    let both = set(&topic, "in-turn", "alias", r#"["b.example"]"#).set("a", "host", "h.example");
    let req = &["KUBE-CONF-016", "KUBE-CONF-009"];
    topic.steps(
        "in-turn",
        req,
        "each on what the one before has left",
        both.here().call("a", "GetConfig").asks(),
    );
    let port = |topic: &Topic, key: &str, value: &str| set(topic, "port", key, value);
    topic.steps("port", &["KUBE-CONF-003"], "", port(&topic, "p2p.port", "4001").asks());
    for (slug, req, key, value) in [
        ("port-word", "KUBE-CONF-003", "p2p.port", "abc"),
        ("port-zero", "KUBE-CONF-003", "p2p.port", "0"),
        ("port-too-high", "KUBE-CONF-003", "p2p.port", "65536"),
        ("key-unknown", "KUBE-CONF-001", "p2p.ports", "4001"),
        ("key-empty", "KUBE-CONF-001", "", "4001"),
        ("key-outside", "KUBE-CONF-001", "runtime.kube.p2p.port", "4001"),
    ] {
        let bad = port(&topic, key, value).rejected(SchemaConstraint);
        topic.steps_reject(slug, "port", &[req, "KUBE-CONF-017"], "", bad.asks());
    }
    let nothing = set(&topic, "changes-nothing", "host", "not a host")
        .rejected(SchemaConstraint)
        .here()
        .call("a", "GetConfig");
    topic
        .steps("changes-nothing", &["KUBE-CONF-010", "KUBE-CONF-005"], "what is refused", nothing.asks())
        .underived = Some(AGAIN.to_owned());
    let request = |topic: &Topic, slug: &str, bytes: &str| {
        let request = json!({ "socket": "a", "method": "SetConfig", "request": bytes });
        Play::new(topic, slug, &["a"]).enter("a").step("kube.call", request)
    };
    let good = "0a110a087032702e706f727412053430303031";
    topic.steps("encoded", &["KUBE-SUP-003"], "", request(&topic, "encoded", good).asks());
    for (slug, bytes) in [("cut", "0a110a087032702e706f7274120534303030"), ("wire-type", "08110a")] {
        let bad = request(&topic, "encoded", bytes).rejected(SchemaType);
        topic.steps_reject(&format!("encoded-{slug}"), "encoded", &["KUBE-SUP-003"], "", bad.asks());
    }
    rights(&mut topic);
    let stored = |topic: &Topic, stores: bool| {
        let play = Play::new(topic, "stored", &["a"]).enter("a");
        play.step("kube.configure", json!({ "stores": stores })).set("a", "host", "h.example")
    };
    topic.steps("stored", &["KUBE-SUP-006"], "", stored(&topic, true).asks());
    let bad = stored(&topic, false).rejected(StateUnknownRef);
    topic.steps_reject("not-stored", "stored", &["KUBE-SUP-007"], "the disk is full", bad.asks());
    let after = stored(&topic, false).rejected(StateUnknownRef).call("a", "GetConfig");
    topic.steps("not-stored-not-there", &["KUBE-SUP-007"], "", after.asks()).underived =
        Some(AGAIN.to_owned());
    topic
}

/// Keys inside and outside of what a token grants.
fn rights(topic: &mut Topic) {
    let borne = |topic: &Topic, slug: &str, capability: &str, key: &str, value: &str| {
        let play = Play::new(topic, slug, &[]);
        let token: Value = json!({ "$step": play.next(), "get": "token" });
        let minted = json!({ "capabilities": [capability], "seconds": 60 });
        let play = play.step("kube.mint", minted).only(&[]);
        play.step("kube.open", json!({ "socket": "a", "path": PATH, "token": token }))
            .only(&["open"])
            .set("a", key, value)
    };
    let section = "config/write/runtime/kube/https";
    let one = format!("{section}/port");
    for (slug, capability) in [("section-right", section), ("key-right", &one), ("all-right", "config/write")]
    {
        let good = borne(topic, slug, capability, "https.port", "8443");
        topic.steps(slug, &["KUBE-AUTH-060", "KUBE-AUTH-061"], "", good.asks());
    }
    for (slug, from, capability, key) in [
        ("section-outside", "section-right", section, "p2p.port"),
        ("section-sibling", "section-right", section, "port"),
        ("key-outside", "key-right", &*one, "p2p.port"),
        ("key-above", "key-right", &*one, "https"),
        ("read-only", "all-right", "config/read", "https.port"),
        ("status-only", "all-right", "status", "https.port"),
        ("in-part-of-a-name", "section-right", "config/write/runtime/kube/http", "https.port"),
    ] {
        let bad = borne(topic, from, capability, key, "8443").rejected(AuthRole);
        let slug = if slug == "key-outside" { "another-key" } else { slug };
        topic.steps_reject(slug, from, &["KUBE-AUTH-060", "KUBE-AUTH-061", "KUBE-AUTH-062"], "", bad.asks());
    }
}
