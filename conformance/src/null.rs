//! Eight testees that implement nothing.  A suite that gives one of them a point is wrong.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use dxos_vectors::Class;
use dxos_vectors::lint::FEATURES;
use serde_json::{Map, Value, json};

use crate::hello::Hello;
use crate::implementation::Implementation;
use crate::protocol::Answer;

/// What a null testee does with each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// Accepts, with an empty result.
    AcceptAll,
    /// Rejects, always with the same class.
    RejectAll,
    /// Accepts, always with the same credible result.
    Constant,
    /// Accepts, with the input as the result.
    Echo,
    /// Prints an answer that says nothing.
    Empty,
    /// Does one of the above, at random.
    Random,
    /// Dies.
    Crash,
    /// Never answers.
    Hang,
}

impl Null {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::AcceptAll,
        Self::RejectAll,
        Self::Constant,
        Self::Echo,
        Self::Empty,
        Self::Random,
        Self::Crash,
        Self::Hang,
    ];

    /// Its name, as in `dxspec serve null-echo`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcceptAll => "null-accept-all",
            Self::RejectAll => "null-reject-all",
            Self::Constant => "null-constant",
            Self::Echo => "null-echo",
            Self::Empty => "null-empty",
            Self::Random => "null-random",
            Self::Crash => "null-crash",
            Self::Hang => "null-hang",
        }
    }

    /// The null testee with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|null| null.name() == name)
    }
}

impl Implementation for Null {
    fn hello(&self) -> Hello {
        // All features: a case that is left out for one tests nobody.
        Hello::new(self.name(), "1", "none", &["halo.*", "echo.*", "mesh.*", "kube.*", "wire.*"], FEATURES)
    }

    /// Answers every operation alike, known or not: nothing is implemented, so nothing can be unsupported.
    fn call(&mut self, _op: &str, input: &Map<String, Value>) -> Answer {
        match self {
            Self::AcceptAll => Answer::Ok(Map::new()),
            Self::RejectAll => Answer::reject(Class::AuthSignature, "no"),
            Self::Constant => Answer::Ok(constant()),
            Self::Echo => Answer::Ok(input.clone()),
            Self::Empty => Answer::Bug { message: String::new() },
            Self::Random => random(input),
            // A panic, and not an abort, so that it can also be run in process.  As a process of its own it
            // ends with an exit code that is not 0.
            #[expect(clippy::panic, reason = "dying is the purpose")]
            Self::Crash => panic!("null-crash dies at each request"),
            Self::Hang => loop {
                std::thread::park();
            },
        }
    }
}

/// A result with every member that an operation may have, each credible by itself.
fn constant() -> Map<String, Value> {
    let key = format!("04{}", "11".repeat(64));
    let value = json!({
        "key": key, "issuer": key, "subject": key, "subjects": [key], "signers": [key],
        "multibase32": "B6B6B6B6B6B6B6B6B6B6B6B6B6B6B6B6B6",
        "space_id": format!("B{}", "A".repeat(32)), "did": format!("did:halo:B{}", "A".repeat(32)),
        "hash": "22".repeat(20), "id": "33".repeat(32), "payload": "{}",
        "credential": "0a00", "presentation": "0a00",
        "issuance_date": "0", "parents": [], "assertion": { "type": "", "json": "{}" },
        "proof": { "type": "ED25519Signature", "creation_date": "0", "signer": key, "value": "44".repeat(64), "chain": 0 },
        "session": "s1",
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The standard library's hash keys are the only source of chance that needs no further crate.
fn random(input: &Map<String, Value>) -> Answer {
    let pick = RandomState::new().build_hasher().finish();
    let classes = Class::ALL.len() as u64;
    match pick % 4 {
        0 => Answer::Ok(Map::new()),
        1 => Answer::Ok(constant()),
        2 => Answer::Ok(input.clone()),
        _ => match usize::try_from((pick >> 8) % classes).ok().and_then(|index| Class::ALL.get(index)) {
            Some(class) => Answer::reject(*class, "at random"),
            None => Answer::Unsupported,
        },
    }
}
