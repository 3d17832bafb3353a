//! Spaces in short: who states what about whom, with which parents, and what is to come of it.
//!
//! ```text
//! B: a>b ADM ^o @100; X: b>c REM ^B,o; p: b>b profile name=Bob
//! ```
//!
//! Statements are separated by `;`, and begin with the name of the credential, its issuer and its subject.  `S` is the
//! key of the space; other names of one letter are identities, and names of more letters that begin with `f` feeds.
//! What is stated is a role (`OWN ADM EDT RDR REM`, or `role=9`), or `genesis profile feed epoch delegate cancel note
//! device`.  Options: `^parents`, `@ms` later than the usual date, and those of [`Words`].

use std::collections::BTreeMap;

use dxos_proto::dxos::halo::{credentials as proto, invitations};
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Timestamp;
use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::super::assertion::{authorized_device, halo};
use super::super::super::chain::{delegated, link};
use super::super::super::forge::{CarriedId, DATE, Forge, date, delimited, integer, key as key_message};
use super::super::super::topic::Topic;
use super::super::super::verify::flipped;

/// What stands in front of a scene that does not begin with `!`: the genesis, and the first member.
const BEGINNING: &str = "g: S>S genesis; o: S>a OWN";

/// A credential of a scene.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) bytes: Vec<u8>,
    pub(super) id: [u8; 32],
    feed: [u8; 32],
    forge: Forge,
}

/// The credentials of a scene by name, in the order in which they were written.
#[derive(Clone)]
pub(super) struct Scene {
    keys: BTreeMap<String, SigningKey>,
    made: BTreeMap<String, Made>,
    pub(super) order: Vec<String>,
    pub(super) problems: Vec<String>,
}

/// The words of a statement behind its subject.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    /// The value of `name=value`.
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether a word stands alone.
    fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }
}

/// The key of a feed.
pub(super) fn feed_key(name: &str) -> [u8; 32] {
    Sha256::digest(format!("feed {name}")).into()
}

/// The id of what is not there.
fn unknown_id(name: &str) -> [u8; 32] {
    Sha256::digest(format!("unknown {name}")).into()
}

#[allow(clippy::unnecessary_wraps)] // Message fields are options in the generated types.
fn public(data: &[u8]) -> Option<PublicKey> {
    Some(PublicKey { data: data.to_vec() })
}

impl Scene {
    /// Reads a scene; `base` tells its keys from those of other scenes.
    pub(super) fn new(topic: &Topic, suite: Suite, base: &str, text: &str) -> Self {
        let mut scene =
            Self { keys: BTreeMap::new(), made: BTreeMap::new(), order: Vec::new(), problems: Vec::new() };
        let key = |name: &str| topic.key(suite, base, name);
        match text.strip_prefix('!') {
            Some(text) => scene.read(&key, text),
            None => {
                scene.read(&key, BEGINNING);
                scene.read(&key, text);
            }
        }
        scene
    }

    fn read(&mut self, key: &dyn Fn(&str) -> SigningKey, text: &str) {
        for statement in text.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            if self.statement(key, statement).is_none() {
                self.problems.push(format!("cannot read \"{statement}\""));
            }
        }
    }

    fn key(&mut self, key: &dyn Fn(&str) -> SigningKey, name: &str) -> SigningKey {
        self.keys.entry(name.to_owned()).or_insert_with(|| key(name)).clone()
    }

    /// The bytes for a name: of a feed, or of somebody's key.
    fn party(&mut self, key: &dyn Fn(&str) -> SigningKey, name: &str) -> Vec<u8> {
        if name.len() > 1 && name.starts_with('f') {
            return feed_key(name).to_vec();
        }
        self.key(key, name).public_key()
    }

    /// The id of a credential by its name, also if there is none.
    pub(super) fn id(&self, name: &str) -> [u8; 32] {
        self.made.get(name).map_or_else(|| unknown_id(name), |made| made.id)
    }

    pub(super) fn hex_id(&self, name: &str) -> String {
        to_hex(&self.id(name))
    }

    /// The one of these credentials that has the smallest id.
    pub(super) fn smallest<'n>(&self, names: &[&'n str]) -> &'n str {
        names.iter().copied().min_by_key(|name| self.id(name)).unwrap_or_default()
    }

    /// The public key of somebody, in hex.
    pub(super) fn hex_key(&self, name: &str) -> String {
        if name.len() > 1 && name.starts_with('f') {
            return to_hex(&feed_key(name));
        }
        self.keys.get(name).map(|key| to_hex(&key.public_key())).unwrap_or_default()
    }

    fn statement(&mut self, key: &dyn Fn(&str) -> SigningKey, text: &str) -> Option<()> {
        let (name, rest) = text.split_once(':')?;
        let (name, mut words) = (name.trim(), rest.split_whitespace());
        let first = words.next()?;
        let words = Words(words.collect());
        let forge = match first.strip_prefix("as=") {
            Some(other) => self.made.get(other)?.forge.clone(),
            None => self.forge(key, first, &words)?,
        };
        let forge = self.altered(key, forge, &words);
        let id = Sha256::digest(forge.payload()).into();
        let forged = words.has("forged");
        let bytes = if forged {
            forge.build_with(&flipped(forge.signature(), 5, 1))
        } else if words.has("anonymous") {
            // Nobody reads who issued it.
            forge.tampered(|forge| forge.issuer = None)
        } else {
            forge.build()
        };
        let feed = feed_key(words.get("in").unwrap_or("F"));
        self.made.insert(name.to_owned(), Made { bytes, id, feed, forge });
        self.order.push(name.to_owned());
        Some(())
    }

    /// What the options change that all statements have.
    fn altered(&mut self, key: &dyn Fn(&str) -> SigningKey, mut forge: Forge, words: &Words<'_>) -> Forge {
        if let Some(parents) = words.0.iter().find_map(|word| word.strip_prefix('^')) {
            forge.parents = parents.split(',').map(|parent| self.id(parent).to_vec()).collect();
        }
        let later = words.0.iter().find_map(|word| word.strip_prefix('@')?.parse::<i64>().ok());
        if let Some(later) = later {
            forge.issuance = Some(date(DATE + later));
        }
        match words.get("id") {
            Some("none") => forge.id = CarriedId::Absent,
            Some(other) => forge.id = CarriedId::Bytes(self.id(other).to_vec()),
            None => {}
        }
        if let Some(device) = words.get("by") {
            let device = self.key(key, device);
            let chain = link(&forge.key, &device).build();
            forge = delegated(&forge, &device, chain);
        }
        forge
    }

    fn forge(&mut self, key: &dyn Fn(&str) -> SigningKey, parties: &str, words: &Words<'_>) -> Option<Forge> {
        let (issuer_name, subject_name) = parties.split_once('>')?;
        let issuer = self.key(key, issuer_name);
        let subject = self.party(key, subject_name);
        let space = words.get("space").unwrap_or("S");
        let space = self.party(key, space);
        let (kind, _) = words.0.split_first()?;
        let role = match *kind {
            "ADM" => Some(1),
            "EDT" => Some(2),
            "RDR" => Some(3),
            "OWN" => Some(4),
            "REM" => Some(5),
            _ => kind.strip_prefix("role=").and_then(|role| role.parse().ok()),
        };
        let name = words.get("name");
        let profile = name.map(|name| proto::ProfileDocument {
            display_name: (!name.is_empty()).then(|| name.to_owned()),
            avatar_cid: None,
            data: None,
        });
        let (type_name, value) = match (*kind, role) {
            (_, Some(role)) => {
                let member = proto::SpaceMember {
                    space_key: public(&space),
                    role: Some(role),
                    profile,
                    genesis_feed_key: public(&feed_key("F")),
                    invitation_credential_id: words.get("inv").and_then(|name| public(&self.id(name))),
                };
                (halo!("SpaceMember"), member.encode_to_vec())
            }
            ("genesis", _) => {
                (halo!("SpaceGenesis"), proto::SpaceGenesis { space_key: public(&space) }.encode_to_vec())
            }
            ("profile", _) => (halo!("MemberProfile"), proto::MemberProfile { profile }.encode_to_vec()),
            ("feed", _) => {
                let identity = self.party(key, words.get("of").unwrap_or(issuer_name));
                let feed = proto::AdmittedFeed {
                    space_key: public(&space),
                    identity_key: public(&identity),
                    device_key: public(&identity),
                    designation: Some(
                        words.number("kind").and_then(|kind| kind.try_into().ok()).unwrap_or(1),
                    ),
                };
                (halo!("AdmittedFeed"), feed.encode_to_vec())
            }
            ("epoch", _) => {
                // The number and the timeframe are written when they are 0 and empty.
                let mut value = Vec::new();
                integer(&mut value, 1, words.number("n").unwrap_or_default());
                if let Some(previous) = words.get("prev") {
                    delimited(&mut value, 2, &key_message(&self.id(previous)));
                }
                delimited(&mut value, 10, &[]);
                (halo!("Epoch"), value)
            }
            ("delegate", _) => ("dxos.halo.invitations.DelegateSpaceInvitation", delegation(words)),
            ("cancel", _) => {
                let credential_id = words.get("inv").and_then(|name| public(&self.id(name)));
                let cancel = invitations::CancelDelegatedInvitation { credential_id };
                ("dxos.halo.invitations.CancelDelegatedInvitation", cancel.encode_to_vec())
            }
            ("note", _) => (halo!("KeyInfo"), vec![0x0a, 0x01, b'k']),
            ("device", _) => (halo!("AuthorizedDevice"), authorized_device(&issuer.public_key(), &subject)),
            _ => return None,
        };
        Some(Forge::new(&issuer, &subject, type_name, value))
    }

    /// An entry of a request.
    fn entry(&self, name: &str) -> Value {
        match self.made.get(name) {
            Some(made) => json!({ "credential": to_hex(&made.bytes), "source_feed": to_hex(&made.feed) }),
            None => Value::Null,
        }
    }

    /// The request that replays these credentials, under a rule.
    pub(super) fn replay(&self, rule: &str, order: &[&str]) -> Value {
        let entries: Vec<Value> = order.iter().map(|name| self.entry(name)).collect();
        json!({ "space_key": self.hex_key("S"), "rule": rule, "entries": entries })
    }

    /// The request that takes in the last of these credentials behind the others.
    pub(super) fn process(&self, rule: &str, order: &[&str]) -> Value {
        let (last, before) = order.split_last().unwrap_or((&"", &[]));
        let mut input = self.replay(rule, before);
        if let Some(members) = input.as_object_mut() {
            members.insert("entry".to_owned(), self.entry(last));
        }
        input
    }
}

fn delegation(words: &Words<'_>) -> Vec<u8> {
    let multi_use = words.has("multi");
    let expires_on = words.number("until").map(|until| Timestamp {
        seconds: until.div_euclid(1000),
        nanos: i32::try_from(until.rem_euclid(1000) * 1_000_000).unwrap_or_default(),
    });
    let mut value = invitations::DelegateSpaceInvitation {
        invitation_id: "invitation".to_owned(),
        auth_method: Some(2),
        swarm_key: public(&unknown_id("swarm")),
        role: Some(words.number("gives").and_then(|role| role.try_into().ok()).unwrap_or(2)),
        guest_key: None,
        expires_on,
        multi_use,
    }
    .encode_to_vec();
    if !multi_use {
        // Implicit fields are written also when they are false.
        integer(&mut value, 7, 0);
    }
    value
}
