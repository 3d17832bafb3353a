//! `halo.credential.issue` and `halo.presentation.issue`: outputs may be randomised, and the judge checks
//! them by payload, id and verification.

use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Value, json};

use super::assertion::{self, Assertion, halo, key_bytes};
use super::chain::link;
use super::forge::{DATE, Forge, date, integer, message};
use super::free::{Free, entries};
use super::topic::{P256, Topic, suite_of};
use crate::class::Class::{AuthChain, AuthKey, AuthSignature, DecodeLength, SchemaType};

/// Slug, requirements, what is special, the assertion's type and encoding, and further members.
type Request<'a> = (&'a str, &'a [&'a str], &'a str, (&'a str, Vec<u8>), Value);

/// The payload, the id that the credential carries, and the signature.
const JUDGED: [&str; 3] = ["halo.credential.payload", "halo.credential.decode", "halo.credential.verify"];

/// A key of a case together with its private half.
pub(super) struct Secret {
    pub(super) suite: &'static str,
    pub(super) secret: [u8; 32],
    key: SigningKey,
}

impl Secret {
    pub(super) fn new(topic: &Topic, suite: Suite, slug: &str, name: &str) -> Option<Self> {
        let secret = topic.bytes(slug, name);
        Some(Self { suite: suite_of(suite).0, secret, key: SigningKey::new(suite, &secret).ok()? })
    }

    pub(super) fn public(&self) -> Vec<u8> {
        self.key.public_key()
    }
}

pub(super) fn request(key: &Secret, issuer: &[u8], type_name: &str, value: &[u8], more: Value) -> Value {
    let mut request = json!({
        "suite": key.suite,
        "private_key": to_hex(&key.secret),
        "issuer": to_hex(issuer),
        "subject": to_hex(&key_bytes("subject")),
        "assertion": { "type": type_name, "value": to_hex(value) },
        "date": DATE.to_string(),
    });
    merge(&mut request, more);
    request
}

fn merge(request: &mut Value, more: Value) {
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
}

pub(super) fn checks() -> Vec<(&'static str, Value)> {
    JUDGED.iter().map(|&op| (op, json!({}))).collect()
}

pub(super) fn credential() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/issue/types",
        "halo.credential.issue",
        &[],
        "Issuing a credential of each type, directly and by a device.",
    );
    for suite in [Suite::P256, Suite::Ed25519] {
        let (prefix, feature) = suite_of(suite);
        topic.features(&[feature]);
        for Assertion { slug, type_name, value } in assertion::all() {
            let slug = format!("{prefix}-{slug}");
            let Some(key) = Secret::new(&topic, suite, &slug, "issuer") else { continue };
            let input = request(&key, &key.public(), type_name, &value, json!({}));
            topic.issue(&slug, &["HALO-CRED-009", "HALO-ENC-003"], type_name, input, "credential", &checks());
        }
    }
    topic
}

pub(super) fn members() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/issue/members",
        "halo.credential.issue",
        &[P256],
        "Issuing with nonce, parents, dates, chains and assertions to be completed; and what is refused.",
    );
    let auth = (halo!("Auth"), Vec::new());
    let incomplete_device = (halo!("AuthorizedDevice"), Vec::new());
    let incomplete_access = (halo!("KubeAccess"), message(1, &message(1, &key_bytes("kube"))));
    let incomplete_invitation = ("dxos.halo.invitations.DelegateSpaceInvitation", message(1, b"i"));
    let profile = (halo!("IdentityProfile"), Vec::new());
    let epoch = (halo!("Epoch"), Vec::new());
    let cases: Vec<Request<'_>> = vec![
        ("plain", &["HALO-CRED-009"], "", auth.clone(), json!({})),
        ("nonce", &["HALO-CRED-009", "HALO-PAY-003"], "", auth.clone(), json!({ "nonce": "00ff" })),
        ("nonce-empty", &["HALO-CRED-009", "HALO-PAY-003"], "", auth.clone(), json!({ "nonce": "" })),
        (
            "parents",
            &["HALO-CRED-009", "HALO-PAY-002"],
            "",
            auth.clone(),
            json!({ "parents": ["22".repeat(32), "11".repeat(32)] }),
        ),
        ("parents-empty", &["HALO-CRED-009", "HALO-PAY-002"], "", auth.clone(), json!({ "parents": [] })),
        (
            "date-whole-second",
            &["HALO-CRED-007", "HALO-ENC-021"],
            "",
            auth.clone(),
            json!({ "date": "1704164645000" }),
        ),
        (
            "date-zero",
            &["HALO-CRED-007", "HALO-ENC-021"],
            "1970 is written too",
            auth.clone(),
            json!({ "date": "0" }),
        ),
        (
            "date-far",
            &["HALO-CRED-007", "HALO-ENC-021"],
            "",
            auth.clone(),
            json!({ "date": "253402300799999" }),
        ),
        ("complete-keys", &["HALO-CRED-010"], "an assertion without any field", incomplete_device, json!({})),
        ("complete-list", &["HALO-CRED-010"], "", incomplete_access, json!({})),
        ("complete-bool", &["HALO-CRED-010"], "", incomplete_invitation, json!({})),
        ("complete-message", &["HALO-CRED-010"], "", profile, json!({})),
        ("complete-number", &["HALO-CRED-010"], "", epoch, json!({})),
    ];
    for (slug, req, about, (type_name, value), more) in cases {
        let Some(key) = Secret::new(&topic, Suite::P256, slug, "issuer") else { continue };
        let input = request(&key, &key.public(), type_name, &value, more);
        topic.issue(slug, req, about, input, "credential", &checks());
    }
    by_device(&mut topic);
    refused(&mut topic);
    topic
}

/// What only the bytes show: the judge also looks at how the credential is written.
pub(super) fn form() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/issue/form",
        "halo.credential.issue",
        &[P256],
        "How an issued credential is written, byte by byte.",
    );
    let checks: Vec<(&str, Value)> =
        [&JUDGED[..], &["halo.credential.form"]].concat().into_iter().map(|op| (op, json!({}))).collect();
    let auth = (halo!("Auth"), Vec::new());
    let device = assertion::authorized_device(&key_bytes("identity"), &key_bytes("device"));
    let backwards =
        [message(2, &message(1, &key_bytes("device"))), message(1, &message(1, &key_bytes("identity")))];
    let number = assertion::free_data(&entries(&[("n", Free::Number(1.5))]));
    let mut designated = message(1, &message(1, &key_bytes("space")));
    integer(&mut designated, 4, 0);
    let cases: Vec<Request<'_>> = vec![
        (
            "plain",
            &["HALO-ENC-002", "HALO-ENC-005"],
            "an empty assertion is written",
            auth.clone(),
            json!({}),
        ),
        (
            "parents",
            &["HALO-ENC-002"],
            "the parents come last",
            auth.clone(),
            json!({ "parents": ["22".repeat(32)], "nonce": "00" }),
        ),
        ("in-order", &["HALO-ENC-002"], "", (halo!("AuthorizedDevice"), device), json!({})),
        (
            "out-of-order",
            &["HALO-ENC-002"],
            "an assertion that was given with its second field first",
            (halo!("AuthorizedDevice"), backwards.concat()),
            json!({}),
        ),
        (
            "defaults",
            &["HALO-ENC-003"],
            "two keys are absent",
            (halo!("AuthorizedDevice"), Vec::new()),
            json!({}),
        ),
        ("default-number", &["HALO-ENC-003"], "", (halo!("Epoch"), Vec::new()), json!({})),
        ("enumeration-zero", &["HALO-ENC-004"], "", (halo!("AdmittedFeed"), designated.clone()), json!({})),
        (
            "enumeration-unset",
            &["HALO-ENC-004"],
            "",
            (halo!("AdmittedFeed"), message(1, &message(1, &key_bytes("space")))),
            json!({}),
        ),
        ("milliseconds", &["HALO-CRED-007", "HALO-ENC-021"], "", auth.clone(), json!({})),
        (
            "free-data",
            &["HALO-CRED-009"],
            "a number in free data",
            (halo!("IdentityProfile"), number),
            json!({}),
        ),
        ("whole-second", &["HALO-ENC-021"], "", auth.clone(), json!({ "date": "1704164645000" })),
        ("before-1970", &["HALO-ENC-027"], "the seconds are rounded down", auth, json!({ "date": "-1500" })),
    ];
    for (slug, req, about, (type_name, value), more) in cases {
        let Some(key) = Secret::new(&topic, Suite::P256, slug, "issuer") else { continue };
        let input = request(&key, &key.public(), type_name, &value, more);
        topic.issue(slug, req, about, input, "credential", &checks);
    }
    topic
}

fn by_device(topic: &mut Topic) {
    let keys = |name: &str| Secret::new(topic, Suite::P256, "by-device", name);
    let (Some(identity), Some(device), Some(second), Some(other)) =
        (keys("identity"), keys("device"), keys("second"), keys("other"))
    else {
        return;
    };
    let chain = link(&identity.key, &device.key);
    let request = |key: &Secret, chain: &[u8]| {
        request(key, &identity.public(), halo!("Auth"), &[], json!({ "chain": to_hex(chain) }))
    };
    let issued = request(&device, &chain.build());
    topic.issue(
        "by-device",
        &["HALO-CRED-009", "HALO-CHAIN-009"],
        "",
        issued.clone(),
        "credential",
        &checks(),
    );
    let inner =
        super::chain::delegated(&link(&identity.key, &second.key), &device.key, chain.build()).build();
    let input = request(&second, &inner);
    topic.issue(
        "by-second-device",
        &["HALO-CRED-009", "HALO-CHAIN-007"],
        "a chain of two links",
        input,
        "credential",
        &checks(),
    );

    let invalid = "HALO-CRED-012";
    let mut refuse = |slug, class, about, input: Value| {
        topic.refuse(slug, "by-device", &[invalid], class, about, input);
    };
    let foreign = link(&other.key, &device.key).build();
    refuse("chain-of-other-identity", AuthChain, "", request(&device, &foreign));
    let for_second = link(&identity.key, &second.key).build();
    refuse("chain-for-other-device", AuthChain, "", request(&device, &for_second));
    let forged = chain.with(|f| f.key = other.key.clone()).build();
    refuse("chain-signature", AuthSignature, "", request(&device, &forged));
    let relabelled = chain.with(|f| f.type_url = Some(halo!("HaloSpace").to_owned())).build();
    refuse("chain-type", AuthChain, "", request(&device, &relabelled));
    let cut = chain.build();
    let cut = cut.get(..cut.len() - 1).unwrap_or_default();
    refuse("chain-truncated", DecodeLength, "", request(&device, cut));
    let mut missing = issued;
    if let Some(members) = missing.as_object_mut() {
        members.remove("chain");
    }
    topic.refuse("chain-missing", "by-device", &["HALO-CRED-011"], AuthChain, "", missing);
}

fn refused(topic: &mut Topic) {
    let Some(key) = Secret::new(topic, Suite::P256, "plain", "issuer") else { return };
    let request = |type_name: &str, value: &[u8]| request(&key, &key.public(), type_name, value, json!({}));
    let mut refuse = |slug, req: &str, class, about, input: Value| {
        topic.refuse(slug, "plain", &[req], class, about, input);
    };
    let types = "HALO-CRED-013";
    refuse(
        "struct",
        types,
        SchemaType,
        "free data at the top could be relabelled",
        request("google.protobuf.Struct", &[]),
    );
    refuse("timestamp", types, SchemaType, "", request("google.protobuf.Timestamp", &[]));
    refuse("public-key", types, SchemaType, "", request("dxos.keys.PublicKey", &[0x0a, 0x00]));
    refuse("unknown-type", types, SchemaType, "", request("dxos.halo.credentials.Unknown", &[]));
    refuse("no-type", types, SchemaType, "", request("", &[]));
    refuse(
        "prefixed-type",
        types,
        SchemaType,
        "",
        request("type.googleapis.com/dxos.halo.credentials.Auth", &[]),
    );
    let malformed = "HALO-CRED-014";
    refuse("assertion-truncated", malformed, DecodeLength, "", request(halo!("SpaceGenesis"), &[0x0a, 0x05]));
    for (slug, secret) in [("private-key-zero", [0; 32]), ("private-key-too-large", [0xff; 32])] {
        let mut input = request(halo!("Auth"), &[]);
        merge(&mut input, json!({ "private_key": to_hex(&secret) }));
        refuse(slug, "HALO-KEY-008", AuthKey, "not a scalar of P-256", input);
    }
}

pub(super) fn presentation() -> Topic {
    let mut topic = Topic::new(
        "halo/presentation/issue/members",
        "halo.presentation.issue",
        &[],
        "Issuing a presentation with one proof.",
    );
    let checks: Vec<(&str, Value)> =
        vec![("halo.presentation.payload", json!({ "proof": 0 })), ("halo.presentation.verify", json!({}))];
    for suite in [Suite::P256, Suite::Ed25519] {
        let (prefix, feature) = suite_of(suite);
        topic.features(&[feature]);
        for (name, nonce, count) in [
            ("plain", Some("5a".repeat(32)), 1),
            ("nonce-absent", None, 1),
            ("nonce-empty", Some(String::new()), 1),
            ("two-credentials", Some("00".to_owned()), 2),
            ("no-credentials", Some("00".to_owned()), 0),
        ] {
            let slug = format!("{prefix}-{name}");
            let Some(device) = Secret::new(&topic, suite, &slug, "device") else { continue };
            let server = topic.key(suite, &slug, "server");
            let alice = topic.key(suite, &slug, "alice");
            let credentials: Vec<String> = (0..count)
                .map(|index| {
                    let credential =
                        Forge::new(&server, &alice.public_key(), halo!("KeyInfo"), vec![0x0a, 0x01, b'k']);
                    to_hex(&credential.with(|f| f.issuance = Some(date(DATE + index))).build())
                })
                .collect();
            let mut input = json!({
                "suite": device.suite,
                "private_key": to_hex(&device.secret),
                "credentials": credentials,
                "date": DATE.to_string(),
                "chain": to_hex(&link(&alice, &device.key).build()),
            });
            if let Some(nonce) = nonce {
                merge(&mut input, json!({ "nonce": nonce }));
            }
            topic.issue(&slug, &["HALO-PRES-009"], "", input.clone(), "presentation", &checks);
            if name == "plain" {
                let first = credentials.first().cloned().unwrap_or_default();
                let cut = first.get(..first.len() - 2).unwrap_or_default();
                merge(&mut input, json!({ "credentials": [cut] }));
                let rejected = format!("{slug}-credential-truncated");
                topic.refuse(&rejected, &slug, &["HALO-ENC-011"], DecodeLength, "", input);
            }
        }
    }
    topic
}
