//! `dxspec ops`: the operations that an adapter may serve, as the book lists them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use dxos_spec::{Book, Operation};
use dxos_vectors::Case;
use serde_json::json;

use crate::{Exit, corpus, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dxspec ops                          all of them
  dxspec ops halo.key                 those that begin so, with their requirements and what the book says
  dxspec ops --json | jq '.[].op'

A member marked ? may be absent; hex is lower-case hex of bytes, key is hex of a public key, ms is a decimal string of Unix milliseconds.")]
pub(crate) struct OpsArgs {
    /// Only operations whose name begins with this; their notes are shown too.
    #[arg(value_name = "PREFIX")]
    prefix: Option<String>,

    /// Print a JSON array.
    #[arg(long)]
    json: bool,
}

/// Lists operations.
pub(crate) fn ops(args: &OpsArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let mut operations = Book::embedded().operations();
    let prefix = args.prefix.as_deref().unwrap_or_default().trim_end_matches('*');
    let names: Vec<String> = operations.iter().map(|op| op.name.clone()).collect();
    operations.retain(|op| op.name.starts_with(prefix));
    if operations.is_empty() {
        eprintln!("dxspec: no operation begins with \"{prefix}\"; there are\n  {}", names.join("\n  "));
        return Ok(Exit::Nothing);
    }
    let files = corpus::vectors(dir)?;
    let cases = |op: &Operation| -> Vec<&Case> {
        files.iter().filter(|file| file.op == op.name).flat_map(|file| &file.cases).collect()
    };
    let requirements = |cases: &[&Case]| -> Vec<String> {
        cases.iter().flat_map(|case| case.req.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    if args.json {
        let list: Vec<_> = operations
            .iter()
            .map(|op| {
                let cases = cases(op);
                json!({
                    "op": op.name, "in": op.input, "ok": op.ok, "notes": op.notes,
                    "cases": cases.len(), "req": requirements(&cases),
                })
            })
            .collect();
        output::print(&format!("{:#}\n", json!(list)))?;
        return Ok(Exit::Fine);
    }
    let mut text = String::new();
    for op in &operations {
        let cases = cases(op);
        let count = if cases.is_empty() { String::new() } else { format!("   {} cases", cases.len()) };
        let _ = write!(text, "{}{count}\n  in   {}\n  ok   {}\n", op.name, op.input, op.ok);
        if prefix.is_empty() {
            continue;
        }
        if !cases.is_empty() {
            let _ = writeln!(text, "  req  {}", requirements(&cases).join(" "));
        }
        for note in &op.notes {
            let _ = writeln!(text, "  {note}");
        }
    }
    output::print(&text)?;
    Ok(Exit::Fine)
}
