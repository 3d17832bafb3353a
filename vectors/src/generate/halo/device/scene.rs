//! An identity with its devices, and what others write about it.

use dxos_proto::dxos::halo::credentials as proto;
use dxos_proto::prost::Message as _;
use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::super::super::assertion::halo;
use super::super::super::chain::{delegated, link};
use super::super::super::forge::{DATE, Forge, date, message};
use super::super::super::topic::Topic;

pub(super) const CONVERGENT: &str = "convergent";
pub(super) const DEPLOYED: &str = "deployed-0.8";

/// Ids of spaces.
pub(super) const SPACES: [&str; 3] = [
    "BA25QRC2FEWCSAMRP4RZL65LWJ7352CKE",
    "BZH6QBBWEO5QSCJQ2HYY5W7CLRJ2ZJ6FN",
    "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];

/// The id of a space by its number.
pub(super) fn space(number: usize) -> &'static str {
    SPACES.get(number).copied().unwrap_or_default()
}

/// Everybody in a case.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) identity: SigningKey,
    pub(super) d1: SigningKey,
    pub(super) d2: SigningKey,
    pub(super) d3: SigningKey,
    /// Another identity.
    pub(super) other: SigningKey,
    /// The own device of the reader.
    own: Option<SigningKey>,
    rule: &'static str,
}

impl Scene {
    /// The reader is the first device.
    pub(super) fn new(topic: &Topic, suite: Suite, slug: &str) -> Self {
        let key = |name: &str| topic.key(suite, slug, name);
        let d1 = key("d1");
        let own = Some(d1.clone());
        Self {
            identity: key("identity"),
            d1,
            d2: key("d2"),
            d3: key("d3"),
            other: key("other"),
            own,
            rule: CONVERGENT,
        }
    }

    pub(super) fn of(topic: &Topic, slug: &str) -> Self {
        Self::new(topic, Suite::P256, slug)
    }

    /// The same under the rule of deployed peers.
    pub(super) fn deployed(topic: &Topic, slug: &str) -> Self {
        Self { rule: DEPLOYED, ..Self::of(topic, slug) }
    }

    /// The same for a reader with another device, or none.
    pub(super) fn read_by(&self, own: Option<&SigningKey>) -> Self {
        Self { own: own.cloned(), ..self.clone() }
    }

    /// The identity authorises a device.
    pub(super) fn admits(&self, device: &SigningKey) -> Forge {
        link(&self.identity, device)
    }

    /// A device authorises another in the name of the identity.
    pub(super) fn admits_by(&self, signer: &SigningKey, device: &SigningKey) -> Forge {
        self.by(signer, &self.admits(device))
    }

    /// A credential of the identity that a device signs.
    pub(super) fn by(&self, signer: &SigningKey, forge: &Forge) -> Forge {
        delegated(forge, signer, self.admits(signer).build())
    }

    pub(super) fn labels(&self, issuer: &SigningKey, device: &SigningKey, label: Option<&str>) -> Forge {
        let profile = proto::DeviceProfileDocument {
            label: label.map(str::to_owned),
            os: Some("Linux".to_owned()),
            ..Default::default()
        };
        let value = proto::DeviceProfile { profile: Some(profile) }.encode_to_vec();
        Forge::new(issuer, &device.public_key(), halo!("DeviceProfile"), value)
    }

    pub(super) fn names(&self, issuer: &SigningKey, subject: &SigningKey, name: Option<&str>) -> Forge {
        let profile = proto::ProfileDocument {
            display_name: name.map(str::to_owned),
            avatar_cid: Some("cid".to_owned()),
            data: None,
        };
        let value = proto::IdentityProfile { profile: Some(profile) }.encode_to_vec();
        Forge::new(issuer, &subject.public_key(), halo!("IdentityProfile"), value)
    }

    pub(super) fn opens(&self, issuer: &SigningKey, space_id: &str) -> Forge {
        let value = message(1, space_id.as_bytes());
        Forge::new(issuer, &self.identity.public_key(), halo!("DefaultSpace"), value)
    }

    fn name_of(&self, name: &str) -> String {
        let key = match name {
            "d1" => &self.d1,
            "d2" => &self.d2,
            "d3" => &self.d3,
            "identity" => &self.identity,
            _ => &self.other,
        };
        to_hex(&key.public_key())
    }

    /// The request for these credentials.
    pub(super) fn input(&self, credentials: &[Vec<u8>]) -> Value {
        let entries: Vec<Value> = credentials.iter().map(|bytes| entry(bytes)).collect();
        let mut input = json!({
            "identity_key": to_hex(&self.identity.public_key()),
            "rule": self.rule,
            "entries": entries,
        });
        if let (Some(own), Some(members)) = (&self.own, input.as_object_mut()) {
            members.insert("device_key".to_owned(), to_hex(&own.public_key()).into());
        }
        input
    }

    /// The request for a last credential behind others.
    pub(super) fn asking(&self, before: &[Vec<u8>], last: &[u8]) -> Value {
        let mut input = self.input(before);
        if let Some(members) = input.as_object_mut() {
            members.insert("entry".to_owned(), entry(last));
        }
        input
    }

    /// The answer in short: `words` of the results, then `devices=d1,d2`, `labels=d1:Phone`, `default=0` (a
    /// number in [`SPACES`]) and `name=Bob`.  `chain` is the id of the credential of the own device.
    pub(super) fn wanted(&self, short: &str, chain: Option<String>) -> Map<String, Value> {
        let mut answer = Map::new();
        let mut words: Vec<&str> = Vec::new();
        let (mut devices, mut labels) = (Vec::new(), Vec::new());
        for item in short.split_whitespace() {
            match item.split_once('=') {
                None => words.push(item),
                Some(("devices", names)) => devices.extend(names.split(',').map(|name| self.name_of(name))),
                Some(("labels", pairs)) => {
                    labels.extend(
                        pairs
                            .split(',')
                            .filter_map(|pair| pair.split_once(':'))
                            .map(|(name, label)| (self.name_of(name), label.to_owned())),
                    );
                }
                Some(("default", number)) => {
                    let space = number.parse().ok().and_then(|number: usize| SPACES.get(number));
                    answer.insert("default_space".to_owned(), space.copied().unwrap_or(number).into());
                }
                Some(("name", name)) => {
                    answer.insert("profile".to_owned(), json!([name]));
                }
                Some(_) => {}
            }
        }
        devices.sort();
        labels.sort();
        answer.insert("results".to_owned(), words.into());
        answer.insert("devices".to_owned(), devices.into());
        answer.insert("profiles".to_owned(), labels.iter().map(|(key, label)| json!([key, label])).collect());
        if let Some(chain) = chain {
            answer.insert("chain".to_owned(), chain.into());
        }
        answer
    }

    /// The answer about the profile of the identity alone, as [`Self::wanted`] reads it.
    pub(super) fn named(&self, short: &str) -> Map<String, Value> {
        let mut answer = self.wanted(short, None);
        answer.retain(|name, _| name == "results" || name == "profile");
        answer.entry("profile").or_insert_with(|| json!([]));
        answer
    }
}

/// An entry of a request.
pub(super) fn entry(credential: &[u8]) -> Value {
    json!({ "credential": to_hex(credential) })
}

/// A credential with a date so many milliseconds later than others.
pub(super) fn later(forge: &Forge, by: i64) -> Forge {
    forge.with(|f| f.issuance = Some(date(DATE + by)))
}

/// The id of a credential.
pub(super) fn id(forge: &Forge) -> [u8; 32] {
    Sha256::digest(forge.payload()).into()
}

/// The id as an answer gives it.
#[allow(clippy::unnecessary_wraps)] // As the answer takes it.
pub(super) fn chain(forge: &Forge) -> Option<String> {
    Some(to_hex(&id(forge)))
}
