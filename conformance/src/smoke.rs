//! A first look at an adapter: checks of frames that no case makes, and a handful of basic cases.

use std::collections::BTreeSet;

use dxos_spec::Profile;
use dxos_vectors::{Level, VectorFile};
use serde_json::{Map, Value, json};

use crate::event::{ProbeEvent, ProbeOutcome};
use crate::hello::Hello;
use crate::plan::{Choice, Item, Plan};
use crate::printable::shorten;
use crate::probe::repeatable;
use crate::process::Process;
use crate::protocol::Request;
use crate::selection::Selection;
use crate::testee::{Limits, Testee, Trouble};

/// The largest integer that every JSON reader keeps exactly.
const LARGE_ID: u64 = (1 << 53) - 1;

/// Length of the text in the long line, in bytes.
const LONG: usize = 1 << 20;

/// The vectors cut down to basic cases: for each operation that is claimed the first accepted input that
/// decides, and the first rejected one that derives from it.
pub fn basic(files: &[VectorFile], profile: &Profile, hello: &Hello) -> Vec<VectorFile> {
    let choice =
        Choice { profile, selection: Selection::default(), weakest: Level::Must, only_profile: true };
    let plan = Plan::new(files, &choice);
    let items: Vec<&Item> =
        plan.reported().filter(|item| item.missing(hello).is_none() && item.case.scored()).collect();
    let spoilt = |good: &Item| {
        items.iter().copied().find(|item| {
            item.case.rejects() && item.case.derive.as_ref().is_some_and(|derive| derive.from == good.case.id)
        })
    };
    let mut ids = BTreeSet::new();
    for op in items.iter().map(|item| &item.op).collect::<BTreeSet<_>>() {
        let accepted: Vec<&Item> =
            items.iter().copied().filter(|item| item.op == *op && item.accepts()).collect();
        let pair = accepted.iter().find_map(|good| Some([good, spoilt(good)?]));
        match pair {
            Some(pair) => ids.extend(pair.map(|item| item.case.id.clone())),
            None => ids.extend(accepted.first().map(|item| item.case.id.clone())),
        }
    }
    let mut files = files.to_vec();
    files.iter_mut().for_each(|file| file.cases.retain(|case| ids.contains(&case.id)));
    files.retain(|file| !file.cases.is_empty());
    files
}

/// Asks for the same result as in a plain frame, in frames as a runner may send them too: with a large id,
/// with other scripts and control characters, with a long line.  Stops at the first trouble, after which the
/// testee is of no more use.
///
/// # Errors
///
/// [`Trouble::Interrupted`], and no other trouble: that is a failed check.
pub fn frames(testee: &mut dyn Testee, plan: &Plan, limits: &Limits) -> Result<Vec<ProbeEvent>, Trouble> {
    let base = plan
        .items()
        .iter()
        .filter(|item| repeatable(item))
        .find_map(|item| Some((item, item.case.input.as_ref()?)));
    let Some((item, input)) = base else { return Ok(Vec::new()) };
    let mut ask = |id: u64, extra: Value| {
        let mut request = Request::new(id, item.op.clone(), input.clone());
        if !extra.is_null() {
            request.extra = Map::from_iter([("note".to_owned(), extra)]);
        }
        testee.request(&request, limits.request)
    };
    let scripts = "\u{0}\t\"\\ \u{e9}\u{3a9}\u{2028}\u{1f600}";
    let checks = [
        ("plain", 1, Value::Null, "answer each request, and stay alive"),
        ("large id", LARGE_ID, Value::Null, "keep ids of up to 2^53 - 1 as integers"),
        ("other scripts", 3, json!(scripts), "read UTF-8 and the escapes of JSON, split lines at \\n alone"),
        ("long line", 4, json!("x".repeat(LONG)), "read lines of up to 4 MiB"),
    ];
    let mut first = None;
    let mut events = Vec::new();
    for (name, id, extra, advice) in checks {
        let detail = match ask(id, extra) {
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            Err(trouble) => trouble.to_string(),
            Ok(answer) => match &first {
                None => {
                    first = Some(answer);
                    continue;
                }
                Some(first) if answer.says_the_same(first) => String::new(),
                Some(first) => format!(
                    "sent  the request of {}, which was answered before, in another frame\nwant  {}\ngot   {}",
                    item.case.id,
                    shorten(&first.to_string()),
                    shorten(&answer.to_string())
                ),
            },
        };
        let failed = !detail.is_empty();
        events.push(event(name, detail, advice));
        if failed {
            break;
        }
    }
    Ok(events)
}

/// Starts a program once more and sees that it exits at the end of its input.
///
/// # Errors
///
/// Those of starting it.
pub fn end_of_input(command: &str, limits: &Limits) -> Result<ProbeEvent, Trouble> {
    let ended = Process::start(command, limits)?.ends_with_its_input(limits.request);
    let detail = match ended {
        true => String::new(),
        false => {
            format!("the adapter still runs {} s after the end of its input", limits.request.as_secs_f64())
        }
    };
    Ok(event("end of input", detail, "leave the loop when standard input ends, and exit"))
}

fn event(name: &str, detail: String, advice: &str) -> ProbeEvent {
    let (outcome, detail) = match detail.is_empty() {
        true => (ProbeOutcome::Ok, detail),
        false => (ProbeOutcome::Failed, format!("{detail}\nTo do: {advice}.")),
    };
    ProbeEvent { probe: name.to_owned(), outcome, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Log;
    use crate::protocol::Answer;
    use std::time::Duration;

    /// A testee that stumbles over the requests for which a function says so.
    struct Stumbling(Hello, fn(&Request) -> bool);

    impl Testee for Stumbling {
        fn hello(&self) -> &Hello {
            &self.0
        }

        fn request(&mut self, request: &Request, _: Duration) -> Result<Answer, Trouble> {
            match self.1(request) {
                true => Ok(Answer::Bug { message: "stumbled".to_owned() }),
                false => Ok(Answer::Ok(Map::new())),
            }
        }

        fn take_log(&mut self) -> Log {
            Log::default()
        }
    }

    fn hello(ops: &[&str]) -> Hello {
        Hello::new("x", "1", "rust", ops, &["suite.p256"])
    }

    fn plan(ops: &[&str]) -> (Vec<VectorFile>, Plan) {
        let profile = dxos_spec::profile("halo-core").unwrap();
        let files = basic(&dxos_vectors::embedded().unwrap(), &profile, &hello(ops));
        let choice = Choice {
            profile: &profile,
            selection: Selection::default(),
            weakest: Level::Must,
            only_profile: true,
        };
        let plan = Plan::new(&files, &choice);
        (files, plan)
    }

    fn failed(stumbles: fn(&Request) -> bool) -> Vec<String> {
        let ops = ["halo.key.parse"];
        let events =
            frames(&mut Stumbling(hello(&ops), stumbles), &plan(&ops).1, &Limits::default()).unwrap();
        let failed = events.into_iter().filter(|event| event.outcome == ProbeOutcome::Failed);
        failed.map(|event| event.probe).collect()
    }

    #[test]
    fn each_check_of_frames_can_fail() {
        assert!(failed(|_| false).is_empty());
        assert!(failed(|_| true).is_empty(), "the same answer to all is a matter for the probes");
        assert_eq!(failed(|request| request.id > u64::from(u32::MAX)), ["large id"]);
        let extra = |request: &Request| Value::Object(request.extra.clone()).to_string();
        assert!(!extra(&Request::new(1, "x", Map::new())).contains("\\u0000"));
        assert_eq!(failed(|request| request.to_line().contains("\\u0000")), ["other scripts"]);
        assert_eq!(failed(|request| request.to_line().len() > 1 << 16), ["long line"]);
    }

    #[test]
    fn basic_cases_are_a_pair_for_each_operation_that_is_claimed() {
        let (files, plan) = plan(&["halo.key.parse", "halo.key.space_id", "halo.credential.verify"]);
        assert_eq!(plan.reported().count(), 5, "space_id has nothing to refuse");
        for case in files.iter().flat_map(|file| &file.cases).filter(|case| case.rejects()) {
            let from = &case.derive.as_ref().unwrap().from;
            assert!(plan.item(from).is_some_and(Item::accepts), "{from}");
        }
        assert_eq!(self::plan(&[]).1.reported().count(), 0);
    }
}
