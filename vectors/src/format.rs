//! Vector files, format 1: the serde types are the definition, the JSON Schema is made from them.
//!
//! Scalars: bytes are lower-case hex; integers that can pass 2^53 and times (Unix milliseconds) are
//! decimal strings; there are no nulls and no floats.  Unknown keys are an error.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::class::Class;

/// The value of `format` in every file.
pub const FORMAT: u32 = 1;

/// One file: the cases of one operation and topic, at most 256 KiB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// Relative path of the JSON Schema of this format.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The format's number; a reader that does not know it skips the file loudly.
    pub format: u32,
    /// `<area>/<object>/…/<topic>`: the file's path under `data/` without `.json`, and the prefix of its case ids.
    pub group: String,
    /// The operation under test, for example `halo.credential.verify`.
    pub op: String,
    /// What the file is about, in one or two sentences.
    pub about: String,
    /// What made the file.
    pub source: Source,
    /// Names used in `flags` of the cases, each explained once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub flags: BTreeMap<String, Flag>,
    /// The cases; a derived case stands after the one that it derives from.
    pub cases: Vec<Case>,
}

/// What made a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the generator.
    pub generator: String,
    /// Seed from which all keys and choices of the file are derived, together with the case id.
    pub seed: String,
}

/// Meaning of a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// The mistake that cases with this flag would reveal.
    pub about: String,
}

/// How binding the requirements of a case are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Decides the verdict.
    Must,
    /// Reported, never fails a run.
    Should,
    /// Reported, never fails a run.
    May,
}

/// The smallest thing with a verdict: one request with its answer, or several steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `<group>/<slug>`; immutable and never reused.
    pub id: String,
    /// The requirements that the case tests; at least one.
    pub req: Vec<String>,
    /// The level of those requirements.
    pub level: Level,
    /// What is special about this case, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Features without which the case is not applicable, for example `suite.p256`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Names of flags, explained in the file's `flags`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// How a rejected input is made from an accepted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derive: Option<Derive>,
    /// Why a rejected input derives from no accepted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub underived: Option<String>,
    /// The input; absent exactly where `steps` are given.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Map<String, Value>>,
    /// The expected answer; absent exactly where `steps` are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub want: Option<Want>,
    /// The steps of a case with more than one request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Where the case comes from: `generated`, `hand`, `capture`, `fuzz` or `bug`.
    pub origin: String,
    /// The implementations that were seen to give the expected answer.  Without one beside our own the
    /// case is provisional: run and shown, not scored (see `Case::scored`).
    pub witness: Vec<String>,
    /// Implementations that were seen to answer otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dissent: Vec<Dissent>,
}

/// The name under which the reference appears in `witness`.
pub const OWN_WITNESS: &str = "dxos-reference";

/// How the ids of requirements begin about which no deployed implementation can be asked.
pub const UNPUBLISHED: &str = "KUBE-";

impl Case {
    /// Whether the case counts: another implementation confirms the answer, or one was seen to dissent
    /// and the book says so in the `Deployed:` line of a requirement of the case (which lint checks), or the
    /// book alone decides, because no server was ever published that could be asked.
    pub fn scored(&self) -> bool {
        self.witness.iter().any(|name| name != OWN_WITNESS)
            || !self.dissent.is_empty()
            || (!self.req.is_empty() && self.req.iter().all(|id| id.starts_with(UNPUBLISHED)))
    }

    /// The case as steps: a case with `in` and `want` is one step of the testee.
    pub fn as_steps(&self, op: &str) -> Vec<Step> {
        match (&self.input, &self.want) {
            (Some(input), Some(want)) => {
                vec![Step { op: op.to_owned(), by: Actor::Testee, input: input.clone(), want: want.clone() }]
            }
            _ => self.steps.clone(),
        }
    }

    /// Whether the case, or a step of it, expects nothing but a rejection.
    pub fn rejects(&self) -> bool {
        matches!(self.want, Some(Want::Reject(_)))
            || self.steps.iter().any(|step| matches!(step.want, Want::Reject(_)))
    }
}

/// An implementation that answers otherwise than the case wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dissent {
    /// Name and version of the implementation.
    pub witness: String,
    /// Its answer in short: `ok`, `reject <class>`, `bug`, `timeout`, `crash`.
    pub got: String,
}

/// How an input is made from that of an accepted sibling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Derive {
    /// The sibling: an earlier case of the same file that wants `ok`.
    pub from: String,
    /// Edits, applied one after the other.
    pub patch: Vec<Edit>,
}

/// One edit of an input.  `set` replaces a whole member; the others edit the bytes of a hex member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The member of `in` to edit, as a path with `/` (`assertion/value`, `credentials/0`).
    /// For a case of steps it begins with the step's number.
    pub field: String,
    /// Offset in bytes at which the edit begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// Number of bytes deleted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub del: Option<usize>,
    /// Bytes inserted there, after the deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ins: Option<String>,
    /// Bytes combined with those at the offset by exclusive or.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xor: Option<String>,
    /// New value of the whole member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Value>,
    /// Removes the whole member.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unset: bool,
}

/// An expected answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// Accepted, with these members in the answer (others are ignored).
    /// `{"$any": "hex"}` stands for any non-empty hex string.
    Ok(Map<String, Value>),
    /// Rejected with this class.
    Reject(Class),
    /// One of several named behaviours, each allowed by a requirement.
    OneOf(Vec<Alternative>),
}

/// One allowed behaviour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Name of the behaviour, for example `last-wins`.
    pub behavior: String,
    /// The requirement that allows it.
    pub req: String,
    /// Accepted, with these members in the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<Map<String, Value>>,
    /// Rejected with this class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<Class>,
}

/// A plain expectation: what `want` and each alternative come down to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expect<'a> {
    /// Accepted with these members.
    Ok(&'a Map<String, Value>),
    /// Rejected with this class.
    Reject(Class),
}

/// Who carries out a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// The implementation under test.
    #[default]
    Testee,
    /// The runner's own judge, which checks a randomised output by the inverse operation.
    Judge,
}

impl Actor {
    fn is_testee(&self) -> bool {
        *self == Self::Testee
    }
}

/// One request of a case with several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The operation.
    pub op: String,
    /// Who carries it out.
    #[serde(default, skip_serializing_if = "Actor::is_testee")]
    pub by: Actor,
    /// The input.  A member `{"$step": 0, "get": "credential"}` takes a value from an earlier step's answer.
    #[serde(rename = "in")]
    pub input: Map<String, Value>,
    /// The expected answer.
    pub want: Want,
}
