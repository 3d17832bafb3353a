//! What is said of a space: by the vectors, or by a testee.

use serde_json::{Map, Value};

use super::printed::quoted;

/// Longer words are cut: a testee can say anything.
const WORD: usize = 24;

/// An answer, as far as it is drawn.  What has another form than the operation gives it is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// A word for each entry.
    pub(super) words: Vec<String>,
    /// The word for the last entry alone, if the answer is a rejection.
    pub(super) rejected: Option<String>,
    /// Roles by key; none if nothing is said of them.
    pub(super) members: Option<Vec<(Vec<u8>, i64)>>,
    /// Names by key.
    pub(super) profiles: Vec<(Vec<u8>, String)>,
    /// Ids of the heads.
    pub(super) heads: Vec<Vec<u8>>,
    /// Ids of open invitations.
    pub(super) invitations: Vec<Vec<u8>>,
    /// The id of the epoch in force.
    pub(super) epoch: Option<Vec<u8>>,
}

impl Said {
    /// By a result.
    pub(super) fn of(result: &Map<String, Value>) -> Self {
        let list = |name: &str| result.get(name).and_then(Value::as_array);
        let ids = |name: &str| list(name).into_iter().flatten().filter_map(bytes).collect();
        let word =
            |word: &Value| word.as_str().map_or_else(|| "(no word)".to_owned(), |word| quoted(word, WORD));
        Self {
            words: list("results").into_iter().flatten().map(word).collect(),
            rejected: None,
            members: list("members").map(|pairs| pairs.iter().filter_map(member).collect()),
            profiles: list("profiles").into_iter().flatten().filter_map(profile).collect(),
            heads: ids("heads"),
            invitations: ids("invitations"),
            epoch: result.get("epoch").and_then(bytes),
        }
    }

    /// By a rejection with a class.
    pub(super) fn rejection(class: &str) -> Self {
        Self { rejected: Some(format!("reject {}", quoted(class, WORD))), ..Self::default() }
    }

    /// The word for an entry of so many.
    pub(super) fn word(&self, index: usize, of: usize) -> Option<&str> {
        let rejected = self.rejected.as_deref().filter(|_| index + 1 == of);
        rejected.or_else(|| self.words.get(index).map(String::as_str))
    }

    /// As [`Self::word`], but empty for an entry that was left out of a list of words.
    pub(super) fn given(&self, index: usize, of: usize) -> Option<&str> {
        self.word(index, of).or_else(|| (!self.words.is_empty()).then_some(""))
    }

    /// The role of a member.
    pub(super) fn role(&self, key: &[u8]) -> Option<i64> {
        let members = self.members.as_deref().unwrap_or_default();
        members.iter().find(|(member, _)| member == key).map(|(_, role)| *role)
    }
}

fn member(pair: &Value) -> Option<(Vec<u8>, i64)> {
    match pair.as_array()?.as_slice() {
        [key, role] => Some((bytes(key)?, role.as_i64()?)),
        _ => None,
    }
}

fn profile(pair: &Value) -> Option<(Vec<u8>, String)> {
    match pair.as_array()?.as_slice() {
        [key, name] => Some((bytes(key)?, quoted(name.as_str()?, WORD))),
        _ => None,
    }
}

/// The bytes of a hex text.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    hex::decode(value.as_str()?).ok()
}
