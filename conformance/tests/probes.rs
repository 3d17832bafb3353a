//! What a failed probe says, for testees that stumble over one thing only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::time::Duration;

use dxos_conformance::event::{ProbeEvent, ProbeOutcome};
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::line::Log;
use dxos_conformance::probe::probe;
use dxos_conformance::protocol::{Answer, Request};
use dxos_conformance::testee::{Limits, Testee, Trouble};
use serde_json::json;
use toy::{Toy, ok, plan};

/// The toy, as seen through an adapter with one mistake.
struct Adapter {
    toy: Toy,
    hello: Hello,
    mistake: fn(&Request) -> Option<Result<Answer, Trouble>>,
}

impl Testee for Adapter {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn request(&mut self, request: &Request, _: Duration) -> Result<Answer, Trouble> {
        (self.mistake)(request).unwrap_or_else(|| Ok(self.toy.call(&request.op, &request.input)))
    }

    fn take_log(&mut self) -> Log {
        Log::default()
    }
}

fn probed(mistake: fn(&Request) -> Option<Result<Answer, Trouble>>) -> Vec<ProbeEvent> {
    let toy = Toy::default();
    let mut adapter = Adapter { hello: toy.hello(), toy, mistake };
    probe(&mut adapter, &plan(&[]), &Limits::default()).unwrap()
}

fn failed(mistake: fn(&Request) -> Option<Result<Answer, Trouble>>) -> String {
    let events = probed(mistake);
    let last = events.last().unwrap();
    assert_eq!(last.outcome, ProbeOutcome::Failed);
    last.detail.clone()
}

#[test]
fn a_right_adapter_passes_all() {
    assert!(probed(|_| None).iter().all(|event| event.outcome == ProbeOutcome::Ok));
}

#[test]
fn an_unknown_member_must_change_nothing() {
    let text = failed(|request| {
        (!request.extra.is_empty()).then(|| Ok(Answer::Bug { message: "unknown key".into() }))
    });
    // The name of the member is new each time.
    let start = text.find("probe_").unwrap();
    let text = text.replace(&text[start..start + 14], "probe_01234567");
    insta::assert_snapshot!(text, @r#"
    sent  the request of toy/number/parse/plain (toy.parse) twice, the second time with the member "probe_01234567" beside id, op and in
    without it   ok {"value":"07"}
    with it      bug: unknown key
    To do: ignore members of a request that you do not know.
    "#);
}

#[test]
fn one_answer_to_all_inputs_is_no_testee() {
    let text = failed(|request| (request.op == "toy.parse").then(|| Ok(ok(json!({ "value": "07" })))));
    insta::assert_snapshot!(text, @r#"
    sent  toy/number/parse/plain (to be accepted) and toy/number/parse/too-big (to be rejected), and other such pairs
    got   the same answer to both, the last time ok {"value":"07"}
    To do: see that the adapter hands the input on and returns what the implementation says.
    "#);
}

#[test]
fn trouble_is_a_failed_probe() {
    let text = failed(|request| {
        request.op.starts_with("probe.").then(|| {
            Err(Trouble::Crash { end: "exited with code 1".into(), stderr: "KeyError: 'op'\n".into() })
        })
    });
    insta::assert_snapshot!(text, @r"
    the testee exited with code 1; standard error ends with: KeyError: 'op'
    To do: the adapter must stay alive and answer each request.
    ");
}

#[test]
fn without_fit_cases_a_probe_is_skipped() {
    let toy = Toy::default();
    let hello = Hello { ops: Vec::new(), ..toy.hello() };
    let mut adapter = Adapter { hello, toy, mistake: |_| None };
    let outcomes: Vec<ProbeOutcome> = probe(&mut adapter, &plan(&[]), &Limits::default())
        .unwrap()
        .iter()
        .map(|event| event.outcome)
        .collect();
    assert_eq!(outcomes, [ProbeOutcome::Ok, ProbeOutcome::Skipped, ProbeOutcome::Skipped]);
}
