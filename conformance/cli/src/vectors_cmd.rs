//! `dxspec vectors`: the maintenance of the vectors.  Thin calls into dxos-vectors.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use dxos_vectors::{lint, lock, schema, text};
use serde_json::{Value, json};

use crate::generate::{self, GenerateArgs, WitnessArgs};
use crate::{Exit, output};

#[derive(Debug, Subcommand)]
pub(crate) enum VectorsVerb {
    /// Make all vector files anew from the reference and the recorded witnesses.
    Generate(GenerateArgs),
    /// Put every case to another implementation and record what it answers.
    Witness(WitnessArgs),
    /// Look for mistakes: format, text, derivations, requirements, the lock.
    Lint(LintArgs),
    /// Append the ids of new cases to ids.lock.  Never changes a line.
    Lock(Root),
    /// Write the JSON Schema of the vector files, or compare it with what is there.
    Schema(SchemaArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Root {
    /// The folder with data/, schema/ and ids.lock.
    #[arg(default_value = "vectors", value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    root: Root,

    /// Print the findings as one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    #[command(flatten)]
    root: Root,

    /// Write nothing; exit with 4 if the file is not up to date.
    #[arg(long)]
    check: bool,
}

pub(crate) fn vectors(verb: &VectorsVerb) -> anyhow::Result<Exit> {
    match verb {
        VectorsVerb::Generate(args) => generate::generate(args),
        VectorsVerb::Witness(args) => generate::record(args),
        VectorsVerb::Lint(args) => lint_all(&args.root.dir, args.json),
        VectorsVerb::Lock(root) => update_lock(&root.dir),
        VectorsVerb::Schema(args) => write_schema(&args.root.dir, args.check),
    }
}

fn lint_all(dir: &Path, as_json: bool) -> anyhow::Result<Exit> {
    let mut findings = lint::lint(dir);
    if findings.is_empty() {
        // What no rule covers, a word in a description say, still has to be as it is generated.
        findings = generate::differences(dir)?;
    }
    if as_json {
        let list: Vec<Value> = findings
            .iter()
            .map(|finding| {
                json!({
                    "file": finding.file, "line": finding.line, "column": finding.column, "case": finding.case,
                    "message": finding.message, "next": finding.next,
                })
            })
            .collect();
        output::print(&format!("{:#}\n", json!({ "findings": list })))?;
    } else {
        for finding in &findings {
            eprintln!("{finding}");
        }
        output::print(&format!("{} findings in {}\n", findings.len(), dir.display()))?;
    }
    Ok(if findings.is_empty() { Exit::Fine } else { Exit::Inconsistent })
}

fn update_lock(dir: &Path) -> anyhow::Result<Exit> {
    let files = dxos_vectors::load(&dir.join("data"))?;
    let path = dir.join(lock::PATH);
    let present = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut lock = match lock::Lock::parse(&present) {
        Ok(lock) => lock,
        Err(error) => {
            eprintln!("{}", error.finding());
            return Ok(Exit::Inconsistent);
        }
    };
    match lock.update(files.iter().map(|(_, file)| file)) {
        Ok(count) => {
            text::write_text(&path, &lock.to_string())
                .with_context(|| format!("cannot write {}", path.display()))?;
            output::print(&format!("{count} ids added to {}\n", path.display()))?;
            Ok(Exit::Fine)
        }
        Err(error) => {
            eprintln!("{}", error.finding());
            Ok(Exit::Inconsistent)
        }
    }
}

fn write_schema(dir: &Path, check: bool) -> anyhow::Result<Exit> {
    let path = dir.join(schema::PATH);
    let wanted = schema::schema_text();
    if !check {
        text::write_text(&path, &wanted).with_context(|| format!("cannot write {}", path.display()))?;
        return Ok(Exit::Fine);
    }
    let present =
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if present == wanted {
        return Ok(Exit::Fine);
    }
    eprintln!("{} is not up to date; run `dxspec vectors schema {}`", path.display(), dir.display());
    Ok(Exit::Inconsistent)
}
