//! `halo.auth.*`: credentials that answer a challenge.

use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Value, json};

use super::super::assertion::{halo, key_bytes};
use super::super::chain::{delegated, link};
use super::super::forge::{DATE, Forge, date, message};
use super::super::issue::Secret;
use super::super::topic::{P256, Topic, suite_of};
use super::super::verify::flipped;
use crate::class::Class::{
    AuthChain, AuthExpired, AuthKey, AuthReplay, AuthRole, AuthSignature, DecodeLength, DecodeMissing,
    SchemaConstraint, SchemaType,
};

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![prove(), check(Suite::P256), check(Suite::Ed25519), answers(), trusted()]
}

fn prove() -> Topic {
    let about = "Answers to challenges, and challenges that are not answered.";
    let mut topic = Topic::new("halo/auth/prove", "halo.auth.prove", &[], about);
    let good = ["HALO-AUTH-001", "HALO-AUTH-002", "HALO-AUTH-003"];
    for suite in [Suite::P256, Suite::Ed25519] {
        let (prefix, feature) = suite_of(suite);
        topic.features(&[feature]);
        let secret = |name: &str| Secret::new(&topic, suite, prefix, name);
        let (Some(identity), Some(device), Some(second)) =
            (secret("identity"), secret("device"), secret("second"))
        else {
            continue;
        };
        let key = |name: &str| topic.key(suite, prefix, name);
        let challenge = topic.bytes(prefix, "challenge");
        let request = |signer: &Secret, issuer: &Secret, chain: Option<Vec<u8>>| {
            let mut request = json!({
                "suite": signer.suite,
                "private_key": to_hex(&signer.secret),
                "issuer": to_hex(&issuer.public()),
                "challenge": to_hex(&challenge),
                "date": DATE.to_string(),
            });
            if let (Some(chain), Some(members)) = (chain, request.as_object_mut()) {
                members.insert("chain".to_owned(), to_hex(&chain).into());
            }
            request
        };
        let chain = link(&key("identity"), &key("device"));
        let inner = delegated(&link(&key("identity"), &key("second")), &key("device"), chain.build());
        let foreign = link(&key("other"), &key("device"));
        let for_second = link(&key("identity"), &key("second"));
        let checks = |issuer: &Secret| {
            let trusted = json!({ "challenge": to_hex(&challenge), "trusted": [to_hex(&issuer.public())] });
            vec![
                ("halo.credential.payload", json!({})),
                ("halo.credential.decode", json!({})),
                ("halo.credential.verify", json!({})),
                ("halo.auth.check", trusted),
            ]
        };
        let mut cases = vec![
            ("direct", request(&device, &device, None), checks(&device)),
            ("by-device", request(&device, &identity, Some(chain.build())), checks(&identity)),
            ("by-second-device", request(&second, &identity, Some(inner.build())), checks(&identity)),
        ];
        if suite == Suite::P256 {
            for (slug, byte) in [("zeros", "00"), ("ones", "ff")] {
                let mut input = request(&device, &device, None);
                set(&mut input, "challenge", json!(byte.repeat(32)));
                let mut checks = checks(&device);
                if let Some((_, check)) = checks.last_mut() {
                    set(check, "challenge", json!(byte.repeat(32)));
                }
                cases.push((slug, input, checks));
            }
        }
        for (slug, input, checks) in cases {
            let slug = format!("{prefix}-{slug}");
            topic.issue(&slug, &good, "", input, "credential", &checks);
        }
        let from = format!("{prefix}-direct");
        for (slug, bytes) in [("empty", 0), ("one-byte", 1), ("short", 31), ("long", 33), ("double", 64)] {
            let mut input = request(&device, &device, None);
            set(&mut input, "challenge", json!("5a".repeat(bytes)));
            let slug = format!("{prefix}-challenge-{slug}");
            topic.refuse(&slug, &from, &["HALO-AUTH-004"], AuthReplay, "", input);
        }
        let from = format!("{prefix}-by-device");
        let mut refuse = |slug: &str, input: Value| {
            topic.refuse(&format!("{prefix}-{slug}"), &from, &["HALO-AUTH-003"], AuthChain, "", input);
        };
        refuse("chain-missing", request(&device, &identity, None));
        refuse("chain-foreign", request(&device, &identity, Some(foreign.build())));
        refuse("chain-for-another", request(&device, &identity, Some(for_second.build())));
    }
    topic
}

/// Who answers, and the answer that most cases start from.
struct Scene {
    identity: SigningKey,
    device: SigningKey,
    other: SigningKey,
    challenge: [u8; 32],
}

impl Scene {
    fn new(topic: &Topic, suite: Suite) -> Self {
        let key = |name: &str| topic.key(suite, "scene", name);
        Self {
            identity: key("identity"),
            device: key("device"),
            other: key("other"),
            challenge: topic.bytes("scene", "challenge"),
        }
    }

    fn chain(&self) -> Forge {
        link(&self.identity, &self.device)
    }

    /// By the device, for its identity.
    fn answer(&self) -> Forge {
        delegated(&self.direct(&self.identity), &self.device, self.chain().build())
    }

    /// By a key for itself.
    fn direct(&self, key: &SigningKey) -> Forge {
        let answer = Forge::new(key, &key.public_key(), halo!("Auth"), Vec::new());
        answer.with(|forge| forge.nonce = Some(self.challenge.to_vec()))
    }

    fn input(&self, credential: &[u8]) -> Value {
        json!({
            "credential": to_hex(credential),
            "challenge": to_hex(&self.challenge),
            "trusted": [to_hex(&self.identity.public_key())],
        })
    }

    fn of(&self, forge: &Forge) -> Value {
        self.input(&forge.build())
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn check(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Answers that verify and those that do not.";
    let mut topic = Topic::new(&format!("halo/auth/check-{name}"), "halo.auth.check", &[feature], about);
    let scene = Scene::new(&topic, suite);
    let good = ["HALO-AUTH-006", "HALO-AUTH-007", "HALO-AUTH-011"];
    let answer = scene.answer();
    topic.accept("by-device", &good, "", scene.of(&answer));
    topic.accept("directly", &good, "", scene.of(&scene.direct(&scene.identity)));
    let second = topic.key(suite, "by-second-device", "second");
    let inner = delegated(&link(&scene.identity, &second), &scene.device, scene.chain().build());
    let by_second = delegated(&scene.direct(&scene.identity), &second, inner.build());
    topic.accept("by-second-device", &good, "a chain of two links", scene.of(&by_second));

    let mut reject = |slug: &str, req: &str, class, about: &str, input: Value| {
        topic.reject(slug, "by-device", &[req], class, about, input);
    };
    let verified = "HALO-AUTH-006";
    let forged = answer.build_with(&flipped(answer.signature(), 9, 1));
    reject("signature", verified, AuthSignature, "", scene.input(&forged));
    let unchained = answer.with(|forge| forge.chain = None);
    reject("chain-missing", verified, AuthChain, "", scene.of(&unchained));
    let foreign = answer.with(|forge| forge.chain = Some(link(&scene.other, &scene.device).build()));
    reject("chain-foreign", verified, AuthChain, "", scene.of(&foreign));
    let another = answer.with(|forge| forge.chain = Some(link(&scene.identity, &scene.other).build()));
    reject("chain-for-another", verified, AuthChain, "", scene.of(&another));
    let whole = answer.build();
    let cut = whole.get(..whole.len() - 1).unwrap_or_default();
    reject("truncated", verified, DecodeLength, "", scene.input(cut));
    reject("empty", verified, DecodeMissing, "", scene.input(&[]));
    let changed =
        answer.tampered(|forge| forge.nonce = Some(scene.challenge.iter().rev().copied().collect()));
    reject("nonce-changed", verified, AuthSignature, "after it was signed", scene.input(&changed));
    let typed = answer.with(|forge| forge.proof_type = Some("ES256".to_owned()));
    reject("proof-type", verified, AuthKey, "", scene.of(&typed));

    let replay = "HALO-AUTH-007";
    let nonce = |nonce: Option<Vec<u8>>| scene.of(&answer.with(|forge| forge.nonce = nonce));
    reject("nonce-absent", replay, AuthReplay, "", nonce(None));
    reject("nonce-other", replay, AuthReplay, "", nonce(Some(vec![0x5a; 32])));
    topic
}

fn answers() -> Topic {
    let about = "Nonces, types, subjects and dates of answers.";
    let mut topic = Topic::new("halo/auth/check-members", "halo.auth.check", &[P256], about);
    let scene = Scene::new(&topic, Suite::P256);
    let answer = scene.answer();
    topic.accept("good", &["HALO-AUTH-006", "HALO-AUTH-007", "HALO-AUTH-009"], "", scene.of(&answer));
    let with_now = |forge: &Forge, now: i64| {
        let mut input = scene.of(forge);
        set(&mut input, "now", json!(now.to_string()));
        input
    };
    let limited = answer.with(|forge| forge.expiration = Some(date(DATE + 60_000)));
    topic.accept("before-its-end", &["HALO-AUTH-013"], "", with_now(&limited, DATE + 59_999));
    topic.accept("no-end", &["HALO-AUTH-013"], "", with_now(&answer, DATE + 1_000_000_000));
    let parents = answer.with(|forge| forge.parents = vec![vec![0x22; 32]]);
    topic.accept("parents", &["HALO-AUTH-006"], "", scene.of(&parents));

    let mut reject = |slug: &str, req: &str, class, about: &str, input: Value| {
        topic.reject(slug, "good", &[req], class, about, input);
    };
    let replay = "HALO-AUTH-007";
    let challenge = scene.challenge;
    let nonce = |nonce: Vec<u8>| scene.of(&answer.with(|forge| forge.nonce = Some(nonce)));
    let bit = |at: usize| flipped(challenge.to_vec(), at, 0x80);
    reject("nonce-empty", replay, AuthReplay, "", nonce(Vec::new()));
    reject("nonce-first-byte", replay, AuthReplay, "", nonce(bit(0)));
    reject("nonce-last-byte", replay, AuthReplay, "", nonce(bit(31)));
    reject("nonce-cut", replay, AuthReplay, "", nonce(challenge.get(..31).unwrap_or_default().to_vec()));
    reject("nonce-longer", replay, AuthReplay, "", nonce([challenge.as_slice(), &[0]].concat()));
    reject("nonce-as-hex", replay, AuthReplay, "", nonce(to_hex(&challenge).into_bytes()));
    reject("nonce-reversed", replay, AuthReplay, "", nonce(challenge.iter().rev().copied().collect()));
    let size = "HALO-AUTH-008";
    for (slug, bytes) in [("empty", 0), ("short", 31), ("long", 33)] {
        let own = vec![0x5a; bytes];
        let mut input = nonce(own.clone());
        set(&mut input, "challenge", json!(to_hex(&own)));
        reject(&format!("challenge-{slug}"), size, AuthReplay, "its nonce is that challenge", input);
    }
    let mut input = scene.of(&answer.with(|forge| forge.nonce = None));
    set(&mut input, "challenge", json!(""));
    reject("challenge-empty-nonce-absent", size, AuthReplay, "", input);
    let types = "HALO-AUTH-009";
    let stating = |type_name: &str, value: Vec<u8>| {
        answer.with(|forge| {
            forge.type_url = Some(type_name.to_owned());
            forge.value = Some(value);
        })
    };
    let access =
        [message(1, &message(1, &key_bytes("kube"))), message(2, &message(1, &key_bytes("i")))].concat();
    reject("type-access", types, SchemaType, "", scene.of(&stating(halo!("KubeAccess"), access)));
    reject("type-key-info", types, SchemaType, "", scene.of(&stating(halo!("KeyInfo"), Vec::new())));
    reject("type-struct", types, SchemaType, "", scene.of(&stating("google.protobuf.Struct", Vec::new())));
    reject("type-unknown", types, SchemaType, "", scene.of(&stating(halo!("Unknown"), vec![0x0a, 0x00])));
    reject("type-prefixed", types, SchemaType, "", {
        scene.of(&stating("type.googleapis.com/dxos.halo.credentials.Auth", Vec::new()))
    });
    let legacy = "dxos.halo.credentials.auth.Auth";
    reject(
        "type-legacy",
        types,
        SchemaType,
        "another message of that name",
        scene.of(&stating(legacy, Vec::new())),
    );
    let subjects = "HALO-AUTH-010";
    let about = |data: Vec<u8>| scene.of(&answer.with(|forge| forge.subject = Some(data)));
    reject("about-device", subjects, SchemaConstraint, "", about(scene.device.public_key()));
    reject("about-somebody", subjects, SchemaConstraint, "", about(scene.other.public_key()));
    let expires = "HALO-AUTH-013";
    topic.reject("expired", "before-its-end", &[expires], AuthExpired, "", with_now(&limited, DATE + 60_000));
    let old = scene.chain().with(|forge| forge.expiration = Some(date(DATE + 1_000)));
    let by_old = delegated(&scene.direct(&scene.identity), &scene.device, old.build());
    topic.reject(
        "chain-expired",
        "before-its-end",
        &[expires],
        AuthExpired,
        "",
        with_now(&by_old, DATE + 59_999),
    );
    topic
}

fn trusted() -> Topic {
    let about = "Who is trusted, and who is not.";
    let mut topic = Topic::new("halo/auth/check-trusted", "halo.auth.check", &[P256], about);
    let scene = Scene::new(&topic, Suite::P256);
    let (identity, device, other) =
        (scene.identity.public_key(), scene.device.public_key(), scene.other.public_key());
    let answer = scene.answer();
    let by = |forge: &Forge, trusted: &[&[u8]]| {
        let mut input = scene.of(forge);
        let keys: Vec<String> = trusted.iter().map(|key| to_hex(key)).collect();
        set(&mut input, "trusted", json!(keys));
        input
    };
    let req = ["HALO-AUTH-011"];
    topic.accept("one", &req, "", by(&answer, &[&identity]));
    topic.accept("one-of-three", &req, "", by(&answer, &[&other, &device, &identity]));
    let direct = scene.direct(&scene.device);
    topic.accept("device", &req, "a device for itself", by(&direct, &[&device]));
    let mut reject = |slug: &str, from: &str, about: &str, input: Value| {
        topic.reject(slug, from, &req, AuthRole, about, input);
    };
    reject("nobody", "one", "", by(&answer, &[]));
    reject("another", "one", "", by(&answer, &[&other]));
    reject("only-its-device", "one", "the signer is trusted, the issuer is not", by(&answer, &[&device]));
    reject("first-bytes", "one", "", by(&answer, &[identity.get(..64).unwrap_or_default()]));
    reject(
        "device-of-a-member",
        "device",
        "its identity is trusted, the device is not",
        by(&direct, &[&identity]),
    );
    reject("stranger", "device", "", by(&scene.direct(&scene.other), &[&device]));
    topic
}
