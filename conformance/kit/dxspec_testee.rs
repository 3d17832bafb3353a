//! Serves an implementation to dxspec, the conformance suite of the DXOS protocols.
//! One file, std only, Rust 1.70 or later, edition 2021 or 2024.  Licence: MIT or Apache-2.0, at your option.
//! ```ignore
//! let mut testee = Testee::<()>::new("mine", "0.1.0", &["suite.p256"], &[]);
//! testee.op("halo.key.space_id", |given| Ok(Json::object([("space_id", id(given.text("key")?)?.into())])));
//! testee.serve();
//! ```
//! An operation gets the member `in` and returns `Ok` or `Err(Refusal::reject(class, why))`; another error and a panic
//! become `bug`.  What is printed to standard output is the log of the case; end it with a line feed.
#![allow(dead_code)]
use std::{backtrace::Backtrace, collections::BTreeMap, error::Error, fmt, io, io::Write as _, iter, panic, sync::Mutex};

/// A JSON value.  A number, `true`, `false` or `null` is kept as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Json { Bare(String), Text(String), List(Vec<Json>), Object(BTreeMap<String, Json>) }
impl Json {
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
    pub fn list<T: Into<Self> + Clone>(items: &[T]) -> Self { Self::List(items.iter().cloned().map(T::into).collect()) }
    /// A member of this object; that it is missing, or of another type, is an accident (`bug`).
    pub fn get(&self, name: &str) -> Answer<&Self> {
        let found = if let Self::Object(members) = self { members.get(name) } else { None };
        found.ok_or_else(|| format!("no member \"{name}\"").into())
    }
    pub fn text(&self, name: &str) -> Answer<&str> {
        if let Self::Text(text) = self.get(name)? { Ok(text) } else { Err(format!("\"{name}\" is no text"))? }
    }
    pub fn number(&self, name: &str) -> Answer<u64> { Ok(self.get(name)?.to_string().parse()?) }
}
impl<T: Into<String>> From<T> for Json { fn from(text: T) -> Self { Self::Text(text.into()) } }
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let esc = |c| match c { '"' | '\\' => format!("\\{c}"), ' '.. => c.into(), _ => format!("\\u{:04x}", c as u8) };
        let member = |(name, value): (&String, &Self)| format!("{}:{value}", Self::from(name));
        match self {
            Self::Bare(token) => f.write_str(token),
            Self::Text(text) => write!(f, "\"{}\"", text.chars().map(esc).collect::<String>()),
            Self::List(list) => write!(f, "[{}]", list.iter().map(Self::to_string).collect::<Vec<_>>().join(",")),
            Self::Object(members) => write!(f, "{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(",")),
        }
    }
}

/// Reads JSON from the front of a text, nested `depth` deep at most.  Of a member that is given twice the last counts.
fn read(rest: &mut &str, depth: usize) -> Answer {
    let deeper = depth.checked_sub(1).ok_or("nested too deeply")?;
    let member = |rest: &mut &str| Ok((read_text(rest)?, eat(rest, ":").and_then(|()| read(rest, deeper))?));
    if eat(rest, "[").is_ok() { return read_items(rest, "]", |rest| read(rest, deeper)).map(Json::List); }
    if eat(rest, "{").is_ok() { return read_items(rest, "}", member).map(Json::Object); }
    if rest.starts_with('"') { return read_text(rest).map(Json::Text); }
    let (token, after) = rest.split_at(rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(rest.len()));
    *rest = after;
    let right = ["null", "true", "false"].contains(&token) || token.parse().is_ok_and(f64::is_finite);
    if right { Ok(Json::Bare(token.to_owned())) } else { Err(format!("no JSON: {token:.20}"))? }
}
fn eat(rest: &mut &str, token: &str) -> Answer<()> {
    *rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
    rest.strip_prefix(token).map(|after| *rest = after).ok_or_else(|| format!("no {token} before: {rest:.20}").into())
}
/// The items of a list or an object, with commas between them, up to its end.
fn read_items<T, C: FromIterator<T>>(rest: &mut &str, end: &str, item: impl Fn(&mut &str) -> Answer<T>) -> Answer<C> {
    let commas = iter::once("").chain(iter::repeat(","));
    commas.map_while(|comma| eat(rest, end).err().map(|_| eat(rest, comma).and_then(|()| item(rest)))).collect()
}
fn read_text(rest: &mut &str) -> Answer<String> {
    eat(rest, "\"")?;
    let (mut units, mut chars) = (Vec::new(), rest.chars()); // of UTF-16, as two of \u may be one character
    while let Some(c) = chars.next() {
        match if c == '\\' { chars.next() } else { None } {
            None if c == '"' => { *rest = chars.as_str(); return Ok(String::from_utf16_lossy(&units)); }
            None => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            Some('u') => units.push(u16::from_str_radix(&String::from_iter(chars.by_ref().take(4)), 16)?),
            Some(c) => units.push(u16::from(b"\"\\/\x08\x0c\n\r\t"["\"\\/bfnrt".find(c).ok_or("no such escape")?])),
        }
    }
    Err("a text has no end")?
}

/// Why an operation has no result.
pub enum Refusal { Reject(String, String), Unsupported, Bug(String) }
impl Refusal {
    /// The protocol says no, with a class of the closed list such as "auth.signature".
    pub fn reject(class: &str, why: impl fmt::Display) -> Self { Self::Reject(class.to_owned(), why.to_string()) }
}
impl<E: Into<Box<dyn Error>>> From<E> for Refusal { fn from(e: E) -> Self { Self::Bug(e.into().to_string()) } }
fn no_session() -> Refusal { Refusal::reject("state.unknown_ref", "no such session is open") }

pub type Answer<T = Json> = Result<T, Refusal>;
type Run<S> = Box<dyn FnMut(&Json, Option<&mut S>) -> Answer>;
type Map<T> = BTreeMap<String, T>;
static PANIC: Mutex<String> = Mutex::new(String::new());

/// What dxspec is told about an implementation, and its operations.  `S` is the state of a session.
pub struct Testee<S = ()> { hello: Vec<(&'static str, Json)>, ops: Map<Run<S>>, sessions: Map<S>, opened: u64 }
impl<S: Default + 'static> Testee<S> {
    /// `coarse`: prefixes of classes that are not told apart.
    pub fn new(name: &str, version: &str, features: &[&str], coarse: &[&str]) -> Self {
        let about = Json::object([("name", name.into()), ("version", version.into()), ("language", "rust".into())]);
        let hello = vec![("implementation", about), ("features", Json::list(features)), ("coarse", Json::list(coarse))];
        Self { hello, ops: Map::new(), sessions: Map::new(), opened: 0 }
    }
    pub fn op(&mut self, name: &str, mut run: impl FnMut(&Json) -> Answer + 'static) {
        self.ops.insert(name.to_owned(), Box::new(move |given, _| run(given)));
    }
    /// An operation inside a session.
    pub fn session_op(&mut self, name: &str, mut run: impl FnMut(&Json, &mut S) -> Answer + 'static) {
        self.ops.insert(name.to_owned(), Box::new(move |given, state| run(given, state.ok_or_else(no_session)?)));
    }
    /// Answers requests until the end of standard input.
    pub fn serve(&mut self) {
        panic::set_hook(Box::new(|info| *PANIC.lock().unwrap() = format!("{info}\n{}", Backtrace::force_capture())));
        for line in io::stdin().lines().map_while(Result::ok) {
            let mut rest = line.as_str();
            let request = read(&mut rest, 128).and_then(|request| Ok((request.number("id")?, request)));
            let (Ok((id, request)), "") = (request, rest.trim()) else { println!("not a request: {line}"); continue };
            let attempt = panic::AssertUnwindSafe(|| self.answer(request.text("op")?, request.get("in")?));
            let answer = panic::catch_unwind(attempt).unwrap_or_else(|_| Err(PANIC.lock().unwrap().as_str())?);
            let because = |why: String| ("message", Json::Text(why));
            let (name, body) = match answer {
                Ok(result @ Json::Object(_)) => ("ok", result),
                Ok(other) => ("bug", Json::object([because(format!("{other} is no object"))])),
                Err(Refusal::Reject(class, why)) => ("reject", Json::object([("class", class.into()), because(why)])),
                Err(Refusal::Unsupported) => ("unsupported", Json::object([])),
                Err(Refusal::Bug(why)) => ("bug", Json::object([because(why)])),
            };
            println!("TP1 {}", Json::object([("id", Json::Bare(id.to_string())), (name, body)]));
            io::stdout().flush().expect("standard output is open");
        }
    }
    fn answer(&mut self, op: &str, given: &Json) -> Answer {
        let state = given.text("session").ok().and_then(|name| self.sessions.get_mut(name));
        if let Some(run) = self.ops.get_mut(op) { return run(given, state); }
        match op {
            "hello" if given.number("tp")? != 1 => Err(Refusal::reject("schema.range", "only version 1 is spoken")),
            "hello" => {
                let ops = Json::list(&Vec::from_iter(self.ops.keys().cloned()));
                Ok(Json::object(self.hello.iter().cloned().chain([("tp", Json::Bare("1".into())), ("ops", ops)])))
            }
            "session.open" => {
                self.opened += 1;
                self.sessions.insert(format!("s{}", self.opened), S::default());
                Ok(Json::object([("session", format!("s{}", self.opened).into())]))
            }
            "session.close" if self.sessions.remove(given.text("session")?).is_some() => Ok(Json::object([])),
            "session.close" => Err(no_session()),
            _ => Err(Refusal::Unsupported),
        }
    }
}
