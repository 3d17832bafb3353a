//! The carrier `exec:`: a program in a process group of its own.
//!
//! Three threads stand between the runner and the program, so that nothing that it does (or fails to do) can
//! block the runner: one writes its standard input, one reads its standard output into a bounded channel, one
//! drains its standard error.  Memory is bounded on each way; what does not fit is dropped and counted.

use std::io::{BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::hello::Hello;
use crate::line::{Cut, Log, Ring, read_line};
use crate::matching::shorten;
use crate::protocol::{Answer, FrameError, LINE_LIMIT, PREFIX, Request};
use crate::testee::{Limits, Testee, Trouble, greeting, read_greeting};

/// The most output between two answers, in bytes; more is a flood.
const FLOOD_LIMIT: u64 = 64 << 20;

/// How often a wait looks whether the program still lives and the run goes on.
const GLANCE: Duration = Duration::from_millis(100);

/// How long a program that closed its output may take to end.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the reading thread has to say.
enum Output {
    /// An answer line without its prefix, and what was logged before it.
    Answer { json: Vec<u8>, log: Log },
    /// A line past the limit; reading has stopped.
    TooLong,
    /// More than [`FLOOD_LIMIT`] without an answer; reading has stopped.
    Flood,
    /// The program closed its standard output; an unfinished answer line stood at its end or not.
    Closed { unfinished: bool },
}

/// A running program.
pub struct Process {
    child: Child,
    status: Option<ExitStatus>,
    hello: Hello,
    requests: SyncSender<Vec<u8>>,
    written: Arc<AtomicBool>,
    output: Receiver<Output>,
    /// What was logged since the last answer; shared, as without an answer nobody else hands it over.
    pending: Arc<Mutex<Ring>>,
    stderr: Arc<Mutex<Ring>>,
    stderr_ended: Receiver<()>,
    log: Log,
    last_answered: Option<u64>,
    interrupt: Arc<AtomicBool>,
}

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

        let (requests, inbox) = mpsc::sync_channel(1);
        let (outbox, output) = mpsc::sync_channel(2);
        let (stderr_end, stderr_ended) = mpsc::sync_channel(1);
        let written = Arc::new(AtomicBool::new(true));
        let pending = Arc::<Mutex<Ring>>::default();
        let stderr = Arc::<Mutex<Ring>>::default();
        if let Some(stdin) = child.stdin.take() {
            let written = Arc::clone(&written);
            thread::spawn(move || write_requests(stdin, &inbox, &written));
        }
        if let Some(stdout) = child.stdout.take() {
            let pending = Arc::clone(&pending);
            thread::spawn(move || read_answers(stdout, &outbox, &pending));
        }
        if let Some(pipe) = child.stderr.take() {
            let stderr = Arc::clone(&stderr);
            thread::spawn(move || drain(pipe, &stderr, &stderr_end));
        }
        let mut process = Self {
            child,
            status: None,
            hello: Hello::new("", "", "", &[], &[]),
            requests,
            written,
            output,
            pending,
            stderr,
            stderr_ended,
            log: Log::default(),
            last_answered: None,
            interrupt: Arc::clone(&limits.interrupt),
        };
        let answer =
            process.request(&greeting(), limits.start).map_err(|trouble| process.first_silence(trouble))?;
        process.hello = read_greeting(answer)?;
        Ok(process)
    }

    /// The number of the process, which is also that of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it means if there is no answer to `hello`: mostly one of two mistakes that every new adapter makes.
    fn first_silence(&self, trouble: Trouble) -> Trouble {
        let Trouble::Timeout { unread: false, .. } = &trouble else { return trouble };
        let log = lock(&self.pending).take().text;
        let reason = match log.lines().rev().find(|line| !line.trim().is_empty()) {
            Some(line) => format!(
                "what it printed does not begin with \"{PREFIX}\", as an answer must: {}",
                shorten(line)
            ),
            None => "it printed nothing; does it flush standard output after each line?".to_owned(),
        };
        Trouble::CannotStart(format!("hello: {trouble}; {reason}"))
    }

    /// Closes the program's standard input and says whether it ends within `limit`.
    pub fn ends_with_its_input(mut self, limit: Duration) -> bool {
        // The thread that writes ends with its sender, and the pipe with the thread.
        let (closed, _) = mpsc::sync_channel(1);
        self.requests = closed;
        let deadline = Instant::now() + limit;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        self.has_ended()
    }

    fn await_output(&mut self, limit: Duration) -> Result<Output, Trouble> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left.min(GLANCE)) {
                Ok(output) => return Ok(output),
                Err(RecvTimeoutError::Disconnected) => return Ok(Output::Closed { unfinished: false }),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.interrupt.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            // A child of the program can hold its output open after the program itself has ended.
            if self.has_ended() {
                return match self.output.recv_timeout(GLANCE) {
                    Ok(output) => Ok(output),
                    Err(_) => Ok(Output::Closed { unfinished: false }),
                };
            }
            if left.is_zero() {
                return Err(Trouble::Timeout { limit, unread: !self.written.load(Ordering::Relaxed) });
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// What a closed output means: mostly that the program ended, and then how it ended is what matters.
    fn closed(&mut self, unfinished: bool) -> Trouble {
        let deadline = Instant::now() + FAREWELL;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        let middle = if unfinished { " in the middle of an answer" } else { " without an answer" };
        match self.status {
            Some(status) => {
                let end = format!("{}{middle}", describe(status));
                Trouble::Crash { end, stderr: self.last_stderr() }
            }
            None => self.protocol(format!("the testee closed its standard output{middle}, and kept running")),
        }
    }

    fn protocol(&mut self, what: impl Into<String>) -> Trouble {
        self.kill();
        Trouble::Protocol { what: what.into(), stderr: self.last_stderr() }
    }

    /// The end of standard error.  Waits a moment for the drain to finish, which it does when the program and
    /// its children are gone.
    fn last_stderr(&mut self) -> String {
        self.kill();
        let _ = self.stderr_ended.recv_timeout(FAREWELL);
        lock(&self.stderr).take().text
    }

    /// Kills the whole group.  The program's own end may have been seen already; its children, if it left any,
    /// are still in the group, and as long as they are the number is not given to anybody else.
    fn kill(&mut self) {
        if let Ok(id) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
        if self.status.is_none() {
            self.status = self.child.wait().ok();
        }
    }

    fn read(&mut self, json: &[u8], id: u64) -> Result<Answer, FrameError> {
        let text = std::str::from_utf8(json).map_err(|error| FrameError::NotUtf8(error.valid_up_to()))?;
        Answer::parse(text, id, &self.hello.coarse)
    }
}

impl Testee for Process {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn request(&mut self, request: &Request, limit: Duration) -> Result<Answer, Trouble> {
        let mut line = request.to_line().into_bytes();
        if line.len() > LINE_LIMIT {
            return Err(Trouble::protocol("the request is longer than 16 MiB; it was not sent"));
        }
        line.push(b'\n');
        self.written.store(false, Ordering::Relaxed);
        match self.requests.try_send(line) {
            // A writer that is gone saw a closed input; the output says what became of the program.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => return Err(Trouble::Timeout { limit, unread: true }),
        }
        match self.await_output(limit)? {
            Output::Answer { json, log } => {
                self.log.append(&log);
                match self.read(&json, request.id) {
                    Ok(answer) => {
                        self.last_answered = Some(request.id);
                        Ok(answer)
                    }
                    Err(FrameError::WrongId { got, .. }) if Some(got) == self.last_answered => {
                        Err(self.protocol(format!("request {got} was answered a second time")))
                    }
                    Err(error) => Err(self.protocol(error.to_string())),
                }
            }
            Output::TooLong => Err(self.protocol(FrameError::TooLong.to_string())),
            Output::Flood => Err(self.protocol("more than 64 MiB of output without an answer")),
            Output::Closed { unfinished } => Err(self.closed(unfinished)),
        }
    }

    fn take_log(&mut self) -> Log {
        let mut log = std::mem::take(&mut self.log);
        if self.status.is_some() {
            log.append(&lock(&self.pending).take());
        }
        log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn lock(ring: &Mutex<Ring>) -> std::sync::MutexGuard<'_, Ring> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_requests(mut stdin: ChildStdin, inbox: &Receiver<Vec<u8>>, written: &AtomicBool) {
    for line in inbox {
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return;
        }
        written.store(true, Ordering::Relaxed);
    }
}

fn read_answers(stdout: ChildStdout, outbox: &SyncSender<Output>, pending: &Mutex<Ring>) {
    let mut reader = BufReader::with_capacity(64 << 10, stdout);
    let mut buffer = Vec::new();
    let mut since_answer: u64 = 0;
    loop {
        let cut = read_line(&mut reader, LINE_LIMIT, &mut buffer).unwrap_or(Cut::End);
        let answer = buffer.strip_prefix(PREFIX.as_bytes());
        let output = match (cut, answer) {
            (Cut::Line, Some(json)) => {
                since_answer = 0;
                Output::Answer { json: json.to_vec(), log: lock(pending).take() }
            }
            (Cut::Line, None) => {
                since_answer += buffer.len() as u64 + 1;
                let mut ring = lock(pending);
                ring.push(&buffer);
                ring.push(b"\n");
                drop(ring);
                if since_answer <= FLOOD_LIMIT {
                    continue;
                }
                Output::Flood
            }
            (Cut::TooLong, _) => Output::TooLong,
            (Cut::End, answer) => {
                lock(pending).push(&buffer);
                Output::Closed { unfinished: answer.is_some() }
            }
        };
        let last = !matches!(output, Output::Answer { .. });
        if outbox.send(output).is_err() || last {
            return;
        }
        buffer.shrink_to(1 << 20);
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
