//! Who is in a case of invitations, and what they say.

use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::assertion::{authorized_device, halo, key_bytes};
use super::super::super::chain::{delegated, link};
use super::super::super::forge::{DATE, Forge, integer, key, message};
use super::super::super::issue::Secret;
use super::super::super::steps::{Ask, ask, from, session};
use super::super::super::topic::{P256, Topic};
use super::super::super::verify::flipped;
use crate::format::{Case, Want};

/// The methods, by number.
pub(super) const NONE: i64 = 0;
pub(super) const SECRET: i64 = 1;
pub(super) const KEY: i64 = 2;
/// The two kinds.
pub(super) const DEVICE: i64 = 0;
pub(super) const SPACE: i64 = 1;
/// The code of all invitations with a secret.
pub(super) const CODE: &str = "314159";

/// The keys of a topic.
pub(super) struct Scene {
    pub(super) host: SigningKey,
    device: SigningKey,
    /// The private key of the host's device.
    secret: [u8; 32],
    pub(super) space: SigningKey,
    pub(super) guest: SigningKey,
    pub(super) guest_device: SigningKey,
    pub(super) other: SigningKey,
    /// The guest's key of the invitation.
    pair: SigningKey,
    seed: [u8; 32],
    /// Random challenges, in the order in which a host takes them.
    pub(super) challenges: [[u8; 32]; 2],
}

/// A topic about one side of an invitation.
pub(super) fn topic(name: &str, about: &str) -> Topic {
    Topic::new(&format!("halo/invitation/{name}"), "wire.feed", &[P256], about)
}

impl Scene {
    pub(super) fn new(topic: &Topic) -> Self {
        let key = |name: &str| topic.key(Suite::P256, "scene", name);
        let secret = Secret::new(topic, Suite::P256, "scene", "device");
        Self {
            host: key("host"),
            device: key("device"),
            secret: secret.map(|secret| secret.secret).unwrap_or_default(),
            space: key("space"),
            guest: key("guest"),
            guest_device: key("guest device"),
            other: key("other"),
            pair: topic.key(Suite::Ed25519, "scene", "pair"),
            seed: topic.bytes("scene", "pair"),
            challenges: [topic.bytes("scene", "challenge 1"), topic.bytes("scene", "challenge 2")],
        }
    }

    /// An invitation with what the host holds of it.
    pub(super) fn invitation(&self, kind: i64, method: i64) -> Value {
        let mut invitation = json!({
            "invitation_id": invitation_id(),
            "type": 0,
            "kind": kind,
            "auth_method": method,
            "swarm_key": "5a".repeat(32),
            "state": 0,
            "timeout": 60_000,
            "created": DATE.to_string(),
            "lifetime": 604_800,
        });
        if kind == SPACE {
            set(&mut invitation, "space_key", json!(to_hex(&self.space.public_key())));
        }
        match method {
            SECRET => set(&mut invitation, "auth_code", json!(CODE)),
            KEY => set(&mut invitation, "guest_keypair", self.keypair()),
            _ => {}
        }
        invitation
    }

    /// The same as its guest holds it.
    pub(super) fn guest_invitation(&self, kind: i64, method: i64) -> Value {
        let mut invitation = self.invitation(kind, method);
        unset(&mut invitation, "auth_code");
        invitation
    }

    fn keypair(&self) -> Value {
        let public = self.pair.public_key();
        json!({ "public_key": to_hex(&public), "private_key": to_hex(&[self.seed.as_slice(), &public].concat()) })
    }

    /// The link that lets the host's device act for the host.
    pub(super) fn chain(&self) -> Vec<u8> {
        link(&self.host, &self.device).build()
    }

    /// What begins a host.
    pub(super) fn hosts(&self, kind: i64, invitation: &Value) -> Value {
        let mut space = json!({
            "space_key": to_hex(&self.space.public_key()),
            "genesis_feed_key": to_hex(&key_bytes("genesis feed")),
        });
        if kind == SPACE {
            set(&mut space, "members", json!([[to_hex(&self.host.public_key()), 1]]));
            set(&mut space, "heads", json!(["22".repeat(32), "11".repeat(32)]));
        }
        json!({
            "stack": "halo.invitation",
            "role": "host",
            "invitation": invitation,
            "signer": {
                "suite": "p256",
                "private_key": to_hex(&self.secret),
                "issuer": to_hex(&self.host.public_key()),
                "chain": to_hex(&self.chain()),
            },
            "space": space,
            "challenges": self.challenges.map(|challenge| to_hex(&challenge)),
            "now": DATE,
        })
    }

    /// What begins a guest.
    pub(super) fn visits(&self, invitation: &Value) -> Value {
        json!({
            "stack": "halo.invitation",
            "role": "guest",
            "invitation": invitation,
            "identity": to_hex(&self.guest.public_key()),
            "device": to_hex(&self.guest_device.public_key()),
            "control_feed": to_hex(&key_bytes("control feed")),
            "data_feed": to_hex(&key_bytes("data feed")),
            "now": DATE,
        })
    }

    /// A host of an invitation.
    pub(super) fn host(&self, kind: i64, method: i64) -> Play {
        Play::new(self.hosts(kind, &self.invitation(kind, method)))
    }

    /// A host whose invitation is changed.
    pub(super) fn host_with(&self, kind: i64, method: i64, change: impl FnOnce(&mut Value)) -> Play {
        let mut invitation = self.invitation(kind, method);
        change(&mut invitation);
        Play::new(self.hosts(kind, &invitation))
    }

    /// A guest of an invitation.
    pub(super) fn guest(&self, kind: i64, method: i64) -> Play {
        Play::new(self.visits(&self.guest_invitation(kind, method)))
    }

    /// A guest whose invitation is changed.
    pub(super) fn guest_with(&self, kind: i64, method: i64, change: impl FnOnce(&mut Value)) -> Play {
        let mut invitation = self.guest_invitation(kind, method);
        change(&mut invitation);
        Play::new(self.visits(&invitation))
    }

    /// The signature of a challenge by the key of the invitation.
    pub(super) fn signature(&self, challenge: &[u8]) -> Vec<u8> {
        self.pair.sign(challenge).to_vec()
    }

    /// The request of the guest to be admitted to a space.
    pub(super) fn space_request(&self) -> Vec<u8> {
        let keys = [self.guest.public_key(), self.guest_device.public_key(), key_bytes("c"), key_bytes("d")];
        message(2, &keyed(&keys))
    }

    /// The request of the guest's device.
    pub(super) fn device_request(&self) -> Vec<u8> {
        message(1, &keyed(&[self.guest_device.public_key(), key_bytes("c"), key_bytes("d")]))
    }

    /// The credential that admits the guest to the space, by the host's device.
    pub(super) fn member(&self, role: i64) -> Forge {
        let value = space_member(&self.space.public_key(), role);
        self.by_device(&Forge::new(&self.host, &self.guest.public_key(), halo!("SpaceMember"), value))
    }

    /// The credential that admits the guest's device to the host's identity.
    pub(super) fn authorized(&self) -> Forge {
        let device = self.guest_device.public_key();
        let value = authorized_device(&self.host.public_key(), &device);
        self.by_device(&Forge::new(&self.host, &device, halo!("AuthorizedDevice"), value))
    }

    fn by_device(&self, forge: &Forge) -> Forge {
        delegated(forge, &self.device, self.chain())
    }

    /// An answer to `Admit` for a device.
    pub(super) fn device_admission(&self, credential: &[u8]) -> Vec<u8> {
        let keys = [self.host.public_key(), key_bytes("halo space"), key_bytes("halo feed")];
        message(1, &[keyed(&keys), message(5, credential)].concat())
    }
}

/// An answer to `Admit` for a space.
pub(super) fn space_admission(credential: &[u8]) -> Vec<u8> {
    message(2, &message(1, credential))
}

/// A `SpaceMember`.
pub(super) fn space_member(space: &[u8], role: i64) -> Vec<u8> {
    let mut value = message(1, &key(space));
    integer(&mut value, 2, role);
    value.extend(message(4, &key(&key_bytes("genesis feed"))));
    value
}

/// A credential with a bit of its signature flipped.
pub(super) fn forged(forge: &Forge, at: usize) -> Vec<u8> {
    forge.build_with(&flipped(forge.signature(), at, 1))
}

/// A field for each key, from 1 on.
pub(super) fn keyed(keys: &[Vec<u8>]) -> Vec<u8> {
    (1..).zip(keys).flat_map(|(number, data)| message(number, &key(data))).collect()
}

/// The id of all invitations.
pub(super) fn invitation_id() -> String {
    "0123456789abcdef".repeat(4)
}

/// Sets a member.
pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Removes a member.
pub(super) fn unset(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(name);
    }
}

/// One member of bytes, `{1: text}` or `{2: bytes}`, as `AuthenticationRequest` has them.
pub(super) fn code(text: &str) -> Vec<u8> {
    message(1, text.as_bytes())
}

/// The same with a signature.
pub(super) fn signed(signature: &[u8]) -> Vec<u8> {
    message(2, signature)
}

/// An `IntroductionRequest`.
pub(super) fn introduction(id: &str) -> Vec<u8> {
    message(2, id.as_bytes())
}

/// A message with one integer, `{1: value}`.
pub(super) fn number(value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    integer(&mut out, 1, value);
    out
}

/// A case in the making: one request after the other.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
}

impl Play {
    pub(super) fn new(open: Value) -> Self {
        Self { asks: vec![ask("wire.open", open)] }
    }

    fn step(mut self, op: &str, mut input: Value) -> Self {
        set(&mut input, "session", session(0));
        self.asks.push(ask(op, input));
        self
    }

    pub(super) fn connect(self, connection: u64) -> Self {
        self.step("halo.invitation.connect", json!({ "connection": connection }))
    }

    pub(super) fn disconnect(self, connection: u64) -> Self {
        self.step("halo.invitation.disconnect", json!({ "connection": connection }))
    }

    pub(super) fn cancel(self) -> Self {
        self.step("halo.invitation.cancel", json!({}))
    }

    pub(super) fn enter(self, code: &str) -> Self {
        self.step("halo.invitation.enter_code", json!({ "code": code }))
    }

    /// So many milliseconds after the beginning.
    pub(super) fn after(self, milliseconds: i64) -> Self {
        self.step("wire.tick", json!({ "now": DATE + milliseconds }))
    }

    pub(super) fn request(self, connection: u64, method: &str, bytes: &[u8]) -> Self {
        let message = json!({ "method": method, "request": to_hex(bytes) });
        self.step("wire.feed", json!({ "connection": connection, "message": message }))
    }

    pub(super) fn response(self, connection: u64, method: &str, bytes: &[u8]) -> Self {
        let message = json!({ "method": method, "response": to_hex(bytes) });
        self.step("wire.feed", json!({ "connection": connection, "message": message }))
    }

    pub(super) fn error(self, connection: u64, method: &str) -> Self {
        let message = json!({ "method": method, "error": true });
        self.step("wire.feed", json!({ "connection": connection, "message": message }))
    }

    /// A connection to a guest, known as such.
    pub(super) fn guest(self, connection: u64) -> Self {
        self.connect(connection).request(connection, "Options", &number(0))
    }

    /// A connection to a host, known as such.
    pub(super) fn host(self, connection: u64) -> Self {
        self.connect(connection).request(connection, "Options", &number(1))
    }

    pub(super) fn introduce(self, connection: u64) -> Self {
        self.request(connection, "Introduce", &introduction(&invitation_id()))
    }

    /// A guest that has introduced itself.
    pub(super) fn introduced(self, connection: u64) -> Self {
        self.guest(connection).introduce(connection)
    }

    pub(super) fn tries(self, connection: u64, text: &str) -> Self {
        self.request(connection, "Authenticate", &code(text))
    }

    pub(super) fn signs(self, connection: u64, signature: &[u8]) -> Self {
        self.request(connection, "Authenticate", &signed(signature))
    }

    pub(super) fn admit(self, connection: u64, request: &[u8]) -> Self {
        self.request(connection, "Admit", request)
    }

    /// The judge looks at the admission that the last request brought.
    pub(super) fn judged(mut self) -> Self {
        let step = self.asks.len() - 1;
        let held = ask("halo.invitation.admission", json!({ "admission": from(step, "admission") }));
        self.asks.push(held.any(&["credential"]).judged());
        for op in ["halo.credential.payload", "halo.credential.verify"] {
            self.asks.push(ask(op, json!({ "credential": from(step + 1, "credential") })).judged());
        }
        self
    }

    /// Makes the case.
    pub(super) fn case<'t>(
        self,
        topic: &'t mut Topic,
        slug: &str,
        req: &[&str],
        about: &str,
    ) -> &'t mut Case {
        let case = topic.steps(slug, req, about, self.asks);
        loosen(case);
        case
    }
}

/// Signatures are the testee's own: what holds one is any hex.
fn loosen(case: &mut Case) {
    for step in &mut case.steps {
        let Want::Ok(members) = &mut step.want else { continue };
        let any = || json!({ "$any": "hex" });
        if let Some(admission) = members.get_mut("admission") {
            *admission = any();
        }
        for sent in members.get_mut("out").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(message) = sent.get_mut("message")
                && message.get("method") == Some(&json!("Admit"))
                && let Some(response) = message.get_mut("response")
            {
                *response = any();
            }
        }
    }
}
