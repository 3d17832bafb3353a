//! Cases of several requests, among them those of a session.

use dxos_reference::operations::{Failure, Operations};
use serde_json::{Map, Value};

use super::topic::{Topic, members};
use crate::class::Class;
use crate::format::{Actor, Case, Derive, Step, Want};
use crate::patch;

/// A request, and what of its answer is wanted.
#[derive(Clone)]
pub(super) struct Ask {
    op: String,
    by: Actor,
    input: Map<String, Value>,
    wanted: Wanted,
}

#[derive(Clone)]
enum Wanted {
    All,
    Only(&'static [&'static str]),
    AnyHex(&'static [&'static str]),
    Reject(Class),
}

/// A request whose whole answer is wanted as the reference gives it.  A value `{"$step": n, "get": name}` is
/// taken from the answer of step `n`; a step `session.open` or `wire.open` answers with `session`.
pub(super) fn ask(op: &str, input: Value) -> Ask {
    Ask { op: op.to_owned(), by: Actor::Testee, input: members(input), wanted: Wanted::All }
}

/// What begins a session.
pub(super) fn open() -> Ask {
    ask("session.open", serde_json::json!({})).only(&[])
}

/// The session that step `step` began.
pub(super) fn session(step: usize) -> Value {
    from(step, "session")
}

/// A member of the answer of step `step`.
pub(super) fn from(step: usize, member: &str) -> Value {
    serde_json::json!({ "$step": step, "get": member })
}

impl Ask {
    /// Whether it asks for this operation.
    pub(super) fn is(&self, op: &str) -> bool {
        self.op == op
    }

    /// Only these members are wanted.
    pub(super) fn only(mut self, members: &'static [&'static str]) -> Self {
        self.wanted = Wanted::Only(members);
        self
    }

    /// These members may be any hex; the others are wanted as they are.
    pub(super) fn any(mut self, members: &'static [&'static str]) -> Self {
        self.wanted = Wanted::AnyHex(members);
        self
    }

    /// A rejection is wanted.
    pub(super) fn rejected(mut self, class: Class) -> Self {
        self.wanted = Wanted::Reject(class);
        self
    }

    /// Put to the judge, not to the testee.
    pub(super) fn judged(mut self) -> Self {
        self.by = Actor::Judge;
        self
    }
}

impl Topic {
    /// An accepted case of several requests.
    pub(super) fn steps(&mut self, slug: &str, req: &[&str], about: &str, asks: Vec<Ask>) -> &mut Case {
        let steps = self.carry_out(slug, asks);
        self.push(slug, req, about, None, None, steps)
    }

    /// A case of several requests whose last one is rejected.  Its requests are the first ones of the accepted
    /// case `from`, with one fault.
    pub(super) fn steps_reject(
        &mut self,
        slug: &str,
        from: &str,
        req: &[&str],
        about: &str,
        asks: Vec<Ask>,
    ) -> &mut Case {
        let steps = self.carry_out(slug, asks);
        if !matches!(steps.last().map(|step| &step.want), Some(Want::Reject(_))) {
            self.problem(slug, "its last step is not rejected");
        }
        let id = self.id(from);
        let base: Option<Vec<Map<String, Value>>> = self
            .case(&id)
            .map(|base| base.steps.iter().take(steps.len()).map(|step| step.input.clone()).collect());
        let derive = match base {
            Some(base) if base.len() == steps.len() => {
                let patch = patch::between_steps(base.iter(), steps.iter().map(|step| &step.input));
                if patch.is_empty() {
                    self.problem(slug, &format!("asks nothing else than {from}"));
                }
                Some(Derive { from: id, patch })
            }
            Some(_) => {
                self.problem(slug, &format!("has more steps than {from}"));
                None
            }
            None => {
                self.problem(slug, &format!("there is no case {from} before it"));
                None
            }
        };
        let case = self.push(slug, req, about, None, None, steps);
        case.derive = derive;
        case
    }

    /// Puts the requests to the reference, one after the other.
    fn carry_out(&mut self, slug: &str, asks: Vec<Ask>) -> Vec<Step> {
        let mut server = Operations::default();
        let mut answers: Vec<Map<String, Value>> = Vec::new();
        let mut steps = Vec::new();
        for (number, ask) in asks.into_iter().enumerate() {
            let input = resolved(&ask.input, &answers);
            let name = format!("s{number}");
            let answer = match ask.op.as_str() {
                "session.open" => Ok(members(serde_json::json!({ "session": name }))),
                "wire.open" => {
                    let mut input = input;
                    input.insert("session".to_owned(), name.clone().into());
                    server.call(&ask.op, &input).map(|mut answer| {
                        answer.insert("session".to_owned(), name.into());
                        answer
                    })
                }
                op => server.call(op, &input),
            };
            let (want, answer) = match (answer, ask.wanted) {
                (Ok(answer), Wanted::Reject(class)) => {
                    self.problem(
                        slug,
                        &format!("step {number} should be {class}, and the reference says {answer:?}"),
                    );
                    (Want::Reject(class), answer)
                }
                (Err(Failure::Reject(reject)), Wanted::Reject(class))
                    if reject.class.name() == class.name() =>
                {
                    (Want::Reject(class), Map::new())
                }
                (Err(failure), wanted) => {
                    self.problem(
                        slug,
                        &format!("step {number} ({}): the reference says {failure:?}", ask.op),
                    );
                    let want = match wanted {
                        Wanted::Reject(class) => Want::Reject(class),
                        _ => Want::Ok(Map::new()),
                    };
                    (want, Map::new())
                }
                (Ok(answer), wanted) => (Want::Ok(of(&answer, &wanted)), answer),
            };
            answers.push(answer);
            steps.push(Step { op: ask.op, by: ask.by, input: ask.input, want });
        }
        steps
    }
}

/// What is wanted of an answer.  The name of a session is the testee's own.
fn of(answer: &Map<String, Value>, wanted: &Wanted) -> Map<String, Value> {
    let mut members = answer.clone();
    members.remove("session");
    match wanted {
        Wanted::All | Wanted::Reject(_) => {}
        Wanted::Only(names) => members.retain(|name, _| names.contains(&name.as_str())),
        Wanted::AnyHex(names) => {
            for (name, value) in &mut members {
                if names.contains(&name.as_str()) {
                    *value = serde_json::json!({ "$any": "hex" });
                }
            }
        }
    }
    members
}

fn resolved(input: &Map<String, Value>, answers: &[Map<String, Value>]) -> Map<String, Value> {
    input.iter().map(|(name, value)| (name.clone(), value_of(value, answers))).collect()
}

fn value_of(value: &Value, answers: &[Map<String, Value>]) -> Value {
    match value {
        Value::Object(members) => match (members.get("$step").and_then(Value::as_u64), members.get("get")) {
            (Some(step), Some(Value::String(name))) => usize::try_from(step)
                .ok()
                .and_then(|step| answers.get(step)?.get(name))
                .cloned()
                .unwrap_or_default(),
            _ => Value::Object(resolved(members, answers)),
        },
        Value::Array(items) => items.iter().map(|item| value_of(item, answers)).collect(),
        other => other.clone(),
    }
}
