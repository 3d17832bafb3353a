//! Spaces as one writes them down, `B: a>b ADM ^o; X: a>b REM ^B`, and what follows from the book's definitions.

#![allow(dead_code)] // Each test takes its part.

pub(crate) mod naive;

use std::collections::BTreeMap;

use dxos_reference::halo::space::{Convergent, Entry, Id, Machine, Outcome, Stated, Statement, View};
use sha2::{Digest, Sha256};

/// Keys are names; this is the space key's.
pub(crate) const SPACE: &str = "S";

/// A statement as the space key or a member makes it, under a name from which its id is derived.
pub(crate) fn statement(name: &str, issuer: &str, subject: &str, stated: Stated) -> Statement {
    Statement {
        carried_id: None,
        id: id(name),
        issuer: issuer.into(),
        subject: subject.into(),
        date: 0,
        parents: Vec::new(),
        stated,
    }
}

/// The id of the credential with a name.
pub(crate) fn id(name: &str) -> Id {
    Sha256::digest(name).into()
}

/// It, in a feed of its issuer, with valid signatures.
pub(crate) fn entry(statement: Statement) -> Entry {
    Entry { source_feed: [b"feed of ", statement.issuer.as_slice()].concat(), statement, verified: Ok(()) }
}

pub(crate) fn genesis(name: &str) -> Statement {
    statement(name, SPACE, SPACE, Stated::Genesis { space: SPACE.into() })
}

pub(crate) fn member(name: &str, issuer: &str, subject: &str, role: i64, parents: &[&str]) -> Statement {
    let stated = Stated::Member { space: SPACE.into(), role, profile: None, invitation: None };
    let parents = parents.iter().map(|parent| id(parent).to_vec()).collect();
    Statement { parents, ..statement(name, issuer, subject, stated) }
}

const ROLES: [(&str, i64); 5] = [("ADM", 1), ("EDT", 2), ("RDR", 3), ("OWN", 4), ("REM", 5)];

/// `B: a>b ADM ^o,C @100`, separated by semicolons, behind the genesis g and `o: S>a OWN`.
pub(crate) fn scene(text: &str) -> Vec<(String, Statement)> {
    let mut scene = vec![("g".into(), genesis("g")), ("o".into(), member("o", SPACE, "a", 4, &[]))];
    for line in text.split(';').map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once(": ").unwrap();
        let mut words = rest.split(' ');
        let (issuer, subject) = words.next().unwrap().split_once('>').unwrap();
        let role = words.next().unwrap();
        let role = ROLES
            .iter()
            .find(|(known, _)| *known == role)
            .map_or_else(|| role.parse().unwrap(), |role| role.1);
        let (mut parents, mut date) = (Vec::new(), 0);
        for word in words {
            match word.split_at(1) {
                ("^", names) => parents.extend(names.split(',')),
                ("@", number) => date = number.parse().unwrap(),
                _ => panic!("what is {word}?"),
            }
        }
        scene.push((name.into(), Statement { date, ..member(name, issuer, subject, role, &parents) }));
    }
    scene
}

pub(crate) fn machine() -> Convergent {
    Convergent::new(SPACE.as_bytes())
}

/// What a machine holds after these, with the outcome of each by its id.
pub(crate) fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> (View, BTreeMap<Id, Outcome>) {
    let mut machine = machine();
    let ids: Vec<Id> = entries
        .into_iter()
        .map(|entry| {
            machine.process(entry);
            entry.statement.id
        })
        .collect();
    let outcomes = ids.into_iter().zip(machine.outcomes()).collect();
    (machine.view(), outcomes)
}

/// `a=OWN b=ADM`.
pub(crate) fn roles(view: &View) -> String {
    let name = |role: i64| ROLES.iter().find(|(_, known)| *known == role).map_or("?", |(name, _)| name);
    let roles =
        view.members.iter().map(|(key, role)| format!("{}={}", String::from_utf8_lossy(key), name(*role)));
    roles.collect::<Vec<_>>().join(" ")
}

/// The members of a graph as one writes them down.
pub(crate) fn written(of: &[Statement]) -> String {
    let numbers =
        (0..20).flat_map(|number| [format!("{number}"), format!("r{number}"), format!("x{number}")]);
    let names: Vec<String> = numbers.chain(["g", "h", "o", "B", "C", "D", "R"].map(str::to_owned)).collect();
    let name = |sought: &[u8]| names.iter().find(|name| id(name)[..] == *sought).map_or("?", String::as_str);
    let line = |one: &Statement| {
        let Stated::Member { role, .. } = one.stated else {
            return format!("{}: {:?}", name(&one.id), one.stated);
        };
        let role = ROLES.iter().find(|(_, known)| *known == role).map_or("?", |(name, _)| name);
        let parents: Vec<&str> = one.parents.iter().map(|parent| name(parent)).collect();
        let key = String::from_utf8_lossy;
        let parents = parents.join(",");
        format!("{}: {}>{} {role} ^{parents}", name(&one.id), key(&one.issuer), key(&one.subject))
    };
    of.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// All orders of so many things.
pub(crate) fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, count - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..count).map(move |at| insert(order, at))).collect()
}

/// Choices that are the same in each run.
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a bound, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
