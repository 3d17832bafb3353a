//! What a misbehaving testee needs to behave in part.

use std::io::{BufRead, StdinLock, Write};
use std::process::exit;

use dxos_conformance::protocol::Request;
use dxos_reference::operations;
use serde_json::{Value, json};

/// Standard input and output of a testee.
pub(crate) struct Stage {
    input: StdinLock<'static>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { input: std::io::stdin().lock() }
    }

    /// The next request.  After the end of the input an adapter exits.
    pub(crate) fn request(&mut self) -> Request {
        let mut line = String::new();
        match self.input.read_line(&mut line) {
            Ok(1..) => Request::parse(&line).unwrap(),
            _ => exit(0),
        }
    }

    /// Takes the request `hello` in and answers it as it should be.
    pub(crate) fn hello(&mut self) {
        self.hello_with("implementation", hello()["implementation"].clone());
    }

    /// Takes the request `hello` in and answers it with one member changed.
    pub(crate) fn hello_with(&mut self, member: &str, value: Value) {
        let request = self.request();
        let mut ok = hello();
        ok[member] = value;
        answer(request.id, &format!("\"ok\":{ok}"));
    }

    /// Answers `hello`, and then each request with what is made of it: the members beside `id`.
    pub(crate) fn answer_each(&mut self, mut with: impl FnMut(&Request) -> String) -> ! {
        self.hello();
        loop {
            let request = self.request();
            answer(request.id, &with(&request));
        }
    }

    /// Answers `hello`, takes one request in, and says something.
    pub(crate) fn after_one_request(&mut self, say_what: impl FnOnce(u64) -> String) {
        self.hello();
        let id = self.request().id;
        say(say_what(id));
    }
}

/// What a testee says to `hello` that claims all there is.
pub(crate) fn hello() -> Value {
    json!({
        "tp": 1,
        "implementation": { "name": "hostile", "version": "1", "language": "rust" },
        "ops": ["halo.*"],
        "features": ["suite.p256", "suite.ed25519"],
    })
}

/// Prints bytes at once.  A runner that is gone is the end.
pub(crate) fn say(bytes: impl AsRef<[u8]>) {
    let mut output = std::io::stdout().lock();
    if output.write_all(bytes.as_ref()).and_then(|()| output.flush()).is_err() {
        exit(0);
    }
}

/// Prints an answer.
pub(crate) fn answer(id: u64, members: &str) {
    say(format!("TP1 {{\"id\":{id},{members}}}\n"));
}

/// What the reference says.
pub(crate) fn right(request: &Request) -> String {
    match operations::call(&request.op, &request.input) {
        Ok(result) => format!("\"ok\":{}", Value::Object(result)),
        Err(operations::Failure::Reject(reject)) => {
            format!("\"reject\":{{\"class\":\"{}\"}}", reject.class.name())
        }
        Err(_) => "\"unsupported\":{}".to_owned(),
    }
}

/// Never goes on.
pub(crate) fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

/// Prints the same over and over, a gibibyte in all, and hangs.
pub(crate) fn flood(mut output: impl Write, what: &[u8]) -> ! {
    let block = what.repeat((64 << 10) / what.len());
    for _ in 0..(1 << 30) / block.len() {
        if output.write_all(&block).is_err() {
            exit(0);
        }
    }
    hang()
}

/// Answers each request with a result that has this value as its only member.
pub(crate) fn with_value(mut stage: Stage, value: fn() -> String) {
    let value = value();
    stage.answer_each(|_| format!("\"ok\":{{\"key\":{value}}}"))
}
