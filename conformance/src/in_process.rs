//! The carrier `direct:`: an implementation in a thread of the runner.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::hello::Hello;
use crate::implementation::{Implementation, Service};
use crate::line::Log;
use crate::protocol::{Answer, Request};
use crate::testee::{Testee, Trouble};

/// The stack of an implementation's thread, in bytes: that of a main thread, for inputs nested deeply.
const STACK: usize = 8 << 20;

/// An implementation in a thread of its own, because only so can the runner stop waiting for it.  A thread
/// that never returns cannot be killed; it is left behind, and ends with the runner.
pub struct InProcess {
    hello: Hello,
    requests: SyncSender<(String, Map<String, Value>)>,
    answers: Receiver<Result<Answer, String>>,
}

impl InProcess {
    /// Starts the thread.
    pub fn start(implementation: Box<dyn Implementation>) -> Self {
        Self::with_stack(implementation, STACK)
    }

    /// Starts the thread with a stack of so many bytes; only what is used of it takes memory.
    pub fn with_stack(implementation: Box<dyn Implementation>, stack: usize) -> Self {
        let mut service = Service::new(implementation);
        let hello = service.hello().clone();
        let (requests, inbox) = mpsc::sync_channel::<(String, Map<String, Value>)>(1);
        let (outbox, answers) = mpsc::sync_channel(1);
        let body = move || {
            for (op, input) in inbox {
                let answer = catch_unwind(AssertUnwindSafe(|| service.call(&op, &input)));
                let answer = answer.map_err(|panic| panic_text(panic.as_ref()));
                let last = answer.is_err();
                // After a panic the implementation's state cannot be trusted any more.
                if outbox.send(answer).is_err() || last {
                    return;
                }
            }
        };
        // If the thread cannot be made, the channels close, and the first request says so.
        drop(thread::Builder::new().name("testee".to_owned()).stack_size(stack).spawn(body));
        Self { hello, requests, answers }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

impl Testee for InProcess {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn request(&mut self, request: &Request, limit: Duration) -> Result<Answer, Trouble> {
        let gone = || Trouble::Crash { end: "is not running any more".to_owned(), stderr: String::new() };
        self.requests.send((request.op.clone(), request.input.clone())).map_err(|_| gone())?;
        match self.answers.recv_timeout(limit) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(text)) => Err(Trouble::Crash { end: format!("panicked: {text}"), stderr: String::new() }),
            Err(RecvTimeoutError::Timeout) => Err(Trouble::Timeout { limit, unread: false }),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }

    fn take_log(&mut self) -> Log {
        Log::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::null::Null;

    fn ask(null: Null, limit: Duration) -> Result<Answer, Trouble> {
        InProcess::start(Box::new(null)).request(&Request::new(1, "x", Map::new()), limit)
    }

    #[test]
    fn a_panic_is_a_crash_and_a_hang_a_timeout() {
        let crash = ask(Null::Crash, Duration::from_secs(60)).unwrap_err();
        assert_eq!(crash.to_string(), "the testee panicked: null-crash dies at each request");
        let hang = ask(Null::Hang, Duration::from_millis(5)).unwrap_err();
        assert_eq!(hang.to_string(), "no answer within 0.005 s");
        assert_eq!(ask(Null::AcceptAll, Duration::from_secs(60)), Ok(Answer::Ok(Map::new())));
    }
}
