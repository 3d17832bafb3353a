//! Paths, subprotocols and tokens.

use serde_json::{Value, json};

use super::super::topic::{Topic, members};
use super::play::{BEARER, Keys, Play, SIGNAL};
use crate::class::Class;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![paths(), tokens()]
}

fn opening(play: Play, members: Value) -> Play {
    play.opening(members).only(&["open", "protocol"])
}

fn paths() -> Topic {
    let about = "Where a WebSocket is opened, and where not.";
    let mut topic = Topic::new("kube/endpoint/paths", "kube.open", &[], about);
    let play = |topic: &Topic, slug: &str, path: &str| {
        let keys = Keys::new(topic, slug, 1);
        (opening(Play::new(&keys), json!({ "socket": "a", "path": path })), keys)
    };
    let (signal, keys) = play(&topic, "signal", SIGNAL);
    let req = ["KUBE-END-001", "KUBE-END-005"];
    topic.steps("signal", &req, "", signal.join("a", 0, &keys.topic, keys.peer(0), 0).asks());
    for (slug, query) in
        [("query", "?a=b"), ("empty-query", "?"), ("query-with-a-path", "?/.well-known/dx/supervisor")]
    {
        let (query, keys) = play(&topic, slug, &format!("{SIGNAL}{query}"));
        topic.steps(slug, &["KUBE-END-003"], "", query.join("a", 0, &keys.topic, keys.peer(0), 0).asks());
    }
    for (slug, req, path) in [
        ("root", "KUBE-END-002", "/"),
        ("another-service", "KUBE-END-002", "/.well-known/dx/nothing"),
        ("short", "KUBE-END-002", "/.well-known/dx"),
        ("slash-at-the-end", "KUBE-END-003", "/.well-known/dx/signal/"),
        ("more-behind", "KUBE-END-003", "/.well-known/dx/signals"),
        ("upper-case", "KUBE-END-003", "/.well-known/dx/SIGNAL"),
        ("upper-case-of-a-part", "KUBE-END-003", "/.Well-Known/dx/signal"),
        ("path-in-a-query", "KUBE-END-003", "/?/.well-known/dx/signal"),
        ("path-below", "KUBE-END-003", "/x/.well-known/dx/signal"),
    ] {
        let keys = Keys::new(&topic, "signal", 1);
        let play =
            Play::new(&keys).opening(json!({ "socket": "a", "path": path })).rejected(Class::StateUnknownRef);
        topic.steps_reject(slug, "signal", &[req], "", play.asks());
    }
    let keys = Keys::new(&topic, "plain-get", 1);
    let plain = |path: &str| Play::new(&keys).http("GET", path).only(&["status"]);
    topic.steps("plain-get", &["KUBE-END-004"], "without asking for a WebSocket", plain(SIGNAL).asks());
    topic
}

fn tokens() -> Topic {
    let about = "Tokens by subprotocol and by header. `protocol` is the place of the subprotocol that was selected among those that were offered.";
    let mut topic = Topic::new("kube/endpoint/tokens", "kube.open", &[], about);
    let keys = |topic: &Topic, slug: &str| Keys::new(topic, slug, 1);
    let at = |more: Value| {
        let mut whole = members(json!({ "socket": "a", "path": SIGNAL }));
        whole.extend(members(more));
        Value::Object(whole)
    };
    let open = |topic: &mut Topic, slug: &str, req: &[&str], about: &str, members: Value| {
        let play = opening(Play::new(&keys(topic, slug)), at(members));
        topic.steps(slug, req, about, play.asks());
    };
    open(&mut topic, "no-token", &["KUBE-END-005"], "", json!({}));
    topic.features(&["kube.library"]);
    open(&mut topic, "another-subprotocol", &["KUBE-END-006"], "", json!({ "protocols": ["chat"] }));
    open(
        &mut topic,
        "several-subprotocols",
        &["KUBE-END-006"],
        "",
        json!({ "protocols": ["chat", "bearer", "base64url"] }),
    );
    topic.features(&[]);
    for (slug, protocols, authorization) in [
        ("wrong-token-in-a-subprotocol", Some(format!("{BEARER}d3Jvbmc")), None),
        ("no-base64", Some(format!("{BEARER}****")), None),
        ("empty-token-in-a-subprotocol", Some(BEARER.to_owned()), None),
        ("wrong-token-in-the-header", None, Some("Bearer wrong")),
        ("another-scheme", None, Some("Basic d3Jvbmc6d3Jvbmc=")),
        ("no-scheme", None, Some("wrong")),
    ] {
        let mut more = members(json!({}));
        more.extend(protocols.map(|protocol| ("protocols".to_owned(), json!([protocol]))));
        more.extend(authorization.map(|value| ("authorization".to_owned(), value.into())));
        let play = Play::new(&keys(&topic, "no-token")).opening(at(more.into())).rejected(Class::AuthKey);
        topic.steps_reject(slug, "no-token", &["KUBE-END-010"], "", play.asks());
    }

    topic.features(&["kube.clock"]);
    // In base64 it has the two characters that differ in the alphabets, and padding.
    let token = "a?>b\u{3ff}~";
    let with = |topic: &Topic, slug: &str| {
        Play::new(&keys(topic, slug)).configure(json!({ "tokens": [token, "other"] }))
    };
    for encoding in ["base64", "base64 padded", "base64url", "base64url padded"] {
        let slug = encoding.replace(' ', "-");
        let play = opening(with(&topic, &slug), at(json!({ "token": token, "encoding": encoding })));
        topic.steps(&slug, &["KUBE-END-007", "KUBE-END-008"], "", play.asks());
        let wrong = Play::new(&keys(&topic, &slug)).configure(json!({ "tokens": [token, "other"] }));
        let wrong = wrong
            .opening(at(json!({ "token": "wrong?>b\u{3ff}~", "encoding": encoding })))
            .rejected(Class::AuthKey);
        topic.steps_reject(&format!("{slug}-wrong"), &slug, &["KUBE-END-010"], "", wrong.asks());
    }
    let slug = "selected-among-others";
    let play = opening(
        with(&topic, slug),
        at(json!({ "token": "other", "encoding": "base64", "protocols": ["chat", "graphql"] })),
    );
    topic.steps(slug, &["KUBE-END-006", "KUBE-END-008"], "", play.asks());
    for (slug, value) in
        [("bearer", "Bearer other"), ("lower-case", "bearer other"), ("upper-case", "BEARER other")]
    {
        let play = opening(with(&topic, "bearer"), at(json!({ "authorization": value })));
        topic.steps(slug, &["KUBE-END-009"], "", play.asks());
    }
    for (slug, value) in [("basic", "Basic other"), ("bare", "other"), ("basic-of-it", "Digest other")] {
        let play =
            with(&topic, "bearer").opening(at(json!({ "authorization": value }))).rejected(Class::AuthKey);
        topic.steps_reject(slug, "bearer", &["KUBE-END-009", "KUBE-END-010"], "", play.asks());
    }
    let slug = "both-ways";
    let both = |header: &str| at(json!({ "token": "other", "encoding": "base64", "authorization": header }));
    let play = opening(with(&topic, slug), both("Bearer other"));
    topic.steps(slug, &["KUBE-END-007", "KUBE-END-009"], "", play.asks());
    let play = with(&topic, slug).opening(both(&format!("Bearer {token}"))).rejected(Class::AuthKey);
    topic.steps_reject("two-tokens", slug, &["KUBE-END-011"], "both are valid", play.asks());
    let twice =
        at(json!({ "token": "other", "encoding": "base64", "protocols": [format!("{BEARER}b3RoZXI")] }));
    let play = with(&topic, slug).opening(twice).rejected(Class::AuthKey);
    topic.steps_reject("two-subprotocols", slug, &["KUBE-END-011"], "both carry the same token", play.asks());
    topic
}
