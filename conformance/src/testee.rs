//! A testee as the runner sees it: something that is asked, and with which there can be trouble.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::dial_in::{DialIn, Wire};
use crate::hello::Hello;
use crate::implementation::Implementation;
use crate::in_process::InProcess;
use crate::kube_address::{Address, AddressError};
use crate::line::Log;
use crate::printable::shorten;
use crate::process::Process;
use crate::protocol::{Answer, Request, VERSION};

/// How a testee is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A program, started with these words and asked over its standard input and output.
    Exec(String),
    /// An implementation that is linked into the runner's binary.
    Direct(String),
    /// An implementation that dials in.
    DialIn(DialIn),
    /// A KUBE, asked by what it serves: without an adapter.
    Kube(Address),
}

impl FromStr for Carrier {
    type Err = CarrierError;

    /// Reads `exec:CMD`, `direct:NAME`, `tcp:HOST:PORT`, `tcp:PORT`, `ws:HOST:PORT`, `ws:PORT` or
    /// `kube:ws://HOST:PORT`; text without a carrier is a command.
    fn from_str(text: &str) -> Result<Self, CarrierError> {
        let scheme = text
            .split_once(':')
            .filter(|(scheme, _)| scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_lowercase()));
        match scheme {
            Some(("exec", command)) if !command.trim().is_empty() => Ok(Self::Exec(command.to_owned())),
            Some(("direct", name)) if !name.trim().is_empty() => Ok(Self::Direct(name.to_owned())),
            Some(("tcp", address)) => DialIn::parse(Wire::Tcp, address).map(Self::DialIn),
            Some(("ws", address)) => DialIn::parse(Wire::Ws, address).map(Self::DialIn),
            Some(("kube", address)) => Ok(Self::Kube(address.parse()?)),
            Some(("exec" | "direct", _)) => Err(CarrierError::Empty),
            Some((scheme, _)) => Err(CarrierError::Scheme(scheme.to_owned())),
            None if text.trim().is_empty() => Err(CarrierError::Empty),
            None => Ok(Self::Exec(text.to_owned())),
        }
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exec(command) => write!(f, "exec:{command}"),
            Self::Direct(name) => write!(f, "direct:{name}"),
            Self::DialIn(dial_in) => dial_in.fmt(f),
            Self::Kube(address) => write!(f, "kube:{address}"),
        }
    }
}

/// Why a text names no testee.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// Nothing behind the colon, or nothing at all.
    #[error(
        "a testee is needed: exec:COMMAND starts a program, direct:NAME takes one that is built in, tcp:PORT and ws:PORT wait for one to dial in, kube:ws://HOST:PORT asks a KUBE"
    )]
    Empty,
    /// Another word before the colon.
    #[error(
        "\"{0}:\" is no carrier: use exec:COMMAND to start a program (as exec:\"node adapter.js\"), direct:NAME for one that is built in (as direct:reference), tcp:PORT or ws:PORT for one that dials in, or kube:ws://HOST:PORT for a KUBE"
    )]
    Scheme(String),
    /// No address to wait at.
    #[error(
        "\"{0}:{1}\" is no address to wait at: use {0}:PORT or {0}:HOST:PORT (as {0}:127.0.0.1:9000); port 0 is any that is free"
    )]
    Address(&'static str, String),
    /// No address of a KUBE.
    #[error(transparent)]
    Kube(#[from] AddressError),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No answer within the limit.
    #[error("no answer within {}{}", seconds(*.limit), if *.unread { "; the testee does not read its requests" } else { "" })]
    Timeout {
        /// The limit.
        limit: Duration,
        /// Whether the testee had not even taken the request in.
        unread: bool,
    },
    /// The testee ended without an answer.
    #[error("the testee {end}{}", last_words(.stderr))]
    Crash {
        /// How it ended: `exited with code 1`, `was ended by signal 6 (SIGABRT)`, `panicked: …`.
        end: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// The testee broke the protocol.
    #[error("{what}{}", last_words(.stderr))]
    Protocol {
        /// What it did.
        what: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// There is no such program, or it cannot be started.
    #[error("{0}")]
    CannotStart(String),
    /// The run was interrupted while an answer was awaited.
    #[error("interrupted")]
    Interrupted,
}

impl Trouble {
    /// A breach of the protocol about which standard error says nothing.
    pub fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol { what: what.into(), stderr: String::new() }
    }
}

fn seconds(limit: Duration) -> String {
    format!("{} s", limit.as_secs_f64())
}

/// The last line of standard error that says something, in short.
fn last_words(stderr: &str) -> String {
    match stderr.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("; standard error ends with: {}", shorten(line)),
        None => String::new(),
    }
}

/// Something that answers requests, one at a time.
pub trait Testee: Send {
    /// What it claims.
    fn hello(&self) -> &Hello;

    /// Sends one request and waits for its answer, no longer than `limit`.
    ///
    /// # Errors
    ///
    /// [`Trouble`], after which the testee is of no more use and is to be dropped.
    fn request(&mut self, request: &Request, limit: Duration) -> Result<Answer, Trouble>;

    /// What was logged on standard output up to the last answer, since this was last called.
    fn take_log(&mut self) -> Log;
}

/// Makes the implementations that run in the runner.
#[derive(Clone, Copy, Debug)]
pub struct Registry {
    /// That with a name, for the carrier `direct:`.
    pub built_in: fn(&str) -> Option<Box<dyn Implementation>>,
    /// That which asks the KUBE at an address, or why there is none, for the carrier `kube:`.
    pub kube: fn(&Address) -> Result<Box<dyn Implementation>, String>,
}

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the start of a program to its answer to `hello`.  An implementation that dials in has so long to do
    /// it, and then so long to answer.
    pub start: Duration,
    /// For one answer.
    pub request: Duration,
    /// Set from outside to give up waiting.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Limits {
    /// 15 s to start, 10 s for a request.
    fn default() -> Self {
        Self {
            start: Duration::from_secs(15),
            request: Duration::from_secs(10),
            interrupt: Arc::new(AtomicBool::new(false)),
        }
    }
}

impl Limits {
    /// Whether the run was interrupted.
    pub fn interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }
}

impl Carrier {
    /// How long a testee may take to start, if nobody says otherwise: a program 15 s, but 60 s where somebody has
    /// to open a page or press a button.
    pub const fn start_limit(&self) -> Duration {
        match self {
            Self::Exec(_) | Self::Direct(_) | Self::Kube(_) => Duration::from_secs(15),
            Self::DialIn(_) => Duration::from_secs(60),
        }
    }

    /// How many testees to start, if nobody says otherwise: one for each core, four at most, but one that dials
    /// in, until somebody says that there are more; eight clients of a KUBE, as they mostly wait.
    pub fn jobs(&self) -> usize {
        match self {
            Self::Exec(_) | Self::Direct(_) => thread::available_parallelism().map_or(1, usize::from).min(4),
            Self::DialIn(_) => 1,
            Self::Kube(_) => 8,
        }
    }

    /// The profile that is meant, if nobody says otherwise.
    pub const fn profile(&self) -> &'static str {
        match self {
            Self::Kube(_) => "kube-core",
            Self::Exec(_) | Self::Direct(_) | Self::DialIn(_) => "halo-core",
        }
    }

    /// Starts a testee and greets it.
    ///
    /// # Errors
    ///
    /// [`Trouble`] if it cannot be started, or does not answer `hello` as it must.
    pub fn start(&self, registry: &Registry, limits: &Limits) -> Result<Box<dyn Testee>, Trouble> {
        match self {
            Self::Exec(command) => Ok(Box::new(Process::start(command, limits)?)),
            Self::DialIn(dial_in) => dial_in.start(limits),
            Self::Direct(name) => match (registry.built_in)(name) {
                Some(implementation) => Ok(Box::new(InProcess::start(implementation))),
                None => Err(Trouble::CannotStart(format!(
                    "no implementation \"{name}\" is built in; to start a program, write exec:{name}"
                ))),
            },
            Self::Kube(address) => match (registry.kube)(address) {
                Ok(implementation) => Ok(Box::new(InProcess::start(implementation))),
                Err(error) => Err(Trouble::CannotStart(error)),
            },
        }
    }
}

/// The request that comes first.
pub(crate) fn greeting() -> Request {
    Request::new(0, "hello", serde_json::Map::from_iter([("tp".to_owned(), VERSION.into())]))
}

/// Reads the answer to the greeting.
pub(crate) fn read_greeting(answer: Answer) -> Result<Hello, Trouble> {
    match answer {
        Answer::Ok(result) => {
            Hello::from_answer(result).map_err(|error| Trouble::protocol(error.to_string()))
        }
        other => {
            let other = shorten(&other.to_string());
            Err(Trouble::protocol(format!("hello must be answered with ok, not with {other}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_is_read_or_explained() {
        assert_eq!("exec:node a.js".parse(), Ok(Carrier::Exec("node a.js".into())));
        assert_eq!("./a.sh --x=b:c".parse(), Ok(Carrier::Exec("./a.sh --x=b:c".into())));
        assert_eq!(r"C:\a.exe".parse(), Ok(Carrier::Exec(r"C:\a.exe".into())));
        assert_eq!("direct:reference".parse(), Ok(Carrier::Direct("reference".into())));
        assert_eq!("exec: ".parse::<Carrier>(), Err(CarrierError::Empty));
        assert_eq!("".parse::<Carrier>(), Err(CarrierError::Empty));
        assert_eq!("http:host:1".parse::<Carrier>(), Err(CarrierError::Scheme("http".into())));
        for text in ["tcp:127.0.0.1:0", "ws:localhost:9000"] {
            assert_eq!(text.parse::<Carrier>().unwrap().to_string(), text);
        }
        assert_eq!("ws:x".parse::<Carrier>(), Err(CarrierError::Address("ws", "x".into())));
        assert_eq!(
            "kube:ws://127.0.0.1:9000/".parse::<Carrier>().unwrap().to_string(),
            "kube:ws://127.0.0.1:9000"
        );
        let error = AddressError::Form("127.0.0.1:9000".into());
        assert_eq!("kube:127.0.0.1:9000".parse::<Carrier>(), Err(CarrierError::Kube(error)));
    }

    #[test]
    fn an_unknown_builtin_is_explained() {
        let nothing = Registry { built_in: |_| None, kube: |_| Err("none".to_owned()) };
        let error = Carrier::Direct("nobody".into()).start(&nothing, &Limits::default()).err();
        let text = error.map(|error| error.to_string());
        assert_eq!(
            text.as_deref(),
            Some("no implementation \"nobody\" is built in; to start a program, write exec:nobody")
        );
    }
}
