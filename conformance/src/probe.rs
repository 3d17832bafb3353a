//! Probes: three questions before any case, whose answers tell whether the verdicts will mean anything.

use std::time::{SystemTime, UNIX_EPOCH};

use dxos_vectors::Want;
use serde_json::{Map, Value, json};

use crate::event::{ProbeEvent, ProbeOutcome};
use crate::plan::{Item, Plan};
use crate::printable::shorten;
use crate::protocol::{Answer, Request};
use crate::testee::{Limits, Testee, Trouble};

/// The most pairs of cases that are tried to tell the testee from one that always says the same.
const PAIRS: usize = 16;

/// Asks all three.  Stops at the first that fails, as the testee may be of no more use then.
///
/// # Errors
///
/// [`Trouble::Interrupted`], and no other trouble: that is a failed probe.
pub fn probe(testee: &mut dyn Testee, plan: &Plan, limits: &Limits) -> Result<Vec<ProbeEvent>, Trouble> {
    let mut asker = Asker { testee, limits, id: 0 };
    let mut events = Vec::new();
    for (name, ask) in PROBES {
        let (outcome, detail) = match ask(&mut asker, plan) {
            Ok(true) => (ProbeOutcome::Ok, String::new()),
            Ok(false) => (ProbeOutcome::Skipped, "no case that the testee claims is fit for it".to_owned()),
            Err(Doubt::Trouble(Trouble::Interrupted)) => return Err(Trouble::Interrupted),
            Err(Doubt::Trouble(trouble)) => {
                let advice = match trouble {
                    Trouble::Protocol { .. } => {
                        "answer as the chapter \"The testee protocol\" of the book has it, with its frames and classes."
                    }
                    _ => "the adapter must stay alive and answer each request.",
                };
                (ProbeOutcome::Failed, format!("{trouble}\nTo do: {advice}"))
            }
            Err(Doubt::Answer(detail)) => (ProbeOutcome::Failed, detail),
        };
        events.push(ProbeEvent { probe: name.to_owned(), outcome, detail });
        if outcome == ProbeOutcome::Failed {
            break;
        }
    }
    Ok(events)
}

/// A question, and whether there was a case to ask it with.
type Ask = fn(&mut Asker<'_>, &Plan) -> Result<bool, Doubt>;

const PROBES: [(&str, Ask); 3] = [
    ("unsupported", |asker, _| asker.unsupported()),
    ("unknown member", |asker, plan| asker.unknown_member(plan)),
    ("accept and reject differ", |asker, plan| asker.differ(plan)),
];

/// Why a probe failed.
enum Doubt {
    Trouble(Trouble),
    Answer(String),
}

impl From<Trouble> for Doubt {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

struct Asker<'a> {
    testee: &'a mut dyn Testee,
    limits: &'a Limits,
    id: u64,
}

impl Asker<'_> {
    fn ask(
        &mut self,
        op: &str,
        input: &Map<String, Value>,
        extra: Map<String, Value>,
    ) -> Result<Answer, Trouble> {
        self.id += 1;
        let mut request = Request::new(self.id, op, input.clone());
        request.extra = extra;
        self.testee.request(&request, self.limits.request)
    }

    /// An operation that cannot exist must not be answered as if it did.
    fn unsupported(&mut self) -> Result<bool, Doubt> {
        let op = format!("probe.{:016x}", unpredictable());
        match self.ask(&op, &Map::new(), Map::new())? {
            Answer::Unsupported => Ok(true),
            got => Err(Doubt::Answer(format!(
                "sent  {{\"op\":\"{op}\",\"in\":{{}}}}\nwant  unsupported\ngot   {}\nTo do: answer an operation that you do not know with {{\"unsupported\":{{}}}}.",
                shorten(&got.to_string())
            ))),
        }
    }

    /// Later versions add members to requests; a testee that stumbles over one could never be tested by them.
    fn unknown_member(&mut self, plan: &Plan) -> Result<bool, Doubt> {
        let hello = self.testee.hello().clone();
        let plain = |item: &&Item| repeatable(item) && item.missing(&hello).is_none();
        let Some(item) = plan.items().iter().find(plain) else { return Ok(false) };
        let Some(input) = &item.case.input else { return Ok(false) };
        let without = self.ask(&item.op, input, Map::new())?;
        let member = format!("probe_{:08x}", unpredictable() >> 32);
        let extra = Map::from_iter([(member.clone(), json!({ "unknown": true }))]);
        let with = self.ask(&item.op, input, extra)?;
        if with.says_the_same(&without) {
            return Ok(true);
        }
        Err(Doubt::Answer(format!(
            "sent  the request of {} ({}) twice, the second time with the member \"{member}\" beside id, op and in\nwithout it   {}\nwith it      {}\nTo do: ignore members of a request that you do not know.",
            item.case.id,
            item.op,
            shorten(&without.to_string()),
            shorten(&with.to_string())
        )))
    }

    /// A testee that answers all inputs alike has read none of them.  One operation that does so is a finding
    /// for the cases; all operations that do so are a testee that is not there.
    fn differ(&mut self, plan: &Plan) -> Result<bool, Doubt> {
        let hello = self.testee.hello().clone();
        let mut pairs: Vec<(&Item, &Item)> = Vec::new();
        for item in plan.items() {
            let sibling = item.case.derive.as_ref().and_then(|derive| plan.item(&derive.from));
            let (Some(sibling), Some(Want::Reject(_))) = (sibling, &item.case.want) else { continue };
            let claimed = item.missing(&hello).is_none() && sibling.missing(&hello).is_none();
            // One pair a group: what matters is to see many operations.
            if claimed && repeatable(sibling) && pairs.iter().all(|(_, other)| other.group != item.group) {
                pairs.push((sibling, item));
            }
        }
        let mut seen = None;
        for (good, bad) in pairs.into_iter().take(PAIRS) {
            let (Some(good_input), Some(bad_input)) = (&good.case.input, &bad.case.input) else { continue };
            let accepted = self.ask(&good.op, good_input, Map::new())?;
            let rejected = self.ask(&bad.op, bad_input, Map::new())?;
            if !accepted.says_the_same(&rejected) {
                return Ok(true);
            }
            seen = Some((good, bad, accepted));
        }
        match seen {
            None => Ok(false),
            Some((good, bad, answer)) => Err(Doubt::Answer(format!(
                "sent  {} (to be accepted) and {} (to be rejected), and other such pairs\ngot   the same answer to both, the last time {}\nTo do: see that the adapter hands the input on and returns what the implementation says.",
                good.case.id,
                bad.case.id,
                shorten(&answer.to_string())
            ))),
        }
    }
}

/// Whether the same request must be answered alike each time: one step, and no member of the wanted result
/// may be just anything.
pub(crate) fn repeatable(item: &Item) -> bool {
    match (&item.case.input, &item.case.want) {
        (Some(_), Some(Want::Ok(members))) => {
            !members.is_empty() && !Value::Object(members.clone()).to_string().contains("\"$any\"")
        }
        _ => false,
    }
}

/// A number that a testee cannot have been written for.  It need not be secret.
fn unpredictable() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_nanos()).unwrap_or_default();
    let seed = (now as u64) ^ (u64::from(std::process::id()) << 32);
    // The finaliser of SplitMix64: neighbouring times give unlike numbers.
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
