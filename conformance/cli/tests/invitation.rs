//! Invitations between the reference and the deployed implementation, each as the host of the other, and the answers by
//! which they authenticate to each other: messages are carried between the two, and what comes of it is checked by both.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::collections::VecDeque;
use std::time::Duration;

use dxos_conformance::process::Process;
use dxos_conformance::protocol::{Answer, Request};
use dxos_conformance::testee::{Limits, Testee as _};
use dxos_proto::dxos::halo::credentials::AuthorizedDevice;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message as _;
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::operations::{Failure, Operations};
use serde_json::{Map, Value, json};
use support::{deployed, root};

/// When everything happens, in Unix milliseconds.
const NOW: u64 = 1_735_689_600_000;
const LIFETIME_SECONDS: u64 = 3600;
const CODE: &str = "271828";
const READER: u64 = 3;

/// Authentication methods, by their numbers.
const NONE: u64 = 0;
const SHARED_SECRET: u64 = 1;
const KNOWN_PUBLIC_KEY: u64 = 2;

/// Kinds of invitations, by their numbers.
const DEVICE: u64 = 0;
const SPACE: u64 = 1;

/// An implementation that is asked, and answers or refuses with a class.
trait Implementation {
    fn ask(&mut self, op: &str, input: &Value) -> Result<Value, String>;
}

/// The reference, in process; as its carrier does, it is told the names of its sessions.
#[derive(Default)]
struct Ours {
    operations: Operations,
    opened: usize,
}

impl Implementation for Ours {
    fn ask(&mut self, op: &str, input: &Value) -> Result<Value, String> {
        let mut input = input.as_object().unwrap().clone();
        if op == "wire.open" {
            self.opened += 1;
            input.insert("session".to_owned(), format!("s{}", self.opened).into());
        }
        match self.operations.call(op, &input) {
            Ok(mut answer) => {
                if op == "wire.open" {
                    answer.insert("session".to_owned(), input["session"].clone());
                }
                Ok(Value::Object(answer))
            }
            Err(Failure::Reject(reject)) => Err(reject.class.name().to_owned()),
            Err(failure) => panic!("{op} {input:?}: {failure}"),
        }
    }
}

/// The deployed implementation, behind its adapter.
struct Theirs {
    process: Process,
    asked: u64,
}

impl Theirs {
    fn start() -> Self {
        let adapter = root().join("conformance/adapters/dxos-js/main.mjs");
        let limits = Limits { start: Duration::from_secs(120), ..Limits::default() };
        let process = Process::start(&format!("node '{}'", adapter.display()), &limits).unwrap();
        Self { process, asked: 0 }
    }
}

impl Implementation for Theirs {
    fn ask(&mut self, op: &str, input: &Value) -> Result<Value, String> {
        self.asked += 1;
        let request = Request::new(self.asked, op, input.as_object().unwrap().clone());
        // Its packages are loaded by the first request that needs them.
        match self.process.request(&request, Duration::from_secs(60)).unwrap() {
            Answer::Ok(answer) => Ok(Value::Object(answer)),
            Answer::Reject { class, .. } => Err(class),
            other => panic!("{op} {input}: {other}"),
        }
    }
}

/// One side of an invitation.
struct Side<'a> {
    implementation: &'a mut dyn Implementation,
    session: Value,
    /// What it has sent and the other side has not been given.
    out: VecDeque<Value>,
    /// Its last answer.
    answer: Value,
    admission: Option<Value>,
    result: Option<Value>,
}

impl<'a> Side<'a> {
    fn open(implementation: &'a mut dyn Implementation, input: &Value) -> Result<Self, String> {
        let answer = implementation.ask("wire.open", input)?;
        let session = answer["session"].clone();
        let mut side = Self {
            implementation,
            session,
            out: VecDeque::new(),
            answer: json!({}),
            admission: None,
            result: None,
        };
        side.take(answer);
        Ok(side)
    }

    fn take(&mut self, answer: Value) {
        self.out.extend(answer["out"].as_array().unwrap().iter().map(|sent| sent["message"].clone()));
        self.admission = answer.get("admission").cloned().or_else(|| self.admission.take());
        self.result = answer.get("result").cloned().or_else(|| self.result.take());
        self.answer = answer;
    }

    fn act(&mut self, op: &str, input: Value) {
        let mut input: Map<String, Value> = input.as_object().unwrap().clone();
        input.insert("session".to_owned(), self.session.clone());
        let answer = self.implementation.ask(op, &Value::Object(input)).unwrap();
        self.take(answer);
    }

    fn state(&self) -> &str {
        self.answer["state"].as_str().unwrap()
    }

    fn is_connected(&self) -> bool {
        !self.answer["open"].as_array().unwrap().is_empty()
    }
}

fn connect(host: &mut Side<'_>, guest: &mut Side<'_>) {
    host.act("halo.invitation.connect", json!({}));
    guest.act("halo.invitation.connect", json!({}));
}

/// Carries messages, and that a side has closed the connection, until nothing more is said.
fn carry(host: &mut Side<'_>, guest: &mut Side<'_>) {
    loop {
        if let Some(message) = guest.out.pop_front() {
            host.act("wire.feed", json!({ "message": message }));
        } else if let Some(message) = host.out.pop_front() {
            guest.act("wire.feed", json!({ "message": message }));
        } else if host.is_connected() && !guest.is_connected() {
            host.act("halo.invitation.disconnect", json!({}));
        } else if guest.is_connected() && !host.is_connected() {
            guest.act("halo.invitation.disconnect", json!({}));
        } else {
            return;
        }
    }
}

fn enter(host: &mut Side<'_>, guest: &mut Side<'_>, code: &str) {
    assert_eq!(guest.state(), "READY_FOR_AUTHENTICATION");
    guest.act("halo.invitation.enter_code", json!({ "code": code }));
    carry(host, guest);
}

fn private(number: u8) -> String {
    hex::encode([number; 32])
}

fn public(suite: Suite, number: u8) -> Vec<u8> {
    SigningKey::new(suite, &[number; 32]).unwrap().public_key()
}

fn key(number: u8) -> String {
    hex::encode(public(Suite::P256, number))
}

/// Numbers of the keys of an invitation.
const SPACE_KEY: u8 = 1;
const GENESIS_FEED: u8 = 2;
const HOST_IDENTITY: u8 = 3;
const HOST_DEVICE: u8 = 4;
const GUEST_IDENTITY: u8 = 5;
const GUEST_DEVICE: u8 = 6;
const CONTROL_FEED: u8 = 7;
const DATA_FEED: u8 = 8;
const GUEST_KEY: u8 = 9;

/// Who acts for the host: a device, by the chain of its identity.
fn signer(ours: &mut dyn Implementation) -> Value {
    let proto = |number| Some(PublicKey { data: public(Suite::P256, number) });
    let assertion = AuthorizedDevice { identity_key: proto(HOST_IDENTITY), device_key: proto(HOST_DEVICE) };
    let issue = json!({
        "suite": "p256",
        "private_key": private(HOST_IDENTITY),
        "issuer": key(HOST_IDENTITY),
        "subject": key(HOST_DEVICE),
        "date": NOW.to_string(),
        "assertion": {
            "type": "dxos.halo.credentials.AuthorizedDevice",
            "value": hex::encode(assertion.encode_to_vec()),
        },
    });
    let chain = ours.ask("halo.credential.issue", &issue).unwrap()["credential"].clone();
    json!({
        "suite": "p256",
        "private_key": private(HOST_DEVICE),
        "issuer": key(HOST_IDENTITY),
        "chain": chain,
    })
}

/// The invitation as its host has it.
fn invitation(kind: u64, method: u64) -> Value {
    let mut invitation = json!({
        "invitation_id": "one of a kind",
        "type": 0,
        "kind": kind,
        "auth_method": method,
        "state": 0,
        "swarm_key": private(10),
        "timeout": 180_000,
        "created": NOW.to_string(),
        "lifetime": LIFETIME_SECONDS,
        "multi_use": false,
    });
    if kind == SPACE {
        invitation["space_key"] = key(SPACE_KEY).into();
        invitation["role"] = READER.into();
    }
    if method == SHARED_SECRET {
        invitation["auth_code"] = CODE.into();
    }
    if method == KNOWN_PUBLIC_KEY {
        let public = hex::encode(public(Suite::Ed25519, GUEST_KEY));
        let private = format!("{}{public}", private(GUEST_KEY));
        invitation["guest_keypair"] = json!({ "public_key": public, "private_key": private });
    }
    invitation
}

fn host_at<'a>(
    implementation: &'a mut dyn Implementation,
    invitation: &Value,
    now: u64,
) -> Result<Side<'a>, String> {
    let mut space = json!({ "space_key": key(SPACE_KEY), "genesis_feed_key": key(GENESIS_FEED) });
    if invitation["kind"] == SPACE {
        space["members"] = json!([[key(HOST_IDENTITY), 4]]);
        space["heads"] = json!([private(11)]);
    }
    let signer = signer(&mut Ours::default());
    Side::open(
        implementation,
        &json!({
            "stack": "halo.invitation",
            "role": "host",
            "invitation": invitation,
            "now": now,
            "signer": signer,
            "space": space,
            "challenges": [private(12), private(13)],
        }),
    )
}

fn guest_at<'a>(
    implementation: &'a mut dyn Implementation,
    invitation: &Value,
    now: u64,
) -> Result<Side<'a>, String> {
    Side::open(
        implementation,
        &json!({
            "stack": "halo.invitation",
            "role": "guest",
            "invitation": invitation,
            "now": now,
            "identity": key(GUEST_IDENTITY),
            "device": key(GUEST_DEVICE),
            "control_feed": key(CONTROL_FEED),
            "data_feed": key(DATA_FEED),
            "profile": "Guest",
        }),
    )
}

/// Both sides of an invitation that the host makes, and that the guest knows by its code.
fn both<'a>(
    host: &'a mut dyn Implementation,
    guest: &'a mut dyn Implementation,
    kind: u64,
    method: u64,
) -> (Side<'a>, Side<'a>) {
    let made = invitation(kind, method);
    let code = host.ask("halo.invitation.code.encode", &json!({ "invitation": made })).unwrap();
    let read = guest.ask("halo.invitation.code.decode", &code).unwrap()["invitation"].clone();
    assert_eq!(read.get("auth_code"), None, "the code does not hold the secret");
    let sides = (host_at(host, &made, NOW).unwrap(), guest_at(guest, &read, NOW).unwrap());
    assert_eq!((sides.0.state(), sides.1.state()), ("CONNECTING", "CONNECTING"));
    sides
}

/// The invitation from its code to the credential; the answer to Admit, and what the guest has made of it.
fn admitted(
    host: &mut dyn Implementation,
    guest: &mut dyn Implementation,
    kind: u64,
    method: u64,
) -> (Value, Value) {
    let (mut host, mut guest) = both(host, guest, kind, method);
    connect(&mut host, &mut guest);
    carry(&mut host, &mut guest);
    if method == SHARED_SECRET {
        enter(&mut host, &mut guest, "000000");
        assert_eq!(host.state(), "AUTHENTICATING", "a wrong code is not the end");
        enter(&mut host, &mut guest, CODE);
    }
    assert_eq!((host.state(), guest.state()), ("SUCCESS", "SUCCESS"), "kind {kind}, method {method}");
    assert!(!host.is_connected() && !guest.is_connected());
    (host.admission.unwrap(), guest.result.unwrap())
}

/// What was admitted, checked by `ours` and `theirs`.
fn check(ours: &mut Ours, theirs: &mut Theirs, kind: u64, admission: &Value, result: &Value) {
    assert_eq!(result["issuer"], key(HOST_IDENTITY));
    assert_eq!(result["genesis_feed_key"], key(GENESIS_FEED));
    let (subject, space) = if kind == SPACE {
        assert_eq!(result["role"], READER);
        (GUEST_IDENTITY, "space_key")
    } else {
        assert_eq!(result["identity_key"], key(HOST_IDENTITY));
        (GUEST_DEVICE, "halo_space_key")
    };
    assert_eq!(result[space], key(SPACE_KEY));
    let held = ours.ask("halo.invitation.admission", &json!({ "admission": admission })).unwrap();
    assert_eq!(held["kind"], kind);
    let credential = json!({ "credential": held["credential"] });
    for implementation in [ours as &mut dyn Implementation, theirs] {
        let verified = implementation.ask("halo.credential.verify", &credential).unwrap();
        assert_eq!(verified["issuer"], key(HOST_IDENTITY));
        let decoded = implementation.ask("halo.credential.decode", &credential).unwrap();
        assert_eq!(decoded["subject"], key(subject));
        assert_eq!(decoded["proof"]["signer"], key(HOST_DEVICE));
        assert_eq!(decoded["issuance_date"], NOW.to_string());
    }
}

#[test]
fn guests_of_each_are_admitted_by_hosts_of_the_other() {
    let Some(_) = deployed("invitations with @dxos 0.8.3") else { return };
    let (mut ours, mut theirs) = (Ours::default(), Theirs::start());
    for kind in [SPACE, DEVICE] {
        for method in [NONE, SHARED_SECRET, KNOWN_PUBLIC_KEY] {
            let (admission, result) = admitted(&mut theirs, &mut ours, kind, method);
            check(&mut ours, &mut theirs, kind, &admission, &result);
            let (admission, result) = admitted(&mut ours, &mut theirs, kind, method);
            check(&mut ours, &mut theirs, kind, &admission, &result);
        }
    }
}

/// A guest that enters three wrong codes is done for; the state of the host.
fn three_wrong_codes(host: &mut dyn Implementation, guest: &mut dyn Implementation) -> String {
    let (mut host, mut guest) = both(host, guest, SPACE, SHARED_SECRET);
    connect(&mut host, &mut guest);
    carry(&mut host, &mut guest);
    for code in ["000000", "271829", ""] {
        enter(&mut host, &mut guest, code);
    }
    assert_eq!(guest.state(), "ERROR");
    assert!(!host.is_connected() && !guest.is_connected());
    assert_eq!((host.admission, guest.result), (None, None));
    host.answer["state"].as_str().unwrap().to_owned()
}

#[test]
fn three_wrong_codes_admit_nobody() {
    let Some(_) = deployed("wrong codes with @dxos 0.8.3") else { return };
    let (mut ours, mut theirs) = (Ours::default(), Theirs::start());
    assert_eq!(three_wrong_codes(&mut ours, &mut theirs), "ERROR", "the invitation is over");
    assert_eq!(three_wrong_codes(&mut theirs, &mut ours), "CONNECTING", "the next guest may try again");
}

fn cancelled(host: &mut dyn Implementation, guest: &mut dyn Implementation) {
    // While a guest is there.
    {
        let (mut host, mut guest) = both(host, guest, SPACE, SHARED_SECRET);
        connect(&mut host, &mut guest);
        carry(&mut host, &mut guest);
        host.act("halo.invitation.cancel", json!({}));
        carry(&mut host, &mut guest);
        assert_eq!((host.state(), guest.state()), ("CANCELLED", "ERROR"));
        assert!(!host.is_connected() && !guest.is_connected());
        assert_eq!((host.admission, guest.result), (None, None));
    }
    // Before one comes.
    let (mut host, mut guest) = both(host, guest, SPACE, NONE);
    host.act("halo.invitation.cancel", json!({}));
    connect(&mut host, &mut guest);
    assert!(host.out.is_empty(), "nothing is said to who comes too late");
    carry(&mut host, &mut guest);
    assert_eq!(host.state(), "CANCELLED");
    assert!(!host.is_connected() && !guest.is_connected());
    assert_eq!((host.admission, guest.result), (None, None));
}

#[test]
fn a_cancelled_invitation_admits_nobody() {
    let Some(_) = deployed("cancelled invitations with @dxos 0.8.3") else { return };
    let (mut ours, mut theirs) = (Ours::default(), Theirs::start());
    cancelled(&mut ours, &mut theirs);
    cancelled(&mut theirs, &mut ours);
}

fn expired(host: &mut dyn Implementation, guest: &mut dyn Implementation) {
    let made = invitation(SPACE, NONE);
    let late = NOW + 1000 * LIFETIME_SECONDS + 1;
    assert_eq!(guest_at(guest, &made, late).err().as_deref(), Some("auth.expired"));
    assert_eq!(host_at(host, &made, late).unwrap().state(), "EXPIRED");
    // While a guest is there that hears of it only by the end of the connection.
    let (mut host, mut guest) = both(host, guest, SPACE, SHARED_SECRET);
    connect(&mut host, &mut guest);
    carry(&mut host, &mut guest);
    host.act("wire.tick", json!({ "now": late }));
    assert_eq!(host.state(), "EXPIRED");
    carry(&mut host, &mut guest);
    assert_eq!(guest.state(), "ERROR");
    assert!(!host.is_connected() && !guest.is_connected());
    assert_eq!((host.admission, guest.result), (None, None));
}

#[test]
fn an_expired_invitation_admits_nobody() {
    let Some(_) = deployed("expired invitations with @dxos 0.8.3") else { return };
    let (mut ours, mut theirs) = (Ours::default(), Theirs::start());
    expired(&mut ours, &mut theirs);
    expired(&mut theirs, &mut ours);
}

/// The answer of `prover` to a challenge, as `verifier` judges it: for its challenge and those whom it trusts; for
/// another challenge; and where it trusts somebody else.
fn authenticated(
    prover: &mut dyn Implementation,
    verifier: &mut dyn Implementation,
    signer: &Value,
) -> [Result<Value, String>; 3] {
    let mut prove = signer.clone();
    let challenge = private(14);
    prove["challenge"] = challenge.clone().into();
    prove["date"] = NOW.to_string().into();
    let credential = prover.ask("halo.auth.prove", &prove).unwrap()["credential"].clone();
    let mut check = |challenge: &str, trusted: &str| {
        let input = json!({ "credential": credential, "challenge": challenge, "trusted": [trusted] });
        verifier.ask("halo.auth.check", &input)
    };
    let issuer = key(HOST_IDENTITY);
    [check(&challenge, &issuer), check(&private(15), &issuer), check(&challenge, &key(GUEST_IDENTITY))]
}

#[test]
fn each_authenticates_to_the_other() {
    let Some(_) = deployed("authentication with @dxos 0.8.3") else { return };
    let (mut ours, mut theirs) = (Ours::default(), Theirs::start());
    let by_device = signer(&mut ours);
    let by_itself = json!({
        "suite": "p256",
        "private_key": private(HOST_IDENTITY),
        "issuer": key(HOST_IDENTITY),
    });
    for signer in [by_device, by_itself] {
        let both =
            [authenticated(&mut ours, &mut theirs, &signer), authenticated(&mut theirs, &mut ours, &signer)];
        for [trusted, replayed, untrusted] in both {
            assert_eq!(trusted, Ok(json!({ "issuer": key(HOST_IDENTITY) })));
            // The deployed implementation does not say why.
            for refused in [replayed, untrusted] {
                assert!(refused.as_ref().is_err_and(|class| class.starts_with("auth.")), "{refused:?}");
            }
        }
    }
}
