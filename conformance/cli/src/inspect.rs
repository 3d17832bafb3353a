//! `dxspec inspect`: what given bytes mean, and what is wrong with them.

mod answers;
mod case;
mod input;
mod listing;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use clap::Args;
use dxos_conformance::report::annotation::Annotation;
use dxos_conformance::report::difference::Marks;
use dxos_proto::dissect::type_names;
use serde_json::{Value, json};

use crate::kinds::{self, KINDS, Kind};
use crate::{Exit, output};
use answers::Answer;
use input::Input;

#[derive(Debug, Args)]
#[command(after_help = "\
Shows each byte beside the field that it belongs to, what is wrong where, and what the reference says about the whole: whether it decodes and verifies, its canonical payload and its computed id. For a case that is made from a valid sibling, the bytes that differ are in [brackets].

Examples:
  dxspec inspect credential.bin                    a file, of bytes or of hex text
  dxspec inspect 0a220a20e3b0c44298fc --kind credential
  xxd -p credential.bin | dxspec inspect -         standard input
  dxspec inspect 0a021234 --kind dxos.keys.PublicKey
  dxspec inspect halo/credential/verify/signature/p256-direct

Kinds: auto (the one that fits best), credential, presentation, feed-message, frames, or the full name of a message type of proto/.

Exit codes: 0 if nothing is wrong, 1 if something is, 2 for what cannot be read as bytes.")]
pub(crate) struct InspectArgs {
    /// A file, hex digits, - for standard input, or the id of a case.
    #[arg(value_name = "FILE|HEX|-|CASE")]
    what: String,

    /// What the bytes are.
    #[arg(long, default_value = "auto", value_name = "KIND")]
    kind: String,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Inspects.
pub(crate) fn inspect(args: &InspectArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let bytes = match input::read(&args.what)? {
        Input::Bytes(bytes) => bytes,
        Input::Case(id) => return case::inspect(&id, dir, args.json),
    };
    let subject = Subject::new(&args.kind, bytes)?;
    let answers = subject.kind.map(|kind| answers::about(kind, &subject.bytes)).unwrap_or_default();
    if args.json {
        let mut document = subject.to_json(&Marks::default());
        if let Some(members) = document.as_object_mut() {
            members.insert("reference".to_owned(), answers.iter().map(Answer::to_json).collect());
        }
        output::print(&format!("{document:#}\n"))?;
    } else {
        output::print(&text(&subject, &answers))?;
    }
    let wrong = subject.is_broken() || answers.iter().any(Answer::is_rejection);
    Ok(if wrong { Exit::Failed } else { Exit::Fine })
}

/// Bytes of a kind.
struct Subject {
    kind: Option<&'static Kind>,
    form: String,
    bytes: Vec<u8>,
    parts: Annotation,
}

impl Subject {
    fn new(kind: &str, bytes: Vec<u8>) -> anyhow::Result<Self> {
        let found = if kind == "auto" { guess(&bytes) } else { kinds::named(kind) };
        let form = found.map_or(kind, |kind| kind.form).to_owned();
        let parts = match found {
            Some(kind) => (kind.parts)(&bytes),
            None => kinds::protobuf(kind, &bytes),
        };
        let Some(parts) = parts else {
            let last = kind.rsplit('.').next().unwrap_or(kind).to_lowercase();
            let near: Vec<&str> = type_names()
                .into_iter()
                .filter(|name| name.to_lowercase().ends_with(&format!(".{last}")))
                .collect();
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            let near = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(" or "))
            };
            bail!(
                "there is no kind \"{kind}\": give auto, {}, or the full name of a message type{near}",
                names.join(", ")
            );
        };
        Ok(Self { kind: found, form, bytes, parts })
    }

    /// Whether something is wrong with the bytes themselves.
    fn is_broken(&self) -> bool {
        listing::problems(&self.parts).iter().any(|problem| !problem.remark)
    }

    fn to_json(&self, marks: &Marks) -> Value {
        let problems = listing::problems(&self.parts);
        let problems = problems
            .iter()
            .map(|problem| json!({ "at": problem.at, "what": problem.what, "remark": problem.remark }));
        json!({
            "kind": self.kind.map(|kind| kind.name),
            "type": self.form,
            "length": self.bytes.len(),
            "bytes": self.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "problems": problems.collect::<Vec<_>>(),
            "differs": marks.ranges().iter().map(|range| json!([range.start, range.end])).collect::<Vec<_>>(),
            "tree": tree(&self.parts),
        })
    }
}

/// The kind of which the bytes have the fewest problems and unknown fields; the first of equals.
fn guess(bytes: &[u8]) -> Option<&'static Kind> {
    let cost = |kind: &&'static Kind| {
        let parts = (kind.parts)(bytes).unwrap_or_default();
        let mut cost = listing::problems(&parts).len();
        let mut stack = vec![&parts];
        while let Some(part) = stack.pop() {
            cost += usize::from(part.ty == "unknown");
            stack.extend(&part.children);
        }
        cost
    };
    KINDS.iter().min_by_key(cost)
}

fn tree(part: &Annotation) -> Value {
    let mut node = json!({
        "name": part.name,
        "type": part.ty,
        "range": [part.range.start, part.range.end],
        "body": [part.body.start, part.body.end],
    });
    if let Some(members) = node.as_object_mut() {
        if !part.value.is_empty() {
            members.insert("value".to_owned(), part.value.clone().into());
        }
        if !part.children.is_empty() {
            members.insert("fields".to_owned(), part.children.iter().map(tree).collect());
        }
    }
    node
}

fn text(subject: &Subject, answers: &[Answer]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}, {} bytes\n", subject.form, subject.bytes.len());
    let at: Vec<(usize, String)> = answers.iter().filter_map(Answer::place).collect();
    text.push_str(&listing::text(&subject.bytes, &subject.parts, &Marks::default(), &at));
    text.push_str(&answers::text(answers));
    text
}
