//! What it costs to derive the members of a space, by either rule: a long history, many concurrent heads, and forks that
//! are merged again.
#![forbid(unsafe_code)]
// A bench that cannot be set up is to stop.
#![allow(clippy::unwrap_used)]

use divan::Bencher;
use divan::counter::ItemsCount;
use dxos_reference::halo::space::{Entry, Outcome, Rule, Stated, Statement};
use dxos_reference::halo::{Credential, Issue, issue, verify};
use dxos_reference::keys::{SigningKey, Suite};

const RULES: [Rule; 2] = [Rule::Deployed, Rule::Convergent];

const ADMIN: i64 = 1;
const EDITOR: i64 = 2;
const OWNER: i64 = 4;

fn main() {
    divan::main();
}

/// A key of 65 bytes, or an id of 32.
fn name<const N: usize>(number: usize) -> [u8; N] {
    let mut name = [4; N];
    for (to, from) in name.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    name
}

const SPACE: usize = 0;
const FIRST: usize = 1;

/// Credentials that nobody signed, numbered from 0: the genesis, the owner, and what is added.
struct History(Vec<Entry>);

impl History {
    fn new() -> Self {
        let mut history = Self(Vec::new());
        history.add(SPACE, SPACE, &[], Stated::Genesis { space: name::<65>(SPACE).to_vec() });
        history.member(SPACE, FIRST, OWNER, &[]);
        history
    }

    fn add(&mut self, issuer: usize, subject: usize, parents: &[usize], stated: Stated) -> usize {
        let number = self.0.len();
        let statement = Statement {
            carried_id: Some(name::<32>(number).to_vec()),
            id: name(number),
            issuer: name::<65>(issuer).to_vec(),
            subject: name::<65>(subject).to_vec(),
            date: 1_700_000_000_000,
            parents: parents.iter().map(|parent| name::<32>(*parent).to_vec()).collect(),
            stated,
        };
        self.0.push(Entry { statement, source_feed: vec![1; 32], verified: Ok(()) });
        number
    }

    fn member(&mut self, issuer: usize, subject: usize, role: i64, parents: &[usize]) -> usize {
        let space = name::<65>(SPACE).to_vec();
        self.add(issuer, subject, parents, Stated::Member { space, role, profile: None, invitation: None })
    }

    /// One after another.
    fn linear(count: usize) -> Self {
        let mut history = Self::new();
        for number in 2..count {
            history.member(FIRST, number, EDITOR, &[number - 1]);
        }
        history
    }

    /// All beside each other.
    fn heads(count: usize) -> Self {
        let mut history = Self::new();
        for number in 0..count {
            history.member(FIRST, number + 2, EDITOR, &[1]);
        }
        history
    }

    /// Two beside each other and one that merges them, again and again.
    fn diamonds(count: usize) -> Self {
        let mut history = Self::new();
        let mut last = 1;
        while history.0.len() + 3 <= count {
            let number = history.0.len();
            let left = history.member(FIRST, number, ADMIN, &[last]);
            let right = history.member(FIRST, number + 1, EDITOR, &[last]);
            last = history.member(FIRST, number + 2, EDITOR, &[left, right]);
        }
        history
    }
}

/// Takes everything in, and looks at what came of it.
fn replay(rule: Rule, entries: &[Entry]) -> usize {
    let mut machine = rule.machine(&name::<65>(SPACE));
    for entry in entries {
        let outcome = machine.process(entry);
        assert!(outcome == Outcome::Accepted, "{outcome:?}");
    }
    machine.view().members.len()
}

fn measure(bencher: Bencher<'_, '_>, rule: Rule, history: &History) {
    bencher.counter(ItemsCount::new(history.0.len())).bench(|| replay(rule, &history.0));
}

#[divan::bench(args = RULES, consts = [1_000, 10_000], sample_count = 5, sample_size = 1)]
fn linear<const COUNT: usize>(bencher: Bencher<'_, '_>, rule: Rule) {
    measure(bencher, rule, &History::linear(COUNT));
}

#[divan::bench(args = RULES, sample_count = 5, sample_size = 1)]
fn heads_200(bencher: Bencher<'_, '_>, rule: Rule) {
    measure(bencher, rule, &History::heads(200));
}

#[divan::bench(args = RULES, sample_count = 3, sample_size = 1)]
fn forks_and_merges_1000(bencher: Bencher<'_, '_>, rule: Rule) {
    measure(bencher, rule, &History::diamonds(1_000));
}

/// Decoding and verifying included.
#[divan::bench(args = RULES, sample_count = 3, sample_size = 1)]
fn linear_1000_verified(bencher: Bencher<'_, '_>, rule: Rule) {
    let space = SigningKey::new(Suite::P256, &[1; 32]).unwrap();
    let owner = SigningKey::new(Suite::P256, &[2; 32]).unwrap();
    let signed = signed(&space, &owner, 1_000);
    bencher.counter(ItemsCount::new(signed.len())).bench(|| {
        let mut machine = rule.machine(&space.public_key());
        for bytes in &signed {
            let tree = Credential::read(bytes).unwrap();
            let credential = Credential::new(&tree);
            let statement = Statement::of(&credential).unwrap();
            let verified = verify(&credential, None);
            let outcome = machine.process(&Entry { statement, source_feed: vec![1; 32], verified });
            assert!(outcome == Outcome::Accepted, "{outcome:?}");
        }
        machine.view().members.len()
    });
}

/// A field that holds a key.
fn key(number: u8, key: &[u8]) -> Vec<u8> {
    let length = u8::try_from(key.len()).unwrap();
    [&[number << 3 | 2, length + 2, 10, length], key].concat()
}

/// A linear history in its encoding.
fn signed(space: &SigningKey, owner: &SigningKey, count: usize) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::with_capacity(count);
    let (of, first) = (space.public_key(), owner.public_key());
    let mut last: Option<Vec<u8>> = None;
    for number in 0..count {
        let subject = match number {
            0 => of.clone(),
            1 => first.clone(),
            _ => name::<65>(number).to_vec(),
        };
        let role = if number == 1 { 4 } else { 2 };
        let member = [key(1, &of), vec![2 << 3, role], key(4, &[7; 32])].concat();
        let (kind, assertion) = match number {
            0 => ("dxos.halo.credentials.SpaceGenesis", key(1, &of)),
            _ => ("dxos.halo.credentials.SpaceMember", member),
        };
        let signer = if number < 2 { space } else { owner };
        let what = Issue {
            issuer: &signer.public_key(),
            subject: &subject,
            assertion_type: kind,
            assertion: &assertion,
            date: 1_700_000_000_000,
            expiration: None,
            nonce: None,
            parents: last.as_deref().filter(|_| number > 1).into_iter().collect(),
            chain: None,
        };
        let bytes = issue(signer, &what).unwrap();
        let tree = Credential::read(&bytes).unwrap();
        last = Credential::new(&tree).carried_id().map(<[u8]>::to_vec);
        all.push(bytes);
    }
    all
}
