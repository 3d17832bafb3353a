//! What the deployed implementation did with timeframes and with feeds that depend on one another: every line gives
//! the same here, and every order that it delivered is one that the judge allows.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod capture;

use std::collections::BTreeMap;

use capture::lines;
use dxos_reference::operations::call;
use serde_json::{Map, Value, json};

fn ask(op: &str, input: Value) -> Map<String, Value> {
    let Value::Object(input) = input else { panic!("{op}: {input}") };
    call(op, &input).unwrap_or_else(|failure| panic!("{op}: {failure}: {input:?}"))
}

/// Pairs in ascending order: their order is no part of an answer.
fn sorted(pairs: &Value) -> Value {
    let mut pairs = pairs.as_array().unwrap().clone();
    pairs.sort_by_key(|pair| {
        pair[0].as_u64().map_or_else(|| pair[0].to_string(), |index| format!("{index:09}"))
    });
    pairs.into()
}

#[test]
fn every_order_is_allowed_and_ends_where_ours_does() {
    let mut modes: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines("pipeline.jsonl.gz") {
        let id = &line["id"];
        let scenario =
            json!({ "feeds": line["feeds"], "add_order": line["add_order"], "cursor": line["cursor"] });
        let ours = ask("echo.order.deliver", scenario.clone());
        for member in ["stalled", "complete"] {
            assert_eq!(ours[member], line[member], "{id}: {member}");
        }
        for member in ["clock", "end"] {
            assert_eq!(ours[member], sorted(&line[member]), "{id}: {member}");
        }
        for order in [&ours["order"], &line["order"]] {
            let mut judged = scenario.clone();
            judged["order"] = order.clone();
            ask("echo.order.check", judged);
        }
        let mut judged = scenario.clone();
        judged["order"] = ours["order"].clone();
        judged["clocks"] = ours["clocks"].clone();
        ask("echo.order.check", judged);
        *modes.entry(line["mode"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    println!("orders: {modes:?}");
    assert_eq!(modes.values().sum::<usize>(), 200);
}

#[test]
fn timeframes_are_computed_as_deployed_peers_do() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines("timeframes.jsonl.gz") {
        let (id, args, op) = (&line["id"], &line["args"], line["op"].as_str().unwrap());
        let timeframe = |answer: Map<String, Value>| answer["frames"].clone();
        let (got, want) = match op {
            "merge" => (
                timeframe(ask("echo.timeframe.merge", json!({ "timeframes": args }))),
                sorted(&line["result"]),
            ),
            "dependencies" => (
                timeframe(ask(
                    "echo.timeframe.dependencies",
                    json!({ "timeframe": args[0], "base": args[1] }),
                )),
                sorted(&line["result"]),
            ),
            "totalMessages" => (
                ask("echo.timeframe.total", json!({ "timeframe": args[0] }))["total"].clone(),
                line["result"].clone(),
            ),
            "newMessages" => (
                ask("echo.timeframe.new", json!({ "timeframe": args[0], "base": args[1] }))["new"].clone(),
                line["result"].clone(),
            ),
            "equals" => (
                ask("echo.timeframe.equals", json!({ "timeframe": args[0], "other": args[1] }))["equal"]
                    .clone(),
                line["result"].clone(),
            ),
            "withoutKeys" => (
                timeframe(ask(
                    "echo.timeframe.without",
                    json!({ "timeframe": args[0], "feeds": line["keys"] }),
                )),
                sorted(&line["result"]),
            ),
            "construct" => (
                timeframe(ask("echo.timeframe.construct", json!({ "timeframe": args[0] }))),
                sorted(&line["result"]),
            ),
            "codec" => {
                let written = ask("echo.message.encode", json!({ "timeframe": args[0] }));
                assert_eq!(written["message"], line["feed_message"], "{id}");
                (
                    ask("echo.message.decode", json!({ "message": line["feed_message"] }))["timeframe"]
                        .clone(),
                    sorted(&line["result"]),
                )
            }
            other => panic!("{id}: {other}"),
        };
        assert_eq!(got, want, "{id}: {op}");
        *counts.entry(op.to_owned()).or_default() += 1;
    }
    println!("timeframes: {counts:?}");
    assert_eq!(counts.values().sum::<usize>(), 300);
}
