//! `dxspec run`.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use dxos_conformance::event::{self, Event, RunEvent};
use dxos_conformance::report::paint::Look;
use dxos_conformance::report::progress::Progress;
use dxos_conformance::runner::{Observer, Orders};
use dxos_conformance::testee::{Carrier, Limits};
use dxos_reference::keys::{SigningKey, Suite};

use crate::against::Held;
use crate::args::RunArgs;
use crate::output::{self, Pending};
use crate::{Exit, corpus, report, testees};

/// Keeps the record in memory for the reports, and writes it to a file as it grows.
struct Recorder {
    events: Vec<Event>,
    file: Option<BufWriter<Pending>>,
    failed: Option<std::io::Error>,
    progress: Progress,
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file().flush()
    }
}

impl Observer for Recorder {
    fn event(&mut self, event: &Event) {
        if let Some(file) = &mut self.file
            && let Err(error) = event::write(event, file)
        {
            self.failed.get_or_insert(error);
        }
        self.events.push(event.clone());
    }

    fn progress(&mut self, done: usize, of: usize) {
        self.progress.set(done, of);
    }
}

/// Runs and reports.
pub(crate) fn verb_run(args: &RunArgs, dir: Option<&Path>, look: Look) -> anyhow::Result<Exit> {
    let carrier: Carrier = args.testee.parse()?;
    let files = corpus::vectors(dir)?;
    let mut chosen = corpus::choose(&files, &args.which, carrier.profile())?;
    if chosen.plan.reported().next().is_none() {
        eprintln!("dxspec: nothing to run: {}", corpus::why_nothing(&files, &chosen));
        return Ok(Exit::Nothing);
    }
    testees::restrict(&mut chosen.plan, &carrier);
    if let Carrier::Kube(address) = &carrier
        && let Some(seed) = &address.operator
    {
        let identity = SigningKey::new(Suite::P256, seed).context("operator=SEED makes no key")?.public_key();
        eprintln!(
            "dxspec: the operator is {0}; where it is not yet: kube auth --identity {0}",
            hex::encode(identity)
        );
    }
    let held = Held::load(&args.against, &files)?;
    let interrupt = interrupt()?;
    let limits = Limits {
        start: args.start_timeout.map_or_else(|| carrier.start_limit(), Duration::from_secs_f64),
        request: Duration::from_secs_f64(args.timeout),
        interrupt,
    };
    let start = || carrier.start(&testees::REGISTRY, &limits);
    let orders = Orders {
        plan: &chosen.plan,
        run: RunEvent {
            selection: chosen.selection.patterns().to_vec(),
            level: chosen.weakest,
            partial: args.partial,
            probes: !args.no_probes,
            ..corpus::asked(&carrier, &chosen.profile, &chosen.plan)
        },
        start: &start,
        judge: Some(&testees::judge),
        limits: limits.clone(),
        jobs: args.jobs.unwrap_or_else(|| carrier.jobs()),
    };
    let file = args.events.as_deref().map(Pending::new).transpose()?.map(BufWriter::new);
    let mut recorder =
        Recorder { events: Vec::new(), file, failed: None, progress: Progress::new(output::watched()) };
    let ended = held.run(&orders, &mut recorder);
    recorder.progress.clear();
    let Recorder { events, file, failed, .. } = recorder;
    if let (Some(file), Some(path)) = (file, &args.events) {
        let context = || format!("cannot write {}", path.display());
        failed.map_or(Ok(()), Err).with_context(context)?;
        file.into_inner().map_err(|error| error.into_error()).with_context(context)?.finish()?;
    }
    if let Err(trouble) = ended {
        eprintln!("dxspec: the testee {carrier} cannot be tested: {trouble}");
    }
    report::report(&events, &files, &args.outputs, look)
}

/// How long testees may take that are asked together: to start, as long as the most patient carrier allows; so many
/// seconds for an answer; and until Ctrl-C.
pub(crate) fn limits(carriers: &[Carrier], timeout: f64) -> anyhow::Result<Limits> {
    let start = carriers.iter().map(Carrier::start_limit).max().unwrap_or_else(|| Limits::default().start);
    Ok(Limits { start, request: Duration::from_secs_f64(timeout), interrupt: interrupt()? })
}

/// A flag that is set by Ctrl-C.  The second time the program ends at once.
pub(crate) fn interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })
    .context("cannot watch for Ctrl-C")?;
    Ok(flag)
}
