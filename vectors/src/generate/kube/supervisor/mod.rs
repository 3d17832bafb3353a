//! The supervisor, by its socket.

mod administering;
mod authenticating;

use serde_json::{Value, json};

use super::super::steps::{Ask, ask, open, session};
use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        authenticating::nonces(),
        authenticating::presentations(),
        authenticating::operators(),
        administering::calls(),
        administering::changes(),
    ]
}

const PATH: &str = "/.well-known/dx/supervisor";

/// The requests of a case: a session with an operator, and sockets on the path of the supervisor.
#[derive(Clone)]
struct Play(Vec<Ask>);

impl Play {
    /// The sockets `a` and, if asked for, more.
    fn new(topic: &Topic, slug: &str, sockets: &[&str]) -> Self {
        let operator = hex(&topic.bytes(slug, "operator"));
        let begin = ask("kube.begin", json!({ "session": session(0), "keys": [], "operator": operator }));
        let mut play = Self(vec![open(), begin.only(&[])]);
        for socket in sockets {
            play = play.step("kube.open", json!({ "socket": socket, "path": PATH })).only(&["open"]);
        }
        play
    }

    fn step(mut self, op: &str, mut input: Value) -> Self {
        if let Some(members) = input.as_object_mut() {
            members.insert("session".to_owned(), session(0));
        }
        self.0.push(ask(op, input));
        self
    }

    /// Of the last answer only these members are wanted.
    fn only(mut self, members: &'static [&'static str]) -> Self {
        if let Some(last) = self.0.pop() {
            self.0.push(last.only(members));
        }
        self
    }

    fn rejected(mut self, class: crate::class::Class) -> Self {
        if let Some(last) = self.0.pop() {
            self.0.push(last.rejected(class));
        }
        self
    }

    fn challenge(self, socket: &str) -> Self {
        self.step("kube.challenge", json!({ "socket": socket }))
    }

    /// Presents the device, and with `access` what was given before; `more` are members of the request.
    fn present(self, socket: &str, identity: &str, access: bool, more: &[(&str, &str)]) -> Self {
        let mut input = json!({ "socket": socket, "identity": identity, "access": access });
        if let Some(members) = input.as_object_mut() {
            members.extend(more.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
        }
        // The text of a token is the server's own.
        self.step("kube.authenticate", input).only(&["given", "valid", "capabilities"])
    }

    /// All the way to a token on a socket.
    fn enter(self, socket: &str) -> Self {
        self.challenge(socket).present(socket, "operator", false, &[]).challenge(socket).present(
            socket,
            "operator",
            true,
            &[],
        )
    }

    /// Not for servers at an address, whose configuration is their own.
    fn here(self) -> Self {
        self.step("kube.configure", json!({}))
    }

    fn call(self, socket: &str, method: &str) -> Self {
        self.step("kube.call", json!({ "socket": socket, "method": method }))
    }

    fn set(self, socket: &str, key: &str, value: &str) -> Self {
        self.step("kube.call", json!({ "socket": socket, "method": "SetConfig", "key": key, "value": value }))
    }

    /// The number that the next step will have.
    fn next(&self) -> usize {
        self.0.len()
    }

    fn asks(self) -> Vec<Ask> {
        self.0
    }
}

fn hex(bytes: &[u8]) -> String {
    dxos_reference::keys::to_hex(bytes)
}
