//! Building one vector file, case by case, against the reference.

use std::collections::BTreeMap;

use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::operations::{self, Failure};
use dxos_spec::Book;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::features;
use crate::class::Class;
use crate::format::{
    Actor, Alternative, Case, Derive, FORMAT, Flag, Level, OWN_WITNESS, Source, Step, VectorFile, Want,
};
use crate::{patch, schema};

/// Features that P-256 and Ed25519 cases need.
pub(super) const P256: &str = "suite.p256";
pub(super) const ED25519: &str = "suite.ed25519";

/// The name of a suite in ids and requests, and the feature that its cases need.
pub(super) const fn suite_of(suite: Suite) -> (&'static str, &'static str) {
    match suite {
        Suite::P256 => ("p256", P256),
        Suite::Ed25519 => ("ed25519", ED25519),
    }
}

/// A vector file in the making.
pub(super) struct Topic {
    file: VectorFile,
    features: Vec<String>,
    problems: Vec<String>,
}

impl Topic {
    /// Begins a file; `features` are those of its cases until [`Self::features`] changes them.
    pub(super) fn new(group: &str, op: &str, features: &[&str], about: &str) -> Self {
        let file = VectorFile {
            schema: schema::path_from(group),
            format: FORMAT,
            group: group.to_owned(),
            op: op.to_owned(),
            about: about.to_owned(),
            source: Source { generator: group.replace(['/', '-'], "_"), seed: group.to_owned() },
            flags: BTreeMap::new(),
            cases: Vec::new(),
        };
        let mut topic = Self { file, features: Vec::new(), problems: Vec::new() };
        topic.features(features);
        topic
    }

    /// Sets the features of the cases that follow.
    pub(super) fn features(&mut self, features: &[&str]) {
        self.features = features.iter().map(|&feature| feature.to_owned()).collect();
    }

    /// Explains a flag.
    pub(super) fn flag(&mut self, name: &str, about: &str) {
        self.file.flags.insert(name.to_owned(), Flag { about: about.to_owned() });
    }

    /// A key of its own for a case: adding a case shifts no other.
    pub(super) fn key(&self, suite: Suite, slug: &str, name: &str) -> SigningKey {
        key(suite, &format!("{}/{slug}", self.file.group), name)
    }

    /// 32 bytes of its own for a case.
    pub(super) fn bytes(&self, slug: &str, name: &str) -> [u8; 32] {
        seed(&format!("{}/{slug}", self.file.group), name)
    }

    /// An accepted input; the answer is the reference's.
    pub(super) fn accept(&mut self, slug: &str, req: &[&str], about: &str, input: Value) -> &mut Case {
        let input = members(input);
        let answer = match operations::call(&self.file.op, &input) {
            Ok(answer) => answer,
            Err(failure) => {
                self.problem(slug, &format!("should be accepted, and the reference says {failure}"));
                Map::new()
            }
        };
        self.push(slug, req, about, Some(input), Some(Want::Ok(answer)), Vec::new())
    }

    /// A rejected input with one fault, made from that of the accepted case `from`.
    pub(super) fn reject(
        &mut self,
        slug: &str,
        from: &str,
        req: &[&str],
        class: Class,
        about: &str,
        input: Value,
    ) -> &mut Case {
        let input = members(input);
        self.expect_reject(slug, class, &input);
        let derive = self.derive(slug, from, &input);
        let case = self.push(slug, req, about, Some(input), Some(Want::Reject(class)), Vec::new());
        case.derive = derive;
        case
    }

    /// The same where the fault is one of a series: class and requirement are those that the reference names, and an
    /// input that it does not reject is left out.
    pub(super) fn reject_of_series(&mut self, slug: &str, from: &str, about: &str, input: Value) {
        let Err(Failure::Reject(reject)) = operations::call(&self.file.op, &members(input.clone())) else {
            return;
        };
        match Class::ALL.iter().find(|class| class.name() == reject.class.name()) {
            Some(class) => {
                self.reject(slug, from, &[reject.requirement.id()], *class, about, input);
            }
            None => self.problem(slug, "the reference names a class that is not in the list"),
        }
    }

    /// An input on which implementations may differ; the first alternative is the reference's.
    pub(super) fn one_of(
        &mut self,
        slug: &str,
        req: &[&str],
        about: &str,
        input: Value,
        accepted: (&str, &str),
        refused: (&str, &str, Class),
    ) -> &mut Case {
        let input = members(input);
        let answer = operations::call(&self.file.op, &input).unwrap_or_default();
        if answer.is_empty() {
            self.problem(slug, "the reference does not accept it");
        }
        let alternative = |behavior: &str, req: &str, ok, reject| Alternative {
            behavior: behavior.to_owned(),
            req: req.to_owned(),
            ok,
            reject,
        };
        let want = Want::OneOf(vec![
            alternative(accepted.0, accepted.1, Some(answer), None),
            alternative(refused.0, refused.1, None, Some(refused.2)),
        ]);
        self.push(slug, req, about, Some(input), Some(want), Vec::new())
    }

    /// One input after another in one case; all are accepted.
    pub(super) fn in_turn(&mut self, slug: &str, req: &[&str], about: &str, inputs: Vec<Value>) -> &mut Case {
        let steps = inputs.into_iter().map(|input| {
            let input = members(input);
            let want = Want::Ok(operations::call(&self.file.op, &input).unwrap_or_default());
            Step { op: self.file.op.clone(), by: Actor::Testee, input, want }
        });
        let steps: Vec<Step> = steps.collect();
        if steps.iter().any(|step| matches!(&step.want, Want::Ok(members) if members.is_empty())) {
            self.problem(slug, "the reference does not accept all of it");
        }
        self.push(slug, req, about, None, None, steps)
    }

    /// A case whose output is randomised: the testee's answer is put to the judge.  `checks` are the
    /// judge's operations; their input takes `member` from the answer and adds `more`.
    pub(super) fn issue(
        &mut self,
        slug: &str,
        req: &[&str],
        about: &str,
        input: Value,
        member: &str,
        checks: &[(&str, Value)],
    ) -> &mut Case {
        let input = members(input);
        let issued = operations::call(&self.file.op, &input).unwrap_or_default();
        if issued.is_empty() {
            self.problem(slug, "the reference does not issue it");
        }
        // Text that is no hex has no placeholder: the judge alone says whether it is right.
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let want = match issued.get(member).and_then(Value::as_str) {
            Some(text) if !hex(text) => Map::new(),
            _ => members(serde_json::json!({ member: { "$any": "hex" } })),
        };
        let mut steps =
            vec![Step { op: self.file.op.clone(), by: Actor::Testee, input, want: Want::Ok(want) }];
        for (op, more) in checks {
            let mut known = members(more.clone());
            let mut taken = known.clone();
            known.insert(member.to_owned(), issued.get(member).cloned().unwrap_or_default());
            taken.insert(member.to_owned(), serde_json::json!({ "$step": 0, "get": member }));
            let mut answer = operations::call(op, &known).unwrap_or_default();
            if answer.is_empty() {
                self.problem(slug, &format!("{op} refuses what the reference issued"));
            }
            // The signature in it is the testee's own.
            answer.remove("proof");
            steps.push(Step { op: (*op).to_owned(), by: Actor::Judge, input: taken, want: Want::Ok(answer) });
        }
        self.push(slug, req, about, None, None, steps)
    }

    /// A request to issue that is refused; derives from the first step of the case `from`.
    pub(super) fn refuse(
        &mut self,
        slug: &str,
        from: &str,
        req: &[&str],
        class: Class,
        about: &str,
        input: Value,
    ) -> &mut Case {
        let input = members(input);
        self.expect_reject(slug, class, &input);
        let derive = self.derive(slug, from, &input);
        let steps =
            vec![Step { op: self.file.op.clone(), by: Actor::Testee, input, want: Want::Reject(class) }];
        let case = self.push(slug, req, about, None, None, steps);
        case.derive = derive;
        case
    }

    /// The finished file, or what is wrong with it.
    pub(super) fn finish(mut self) -> Result<VectorFile, Vec<String>> {
        features::of_a_kube(&mut self.file);
        if self.problems.is_empty() { Ok(self.file) } else { Err(self.problems) }
    }

    fn expect_reject(&mut self, slug: &str, class: Class, input: &Map<String, Value>) {
        match operations::call(&self.file.op, input) {
            Err(Failure::Reject(reject)) if reject.class.name() == class.name() => {}
            Err(failure) => {
                self.problem(slug, &format!("should be {class}, and the reference says {failure:?}"))
            }
            Ok(answer) => {
                self.problem(slug, &format!("should be {class}, and the reference says {answer:?}"))
            }
        }
    }

    /// How an input is made from that of an earlier case, or from that of its first step: a refusal is the
    /// only step, as there is nothing to judge.
    pub(super) fn derive(&mut self, slug: &str, from: &str, input: &Map<String, Value>) -> Option<Derive> {
        let id = self.id(from);
        let base = self.file.cases.iter().find(|case| case.id == id);
        let patch = base.and_then(|base| match &base.input {
            Some(base) => Some(patch::between(base, input)),
            None => base.steps.first().map(|first| patch::between_steps([&first.input], [input])),
        });
        if patch.is_none() {
            self.problem(slug, &format!("there is no case {from} before it"));
        }
        patch.map(|patch| Derive { from: id, patch })
    }

    pub(super) fn id(&self, slug: &str) -> String {
        format!("{}/{slug}", self.file.group)
    }

    /// The case with an id, if it was made before.
    pub(super) fn case(&self, id: &str) -> Option<&Case> {
        self.file.cases.iter().find(|case| case.id == id)
    }

    /// The case that was made last.
    pub(super) fn last(&mut self) -> Option<&mut Case> {
        self.file.cases.last_mut()
    }

    pub(super) fn problem(&mut self, slug: &str, problem: &str) {
        self.problems.push(format!("{}: {problem}", self.id(slug)));
    }

    #[allow(clippy::indexing_slicing)] // The case was pushed just before.
    pub(super) fn push(
        &mut self,
        slug: &str,
        req: &[&str],
        about: &str,
        input: Option<Map<String, Value>>,
        want: Option<Want>,
        steps: Vec<Step>,
    ) -> &mut Case {
        let id = self.id(slug);
        if self.file.cases.iter().any(|case| case.id == id) {
            self.problem(slug, "the id is taken");
        }
        let level = req.iter().filter_map(|id| level(id)).min();
        if level.is_none() {
            self.problem(slug, "cites no requirement of the book");
        }
        self.file.cases.push(Case {
            id,
            req: req.iter().map(|&id| id.to_owned()).collect(),
            level: level.unwrap_or(Level::Must),
            about: (!about.is_empty()).then(|| about.to_owned()),
            features: self.features.clone(),
            flags: Vec::new(),
            derive: None,
            underived: None,
            input,
            want,
            steps,
            origin: "generated".to_owned(),
            witness: vec![OWN_WITNESS.to_owned()],
            dissent: Vec::new(),
        });
        let last = self.file.cases.len() - 1;
        &mut self.file.cases[last]
    }
}

fn level(id: &str) -> Option<Level> {
    Book::embedded().requirement(id).map(|requirement| match requirement.level {
        dxos_spec::Level::Must => Level::Must,
        dxos_spec::Level::Should => Level::Should,
        dxos_spec::Level::May => Level::May,
    })
}

pub(super) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn seed(case: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("dxos-vectors 1 {case} {name}")).into()
}

fn key(suite: Suite, case: &str, name: &str) -> SigningKey {
    let mut secret = seed(case, name);
    // One secret in 2^32 is no scalar of P-256.
    loop {
        match SigningKey::new(suite, &secret) {
            Ok(key) => return key,
            Err(_) => secret = Sha256::digest(secret).into(),
        }
    }
}
