//! What is run: the cases that a profile and a selection choose, and those that are needed beside them.

use std::collections::{BTreeSet, HashSet};

use dxos_spec::Profile;
use dxos_vectors::format::Actor;
use dxos_vectors::{Case, Derive, Edit, Level, Step, VectorFile, Want};
use serde::{Deserialize, Serialize};

use crate::event::Scope;
use crate::hello::Hello;
use crate::matching::compares;
use crate::selection::Selection;

/// What to choose.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The profile that decides.
    pub profile: &'a Profile,
    /// Patterns over ids.  If there are any, only cases inside of the profile are chosen.
    pub selection: Selection,
    /// Cases weaker than this are left out.
    pub weakest: Level,
    /// Leaves out all cases outside of the profile.
    pub only_profile: bool,
}

/// Why a case is in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is reported, inside or outside of the profile.
    Reported(Scope),
    /// Only to show that the testee accepts what a chosen case makes invalid; not reported.
    Control,
}

/// A case to run.
#[derive(Clone, Debug)]
pub struct Item {
    /// The group that it belongs to.
    pub group: String,
    /// The operation of the group.
    pub op: String,
    /// The case.
    pub case: Case,
    /// Its steps; one for a case without any.
    pub steps: Vec<Step>,
    /// Why it is here.
    pub role: Role,
    /// Those of its requirements that the profile does not have.
    pub beyond: Vec<String>,
    /// The cases from which it derives, the nearest first: without them a rejection proves nothing.
    pub siblings: Vec<Case>,
}

/// What a testee does not claim and a case needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A feature.
    Feature(String),
    /// An operation.
    Op(String),
}

impl Item {
    fn new(file: &VectorFile, case: &Case, role: Role, profile: &Profile) -> Self {
        let beyond = case.req.iter().filter(|req| !profile.requirements.contains(*req)).cloned().collect();
        Self {
            group: file.group.clone(),
            op: file.op.clone(),
            steps: case.as_steps(&file.op),
            case: case.clone(),
            role,
            beyond,
            siblings: siblings(file, case).cloned().collect(),
        }
    }

    /// What the testee would have to claim and does not.  A feature comes first: without it, that the
    /// operation is missing too is beside the point.
    pub fn missing(&self, hello: &Hello) -> Option<Missing> {
        // What its siblings need it needs too, as it could not be told from a testee that rejects everything.
        let mut features =
            self.case.features.iter().chain(self.siblings.iter().flat_map(|sibling| &sibling.features));
        if let Some(feature) = features.find(|feature| !hello.has(feature)) {
            return Some(Missing::Feature(feature.clone()));
        }
        let siblings = self.siblings.iter().flat_map(|sibling| testee_ops(&sibling.steps));
        self.ops().chain(siblings).find(|op| !hello.serves(op)).map(|op| Missing::Op(op.to_owned()))
    }

    /// The operations that the testee carries out.  Sessions are part of every testee.
    pub fn ops(&self) -> impl Iterator<Item = &str> {
        testee_ops(&self.steps)
    }

    /// Whether the case wants an acceptance and nothing else.
    pub fn accepts(&self) -> bool {
        accepts(&self.steps)
    }

    /// Whether an acceptance would hold something that had to be right.
    fn shows(&self) -> bool {
        self.steps.iter().any(|step| match &step.want {
            _ if step.by == Actor::Judge => true,
            Want::Ok(members) => members.values().any(compares),
            Want::Reject(_) | Want::OneOf(_) => false,
        })
    }
}

fn accepts(steps: &[Step]) -> bool {
    steps.iter().all(|step| matches!(step.want, Want::Ok(_)))
}

fn testee_ops(steps: &[Step]) -> impl Iterator<Item = &str> {
    let asked = |step: &&Step| step.by == Actor::Testee && !step.op.starts_with("session.");
    steps.iter().filter(asked).map(|step| step.op.as_str())
}

/// The cases from which a case derives, the nearest first.
fn siblings<'a>(file: &'a VectorFile, case: &'a Case) -> impl Iterator<Item = &'a Case> {
    let from = |case: &&'a Case| {
        let derive = case.derive.as_ref()?;
        file.cases.iter().find(|other| other.id == derive.from)
    };
    let first = from(&case);
    // No more than there are cases: derivations in a ring would never end.
    std::iter::successors(first, move |case| from(case)).take(file.cases.len())
}

/// The cases of a run, in the order of the vectors.
#[derive(Clone, Debug)]
pub struct Plan {
    items: Vec<Item>,
}

impl Plan {
    /// Chooses from all vectors.
    pub fn new(files: &[VectorFile], choice: &Choice<'_>) -> Self {
        let mut files: Vec<&VectorFile> = files.iter().collect();
        files.sort_by(|a, b| a.group.cmp(&b.group));
        Self { items: files.into_iter().flat_map(|file| choose(file, choice)).collect() }
    }

    /// Gives a feature to the cases whose steps need it: what cannot be carried to a testee is not asked of it.
    pub fn demand(&mut self, feature: &str, needs: impl Fn(&[Step]) -> bool) {
        for item in &mut self.items {
            let op = &item.op;
            let siblings = item.siblings.iter().any(|sibling| needs(&sibling.as_steps(op)));
            if siblings || needs(&item.steps) {
                item.case.features.push(feature.to_owned());
            }
        }
    }

    /// The cases, controls included.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The cases that are reported.
    pub fn reported(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.role != Role::Control)
    }

    /// The number of cases that decide: scored, in the profile, of level MUST.
    pub fn deciding(&self) -> usize {
        let decides = |item: &&Item| {
            item.role == Role::Reported(Scope::Profile)
                && item.case.level == Level::Must
                && item.case.scored()
        };
        self.items.iter().filter(decides).count()
    }

    /// The operations that any of the cases needs.
    pub fn ops(&self) -> BTreeSet<&str> {
        self.items.iter().flat_map(Item::ops).collect()
    }

    /// The case with an id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.case.id == id)
    }
}

/// The chosen cases of one file, and those without which their verdicts would prove nothing.
fn choose(file: &VectorFile, choice: &Choice<'_>) -> Vec<Item> {
    let chosen = |case: &Case| {
        let inside = case.req.iter().all(|req| choice.profile.requirements.contains(req));
        let outside_too = !choice.only_profile && choice.selection.is_all();
        let scope = if inside { Scope::Profile } else { Scope::Outside };
        (case.level <= choice.weakest && choice.selection.contains(&case.id) && (inside || outside_too))
            .then_some(scope)
    };
    let mut items: Vec<(usize, Item)> = file
        .cases
        .iter()
        .enumerate()
        .filter_map(|(index, case)| {
            Some((index, Item::new(file, case, Role::Reported(chosen(case)?), choice.profile)))
        })
        .collect();
    let present: HashSet<&str> =
        file.cases.iter().filter(|case| chosen(case).is_some()).map(|case| case.id.as_str()).collect();
    // A rejection that derives from nothing is held against the accepted cases of its file, and an acceptance
    // with nothing to compare against the rejected ones.
    let loose = items.iter().any(|(_, item)| item.case.derive.is_none() && !item.accepts());
    let empty = items.iter().any(|(_, item)| item.accepts() && !item.shows());
    let mut needed: HashSet<&str> = file
        .cases
        .iter()
        .filter(|case| {
            let accepts = accepts(&case.as_steps(&file.op));
            present.contains(case.id.as_str()) || (loose && accepts) || (empty && !accepts)
        })
        .map(|case| case.id.as_str())
        .collect();
    let held_against = file.cases.iter().filter(|case| needed.contains(case.id.as_str()));
    let held_against: Vec<&str> =
        held_against.flat_map(|case| siblings(file, case)).map(|case| case.id.as_str()).collect();
    needed.extend(held_against);
    for (index, case) in file.cases.iter().enumerate() {
        if needed.contains(case.id.as_str()) && !present.contains(case.id.as_str()) {
            items.push((index, Item::new(file, case, Role::Control, choice.profile)));
        }
    }
    items.sort_by_key(|(index, _)| *index);
    items.into_iter().map(|(_, item)| item).collect()
}

/// What a derived input differs in, in a line: `credential: byte 412 xor 01`.
pub fn describe_derive(derive: &Derive) -> String {
    derive.patch.iter().map(describe_edit).collect::<Vec<_>>().join("; ")
}

fn describe_edit(edit: &Edit) -> String {
    let at = edit.at.unwrap_or(0);
    let mut parts = Vec::new();
    if let Some(value) = &edit.set {
        parts.push(format!("set to {}", crate::printable::shorten(&value.to_string())));
    }
    if edit.unset {
        parts.push("absent".to_owned());
    }
    match (edit.del, &edit.ins) {
        (Some(count), Some(bytes)) => {
            parts.push(format!("byte {at}: {count} replaced by {}", cut_hex(bytes)))
        }
        (Some(count), None) => parts.push(format!("byte {at}: {count} deleted")),
        (None, Some(bytes)) => parts.push(format!("byte {at}: {} inserted", cut_hex(bytes))),
        (None, None) => {}
    }
    if let Some(bytes) = &edit.xor {
        parts.push(format!("byte {at} xor {}", cut_hex(bytes)));
    }
    format!("{}: {}", edit.field, parts.join(", "))
}

fn cut_hex(hex: &str) -> String {
    match hex.get(..32) {
        Some(head) if hex.len() > 32 => format!("{head}… ({} bytes)", hex.len() / 2),
        _ => hex.to_owned(),
    }
}
