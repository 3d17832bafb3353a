//! The order of delivery: a trial of feeds that stand in the request.
//!
//! A feed is known by its index in `feeds`; the index behind the last stands for a feed that nobody has.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::input::{Input, members, wrong};
use super::{Answer, Failure};
use crate::echo::Timeframe;
use crate::echo::check::Trial;
use crate::echo::order::{Delivered, Delivery, STALL};

/// No trial waits for more blocks.
const KEPT: usize = 1 << 16;

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>) -> Answer {
    match op {
        "echo.order.deliver" => deliver(input),
        "echo.order.write" => write(input),
        "echo.order.check" => check(input),
        _ => Err(Failure::Unsupported),
    }
}

/// What a request says of the feeds.
struct Scenario {
    feeds: Vec<Vec<Timeframe>>,
    /// Those that are read from the beginning, in the order in which they are added.
    early: Vec<usize>,
    /// Those that are added once the others have come to rest.
    late: Vec<usize>,
    /// Blocks that are not there.
    holes: BTreeSet<(usize, i32)>,
    cursor: Timeframe,
}

/// Stands for the key of a feed.
fn key(feed: usize) -> [u8; 8] {
    (feed as u64).to_be_bytes()
}

fn index(key: &[u8]) -> u64 {
    key.first_chunk().map_or(u64::MAX, |bytes| u64::from_be_bytes(*bytes))
}

impl Scenario {
    fn read(input: &Input<'_>) -> Result<Self, Failure> {
        let mut feeds = Vec::new();
        for feed in input.items("feeds")? {
            let blocks = feed.as_array().ok_or_else(|| wrong("feeds", "not a list of lists"))?;
            let block = |block: &Value| frames("feeds", block.get("timeframe").unwrap_or(&Value::Null));
            feeds.push(blocks.iter().map(block).collect::<Result<Vec<_>, _>>()?);
        }
        let late = match input.optional("late", Input::items)? {
            Some(late) => places("late", late)?,
            None => Vec::new(),
        };
        let early = match input.optional("add_order", Input::items)? {
            Some(order) => places("add_order", order)?,
            None => (0..feeds.len()).collect(),
        };
        let early = early.into_iter().filter(|feed| !late.contains(feed)).collect();
        let holes = input.optional("holes", |input, member| pairs(member, input.get(member)?))?;
        let cursor = input.optional("cursor", |input, member| frames(member, input.get(member)?))?;
        Ok(Self {
            feeds,
            early,
            late,
            holes: holes.unwrap_or_default().into_iter().collect(),
            cursor: cursor.unwrap_or_default(),
        })
    }

    fn trial(&self) -> Trial {
        let mut trial = Trial { cursor: self.cursor.clone(), ..Trial::default() };
        for feed in self.early.iter().chain(&self.late) {
            let blocks = self.feeds.get(*feed).map(Vec::as_slice).unwrap_or_default();
            let there = (0..).zip(blocks).filter(|(seq, _)| !self.holes.contains(&(*feed, *seq)));
            let there = there.map(|(seq, timeframe)| (seq, timeframe.clone()));
            trial.feeds.insert(key(*feed).to_vec(), there.collect());
        }
        trial
    }
}

/// A delivery under way.
struct Run<'a> {
    scenario: &'a Scenario,
    delivery: Delivery<()>,
    /// How many blocks of each feed were pushed; those of feeds that were not added wait.
    pushed: Vec<usize>,
    added: Vec<usize>,
    order: Vec<(u64, i32)>,
    clocks: Vec<Value>,
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            delivery: Delivery::new(scenario.cursor.clone(), KEPT),
            pushed: vec![0; scenario.feeds.len()],
            added: Vec::new(),
            order: Vec::new(),
            clocks: Vec::new(),
            scenario,
        }
    }

    fn add(&mut self, feeds: &[usize]) -> Result<(), Failure> {
        for feed in feeds {
            self.delivery.add_feed(&key(*feed))?;
            self.added.push(*feed);
        }
        Ok(())
    }

    /// The next block of each feed comes in; whether there was one.
    fn arrive(&mut self) -> bool {
        let mut came = false;
        for feed in &self.added {
            let blocks = self.scenario.feeds.get(*feed).map(Vec::as_slice).unwrap_or_default();
            let Some(pushed) = self.pushed.get_mut(*feed) else { continue };
            let Some(timeframe) = blocks.get(*pushed) else { continue };
            let seq = *pushed;
            *pushed += 1;
            came = true;
            let hole = i32::try_from(seq).is_ok_and(|seq| self.scenario.holes.contains(&(*feed, seq)));
            if !hole {
                // All feeds were added, and the numbers are small.
                let _ = self.delivery.push(&key(*feed), seq as u64, timeframe.clone(), ());
            }
        }
        came
    }

    /// Delivers until nothing more comes.  More blocks come in while one is processed, and that one comes again.
    fn rest(&mut self, fails: &BTreeSet<(usize, i32)>, mut during: impl FnMut(&mut Self, &Delivered<()>)) {
        let mut again = BTreeSet::new();
        loop {
            let Some(block) = self.delivery.next(0) else {
                if self.arrive() {
                    continue;
                }
                return;
            };
            let feed = index(&block.feed);
            self.order.push((feed, block.seq));
            self.clocks.push(shown(self.delivery.clock()));
            during(self, &block);
            self.arrive();
            if again.insert((feed, block.seq)) {
                let seq = u64::try_from(block.seq).unwrap_or_default();
                let _ = self.delivery.push(&block.feed, seq, Timeframe::default(), ());
            }
            let failed = fails.iter().any(|(place, seq)| key(*place) == *block.feed && *seq == block.seq);
            self.delivery.processed(!failed);
        }
    }
}

fn deliver(input: &Input<'_>) -> Answer {
    let scenario = Scenario::read(input)?;
    let fails =
        input.optional("fails", |input, member| pairs(member, input.get(member)?))?.unwrap_or_default();
    let fails: BTreeSet<_> = fails.into_iter().collect();
    let wait = input.optional("wait", Input::number)?.unwrap_or(STALL);
    let mut run = Run::new(&scenario);
    run.add(&scenario.early)?;
    run.rest(&fails, |_, _| ());
    let mut answer = Map::new();
    if !scenario.late.is_empty() {
        answer.insert("stalled_before".to_owned(), run.delivery.stalls(wait).into());
        run.add(&scenario.late)?;
        run.rest(&fails, |_, _| ());
    }
    let end = run.delivery.end();
    answer.extend(members(json!({
        "stalled": run.delivery.stalls(wait),
        "complete": run.delivery.clock().includes(&end),
        "clock": shown(run.delivery.clock()),
        "end": shown(&end),
        "order": run.order,
        "clocks": run.clocks,
    })));
    if let Some(target) = input.optional("target", |input, member| frames(member, input.get(member)?))? {
        answer.insert("reached".to_owned(), run.delivery.reached(&target).into());
    }
    Ok(answer)
}

/// Writes to a feed after the feeds have come to rest, or while a block is processed.
fn write(input: &Input<'_>) -> Answer {
    let scenario = Scenario::read(input)?;
    let writer = input.index("writer")?;
    let writes = input.index("writes")?.min(100);
    let during = input.optional("during", |input, member| pairs(member, input.get(member)?))?;
    let during = during.and_then(|pairs| pairs.first().copied());
    let length = scenario.feeds.get(writer).map(Vec::len).ok_or_else(|| wrong("writer", "not a feed"))?;
    let mut run = Run::new(&scenario);
    run.add(&scenario.early)?;
    // All of the feeds is there before anything is written.
    while run.arrive() {}
    let mut written = Vec::new();
    let own = key(writer);
    let mut begin = |run: &mut Run<'_>| {
        for number in 0..writes {
            run.delivery.hold(&own);
            let timeframe = run.delivery.timeframe(&own);
            let seq = length + number;
            written.push(json!({ "seq": seq, "timeframe": shown(&timeframe) }));
            let _ = run.delivery.push(&own, seq as u64, timeframe, ());
        }
    };
    match during {
        Some((feed, seq)) => run.rest(&BTreeSet::new(), |run, block| {
            if key(feed) == *block.feed && seq == block.seq {
                begin(run);
            }
        }),
        None => {
            run.rest(&BTreeSet::new(), |_, _| ());
            begin(&mut run);
            run.rest(&BTreeSet::new(), |_, _| ());
        }
    }
    let own_index = index(&own);
    let is_written =
        |block: &(u64, i32)| block.0 == own_index && usize::try_from(block.1).is_ok_and(|seq| seq >= length);
    let mut early = 0;
    for _ in 0..writes {
        // The writer hears of one block after the other.
        early += run.order.iter().filter(|block| is_written(block)).count();
        run.delivery.release(&own);
        run.rest(&BTreeSet::new(), |_, _| ());
    }
    let delivered: Vec<_> = run.order.iter().filter(|block| is_written(block)).collect();
    Ok(members(json!({
        "written": written,
        "early": early,
        "delivered": delivered,
        "clock": shown(run.delivery.clock()),
    })))
}

fn check(input: &Input<'_>) -> Answer {
    let scenario = Scenario::read(input)?;
    let order = pairs("order", input.get("order")?)?;
    let order: Vec<_> = order.into_iter().map(|(feed, seq)| (key(feed).to_vec(), seq)).collect();
    let clocks = match input.optional("clocks", Input::items)? {
        Some(clocks) => {
            Some(clocks.iter().map(|clock| frames("clocks", clock)).collect::<Result<Vec<_>, _>>()?)
        }
        None => None,
    };
    scenario.trial().check(&order, clocks.as_deref())?;
    Ok(members(json!({ "linear_extension": true })))
}

/// A list of pairs of a feed and a number.
fn pairs(member: &'static str, value: &Value) -> Result<Vec<(usize, i32)>, Failure> {
    let pair = |pair: &Value| {
        let [feed, seq] = pair.as_array()?.as_slice() else { return None };
        Some((usize::try_from(feed.as_u64()?).ok()?, i32::try_from(seq.as_i64()?).ok()?))
    };
    let list = value.as_array().ok_or_else(|| wrong(member, "not a list"))?;
    list.iter()
        .map(|one| pair(one).ok_or_else(|| wrong(member, "not a list of pairs of a feed and a number")))
        .collect()
}

fn places(member: &'static str, items: &[Value]) -> Result<Vec<usize>, Failure> {
    let place = |item: &Value| item.as_u64().and_then(|place| usize::try_from(place).ok());
    items.iter().map(|item| place(item).ok_or_else(|| wrong(member, "not a list of indices"))).collect()
}

fn frames(member: &'static str, value: &Value) -> Result<Timeframe, Failure> {
    let mut timeframe = Timeframe::default();
    for (feed, seq) in pairs(member, value)? {
        timeframe.set(&key(feed), seq);
    }
    Ok(timeframe)
}

/// By ascending index.
fn shown(timeframe: &Timeframe) -> Value {
    let mut frames: Vec<_> = timeframe.frames().map(|(feed, seq)| (index(feed), seq)).collect();
    frames.sort_unstable();
    frames.into_iter().map(|(feed, seq)| json!([feed, seq])).collect()
}
