//! Spaces.

use serde_json::{Map, Value, json};

use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use crate::halo::space::{Entry, Machine, Outcome, Rule, Statement};
use crate::halo::{self, Credential};
use crate::keys::to_hex;
use crate::{Class, Reject, requirement as req};

/// The most entries of a request.
const MAX_ENTRIES: usize = 10_000;

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>) -> Answer {
    let mut entries = entries(input)?;
    let replayed = match op {
        "halo.space.replay" => Replay::new(input, &entries)?,
        "halo.space.process" => {
            entries.push(entry(&input.object("entry")?)?);
            Replay::new(input, &entries)?
        }
        _ => return Err(Failure::Unsupported),
    };
    if op == "halo.space.process" {
        counts(replayed.outcomes.last())?;
    }
    Ok(replayed.answer())
}

/// A credential in its encoding, and the feed in which it stands.
type Raw = (Vec<u8>, Vec<u8>);

fn entries(input: &Input<'_>) -> Result<Vec<Raw>, Failure> {
    let entries = input.items("entries")?;
    if entries.len() > MAX_ENTRIES {
        return Err(wrong("entries", "more than 10,000"));
    }
    let object = |value: &Value| {
        let members = value.as_object().ok_or_else(|| wrong("entries", "not a list of objects"))?;
        entry(&Input(members))
    };
    entries.iter().map(object).collect()
}

fn entry(members: &Input<'_>) -> Result<Raw, Failure> {
    Ok((members.bytes("credential")?, members.bytes("source_feed")?))
}

/// What a machine made of the entries.
struct Replay {
    machine: Box<dyn Machine>,
    /// By entry.  What cannot be read is refused before any machine sees it.
    outcomes: Vec<Outcome>,
}

impl Replay {
    fn new(input: &Input<'_>, entries: &[Raw]) -> Result<Self, Failure> {
        let name = input.text("rule")?;
        let rule = Rule::ALL.into_iter().find(|(known, _)| *known == name);
        let (_, rule) = rule.ok_or_else(|| wrong("rule", "not the name of a rule"))?;
        let mut machine = rule.machine(&input.bytes("space_key")?);
        machine.set_now(input.optional("now", Input::time)?.unwrap_or_default());
        let mut unreadable: Vec<Option<Reject>> = Vec::with_capacity(entries.len());
        for (bytes, source_feed) in entries {
            let read = stated(bytes);
            let entry = read.map(|(statement, verified)| Entry {
                statement,
                verified,
                source_feed: source_feed.clone(),
            });
            match entry {
                Ok(entry) => {
                    unreadable.push(None);
                    if machine.process(&entry) == Outcome::Endless {
                        break;
                    }
                }
                Err(reject) => unreadable.push(Some(reject)),
            }
        }
        let mut read = machine.outcomes().into_iter();
        let outcome = |unread: Option<Reject>| unread.map(Outcome::Refused).or_else(|| read.next());
        let outcomes = unreadable.into_iter().filter_map(outcome).collect();
        Ok(Self { machine, outcomes })
    }

    fn answer(mut self) -> Map<String, Value> {
        let results: Vec<&str> = self.outcomes.iter().map(Outcome::name).collect();
        if self.outcomes.last() == Some(&Outcome::Endless) {
            return members(json!({ "results": results }));
        }
        let view = self.machine.view();
        let hexes =
            |ids: &std::collections::BTreeSet<Vec<u8>>| ids.iter().map(|id| to_hex(id)).collect::<Vec<_>>();
        let mut answer = json!({
            "results": results,
            "members": view.members.iter().map(|(key, role)| json!([to_hex(key), role])).collect::<Vec<_>>(),
            "profiles": view.profiles.iter().map(|(key, name)| json!([to_hex(key), name])).collect::<Vec<_>>(),
            "heads": hexes(&view.heads),
            "feeds": view.feeds.iter()
                .map(|(key, feed)| json!([to_hex(key), to_hex(&feed.parent), feed.designation]))
                .collect::<Vec<_>>(),
            "invitations": hexes(&view.invitations),
        });
        let ids = [("genesis", view.genesis.map(|id| id.to_vec())), ("epoch", view.epoch)];
        for (name, id) in ids {
            if let (Some(id), Value::Object(answer)) = (id, &mut answer) {
                answer.insert(name.to_owned(), to_hex(&id).into());
            }
        }
        members(answer)
    }
}

/// What a credential states, and whether it verifies.
fn stated(bytes: &[u8]) -> Result<(Statement, Result<(), Reject>), Reject> {
    let tree = Credential::read(bytes)?;
    let credential = Credential::new(&tree);
    Ok((Statement::of(&credential)?, halo::verify(&credential, None)))
}

/// Whether the last entry counts.
fn counts(last: Option<&Outcome>) -> Result<(), Reject> {
    match last {
        Some(Outcome::Accepted) => Ok(()),
        Some(Outcome::Refused(reject) | Outcome::Void(reject)) => Err(reject.clone()),
        Some(Outcome::Held) => Err(Reject::new(
            req::HALO_MEMBER_002,
            Class::StateUnknownRef,
            "a credential that it names is not there",
        )),
        Some(Outcome::Endless) => {
            Err(Reject::new(req::HALO_REPLAY_039, Class::StateConflict, "the roles are never derived"))
        }
        Some(Outcome::Failed) | None => {
            Err(Reject::new(req::HALO_REPLAY_038, Class::StateConflict, "the roles cannot be derived"))
        }
    }
}
