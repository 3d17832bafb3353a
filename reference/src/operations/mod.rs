//! The operations that the suite asks of an implementation, answered by this one: JSON in, JSON out.
//!
//! The book's chapter on operations gives the members.

mod echo_feed;
mod echo_message;
mod echo_order;
mod echo_replication;
mod echo_storage;
mod halo;
mod input;
pub mod kube;
mod mesh;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::input::Input;
use crate::Reject;
use crate::echo::Replica;

/// The operations served; `session.open`, `session.close` and `bench` are the carrier's.
pub const OPERATIONS: &[&str] = &[
    "halo.key.parse",
    "halo.key.space_id",
    "halo.key.identity_did",
    "halo.key.space_id.parse",
    "halo.key.identity_did.parse",
    "halo.credential.decode",
    "halo.credential.payload",
    "halo.credential.id",
    "halo.credential.verify",
    "halo.credential.issue",
    "halo.credential.form",
    "halo.presentation.payload",
    "halo.presentation.verify",
    "halo.presentation.issue",
    // Spaces.
    "halo.space.replay",
    "halo.space.process",
    // Devices and profiles.
    "halo.device.replay",
    "halo.device.process",
    "halo.profile.replay",
    "halo.profile.process",
    "halo.invitation.code.encode",
    "halo.invitation.code.decode",
    "halo.invitation.accept",
    "halo.invitation.rehost",
    "halo.invitation.admission",
    "halo.invitation.connect",
    "halo.invitation.disconnect",
    "halo.invitation.cancel",
    "halo.invitation.enter_code",
    "halo.auth.prove",
    "halo.auth.check",
    "echo.message.decode",
    "echo.message.encode",
    "echo.timeframe.construct",
    "echo.timeframe.merge",
    "echo.timeframe.dependencies",
    "echo.timeframe.total",
    "echo.timeframe.new",
    "echo.timeframe.equals",
    "echo.timeframe.without",
    "echo.order.deliver",
    "echo.order.write",
    "echo.order.check",
    "echo.metadata.decode",
    "echo.metadata.encode",
    "echo.object.decode",
    "echo.feed.identity",
    "echo.tree.hash",
    "echo.tree.proof",
    "echo.tree.digest",
    "echo.feed.proof",
    "echo.feed.verify",
    "echo.feed.reader",
    "echo.feed.audit",
    "echo.feed.append",
    "echo.feed.storage.open",
    "echo.feed.storage.write",
    "echo.feed.storage.directory",
    "echo.feed.storage.get",
    "echo.feed.storage.clear",
    "echo.feed.storage.audit",
    "echo.feed.storage.put",
    "echo.feed.storage.files",
    "wire.open",
    "wire.feed",
    "wire.tick",
    "echo.replication.frames",
    "echo.replication.encode",
    "echo.replication.bitfield.decode",
    "echo.replication.bitfield.encode",
    "echo.replication.connect",
    "echo.replication.append",
    "echo.replication.clear",
    "echo.replication.open",
    "echo.replication.close",
    "echo.replication.transfer",
    // dxRPC.
    "mesh.rpc.decode",
    "mesh.rpc.encode",
    "mesh.rpc.call",
    "mesh.rpc.answer",
    "mesh.rpc.ready",
    "mesh.rpc.item",
    "mesh.rpc.end",
    "mesh.rpc.cancel",
    "mesh.rpc.close",
    "mesh.rpc.abort",
    // Messenger and swarm.
    "mesh.topic",
    "mesh.messenger.send",
    "mesh.messenger.listen",
    "mesh.messenger.unlisten",
    "mesh.swarm.available",
    "mesh.swarm.left",
    "mesh.swarm.transport",
    "mesh.swarm.leave",
    // KUBE: sockets and signalling.
    "kube.begin",
    "kube.open",
    "kube.send",
    "kube.receive",
    "kube.close",
    "kube.advance",
    "kube.configure",
    "kube.counters",
    "kube.http",
    // KUBE: access, configuration, processes.
    "kube.access.verify",
    "kube.token.issue",
    "kube.token.verify",
    "kube.config.get",
    "kube.config.set",
    "kube.process.run",
    "kube.challenge",
    "kube.authenticate",
    "kube.call",
    // KUBE: several servers.
    "kube.federation.begin",
    "kube.federation.join",
    "kube.federation.subscribe",
    "kube.federation.send",
    "kube.federation.leave",
    "kube.federation.drop",
    "kube.federation.publish",
    "kube.federation.advance",
    "kube.federation.cut",
    "kube.federation.mend",
    "kube.federation.kill",
    "kube.federation.stop",
    "kube.mint",
];

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The protocol says no.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// The operation is not one of [`OPERATIONS`].
    #[error("unsupported operation")]
    Unsupported,
    /// The request is not as the book says.
    #[error("the member \"{member}\" is {problem}")]
    Request {
        /// The member of `in`.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

type Answer = Result<Map<String, Value>, Failure>;

/// What is kept between the requests of one session; each kind of operation has a place of its own.
#[derive(Debug, Default)]
struct Session {
    /// What was received of a feed.
    replica: Option<Replica>,
    /// A feed in its files.
    stored: Option<echo_storage::Stored>,
    /// Streams of replication.
    stream: Option<echo_replication::Stream>,
    /// A connection of RPC, or a peer with its messenger and swarm.
    mesh: Option<mesh::Stack>,
    /// Host or guest of an invitation.
    invitation: Option<halo::invitation::Scene>,
    /// A KUBE and its clients.
    kube: Option<kube::Scene>,
    /// Several servers on one bus.
    federation: Option<kube::federation::Scene>,
}

/// The operations, with the sessions that are open.
#[derive(Debug, Default)]
pub struct Operations {
    sessions: BTreeMap<String, Session>,
}

impl Operations {
    /// Carries out an operation.  A member `session` names what earlier requests left; the carrier knows
    /// which sessions are open.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        let members = Input(input);
        let session = members.optional("session", Input::text)?;
        let session = session.map(|name| self.sessions.entry(name.to_owned()).or_default());
        match op.split_once('.') {
            Some(("halo", _)) => halo::call(op, &members, session.map(|session| &mut session.invitation)),
            Some(("wire", _))
                if halo::is_meant(&members, session.as_deref().and_then(|open| open.invitation.as_ref())) =>
            {
                halo::call(op, &members, session.map(|session| &mut session.invitation))
            }
            Some(("wire", _))
                if mesh::is_meant(&members, session.as_deref().and_then(|open| open.mesh.as_ref())) =>
            {
                mesh::call(op, &members, session.map(|session| &mut session.mesh))
            }
            Some(("mesh", _)) => mesh::call(op, &members, session.map(|session| &mut session.mesh)),
            Some(("kube", rest)) if rest.starts_with("federation.") => {
                kube::federation::call(op, &members, session.map(|session| &mut session.federation))
            }
            Some(("kube", _)) => kube::call(op, &members, session.map(|session| &mut session.kube)),
            Some(("wire", _)) => {
                echo_replication::call(op, &members, session.map(|session| &mut session.stream))
            }
            Some(("echo", rest)) if rest.starts_with("replication.") => {
                echo_replication::call(op, &members, session.map(|session| &mut session.stream))
            }
            Some(("echo", rest)) if rest == "feed.append" || rest.starts_with("feed.storage.") => {
                echo_storage::call(op, &members, session.map(|session| &mut session.stored))
            }
            Some(("echo", rest)) => match rest.split('.').next() {
                Some("message" | "timeframe" | "metadata" | "object") => echo_message::call(op, &members),
                Some("order") => echo_order::call(op, &members),
                _ => echo_feed::call(op, &members, session.map(|session| &mut session.replica)),
            },
            _ => Err(Failure::Unsupported),
        }
    }

    /// Forgets what a session left.
    pub fn close(&mut self, session: &str) {
        self.sessions.remove(session);
    }
}

/// Carries out an operation that needs no session.
///
/// # Errors
/// See [`Failure`].
pub fn call(op: &str, input: &Map<String, Value>) -> Answer {
    Operations::default().call(op, input)
}
