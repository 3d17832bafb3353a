//! Programs that the server runs: each in a process group of its own, which ends with the server.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use dxos_proto::dxos::kube::Process as Program;
use dxos_proto::dxos::service::supervisor::Service;
use dxos_proto::dxos::service::supervisor::service::{Status, Type};
use dxos_reference::kube::process::{Command, Process};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

use super::health;
use crate::kube::{Kube, stopped};
use crate::logs::Tail;

/// Milliseconds between checks of a program's health, unless it says otherwise.
const HEALTH_INTERVAL: u32 = 5000;
/// Longest line of a program that is kept, in bytes; what is beyond is cut off.
const LINE: usize = 4096;

/// Runs a program until the server stops; answers when it has ended.
pub async fn run(kube: Arc<Kube>, program: Program) {
    let tail = kube.process_tail(&program.name);
    let mut stop = kube.stopping.subscribe();
    let mut host = Host { tail, child: None, group: None, seen: None, program, kube };
    let mut machine = Process::new();
    machine.start();
    let (healthy, mut checks) = watch::channel(None);
    let checker = host.program.health.clone().map(|settings| {
        let every = settings.interval.filter(|ms| *ms > 0).unwrap_or(HEALTH_INTERVAL);
        tokio::spawn(health::check(settings.url, Duration::from_millis(every.into()), healthy))
    });
    let mut stopping = false;
    loop {
        while let Some(command) = machine.poll() {
            host.carry_out(command, &mut machine);
        }
        host.report(machine.status());
        if stopping && host.child.is_none() {
            break;
        }
        let wait = machine.deadline().map(|at| at.saturating_sub(host.kube.now()));
        tokio::select! {
            status = host.ended() => {
                host.gone(status);
                machine.exited(host.kube.now());
            }
            () = sleep(wait) => machine.tick(host.kube.now()),
            Ok(()) = checks.changed() => {
                let healthy = *checks.borrow_and_update();
                if let (Some(healthy), true) = (healthy, host.child.is_some()) {
                    machine.checked(healthy, host.kube.now());
                }
            }
            () = stopped(&mut stop), if !stopping => {
                stopping = true;
                machine.stop(host.kube.now());
            }
        }
    }
    if let Some(checker) = checker {
        checker.abort();
    }
}

/// For ever, if there is nothing to wait for.
async fn sleep(ms: Option<u64>) {
    match ms {
        Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        None => std::future::pending().await,
    }
}

/// Ends what a server that was killed has left running.
pub fn end_leftovers(kube: &Kube) {
    match kube.store.take_started() {
        Ok(left) => {
            for (name, process, since) in left {
                let group = Pid::from_raw(process);
                // A number may belong to another process by now, which began later.
                if started(group) == Some(since) && killpg(group, Signal::SIGKILL).is_ok() {
                    tracing::info!(process = name, pid = process, "ended what was left of the last run");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "the processes of the last run are not known"),
    }
}

/// When a process began, in ticks since the system did; `None` where the system does not say.
fn started(process: Pid) -> Option<u64> {
    /// Its place behind the name, which is in parentheses and may hold anything.
    const PLACE: usize = 19;
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(PLACE)?.parse().ok()
}

struct Host {
    kube: Arc<Kube>,
    program: Program,
    tail: Tail,
    child: Option<Child>,
    /// Its process group, which may outlive it.
    group: Option<Pid>,
    seen: Option<Status>,
}

impl Host {
    fn carry_out(&mut self, command: Command, machine: &mut Process) {
        match command {
            Command::Spawn => match self.spawn() {
                Ok(()) => machine.spawned(self.kube.now()),
                Err(error) => {
                    tracing::warn!(process = self.program.name, %error, "cannot be started");
                    self.tail.push(format!("kube: cannot be started: {error}"));
                    machine.exited(self.kube.now());
                }
            },
            Command::Terminate => self.signal(Signal::SIGTERM),
            Command::Kill => self.signal(Signal::SIGKILL),
        }
    }

    fn spawn(&mut self) -> std::io::Result<()> {
        let [program, arguments @ ..] = self.program.command.as_slice() else {
            return Err(std::io::Error::other("no command is configured"));
        };
        let mut command = tokio::process::Command::new(program);
        let directory =
            self.program.directory.as_deref().map_or(self.kube.directory.as_path(), |path| path.as_ref());
        command
            .args(arguments)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let shared = self.kube.configuration.kube().map(|kube| kube.env.as_slice()).unwrap_or_default();
        for variable in shared.iter().chain(&self.program.env) {
            if let Some((name, value)) = variable.split_once('=') {
                command.env(name, value);
            }
        }
        let mut child = command.spawn()?;
        self.group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        if let Some(group) = self.group
            && let Some(since) = started(group)
            && let Err(error) = self.kube.store.started(&self.program.name, group.as_raw(), since)
        {
            tracing::warn!(%error, "a started process could not be noted");
        }
        if let Some(out) = child.stdout.take() {
            tokio::spawn(lines(out, self.tail.clone()));
        }
        if let Some(out) = child.stderr.take() {
            tokio::spawn(lines(out, self.tail.clone()));
        }
        tracing::info!(process = self.program.name, pid = child.id(), "started");
        self.child = Some(child);
        Ok(())
    }

    /// To the whole group, so that nothing that the program has started is left.
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // Fails when the group is gone already.
            let _ = killpg(group, signal);
        }
    }

    async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        match &mut self.child {
            Some(child) => child.wait().await,
            None => std::future::pending().await,
        }
    }

    fn gone(&mut self, status: std::io::Result<ExitStatus>) {
        let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        tracing::info!(process = self.program.name, how, "ended");
        self.tail.push(format!("kube: ended: {how}"));
        self.signal(Signal::SIGKILL);
        (self.child, self.group) = (None, None);
    }

    fn report(&mut self, status: Status) {
        if self.seen.replace(status) != Some(status) {
            self.kube.report(Service {
                name: self.program.name.clone(),
                status: Some(status.into()),
                r#type: Some(Type::Process.into()),
                ..Service::default()
            });
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

async fn lines(from: impl AsyncRead + Unpin, tail: Tail) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        let chunk = match from.fill_buf().await {
            Ok(chunk) if !chunk.is_empty() => chunk,
            _ => break,
        };
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        let room = LINE.saturating_sub(line.len()).min(part.len());
        line.extend_from_slice(part.get(..room).unwrap_or_default());
        let used = end.map_or(chunk.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            tail.push(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
            line.clear();
        }
    }
    if !line.is_empty() {
        tail.push(String::from_utf8_lossy(&line).into_owned());
    }
}
