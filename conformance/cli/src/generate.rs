//! `dxspec vectors generate` and `dxspec vectors witness`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use dxos_conformance::event::{CaseEvent, Event};
use dxos_conformance::hello::About;
use dxos_conformance::runner::{self, Orders};
use dxos_conformance::testee::{Carrier, Limits};
use dxos_conformance::verdict::Verdict;
use dxos_vectors::witness::{self, Testimony, Witness};
use dxos_vectors::{Finding, VectorFile, generate, lock, text, walk};
use serde_json::Value;

use crate::vectors_cmd::Root;
use crate::{Exit, corpus, output, testees};

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    root: Root,

    /// Write nothing; name each file that is not as it would be written, and exit with 4 if there is one.
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WitnessArgs {
    /// The implementation to ask: `exec:COMMAND`.
    testee: String,

    #[command(flatten)]
    root: Root,
}

/// How the files are, compared with how they are generated.
struct State {
    /// What is generated, by path.
    wanted: BTreeMap<PathBuf, String>,
    cases: usize,
    /// Files that are not as they are generated.
    stale: Vec<PathBuf>,
    /// Files that nothing generates.
    extra: Vec<PathBuf>,
}

impl State {
    fn of(root: &Path) -> anyhow::Result<Self> {
        let data = root.join("data");
        let mut wanted = BTreeMap::new();
        let mut cases = 0;
        for file in made(root)? {
            cases += file.cases.len();
            wanted.insert(data.join(format!("{}.json", file.group)), text::canonical(&file)?);
        }
        let differs =
            |(path, text): &(&PathBuf, &String)| std::fs::read_to_string(path).ok().as_ref() != Some(*text);
        let stale = wanted.iter().filter(differs).map(|(path, _)| path.clone()).collect();
        let present = if data.is_dir() {
            walk(&data).with_context(|| format!("cannot read {}", data.display()))?
        } else {
            Vec::new()
        };
        let extra = present.into_iter().filter(|path| !wanted.contains_key(path)).collect();
        Ok(Self { wanted, cases, stale, extra })
    }

    /// Where the files are not as they are generated.
    fn findings(&self) -> Vec<Finding> {
        let stale = self.stale.iter().map(|path| {
            let present = std::fs::read_to_string(path).unwrap_or_default();
            let wanted = self.wanted.get(path).map(String::as_str).unwrap_or_default();
            let same = present.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
            let next = "restore it, or run `dxspec vectors generate` and look at the difference";
            Finding::new(path.display().to_string(), "not as it is generated", next).at(same + 1)
        });
        let extra = self
            .extra
            .iter()
            .map(|path| Finding::new(path.display().to_string(), "nothing generates this file", "remove it"));
        stale.chain(extra).collect()
    }
}

/// Where the files are not as they are generated.
pub(crate) fn differences(root: &Path) -> anyhow::Result<Vec<Finding>> {
    Ok(State::of(root)?.findings())
}

/// Makes all vector files from the reference and the records of the witnesses.
pub(crate) fn generate(args: &GenerateArgs) -> anyhow::Result<Exit> {
    let state = State::of(&args.root.dir)?;
    let files = state.wanted.len();
    let cases = state.cases;
    if args.check {
        let findings = state.findings();
        for finding in &findings {
            eprintln!("{finding}");
        }
        output::print(&format!("{files} files, {cases} cases: {} differ\n", findings.len()))?;
        return Ok(if findings.is_empty() { Exit::Fine } else { Exit::Inconsistent });
    }
    for path in &state.stale {
        if let (Some(folder), Some(text)) = (path.parent(), state.wanted.get(path)) {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            text::write_text(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    for path in &state.extra {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    output::print(&format!(
        "{files} files, {cases} cases: {} written, {} removed; `dxspec vectors lock` adds the ids of new cases\n",
        state.stale.len(),
        state.extra.len()
    ))?;
    Ok(Exit::Fine)
}

fn made(root: &Path) -> anyhow::Result<Vec<VectorFile>> {
    let witnesses = witness::load(root)?;
    Ok(generate::files(&witnesses)?)
}

/// Puts every case to an implementation and records what it answers.
pub(crate) fn record(args: &WitnessArgs) -> anyhow::Result<Exit> {
    let carrier: Carrier = args.testee.parse()?;
    let root = &args.root.dir;
    let files = made(root)?;
    let (everything, plan) = corpus::everything(&files);
    // What is recorded is what was answered, however busy the machine is.
    let limits =
        Limits { start: Duration::from_secs(120), request: Duration::from_secs(30), ..Limits::default() };
    let start = || carrier.start(&testees::REGISTRY, &limits);
    let orders = Orders {
        plan: &plan,
        run: corpus::asked(&carrier, &everything, &plan),
        start: &start,
        judge: Some(&testees::judge),
        limits: limits.clone(),
        jobs: carrier.jobs(),
    };
    let (mut about, mut events, mut stopped) = (None, Vec::new(), None);
    runner::run(&orders, &mut |event: &Event| match event {
        Event::Testee(testee) => about = Some(testee.implementation.clone()),
        Event::Case(case) => events.push((**case).clone()),
        Event::End(end) => stopped.clone_from(&end.stopped),
        _ => {}
    })?;
    let (Some(about), None) = (about, &stopped) else {
        bail!("{carrier} was not asked to the end ({stopped:?}); nothing is recorded");
    };
    let witness = testify(&about, &files, &events);
    let agree = witness.answers.values().filter(|testimony| testimony.got.is_none()).count();
    let dissent = witness.answers.len() - agree;
    let folder = root.join(witness::FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let name: String = witness
        .implementation
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let path = folder.join(format!("{}.json", name.trim_matches('-')));
    text::write_text(&path, &witness.to_text()?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    output::print(&format!(
        "{}: {agree} agree, {dissent} dissent; now `dxspec vectors generate`\n",
        path.display()
    ))?;
    Ok(Exit::Fine)
}

fn testify(about: &About, files: &[VectorFile], events: &[CaseEvent]) -> Witness {
    let hashes: BTreeMap<&str, String> = files
        .iter()
        .flat_map(|file| file.cases.iter().map(|case| (case.id.as_str(), lock::hash(&file.op, case))))
        .collect();
    let answers = events
        .iter()
        .filter(|event| event.verdict != Verdict::NotApplicable)
        .filter_map(|event| {
            let case = hashes.get(event.id.as_str())?.clone();
            Some((event.id.clone(), Testimony { case, got: got(event) }))
        })
        .collect();
    Witness { implementation: format!("{} {}", about.name, about.version), answers }
}

/// What was answered instead of what is wanted.  A rejection without an accepted sibling is still the
/// answer that is wanted.
fn got(event: &CaseEvent) -> Option<String> {
    match event.verdict {
        Verdict::Pass | Verdict::Unproven | Verdict::NotApplicable | Verdict::ExpectedFailure => None,
        Verdict::Timeout => Some("timeout".to_owned()),
        Verdict::Crash | Verdict::Protocol => Some("crash".to_owned()),
        Verdict::Fail | Verdict::WrongReason => {
            let answers = event.frames.iter().filter(|exchange| exchange.by == "testee");
            let answer =
                answers.filter_map(|exchange| exchange.answer.as_deref()).next_back().unwrap_or_default();
            let answer: Value = serde_json::from_str(answer).unwrap_or_default();
            Some(match answer.pointer("/reject/class").and_then(Value::as_str) {
                Some(class) => format!("reject {class}"),
                None if answer.get("bug").is_some() => "bug".to_owned(),
                None => "ok".to_owned(),
            })
        }
    }
}
