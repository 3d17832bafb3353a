//! Spaces, of credentials that nobody would sign.

use std::collections::BTreeMap;

use dxos_reference::halo::space::{Delegation, Entry, Id, Outcome, Rule, Stated, Statement, View};

/// The most credentials that are made of bytes.
const MAX: usize = 64;

/// The most that are also given to the deployed rule, whose cost has no such bound.
const MAX_DEPLOYED: usize = 8;

/// Bytes of one credential.
const SIZE: usize = 6;

/// The id of a credential by its number.
fn id(number: u8) -> Id {
    // Not in the order of the numbers.
    let mut id = [number; 32];
    id[0] = number.reverse_bits();
    id
}

/// A credential of: what it is with its role, issuer, subject, two parents that may come later or never, and the rest.
/// Key 0 is that of the space.
fn entry(number: u8, bytes: &[u8]) -> Option<Entry> {
    let &[kind, issuer, subject, first, second, rest] = bytes else { return None };
    let (key, space) = (|key: u8| vec![key % 8], vec![u8::from(rest & 0x80 != 0)]);
    let role = i64::from(kind >> 4) % 7;
    let text = (rest & 1 != 0).then(|| (rest & 2 != 0).then(|| rest.to_string()));
    let other = id(first).to_vec();
    let is_member = kind % 16 < 9;
    let stated = match kind % 16 {
        0..=8 => Stated::Member {
            space,
            role,
            profile: text,
            invitation: (rest & 4 != 0).then(|| id(rest).to_vec()),
        },
        9 => Stated::Genesis { space },
        10 => Stated::Profile { profile: text },
        11 => Stated::Feed { space, identity: key(first), device: key(second), designation: role },
        12 => Stated::Delegate(Delegation {
            invitation_id: String::new(),
            auth_method: 0,
            role,
            expires_on: (rest & 8 != 0).then(|| i64::from(rest) - 100),
            multi_use: rest & 16 != 0,
        }),
        13 => Stated::Cancel { credential: other.clone() },
        14 => {
            Stated::Epoch { number: i64::from(rest % 4), previous: (rest & 32 != 0).then(|| other.clone()) }
        }
        _ => Stated::Other("dxos.halo.credentials.Auth".to_owned()),
    };
    let count = if is_member { usize::from(rest >> 5 & 3) } else { 0 };
    let parents = [other, id(second).to_vec()].into_iter().cycle().take(count).collect();
    let statement = Statement {
        carried_id: (rest & 64 != 0).then(|| id(second).to_vec()),
        id: id(number),
        issuer: key(issuer),
        subject: key(subject),
        date: i64::from(rest),
        parents,
        stated,
    };
    Some(Entry { statement, source_feed: key(issuer), verified: Ok(()) })
}

/// What a machine holds after these, and what became of each.
fn replayed<'a>(entries: impl IntoIterator<Item = &'a Entry>, look: bool) -> (View, BTreeMap<Id, Outcome>) {
    let mut machine = Rule::Convergent.machine(&[0]);
    let mut ids = Vec::new();
    for entry in entries {
        machine.process(entry);
        ids.push(entry.statement.id);
        if look {
            machine.view();
        }
    }
    let outcomes = ids.into_iter().zip(machine.outcomes()).collect();
    (machine.view(), outcomes)
}

/// Credentials in any order, looked at in between or not, and twice, end in one view; the deployed rule says
/// something of each until it says that it never ends.
pub fn replay(bytes: &[u8]) {
    let entries: Vec<Entry> =
        (0..).zip(bytes.chunks(SIZE).take(MAX)).filter_map(|(number, bytes)| entry(number, bytes)).collect();
    let forth = replayed(&entries, false);
    assert_eq!(replayed(entries.iter().rev(), true), forth, "the order decides");
    assert_eq!(replayed(entries.iter().chain(&entries), true), forth, "repetitions decide");
    if entries.len() <= MAX_DEPLOYED {
        let mut machine = Rule::Deployed.machine(&[0]);
        let said = entries.iter().map(|entry| machine.process(entry));
        let said = said.take_while(|outcome| *outcome != Outcome::Endless).count();
        assert!(said + 1 >= machine.outcomes().len(), "an outcome of nothing");
    }
}

/// A space of an OWNER, administrators and two that remove each other, as bytes.
pub fn seed() -> Vec<u8> {
    let role = |role: u8| role << 4;
    [
        [9, 0, 0, 0, 0, 0],
        [role(4), 0, 1, 0, 0, 0],
        [role(1), 1, 2, 1, 1, 32],
        [role(1), 1, 3, 2, 2, 32],
        [role(5), 2, 3, 3, 3, 32],
        [role(5), 3, 2, 3, 3, 32],
        [role(2), 2, 4, 3, 3, 32],
        [role(3), 1, 5, 4, 5, 64],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::{replay, replayed, seed};

    #[test]
    fn the_seed_is_a_space_that_matters() {
        let bytes = seed();
        replay(&bytes);
        let entries: Vec<_> =
            (0..).zip(bytes.chunks(6)).filter_map(|(at, bytes)| super::entry(at, bytes)).collect();
        let members: Vec<i64> = replayed(&entries, false).0.members.into_values().collect();
        assert_eq!(members, [4, 5, 5, 3]);
    }

    #[test]
    fn the_laws_hold_for_many_bytes() {
        let mut state: u32 = 1;
        for length in 0..400_usize {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            replay(&bytes);
            replay(&[seed(), bytes].concat());
        }
    }
}
