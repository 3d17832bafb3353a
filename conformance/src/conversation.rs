//! What all carriers over a stream have in common: requests one at a time, answers told from the log, and
//! limits on time and memory.
//!
//! Threads stand between the runner and the testee, so that nothing that it does (or fails to do) can block
//! the runner: one sends the requests, one receives.  Memory is bounded on each way; what does not fit is
//! dropped and counted.

use std::io::{BufReader, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::hello::Hello;
use crate::line::{Cut, Log, Ring, read_line};
use crate::printable::shorten;
use crate::protocol::{Answer, FrameError, LINE_LIMIT, PREFIX, Request};
use crate::testee::{Limits, Testee, Trouble, greeting, read_greeting};

/// The most output between two answers, in bytes; more is a flood.
const FLOOD_LIMIT: u64 = 64 << 20;

/// How often a wait looks whether the testee still lives and the run goes on.
pub(crate) const GLANCE: Duration = Duration::from_millis(100);

/// How long the end of an output is waited for.
pub(crate) const FAREWELL: Duration = Duration::from_millis(500);

/// What the log says instead of the beginning of an answer.
const UNFINISHED: &[u8] = b"(an answer was begun and not finished)\n";

/// The far end: what only its carrier can tell or do.
pub trait Peer: Send {
    /// Whether it is gone, though somebody else may hold its output open.
    fn has_ended(&mut self) -> bool;

    /// What the end of its output means; an unfinished answer stood there or not.
    fn closed(&mut self, unfinished: bool) -> Trouble;

    /// Ends it.  Called more than once.
    fn end(&mut self);

    /// The last that it said beside its answers, once it has been ended.
    fn last_words(&mut self) -> String;
}

/// A testee at the far end of a stream.
pub struct Conversation<P: Peer> {
    peer: P,
    ended: bool,
    hello: Hello,
    requests: SyncSender<Vec<u8>>,
    sent: Arc<AtomicBool>,
    received: Receiver<Received>,
    /// What was logged since the last answer; shared, as without an answer nobody else hands it over.
    pending: Arc<Mutex<Ring>>,
    log: Log,
    last_answered: Option<u64>,
    interrupt: Arc<AtomicBool>,
}

impl<P: Peer> Conversation<P> {
    /// Greets the far end.  `send` sends one request, `receive` hands on all that comes until it ends; each
    /// has a thread of its own.
    ///
    /// # Errors
    ///
    /// [`Trouble`] without a proper answer to `hello` in time.
    pub(crate) fn greet(
        peer: P,
        mut send: impl FnMut(Vec<u8>) -> std::io::Result<()> + Send + 'static,
        receive: impl FnOnce(Receiving) + Send + 'static,
        limits: &Limits,
    ) -> Result<Self, Trouble> {
        let (requests, inbox) = mpsc::sync_channel(1);
        // Without room in between: what the testee says unasked waits in its pipe and not in memory.
        let (outbox, received) = mpsc::sync_channel(0);
        let sent = Arc::new(AtomicBool::new(true));
        let pending = Arc::<Mutex<Ring>>::default();
        let all_sent = Arc::clone(&sent);
        thread::spawn(move || {
            for request in inbox {
                if send(request).is_err() {
                    return;
                }
                all_sent.store(true, Ordering::Relaxed);
            }
        });
        let receiving = Receiving { outbox, pending: Arc::clone(&pending), since_answer: 0 };
        thread::spawn(move || receive(receiving));
        let mut conversation = Self {
            peer,
            ended: false,
            hello: Hello::new("", "", "", &[], &[]),
            requests,
            sent,
            received,
            pending,
            log: Log::default(),
            last_answered: None,
            interrupt: Arc::clone(&limits.interrupt),
        };
        let answer = match conversation.request(&greeting(), limits.start) {
            Err(timeout @ Trouble::Timeout { .. }) => return Err(conversation.silence(timeout)),
            answer => answer?,
        };
        conversation.hello = read_greeting(answer)?;
        Ok(conversation)
    }

    fn exchange(&mut self, request: &Request, limit: Duration) -> Result<Answer, Trouble> {
        let line = request.to_line().into_bytes();
        if line.len() > LINE_LIMIT {
            return Err(Trouble::protocol("the request is longer than 4 MiB; it was not sent"));
        }
        if let Ok(early) = self.received.try_recv() {
            return match self.understand(early, request.id)? {
                (id, _) if id == request.id => {
                    Err(self.breach(format!("request {id} was answered before it was sent")))
                }
                (id, _) => Err(self.breach(FrameError::WrongId { want: request.id, got: id }.to_string())),
            };
        }
        self.sent.store(false, Ordering::Relaxed);
        match self.requests.try_send(line) {
            // A sender that is gone found the way closed; what is received says what became of the testee.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => return Err(Trouble::Timeout { limit, unread: true }),
        }
        let received = self.wait(limit)?;
        let (id, answer) = self.understand(received, request.id)?;
        self.last_answered = Some(id);
        Ok(answer)
    }

    /// Closes the way in, as at the end of a run, and says whether the far end goes by itself within `limit`.
    pub fn ends_with_its_input(mut self, limit: Duration) -> bool {
        // The thread that sends ends with this sender, and the way in with the thread.
        let (closed, _) = mpsc::sync_channel(1);
        self.requests = closed;
        let deadline = Instant::now() + limit;
        while !self.peer.has_ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        self.peer.has_ended()
    }

    fn wait(&mut self, limit: Duration) -> Result<Received, Trouble> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.received.recv_timeout(left.min(GLANCE)) {
                Ok(received) => return Ok(received),
                Err(RecvTimeoutError::Disconnected) => return Ok(Received::Closed { unfinished: false }),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.interrupt.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            // A child of the testee can hold its output open after the testee itself has ended.
            if self.peer.has_ended() {
                return Ok(self
                    .received
                    .recv_timeout(GLANCE)
                    .unwrap_or(Received::Closed { unfinished: false }));
            }
            if left.is_zero() {
                return Err(Trouble::Timeout { limit, unread: !self.sent.load(Ordering::Relaxed) });
            }
        }
    }

    /// The answer to request `id`, with its own id.
    fn understand(&mut self, received: Received, id: u64) -> Result<(u64, Answer), Trouble> {
        match received {
            Received::Answer { line, log } => {
                self.log.append(&log);
                match read(&line, id, &self.hello.coarse) {
                    Ok(answer) => Ok((id, answer)),
                    Err(FrameError::WrongId { got, .. }) if Some(got) == self.last_answered => {
                        Err(self.breach(format!("request {got} was answered a second time")))
                    }
                    Err(error) => Err(self.breach(error.to_string())),
                }
            }
            Received::Breach(what) => Err(self.breach(what)),
            Received::Closed { unfinished } => Err(self.peer.closed(unfinished)),
        }
    }

    /// A testee that says much but does not answer `hello` is most likely an adapter that is not yet right, and
    /// what it says is the way to see why.
    fn silence(&mut self, timeout: Trouble) -> Trouble {
        let (log, stderr) = (self.take_log().text, self.peer.last_words());
        let what = match log.lines().rev().find(|line| !line.trim().is_empty()) {
            Some(line) if UNFINISHED.strip_suffix(b"\n") == Some(line.as_bytes()) => {
                format!("hello: {timeout}; an answer was begun and not finished")
            }
            Some(line) => format!(
                "hello: {timeout}; what it printed does not begin with \"{PREFIX}\", as an answer must: {}",
                shorten(line)
            ),
            None if matches!(timeout, Trouble::Timeout { unread: true, .. }) => timeout.to_string(),
            None => {
                format!(
                    "hello: {timeout}; it printed nothing on standard output; does it flush after each line?"
                )
            }
        };
        Trouble::Protocol { what, stderr }
    }

    fn breach(&mut self, what: impl Into<String>) -> Trouble {
        self.end();
        Trouble::Protocol { what: what.into(), stderr: self.peer.last_words() }
    }

    fn end(&mut self) {
        self.ended = true;
        self.peer.end();
    }

    /// Receives what was said up to the end, as the log is wanted whole.  Somebody may still hold the output open;
    /// that is not waited for.
    fn hear_out(&mut self) {
        let deadline = Instant::now() + FAREWELL;
        let left = || deadline.saturating_duration_since(Instant::now());
        while let Ok(received) = self.received.recv_timeout(left()) {
            if let Received::Answer { log, .. } = received {
                self.log.append(&log);
            }
        }
    }
}

fn read(line: &[u8], id: u64, coarse: &[String]) -> Result<Answer, FrameError> {
    let json = line.get(PREFIX.len()..).unwrap_or_default();
    let text = std::str::from_utf8(json).map_err(|error| FrameError::NotUtf8(error.valid_up_to()))?;
    Answer::parse(text, id, coarse)
}

impl<P: Peer> Testee for Conversation<P> {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn request(&mut self, request: &Request, limit: Duration) -> Result<Answer, Trouble> {
        let answer = self.exchange(request, limit);
        if answer.is_err() {
            self.end();
            self.hear_out();
        }
        answer
    }

    fn take_log(&mut self) -> Log {
        let mut log = std::mem::take(&mut self.log);
        if self.ended {
            log.append(&lock(&self.pending).take());
        }
        log
    }
}

impl<P: Peer> Drop for Conversation<P> {
    fn drop(&mut self) {
        self.end();
    }
}

pub(crate) fn lock(ring: &Mutex<Ring>) -> std::sync::MutexGuard<'_, Ring> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the receiving thread has to say.
enum Received {
    /// An answer line with its prefix, and what was logged before it.
    Answer { line: Vec<u8>, log: Log },
    /// The protocol is broken; receiving has stopped.
    Breach(String),
    /// The far end closed its output; an unfinished answer stood at its end or not.
    Closed { unfinished: bool },
}

/// Where a carrier hands on what it receives.  Once a method returns `false` nobody wants to hear more.
pub(crate) struct Receiving {
    outbox: SyncSender<Received>,
    pending: Arc<Mutex<Ring>>,
    since_answer: u64,
}

impl Receiving {
    /// One line (or message), without its line feed.
    pub(crate) fn line(&mut self, line: Vec<u8>) -> bool {
        if line.starts_with(PREFIX.as_bytes()) {
            self.since_answer = 0;
            let log = lock(&self.pending).take();
            return self.outbox.send(Received::Answer { line, log }).is_ok();
        }
        if let Some(beginning) = almost_an_answer(&line) {
            return self.breach(format!(
                "a line begins with \"{beginning}\": an answer begins with \"TP1 {{\", and a line of the log with anything else"
            ));
        }
        self.since_answer += line.len() as u64 + 1;
        let mut ring = lock(&self.pending);
        ring.push(&line);
        ring.push(b"\n");
        drop(ring);
        if self.since_answer > FLOOD_LIMIT {
            return self.breach("more than 64 MiB of output without an answer");
        }
        true
    }

    /// The protocol is broken.
    pub(crate) fn breach(&mut self, what: impl Into<String>) -> bool {
        let _ = self.outbox.send(Received::Breach(what.into()));
        false
    }

    /// The end, with what stands behind the last line.
    pub(crate) fn closed(&mut self, rest: &[u8]) {
        let unfinished = rest.starts_with(PREFIX.as_bytes());
        lock(&self.pending).push(if unfinished { UNFINISHED } else { rest });
        let _ = self.outbox.send(Received::Closed { unfinished });
    }

    /// Hands on all lines of a stream.
    pub(crate) fn lines(mut self, stream: impl Read) {
        let mut reader = BufReader::with_capacity(64 << 10, stream);
        loop {
            let mut line = Vec::new();
            let more = match read_line(&mut reader, PREFIX.len() + LINE_LIMIT, &mut line).unwrap_or(Cut::End)
            {
                Cut::Line => self.line(line),
                Cut::TooLong => self.breach(FrameError::TooLong.to_string()),
                Cut::End => return self.closed(&line),
            };
            if !more {
                return;
            }
        }
    }
}

/// Sends requests as lines.
pub(crate) fn send_lines(
    mut stream: impl Write + Send + 'static,
) -> impl FnMut(Vec<u8>) -> std::io::Result<()> + Send {
    move |mut line| {
        line.push(b'\n');
        stream.write_all(&line)?;
        stream.flush()
    }
}

/// The beginning of a line that can only be meant as an answer, but is none: `tp1 {`, `TP1{`, `TP2 {`, and each
/// behind a byte order mark.  Taken for a line of the log it would be a timeout, and its cause hard to find.
fn almost_an_answer(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if !rest.get(..2)?.eq_ignore_ascii_case(b"tp") {
        return None;
    }
    let digits = rest.iter().skip(2).take_while(|byte| byte.is_ascii_digit()).count();
    let blanks = rest.iter().skip(2 + digits).take_while(|byte| byte.is_ascii_whitespace()).count();
    let brace = line.len() - rest.len() + 2 + digits + blanks;
    let meant = (1..=3).contains(&digits) && blanks <= 3 && line.get(brace) == Some(&b'{');
    let beginning = line.get(..=brace).filter(|_| meant)?;
    Some(shorten(&String::from_utf8_lossy(beginning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_told_from_a_log() {
        let missed = |line: &str| almost_an_answer(line.as_bytes());
        for line in ["tp1 {", "TP1{\"id\"", "TP2 {}", "TP1\t{}", "\u{feff}TP1 {}"] {
            assert!(missed(line).is_some(), "{line}");
        }
        for line in ["", "t", "tp", "tp: {}", " TP1 {}", "TP1 of 2", "TPM2 {", "tp1 started {}", "TP12345 {"]
        {
            assert_eq!(missed(line), None, "{line}");
        }
        assert_eq!(missed("\u{feff}TP1 {}").as_deref(), Some(r"\u{feff}TP1 {"));
    }
}
