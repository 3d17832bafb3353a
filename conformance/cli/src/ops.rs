//! `dxspec ops`: the operations that an adapter may serve, as the book lists them.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use dxos_spec::Book;
use serde_json::json;

use crate::{Exit, corpus, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dxspec ops                          all of them
  dxspec ops halo.key                 those that begin so, with what the book says about them
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
    let prefix = args.prefix.as_deref().unwrap_or_default();
    let names: Vec<String> = operations.iter().map(|op| op.name.clone()).collect();
    operations.retain(|op| op.name.starts_with(prefix));
    if operations.is_empty() {
        eprintln!("dxspec: no operation begins with \"{prefix}\"; there are\n  {}", names.join("\n  "));
        return Ok(Exit::Nothing);
    }
    let files = corpus::vectors(dir)?;
    let cases = |name: &str| files.iter().filter(|file| file.op == name).map(|file| file.cases.len()).sum();
    if args.json {
        let list: Vec<_> = operations
            .iter()
            .map(|op| {
                let cases: usize = cases(&op.name);
                json!({ "op": op.name, "in": op.input, "ok": op.ok, "notes": op.notes, "cases": cases })
            })
            .collect();
        output::print(&format!("{:#}\n", json!(list)))?;
        return Ok(Exit::Fine);
    }
    let mut text = String::new();
    for op in &operations {
        let cases: usize = cases(&op.name);
        let cases = if cases == 0 { String::new() } else { format!("   {cases} cases") };
        let _ = write!(text, "{}{cases}\n  in  {}\n  ok  {}\n", op.name, op.input, op.ok);
        for note in op.notes.iter().filter(|_| !prefix.is_empty()) {
            let _ = writeln!(text, "  {note}");
        }
    }
    output::print(&text)?;
    Ok(Exit::Fine)
}
