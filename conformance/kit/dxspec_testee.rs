//! Serves an implementation to dxspec, the conformance suite of the DXOS protocols.
//! One file, std only, Rust 1.70 or later, edition 2021 or 2024.  Licence: MIT or Apache-2.0, at your option.
//! ```ignore
//! let mut testee = Testee::<()>::new("mine", "0.1.0", &["suite.p256"], &[]);
//! testee.op("halo.key.space_id", |given| Ok(Json::object([("space_id", id(given.text("key")?)?.into())])));
//! testee.serve();
//! ```
//! An operation returns `Ok` or `Err(Refusal::reject(class, why))`; any other error and a panic become `bug`.
//! What is printed to standard output is shown as the log of the case; end it with a line feed.
#![allow(dead_code)]
use std::{backtrace::Backtrace, collections::BTreeMap, fmt, io, io::Write as _, panic, sync::Mutex, time::Instant};

/// A JSON value.  A number, `true`, `false` or `null` is kept as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Json { Bare(String), Text(String), List(Vec<Json>), Object(BTreeMap<String, Json>) }

impl Json {
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
    pub fn list<T: Into<Self> + Clone>(items: &[T]) -> Self { Self::List(items.iter().cloned().map(T::into).collect()) }
    /// A member of this object; that it is missing, or no text, is an accident (`bug`).
    pub fn get(&self, name: &str) -> Result<&Self, Refusal> {
        let found = if let Self::Object(members) = self { members.get(name) } else { None };
        found.ok_or_else(|| Refusal::Bug(format!("no member \"{name}\" in {self}")))
    }
    pub fn text(&self, name: &str) -> Result<&str, Refusal> {
        if let Self::Text(text) = self.get(name)? { Ok(text) } else { Err(format!("\"{name}\" is no text"))? }
    }
    pub fn number(&self, name: &str) -> Result<u64, Refusal> { Ok(self.get(name)?.to_string().parse()?) }
}

impl From<&str> for Json { fn from(text: &str) -> Self { Self::Text(text.to_owned()) } }
impl From<String> for Json { fn from(text: String) -> Self { Self::Text(text) } }
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escape = |c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\0'..='\x1f' => format!("\\u{:04x}", u32::from(c)),
            _ => String::from(c),
        };
        let member = |(name, value): (&String, &Self)| format!("{}:{value}", Self::from(name.as_str()));
        match self {
            Self::Bare(token) => f.write_str(token),
            Self::Text(text) => write!(f, "\"{}\"", text.chars().map(escape).collect::<String>()),
            Self::List(list) => write!(f, "[{}]", list.iter().map(Self::to_string).collect::<Vec<_>>().join(",")),
            Self::Object(members) => write!(f, "{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(",")),
        }
    }
}

fn eat(rest: &mut &str, token: &str) -> Result<(), String> {
    *rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
    *rest = rest.strip_prefix(token).ok_or_else(|| format!("no {token} before: {rest:.20}"))?;
    Ok(())
}

/// Reads JSON from the front of a text, nested `depth` deep at most.  Of a member that is given twice the last counts.
pub fn read(rest: &mut &str, depth: usize) -> Result<Json, String> {
    let deeper = depth.checked_sub(1).ok_or("nested too deeply")?;
    if eat(rest, "\"").is_ok() { return read_text(rest).map(Json::Text); }
    if eat(rest, "[").is_ok() {
        let mut list = Vec::new();
        while eat(rest, "]").is_err() {
            eat(rest, if list.is_empty() { "" } else { "," })?;
            list.push(read(rest, deeper)?);
        }
        return Ok(Json::List(list));
    }
    if eat(rest, "{").is_ok() {
        let mut members = BTreeMap::new();
        while eat(rest, "}").is_err() {
            eat(rest, if members.is_empty() { "" } else { "," })?;
            eat(rest, "\"")?;
            let name = read_text(rest)?;
            eat(rest, ":")?;
            members.insert(name, read(rest, deeper)?);
        }
        return Ok(Json::Object(members));
    }
    let (token, after) = rest.split_at(rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(rest.len()));
    *rest = after;
    let right = ["null", "true", "false"].contains(&token) || token.parse().is_ok_and(f64::is_finite);
    if right { Ok(Json::Bare(token.to_owned())) } else { Err(format!("no JSON: {token:.20}")) }
}

fn read_text(rest: &mut &str) -> Result<String, String> {
    let (mut units, mut chars) = (Vec::new(), rest.chars());
    let mut next = || chars.next().ok_or("a text has no end");
    loop {
        let c = match next()? {
            '"' => break,
            '\\' => match next()? {
                'u' => {
                    let digits = String::from_iter([next()?, next()?, next()?, next()?]);
                    units.push(u16::from_str_radix(&digits, 16).map_err(|_| format!("no hex: \\u{digits}"))?);
                    continue;
                }
                c => "bfnrt".find(c).map_or(c, |index| ['\x08', '\x0c', '\n', '\r', '\t'][index]),
            },
            c => c,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    *rest = chars.as_str();
    Ok(String::from_utf16_lossy(&units))
}

/// Why an operation has no result.
pub enum Refusal { Reject(String, String), Unsupported, Bug(String) }

impl Refusal {
    /// The protocol says no, with a class of the closed list such as "auth.signature".
    pub fn reject(class: &str, why: impl fmt::Display) -> Self { Self::Reject(class.to_owned(), why.to_string()) }
}
impl<E: Into<Box<dyn std::error::Error>>> From<E> for Refusal {
    fn from(error: E) -> Self { Self::Bug(error.into().to_string()) }
}

pub type Answer = Result<Json, Refusal>;
type Run<S> = Box<dyn FnMut(&Json, &mut BTreeMap<String, S>) -> Answer>;
static PANIC: Mutex<String> = Mutex::new(String::new());

/// What dxspec is told about an implementation, and its operations.  `S` is the state of a session.
pub struct Testee<S = ()> {
    hello: [(&'static str, Json); 3],
    ops: BTreeMap<String, Run<S>>,
    sessions: BTreeMap<String, S>,
    opened: u64,
}

impl<S: Default + 'static> Testee<S> {
    /// `coarse`: prefixes of classes that are not told apart.
    pub fn new(name: &str, version: &str, features: &[&str], coarse: &[&str]) -> Self {
        let about = Json::object([("name", name.into()), ("version", version.into()), ("language", "rust".into())]);
        let hello = [("implementation", about), ("features", Json::list(features)), ("coarse", Json::list(coarse))];
        Self { hello, ops: BTreeMap::new(), sessions: BTreeMap::new(), opened: 0 }
    }
    pub fn op(&mut self, name: &str, mut run: impl FnMut(&Json) -> Answer + 'static) {
        self.ops.insert(name.to_owned(), Box::new(move |given, _| run(given)));
    }
    /// An operation inside a session.
    pub fn session_op(&mut self, name: &str, mut run: impl FnMut(&Json, &mut S) -> Answer + 'static) {
        self.ops.insert(name.to_owned(), Box::new(move |given, sessions| {
            run(given, sessions.get_mut(given.text("session")?).ok_or_else(no_session)?)
        }));
    }
    /// Answers requests until the end of standard input.
    pub fn serve(&mut self) {
        panic::set_hook(Box::new(|info| *PANIC.lock().unwrap() = format!("{info}\n{}", Backtrace::force_capture())));
        for line in io::stdin().lines().map_while(Result::ok) {
            let request = read(&mut line.as_str(), 128).unwrap_or_else(Json::Text);
            let (Ok(id), true) = (request.get("id"), request.number("id").is_ok()) else {
                println!("not a request: {request}"); // without an id there is nothing to answer
                continue;
            };
            let attempt = panic::AssertUnwindSafe(|| self.answer(request.text("op")?, request.get("in")?));
            let panicked = |_| Err(Refusal::Bug(PANIC.lock().unwrap().clone()));
            let because = |why: String| ("message", Json::Text(why));
            let (name, body) = match panic::catch_unwind(attempt).unwrap_or_else(panicked) {
                Ok(result @ Json::Object(_)) => ("ok", result),
                Ok(other) => ("bug", Json::object([because(format!("{other} is no object"))])),
                Err(Refusal::Reject(class, why)) => ("reject", Json::object([("class", class.into()), because(why)])),
                Err(Refusal::Unsupported) => ("unsupported", Json::object([])),
                Err(Refusal::Bug(why)) => ("bug", Json::object([because(why)])),
            };
            println!("TP1 {}", Json::object([("id", id.clone()), (name, body)]));
            io::stdout().flush().expect("standard output is open");
        }
    }
    fn answer(&mut self, op: &str, given: &Json) -> Answer {
        if let Some(run) = self.ops.get_mut(op) { return run(given, &mut self.sessions); }
        let bench = matches!(&self.hello[1].1, Json::List(features) if features.contains(&"bench".into()));
        match op {
            "hello" if given.number("tp")? != 1 => Err(Refusal::reject("schema.range", "only version 1 is spoken")),
            "hello" => {
                let ops: Vec<&str> = self.ops.keys().map(String::as_str).chain(bench.then_some("bench")).collect();
                let [about, features, coarse] = self.hello.clone();
                Ok(Json::object([("tp", Json::Bare("1".into())), about, ("ops", Json::list(&ops)), features, coarse]))
            }
            "session.open" => {
                self.opened += 1;
                self.sessions.insert(format!("s{}", self.opened), S::default());
                Ok(Json::object([("session", format!("s{}", self.opened).into())]))
            }
            "session.close" => {
                let closed = self.sessions.remove(given.text("session")?);
                closed.map(|_| Json::object([])).ok_or_else(no_session)
            }
            "bench" if bench && self.ops.contains_key(given.text("op")?) => {
                let (op, given, count) = (given.text("op")?, given.get("in")?, given.number("iterations")?);
                if let Err(Refusal::Bug(why)) = self.answer(op, given) { return Err(Refusal::Bug(why)); }
                let start = Instant::now();
                (0..count.min(100_000_000)).for_each(|_| drop(self.answer(op, given)));
                Ok(Json::object([("nanoseconds", start.elapsed().as_nanos().to_string().into())]))
            }
            _ => Err(Refusal::Unsupported),
        }
    }
}

fn no_session() -> Refusal { Refusal::reject("state.unknown_ref", "no such session is open") }
