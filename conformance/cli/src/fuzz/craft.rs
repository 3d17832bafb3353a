//! What the fuzzer knows of the protocols: whole requests, signing again, and what of an answer is random.

use dxos_conformance::fuzz::chance::Chance;
use dxos_conformance::fuzz::source::{Craft, Made};
use dxos_conformance::fuzz::wire::{Body, Field, Message};
use dxos_reference::halo::{Credential, verify};
use dxos_reference::keys::{self, Suite};
use dxos_reference::operations::{self, Failure};
use dxos_reference::schema::SCHEMA;
use dxos_spec::Book;
use serde_json::{Map, Value, json};

use super::ring::{self, Key, Ring};
use super::space::Scene;
use super::statement::{ASSERTIONS, date, message, recent, text};

/// How an assertion that is free data by itself begins: `google.protobuf.Struct` as hex.
const FREE_DATA: &str = "676f6f676c652e70726f746f6275662e537472756374";
/// The requirement that results differ over where there is such an assertion.
const PAY_020: &str = "HALO-PAY-020";

/// The requirement that results differ over where a type is named by some parts of its name.
const ENC_029: &str = "HALO-ENC-029";

/// Whether a credential states something of a type whose name is that of an assertion without some of its parts.
fn by_parts(input: &Map<String, Value>) -> bool {
    let bytes = input.get("credential").and_then(Value::as_str).and_then(|text| hex::decode(text).ok());
    let bytes = bytes.unwrap_or_default();
    let name = Credential::read(&bytes).ok().and_then(|tree| {
        Credential::new(&tree).assertion().map(|assertion| assertion.type_name().to_owned())
    });
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    name.is_some_and(|name| {
        SCHEMA.find(&name).is_none()
            && ASSERTIONS.iter().any(|known| !known.is_empty() && last(known) == last(&name))
    })
}

/// The rule under which deployed peers can be compared.
const DEPLOYED_RULE: &str = "deployed-0.8";

/// Whether the requests of an operation are credentials to be taken in by a rule.
fn takes_entries(op: &str) -> bool {
    ["halo.space.", "halo.device.", "halo.profile."].iter().any(|area| op.starts_with(area))
}

/// The credentials that are to be taken in.
fn entries(input: &Map<String, Value>) -> impl Iterator<Item = Vec<u8>> {
    let list = input.get("entries").and_then(Value::as_array).into_iter().flatten();
    let credential = |entry: &Value| hex::decode(entry.get("credential")?.as_str()?).ok();
    list.chain(input.get("entry")).filter_map(credential)
}

/// The requirement for which a credential is no good that deployed peers may take, so that all that follows differs.
fn taken_by_others(input: &Map<String, Value>) -> Option<String> {
    entries(input).find_map(|bytes| {
        let read = Credential::read(&bytes);
        let verified = read.and_then(|tree| verify(&Credential::new(&tree), None));
        let requirement = Book::embedded().requirement(verified.err()?.requirement.id())?;
        requirement.deployed.is_some().then(|| requirement.id.clone())
    })
}

/// Requests of HALO.
pub(crate) struct Halo {
    ring: Ring,
}

impl Halo {
    pub(crate) fn new() -> Self {
        Self { ring: Ring::new() }
    }

    /// A request of a vector with signers of our own, so that changes of it can be signed.  A request to issue is
    /// signed by whoever carries it out, and stays as it is.
    pub(crate) fn adopt(&self, op: &str, input: &Map<String, Value>) -> Map<String, Value> {
        if op.ends_with(".issue") {
            return input.clone();
        }
        // Deployed peers have one rule, whatever they are asked for.
        if takes_entries(op) {
            let mut adopted = input.clone();
            adopted.insert("rule".to_owned(), DEPLOYED_RULE.into());
            return adopted;
        }
        let adopt = |value: &Value| {
            let adopted = hex::decode(value.as_str()?).map(|bytes| self.ring.adopt(&bytes)).ok()?;
            Some(hex::encode(adopted).into())
        };
        let mut adopted = input.clone();
        for member in ["credential", "presentation"] {
            if let Some(value) = adopted.get_mut(member) {
                *value = adopt(value).unwrap_or_else(|| value.clone());
            }
        }
        self.mend(op, &adopted).unwrap_or(adopted)
    }

    /// A signer for an issuer, and the chain that lets it sign: none, or links from device to device.
    fn signer<'a>(
        &'a self,
        suite: Suite,
        issuer: &'a Key,
        chance: &mut Chance,
    ) -> (&'a Key, Option<Message>) {
        let links = if chance.once_in(2) { 0 } else { chance.below(4) };
        let (mut signer, mut chain) = (issuer, None);
        for _ in 0..links {
            let Some(device) = self.ring.pick(suite, chance).filter(|key| key.public != issuer.public) else {
                break;
            };
            let states = [public_key(1, &issuer.public), public_key(2, &device.public)];
            let claim = claim(&device.public, "dxos.halo.credentials.AuthorizedDevice", &message_of(states));
            let proof = proof(signer, None, chain, recent(chance), chance);
            chain = Some(credential(&issuer.public, claim, proof, recent(chance), chance));
            signer = device;
        }
        (signer, chain)
    }

    /// A credential; not signed yet.
    fn credential(&self, suite: Suite, subject: Option<&[u8]>, chance: &mut Chance) -> Option<Message> {
        let issuer = self.ring.pick(suite, chance)?;
        let other = self.ring.pick(suite, chance)?;
        let known = [issuer.public.as_slice(), other.public.as_slice()];
        let (signer, chain) = self.signer(suite, issuer, chance);
        let nonce = nonce(chance);
        let proof = proof(signer, nonce, chain, date(chance), chance);
        let name = chance.pick(&ASSERTIONS).copied().unwrap_or_default();
        let claim = claim(subject.unwrap_or(&other.public), name, &message(name, &known, chance));
        Some(credential(&issuer.public, claim, proof, date(chance), chance))
    }

    fn presentation(&self, suite: Suite, chance: &mut Chance) -> Option<Message> {
        let subject = self.ring.pick(suite, chance)?;
        let mut fields = Vec::new();
        for _ in 0..chance.below(3) + usize::from(!chance.once_in(10)) {
            let credential = self.credential(suite, Some(&subject.public), chance)?;
            fields.push(Field::delimited(1, Body::Message(credential)));
        }
        for _ in 0..chance.below(2) + usize::from(!chance.once_in(10)) {
            let (signer, chain) = self.signer(suite, subject, chance);
            let proof = proof(signer, nonce(chance), chain, date(chance), chance);
            fields.push(Field::delimited(2, Body::Message(proof)));
        }
        Some(Message { fields, rest: Vec::new() })
    }

    fn issue(&self, op: &str, suite: Suite, chance: &mut Chance) -> Option<Value> {
        let issuer = self.ring.pick(suite, chance)?;
        let (signer, chain) = self.signer(suite, issuer, chance);
        let name = chance.pick(&ASSERTIONS).copied().unwrap_or_default();
        let mut input = json!({
            "suite": if suite == Suite::P256 { "p256" } else { "ed25519" },
            "private_key": hex::encode(signer.secret),
            // Dates before 1970 are another matter, see HALO-ENC-021.
            "date": (chance.below(1 << 42)).to_string(),
        });
        if op == "halo.credential.issue" {
            put(&mut input, "issuer", hex::encode(&issuer.public));
            put(&mut input, "subject", hex::encode(&signer.public));
            let value = message(name, &[&issuer.public, &signer.public], chance);
            put(&mut input, "assertion", json!({ "type": name, "value": hex::encode(value) }));
            if chance.once_in(3) {
                put(
                    &mut input,
                    "parents",
                    (0..chance.below(3)).map(|_| hex::encode(chance.bytes(32))).collect::<Vec<_>>(),
                );
            }
        } else {
            let count = chance.below(3);
            let credentials: Vec<String> = (0..count)
                .filter_map(|_| self.credential(suite, Some(&issuer.public), chance))
                .map(|credential| hex::encode(credential.to_bytes()))
                .collect();
            put(&mut input, "credentials", credentials);
        }
        if let Some(nonce) = nonce(chance) {
            put(&mut input, "nonce", hex::encode(nonce));
        }
        if let Some(chain) = chain {
            put(&mut input, "chain", hex::encode(chain.to_bytes()));
        }
        Some(input)
    }
}

impl Craft for Halo {
    fn make(&self, op: &str, chance: &mut Chance) -> Option<Made> {
        let suite = if chance.once_in(8) { Suite::Ed25519 } else { Suite::P256 };
        let length = match chance.below(4) {
            0 => 32,
            1 => chance.below(70),
            _ => 65,
        };
        let bytes = chance.bytes(length);
        let input = match op {
            "halo.key.parse" if chance.once_in(2) => json!({ "form": "hex", "text": keys::to_hex(&bytes) }),
            "halo.key.parse" => json!({ "form": "multibase32", "text": keys::to_multibase32(&bytes) }),
            "halo.key.space_id" | "halo.key.identity_did" => json!({ "key": hex::encode(bytes) }),
            "halo.key.space_id.parse" => json!({ "space_id": keys::space_id(&bytes) }),
            "halo.key.identity_did.parse" => json!({ "did": keys::identity_did(&bytes) }),
            "halo.presentation.payload" | "halo.presentation.verify" => {
                let presentation = self.presentation(suite, chance)?;
                let mut input = json!({ "presentation": hex::encode(presentation.to_bytes()) });
                if op.ends_with("payload") {
                    put(&mut input, "proof", 0);
                }
                input
            }
            "halo.credential.issue" | "halo.presentation.issue" => self.issue(op, suite, chance)?,
            "halo.space.replay" => Value::Object(Scene::draw(chance).replay()),
            "halo.space.process" => Value::Object(Scene::draw(chance).process()),
            _ if op.starts_with("halo.credential.") => {
                json!({ "credential": hex::encode(self.credential(suite, None, chance)?.to_bytes()) })
            }
            _ => return None,
        };
        let Value::Object(input) = input else { return None };
        let features = self.features(op, &input, &[]);
        Some(Made { input: self.mend(op, &input).unwrap_or(input), features })
    }

    fn features(&self, op: &str, input: &Map<String, Value>, given: &[String]) -> Vec<String> {
        if !op.starts_with("halo.") {
            return given.to_vec();
        }
        if !op.ends_with(".verify") && !op.ends_with(".issue") && !takes_entries(op) {
            return Vec::new();
        }
        let hex = |value: &Value| value.as_str().and_then(|text| hex::decode(text).ok());
        let given = ["credential", "chain"].iter().filter_map(|name| input.get(*name));
        let list = input.get("credentials").and_then(Value::as_array).into_iter().flatten();
        let mut suites: Vec<Suite> =
            given.chain(list).filter_map(hex).flat_map(|bytes| ring::suites(&bytes, false)).collect();
        suites.extend(
            input.get("presentation").and_then(hex).iter().flat_map(|bytes| ring::suites(bytes, true)),
        );
        suites.extend(entries(input).flat_map(|bytes| ring::suites(&bytes, false)));
        match input.get("suite").and_then(Value::as_str) {
            Some("ed25519") => suites.push(Suite::Ed25519),
            Some(_) => suites.push(Suite::P256),
            None => {}
        }
        let named = [(Suite::P256, "suite.p256"), (Suite::Ed25519, "suite.ed25519")];
        named.iter().filter(|(suite, _)| suites.contains(suite)).map(|(_, name)| (*name).to_owned()).collect()
    }

    fn mend(&self, _: &str, input: &Map<String, Value>) -> Option<Map<String, Value>> {
        let credential = |value: &Value| {
            let bytes = hex::decode(value.as_str()?).ok()?;
            Some(hex::encode(self.ring.sign_credential(&bytes)?).into())
        };
        let presentation = |value: &Value| {
            let bytes = hex::decode(value.as_str()?).ok()?;
            Some(hex::encode(self.ring.sign_presentation(&bytes)?).into())
        };
        let mut mended = input.clone();
        for (name, value) in &mut mended {
            let signed = match (name.as_str(), &*value) {
                ("credential" | "chain", value) => credential(value),
                ("presentation", value) => presentation(value),
                ("credentials", Value::Array(items)) => {
                    Some(items.iter().map(|item| credential(item).unwrap_or_else(|| item.clone())).collect())
                }
                _ => None,
            };
            if let Some(signed) = signed {
                *value = signed;
            }
        }
        (mended != *input).then_some(mended)
    }

    fn requirement(&self, op: &str, input: &Map<String, Value>) -> Option<String> {
        let differs = if takes_entries(op) { taken_by_others(input) } else { None };
        match operations::call(op, input) {
            _ if differs.is_some() => differs,
            Err(Failure::Reject(reject)) => Some(reject.requirement.id().to_owned()),
            Ok(_) if Value::Object(input.clone()).to_string().contains(FREE_DATA) => Some(PAY_020.to_owned()),
            Ok(_) if by_parts(input) => Some(ENC_029.to_owned()),
            _ => None,
        }
    }

    /// Of what was issued: what a reader sees, what was signed, and whether it verifies.
    fn essence(&self, op: &str, answer: &Map<String, Value>) -> Map<String, Value> {
        let (member, ops, more): (&str, &[&str], Value) = match op {
            "halo.credential.issue" => (
                "credential",
                &["halo.credential.decode", "halo.credential.payload", "halo.credential.verify"],
                json!({}),
            ),
            "halo.presentation.issue" => (
                "presentation",
                &["halo.presentation.payload", "halo.presentation.verify"],
                json!({ "proof": 0 }),
            ),
            // A credential that is no good is refused by one verifier and makes another throw: of neither is it recorded.
            _ if takes_entries(op) => {
                let mut essence = answer.clone();
                let words = essence.get_mut("results").and_then(Value::as_array_mut).into_iter().flatten();
                words.filter(|word| **word == "failed").for_each(|word| *word = "refused".into());
                return essence;
            }
            _ => return answer.clone(),
        };
        let mut input = more.as_object().cloned().unwrap_or_default();
        input.insert(member.to_owned(), answer.get(member).cloned().unwrap_or_default());
        let mut essence = Map::new();
        for op in ops {
            let seen = match operations::call(op, &input) {
                Ok(answer) => Value::Object(answer),
                Err(failure) => failure.to_string().into(),
            };
            essence.insert((*op).to_owned(), seen);
        }
        let value =
            essence.get_mut("halo.credential.decode").and_then(|seen| seen.pointer_mut("/proof/value"));
        if let Some(value) = value {
            *value = "".into();
        }
        essence
    }
}

fn put(input: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(members) = input {
        members.insert(name.to_owned(), value.into());
    }
}

fn nonce(chance: &mut Chance) -> Option<Vec<u8>> {
    let length = if chance.once_in(4) { chance.below(3) } else { 32 };
    chance.once_in(2).then(|| chance.bytes(length))
}

fn message_of<const N: usize>(fields: [Field; N]) -> Vec<u8> {
    Message { fields: fields.into(), rest: Vec::new() }.to_bytes()
}

fn public_key(number: u32, bytes: &[u8]) -> Field {
    let data = Field::delimited(1, Body::Bytes(bytes.to_vec()));
    Field::delimited(number, Body::Message(Message { fields: vec![data], rest: Vec::new() }))
}

fn claim(subject: &[u8], name: &str, value: &[u8]) -> Message {
    let any = Message {
        fields: vec![
            Field::delimited(1, Body::Bytes(name.as_bytes().to_vec())),
            Field::delimited(2, Body::guess(value, 0)),
        ],
        rest: Vec::new(),
    };
    Message {
        fields: vec![public_key(1, subject), Field::delimited(2, Body::Message(any))],
        rest: Vec::new(),
    }
}

/// A proof without a signature.
fn proof(
    signer: &Key,
    nonce: Option<Vec<u8>>,
    chain: Option<Message>,
    date: Message,
    chance: &mut Chance,
) -> Message {
    let kind = if chance.once_in(40) { text(chance) } else { "ED25519Signature".to_owned() };
    let mut fields = vec![
        Field::delimited(1, Body::Bytes(kind.into_bytes())),
        Field::delimited(2, Body::Message(date)),
        public_key(3, &signer.public),
    ];
    fields.extend(nonce.map(|nonce| Field::delimited(4, Body::Bytes(nonce))));
    fields.push(Field::delimited(5, Body::Bytes(Vec::new())));
    fields.extend(chain.map(|link| {
        let link = Field::delimited(1, Body::Message(link));
        Field::delimited(6, Body::Message(Message { fields: vec![link], rest: Vec::new() }))
    }));
    Message { fields, rest: Vec::new() }
}

fn credential(
    issuer: &[u8],
    claim: Message,
    proof: Message,
    issued: Message,
    chance: &mut Chance,
) -> Message {
    let mut fields = Vec::new();
    if chance.once_in(2) {
        let id = chance.bytes(32);
        fields.push(public_key(1, &id));
    }
    fields.push(public_key(2, issuer));
    fields.push(Field::delimited(3, Body::Message(issued.clone())));
    if chance.once_in(4) {
        fields.push(Field::delimited(4, Body::Message(issued)));
    }
    if chance.once_in(12) {
        let length = chance.below(5);
        fields.push(Field::delimited(5, Body::Bytes(chance.bytes(length))));
    }
    fields.push(Field::delimited(10, Body::Message(claim)));
    fields.push(Field::delimited(11, Body::Message(proof)));
    for _ in 0..chance.below(6).saturating_sub(3) {
        let parent = chance.bytes(32);
        fields.push(public_key(12, &parent));
    }
    Message { fields, rest: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_what_is_made_is_accepted() {
        let halo = Halo::new();
        let first = &mut Chance::new(2, 0);
        let ops = operations::OPERATIONS.iter().filter(|op| op.starts_with("halo."));
        for op in ops.filter(|op| halo.make(op, first).is_some()) {
            let made = |trial: &u64| halo.make(op, &mut Chance::new(2, *trial)).unwrap();
            let accepted = (0..100).filter(|trial| operations::call(op, &made(trial).input).is_ok()).count();
            let malformed = (0..100)
                .filter(|trial| {
                    matches!(operations::call(op, &made(trial).input), Err(Failure::Request { .. }))
                })
                .count();
            assert!(accepted >= 25, "{op}: {accepted} of 100 accepted");
            assert_eq!(malformed, 0, "{op}");
        }
    }

    #[test]
    fn the_same_trial_is_made_again() {
        let made = || Halo::new().make("halo.credential.verify", &mut Chance::new(5, 17));
        assert_eq!(made(), made());
    }

    #[test]
    fn what_is_random_in_an_answer_is_no_difference() {
        let halo = Halo::new();
        let op = "halo.credential.issue";
        let input = (0..20).find_map(|trial| {
            let made = halo.make(op, &mut Chance::new(9, trial))?;
            operations::call(op, &made.input).ok()
        });
        let answer = input.unwrap();
        let essence = halo.essence(op, &answer);
        assert!(essence["halo.credential.payload"].get("payload").is_some(), "{essence:?}");
        assert_eq!(essence["halo.credential.decode"]["proof"]["value"], "");
    }
}
