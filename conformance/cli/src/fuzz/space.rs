//! Spaces that nobody wrote: graphs of credentials as honest replicas write them, as nobody should, and as they were
//! written before there were parents.

use std::fmt;

use dxos_conformance::fuzz::chance::Chance;
use dxos_conformance::fuzz::wire::{Body, Content, Field, Length, Message};
use dxos_reference::halo::{Credential, Issue, issue};
use dxos_reference::keys::{SigningKey, Suite};
use serde_json::{Map, Value, json};

/// The space, five members and a stranger.
const NAMES: [char; 7] = ['S', 'a', 'b', 'c', 'd', 'e', 'x'];

const ADMIN: u64 = 1;
const EDITOR: u64 = 2;
const READER: u64 = 3;
const OWNER: u64 = 4;
const REMOVED: u64 = 5;

/// When the first credentials are issued, and at which time the expiry of invitations is judged, in Unix milliseconds.
const DATE: i64 = 1_700_000_000_000;
const NOW: i64 = DATE + 1_000_000;

/// What a credential states; credentials are named by their place among the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Genesis,
    Member { role: u64, profile: bool, redeems: Option<usize> },
    Profile,
    Feed { ours: bool },
    Delegate { expired: bool, many: bool },
    Cancel(usize),
    Epoch,
    Info,
}

/// What is wrong with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It carries no id.
    NoId,
    /// Its signature is not one.
    Signature,
    /// It carries the id of another.
    IdOf(usize),
}

/// A credential that was issued at some place.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) issuer: usize,
    pub(crate) subject: usize,
    /// Seconds behind the first date.
    pub(crate) date: i64,
    /// What is not before it is unknown.
    pub(crate) parents: Vec<usize>,
    pub(crate) what: What,
    pub(crate) fault: Fault,
}

/// Credentials, and the order in which they arrive; not all need do so, and some may twice.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) steps: Vec<Step>,
    pub(crate) order: Vec<usize>,
}

impl Scene {
    /// A space with a few members, in which a few more things happen.
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let mut scene = Self { steps: Vec::new(), order: Vec::new() };
        let owner = if chance.once_in(4) { ADMIN } else { OWNER };
        let genesis = scene.add(0, 0, 0, Vec::new(), What::Genesis);
        let first = scene.member(0, 1, 0, Vec::new(), owner);
        let second = scene.member(1, 2, 0, vec![first], ADMIN);
        let third = scene.member(1, 3, 0, vec![if chance.once_in(3) { first } else { second }], ADMIN);
        let base = vec![genesis, first, second, third];
        match chance.below(25) {
            0 => scene.freely(base, 5, chance),
            1..=14 => scene.honestly(&base, chance),
            _ => scene.freely(base, 0, chance),
        }
        scene.sprinkle(chance);
        scene
    }

    /// A genesis, an owner, and so many times what `next` adds behind or beside it.
    fn grown(count: usize, mut next: impl FnMut(&mut Self, usize)) -> Self {
        let mut scene = Self { steps: Vec::new(), order: Vec::new() };
        scene.add(0, 0, 0, Vec::new(), What::Genesis);
        scene.member(0, 1, 0, Vec::new(), OWNER);
        while scene.steps.len() < count {
            let last = scene.steps.len() - 1;
            next(&mut scene, last);
        }
        scene.order = (0..scene.steps.len()).collect();
        scene
    }

    /// One credential after another.
    pub(crate) fn line(count: usize) -> Self {
        Self::grown(count, |scene, last| {
            scene.member(1, 2 + last % 4, 0, vec![last], EDITOR);
        })
    }

    /// All credentials beside each other.
    pub(crate) fn heads(count: usize) -> Self {
        Self::grown(count, |scene, last| {
            // Each at another time, or some would be the same.
            let date = i64::try_from(last).unwrap_or_default();
            scene.member(1, 2 + last % 4, date, vec![1], EDITOR);
        })
    }

    /// Two beside each other and one that merges them, again and again.
    pub(crate) fn diamonds(count: usize) -> Self {
        Self::grown(count, |scene, last| {
            let left = scene.member(1, 2, 0, vec![last], EDITOR);
            let right = scene.member(1, 3, 0, vec![last], EDITOR);
            scene.member(1, 4, 0, vec![left, right], EDITOR);
        })
    }

    fn add(&mut self, issuer: usize, subject: usize, date: i64, parents: Vec<usize>, what: What) -> usize {
        self.steps.push(Step { issuer, subject, date, parents, what, fault: Fault::None });
        self.steps.len() - 1
    }

    fn member(&mut self, issuer: usize, subject: usize, date: i64, parents: Vec<usize>, role: u64) -> usize {
        self.add(issuer, subject, date, parents, What::Member { role, profile: false, redeems: None })
    }

    /// Some replicas write what they may, and hear of each other now and then.
    fn honestly(&mut self, base: &[usize], chance: &mut Chance) {
        let mut replicas = vec![base.to_vec(); 2 + chance.below(2)];
        for _ in 0..3 + chance.below(5) {
            let here = chance.below(replicas.len());
            if chance.once_in(3) {
                let other = chance.pick(&replicas).cloned().unwrap_or_default();
                if let Some(known) = replicas.get_mut(here) {
                    hear(known, &other);
                }
            }
            let known = replicas.get(here).cloned().unwrap_or_default();
            let (heads, administrators) = self.seen(&known);
            let Some(issuer) = chance.pick(&administrators).copied() else { continue };
            let subject = 1 + chance.below(5);
            let role = *chance.pick(&[ADMIN, EDITOR, READER, REMOVED]).unwrap_or(&ADMIN);
            let date = chance.below(3) as i64;
            let step = self.member(issuer, subject, date, heads, role);
            if let Some(known) = replicas.get_mut(here) {
                known.push(step);
            }
        }
        while !replicas.is_empty() {
            let next = replicas.swap_remove(chance.below(replicas.len()));
            hear(&mut self.order, &next);
        }
    }

    /// The heads among credentials, and who administers by the last one about him.
    fn seen(&self, known: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let steps = || known.iter().filter_map(|step| Some((*step, self.steps.get(*step)?)));
        let (mut heads, mut roles) = (Vec::new(), [REMOVED; NAMES.len()]);
        for (place, step) in steps() {
            let What::Member { role, .. } = step.what else { continue };
            if let Some(known) = roles.get_mut(step.subject) {
                *known = role;
            }
            if !steps().any(|(_, other)| other.parents.contains(&place)) {
                heads.push(place);
            }
        }
        let administers = |(_, role): &(usize, &u64)| **role == ADMIN || **role == OWNER;
        (heads, roles.iter().enumerate().filter(administers).map(|(who, _)| who).collect())
    }

    /// Anybody issues anything with any parents, once in `orphans` times with some; always if that is 0.
    fn freely(&mut self, base: Vec<usize>, orphans: usize, chance: &mut Chance) {
        self.order = base;
        for _ in 0..2 + chance.below(5) {
            let issuer = if chance.once_in(3) { chance.below(NAMES.len()) } else { 1 + chance.below(3) };
            let subject = if chance.once_in(20) { 0 } else { 1 + chance.below(6) };
            let roles = [ADMIN, ADMIN, EDITOR, EDITOR, READER, REMOVED, REMOVED, OWNER, 0, 99];
            let role = *chance.pick(&roles).unwrap_or(&ADMIN);
            let mut parents = Vec::new();
            if orphans == 0 || chance.once_in(orphans) {
                for _ in 0..1 + chance.below(3) {
                    let recent = self.steps.len().saturating_sub(4);
                    let from = if chance.once_in(3) { 1 } else { recent.max(1) };
                    parents.push(from + chance.below(self.steps.len() - from));
                }
                if chance.once_in(15) {
                    parents.push(usize::MAX);
                }
            }
            let date = chance.below(3) as i64;
            let step = self.member(issuer, subject, date, parents, role);
            self.order.push(step);
        }
    }

    /// Other things that happen in a space, and what goes wrong.
    fn sprinkle(&mut self, chance: &mut Chance) {
        for _ in 0..chance.below(4) {
            let some = 1 + chance.below(self.steps.len() - 1);
            let what = match chance.below(8) {
                0 => What::Genesis,
                1 | 2 => What::Profile,
                3 => What::Feed { ours: !chance.once_in(4) },
                4 => What::Cancel(some),
                5 => What::Epoch,
                6 => What::Info,
                _ => What::Delegate { expired: chance.once_in(3), many: chance.once_in(2) },
            };
            let delegates = matches!(what, What::Delegate { .. });
            let step = self.add(chance.below(NAMES.len()), chance.below(NAMES.len()), 0, Vec::new(), what);
            let at = chance.below(self.order.len() + 1);
            self.order.insert(at, step);
            if delegates {
                let redeemer = 1 + chance.below(some);
                if let Some(Step { what: What::Member { redeems, .. }, .. }) = self.steps.get_mut(redeemer) {
                    *redeems = Some(step);
                }
            }
        }
        for _ in 0..chance.below(3) {
            let step = chance.below(self.steps.len());
            let other = chance.below(self.steps.len());
            let rare = chance.once_in(3);
            if let Some(step) = self.steps.get_mut(step) {
                match (&mut step.what, chance.below(8)) {
                    (What::Member { profile, .. }, 0..=3) => *profile = true,
                    (_, 4) if rare => step.fault = Fault::NoId,
                    (_, 5) if rare => step.fault = Fault::Signature,
                    (_, 6) if rare => step.fault = Fault::IdOf(other),
                    _ => {}
                }
            }
        }
        if chance.once_in(4) {
            let at = chance.below(self.order.len().saturating_sub(1));
            self.order.swap(at, at + 1);
        }
        if chance.once_in(6) {
            let (again, at) = (chance.pick(&self.order).copied(), chance.below(self.order.len() + 1));
            self.order.splice(at..at, again);
        }
    }

    /// The request that takes all of them in.
    pub(crate) fn replay(&self) -> Map<String, Value> {
        let keys = keys();
        let mut made: Vec<(Vec<u8>, Vec<u8>)> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            made.push(step.credential(&keys, &made).unwrap_or_default());
        }
        let entry = |step: &usize| {
            let (credential, _) = made.get(*step)?;
            let feed = vec![u8::try_from(step % 3).unwrap_or_default(); 32];
            Some(json!({ "credential": hex::encode(credential), "source_feed": hex::encode(feed) }))
        };
        let entries: Vec<Value> = self.order.iter().filter_map(entry).collect();
        let space = keys.first().map(SigningKey::public_key).unwrap_or_default();
        Map::from_iter([
            ("space_key".to_owned(), hex::encode(space).into()),
            ("rule".to_owned(), "deployed-0.8".into()),
            ("now".to_owned(), NOW.to_string().into()),
            ("entries".to_owned(), entries.into()),
        ])
    }

    /// The request that asks for the last of them.
    pub(crate) fn process(&self) -> Map<String, Value> {
        let mut input = self.replay();
        let last = input.get_mut("entries").and_then(Value::as_array_mut).and_then(Vec::pop);
        input.extend(last.map(|entry| ("entry".to_owned(), entry)));
        input
    }
}

/// Adds what is not there yet.
fn hear(known: &mut Vec<usize>, others: &[usize]) {
    for other in others {
        if !known.contains(other) {
            known.push(*other);
        }
    }
}

fn keys() -> Vec<SigningKey> {
    let key = |number| SigningKey::new(Suite::P256, &[number; 32]).ok();
    (0x31u8..).take(NAMES.len()).filter_map(key).collect()
}

fn field(number: u32, key: &[u8]) -> Field {
    let data = Field::delimited(1, Body::Bytes(key.to_vec()));
    Field::delimited(number, Body::Message(Message { fields: vec![data], rest: Vec::new() }))
}

fn text(number: u32, text: &str) -> Field {
    Field::delimited(number, Body::Bytes(text.as_bytes().to_vec()))
}

fn inside(number: u32, fields: Vec<Field>) -> Field {
    Field::delimited(number, Body::Message(Message { fields, rest: Vec::new() }))
}

impl Step {
    /// The credential with the id that it carries; `made` are those of the steps before.
    fn credential(&self, keys: &[SigningKey], made: &[(Vec<u8>, Vec<u8>)]) -> Option<(Vec<u8>, Vec<u8>)> {
        let id_of = |step: &usize| made.get(*step).map_or_else(|| vec![0xee; 32], |(_, id)| id.clone());
        let (issuer, subject) = (keys.get(self.issuer)?, keys.get(self.subject)?.public_key());
        let space = keys.first()?.public_key();
        let name = text(1, &format!("of {}", NAMES.get(self.issuer)?));
        let date = |at: i64| inside(6, vec![Field::integer(1, (at / 1000) as u64), Field::integer(2, 0)]);
        let (kind, fields) = match &self.what {
            What::Genesis => ("credentials.SpaceGenesis", vec![field(1, &space)]),
            What::Member { role, profile, redeems } => {
                let mut fields = vec![field(1, &space), Field::integer(2, *role)];
                fields.extend(profile.then(|| inside(3, vec![name])));
                fields.push(field(4, &[7; 32]));
                fields.extend(redeems.as_ref().map(|step| field(5, &id_of(step))));
                ("credentials.SpaceMember", fields)
            }
            What::Profile => ("credentials.MemberProfile", vec![inside(3, vec![name])]),
            What::Feed { ours } => {
                let of = if *ours { space } else { vec![5; 65] };
                let fields = vec![
                    field(1, &of),
                    field(2, &subject),
                    field(3, &subject),
                    Field::integer(4, self.issuer as u64 % 3),
                ];
                ("credentials.AdmittedFeed", fields)
            }
            What::Delegate { expired, many } => {
                let end = if *expired { DATE } else { NOW };
                let fields = vec![
                    text(1, "i"),
                    Field::integer(2, 0),
                    field(3, &[8; 32]),
                    Field::integer(4, EDITOR),
                    date(end),
                    Field::integer(7, u64::from(*many)),
                ];
                ("invitations.DelegateSpaceInvitation", fields)
            }
            What::Cancel(step) => ("invitations.CancelDelegatedInvitation", vec![field(1, &id_of(step))]),
            What::Epoch => {
                ("credentials.Epoch", vec![Field::integer(1, self.subject as u64), inside(10, Vec::new())])
            }
            What::Info => ("credentials.KeyInfo", vec![text(1, "k")]),
        };
        let parents: Vec<Vec<u8>> = self.parents.iter().map(id_of).collect();
        let issued = issue(
            issuer,
            &Issue {
                issuer: &issuer.public_key(),
                subject: &subject,
                assertion_type: &format!("dxos.halo.{kind}"),
                assertion: &Message { fields, rest: Vec::new() }.to_bytes(),
                date: DATE + self.date * 1000,
                expiration: None,
                nonce: None,
                parents: parents.iter().map(Vec::as_slice).collect(),
                chain: None,
            },
        )
        .ok()?;
        self.spoilt(issued, id_of)
    }

    fn spoilt(&self, issued: Vec<u8>, id_of: impl Fn(&usize) -> Vec<u8>) -> Option<(Vec<u8>, Vec<u8>)> {
        let tree = Credential::read(&issued).ok()?;
        let id = Credential::new(&tree).carried_id().unwrap_or_default().to_vec();
        let mut message = Message::read(&issued);
        match &self.fault {
            Fault::None => return Some((issued, id)),
            Fault::NoId => message.fields.retain(|field| field.number() != 1),
            Fault::IdOf(step) => {
                let id = id_of(step);
                *message.last_mut(1)? = field(1, &id);
                return Some((message.to_bytes(), id));
            }
            Fault::Signature => {
                let value = message.last_mut(11)?.message_mut()?.last_mut(5)?;
                value.content = Content::Delimited(Length::Fits(1), Body::Bytes(vec![1; 64]));
            }
        }
        Some((message.to_bytes(), id))
    }
}

impl fmt::Display for Scene {
    /// One line for each credential that arrives, in the order in which they do: its number, who issues it about whom.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in &self.order {
            let Some(step) = self.steps.get(*place) else { continue };
            let name = |who: usize| NAMES.get(who).copied().unwrap_or('?');
            write!(f, "  {place}: {}>{} {:?}", name(step.issuer), name(step.subject), step.what)?;
            for parent in &step.parents {
                if *parent < self.steps.len() { write!(f, " ^{parent}")? } else { f.write_str(" ^?")? }
            }
            writeln!(f, " @{} {:?}", step.date, step.fault)?;
        }
        Ok(())
    }
}
