//! What a case of a KUBE needs beside a server at an address.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::format::{Case, VectorFile};

/// Operations of the one who runs the server, or on its time.
const CLOCK: [&str; 4] = ["kube.advance", "kube.configure", "kube.counters", "kube.mint"];

/// Areas of operations without a server.
const LIBRARY: [&str; 4] = ["kube.access.", "kube.token.", "kube.config.", "kube.process."];

/// Gives the cases of a KUBE the features that their operations ask for, and those of the cases from which they
/// derive.
pub(super) fn of_a_kube(file: &mut VectorFile) {
    if !file.group.starts_with("kube/") {
        return;
    }
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let op = file.op.clone();
    for case in &mut file.cases {
        let mut features: BTreeSet<String> = case.features.iter().cloned().collect();
        features.extend(needed(&op, case).into_iter().map(str::to_owned));
        let sibling = case.derive.as_ref().and_then(|derive| known.get(&derive.from));
        features.extend(sibling.into_iter().flatten().cloned());
        case.features = features.into_iter().collect();
        known.insert(case.id.clone(), case.features.clone());
    }
}

fn needed(op: &str, case: &Case) -> Vec<&'static str> {
    let mut needed = Vec::new();
    for step in case.as_steps(op) {
        if CLOCK.contains(&step.op.as_str()) {
            needed.push("kube.clock");
        }
        if LIBRARY.iter().any(|area| step.op.starts_with(area)) {
            needed.push("kube.library");
        }
        if step.op == "kube.authenticate"
            && step.input.get("identity").and_then(Value::as_str) == Some("operator")
        {
            needed.push("kube.operator");
        }
    }
    needed
}
