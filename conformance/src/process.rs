//! The carrier `exec:`: a program in a process group of its own.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::conversation::{Conversation, FAREWELL, Peer, lock, send_lines};
use crate::line::Ring;
use crate::testee::{Limits, Trouble};

/// A running program.
pub struct Program {
    child: Child,
    status: Option<ExitStatus>,
    killed: bool,
    stderr: Arc<Mutex<Ring>>,
    stderr_ended: Receiver<()>,
}

/// A program that is asked over its standard input and output.
pub type Process = Conversation<Program>;

impl Process {
    /// Starts a command, split into words as a shell would but run without one, and greets it.
    ///
    /// # Errors
    ///
    /// [`Trouble`]: no such program, or no proper answer to `hello` in time.
    pub fn start(command: &str, limits: &Limits) -> Result<Self, Trouble> {
        let words = shell_words::split(command).map_err(|_| {
            Trouble::CannotStart(format!(
                "cannot split the command into words, a quote is not closed: {command}"
            ))
        })?;
        let Some((program, arguments)) = words.split_first() else {
            return Err(Trouble::CannotStart("the command is empty".to_owned()));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| Trouble::CannotStart(cannot_start(program, &error)))?;
        let (Some(stdin), Some(stdout), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Trouble::CannotStart(format!("cannot start \"{program}\": it has no pipes")));
        };
        let (stderr_end, stderr_ended) = mpsc::sync_channel(1);
        let stderr = Arc::<Mutex<Ring>>::default();
        let kept = Arc::clone(&stderr);
        thread::spawn(move || drain(errors, &kept, &stderr_end));
        let program = Program { child, status: None, killed: false, stderr, stderr_ended };
        Self::greet(program, send_lines(stdin), |receiving| receiving.lines(stdout), limits)
    }
}

impl Peer for Program {
    fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// Mostly the program itself ended, and then how it ended is what matters.
    fn closed(&mut self, unfinished: bool) -> Trouble {
        let deadline = Instant::now() + FAREWELL;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        let middle = if unfinished { " in the middle of an answer" } else { " without an answer" };
        let status = self.status;
        self.end();
        let stderr = self.last_words();
        match status {
            Some(status) => Trouble::Crash { end: format!("{}{middle}", describe(status)), stderr },
            None => Trouble::Protocol {
                what: format!("the testee closed its standard output{middle}, and kept running"),
                stderr,
            },
        }
    }

    /// Kills the whole group.  The program's own end may have been seen already; its children, if it left any,
    /// are still in the group, and as long as they are the number is not given to anybody else;
    /// later it may be, so this is done once.
    fn end(&mut self) {
        if std::mem::replace(&mut self.killed, true) {
            return;
        }
        if let Ok(id) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
        if self.status.is_none() {
            self.status = self.child.wait().ok();
        }
    }

    /// The end of standard error.  Waits a moment for the drain to finish, which it does when the program and
    /// its children are gone.
    fn last_words(&mut self) -> String {
        let _ = self.stderr_ended.recv_timeout(FAREWELL);
        lock(&self.stderr).take().text
    }
}

fn drain(mut pipe: ChildStderr, ring: &Mutex<Ring>, end: &SyncSender<()>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        lock(ring).push(buffer.get(..count).unwrap_or_default());
    }
    let _ = end.try_send(());
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with code {code}"),
        (None, Some(number)) => match Signal::try_from(number) {
            Ok(signal) => format!("was ended by signal {number} ({signal})"),
            Err(_) => format!("was ended by signal {number}"),
        },
        (None, None) => "ended".to_owned(),
    }
}

fn cannot_start(program: &str, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound if program.contains('/') => {
            format!(
                "cannot start \"{program}\": there is no such file (the path is taken from the current folder)"
            )
        }
        std::io::ErrorKind::NotFound => format!(
            "cannot start \"{program}\": no program of that name is on the PATH; a program in this folder is ./{program}"
        ),
        std::io::ErrorKind::PermissionDenied => {
            format!("cannot start \"{program}\": it is not executable (chmod +x), or not a program")
        }
        _ => format!("cannot start \"{program}\": {error}"),
    }
}
