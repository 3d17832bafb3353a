//! The side that is invited.

use super::admission::{Admitted, accept};
use super::link::{Links, Waiting};
use super::message::{self, Content, DEVICE, GUEST, HOST, Method, SPACE, role_of};
use super::record::Invitation;
use super::{MAX_CODES, MAX_HOSTS, OPTIONS_TIMEOUT, Output, State, auth_method, form, status};
use crate::Reject;
use crate::halo::auth::CHALLENGE_BYTES;
use crate::keys::{SigningKey, Suite};

/// Who is invited: the keys that are to be admitted.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The identity.
    pub identity: Vec<u8>,
    /// The device.
    pub device: Vec<u8>,
    /// A control feed.
    pub control_feed: Vec<u8>,
    /// A data feed.
    pub data_feed: Vec<u8>,
    /// The name that the host is to show.
    pub name: Option<String>,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// `Options` of the other side.
    Options,
    /// The answer to `Introduce`.
    Introducing,
    /// A code.
    Code,
    /// The answer to `Authenticate`.
    Authenticating,
    /// The answer to `Admit`.
    Admitting,
}

/// The connection that is dealt with.
#[derive(Debug)]
struct Flow {
    connection: u64,
    phase: Phase,
    /// Codes that were tried.
    codes: u32,
    deadline: i64,
}

/// What follows from what a host says.
enum Next {
    /// To call this.
    Call(Method, Vec<u8>, Phase),
    /// To wait for a code.
    Code,
    /// It is admitted.
    Done(Admitted),
    /// To give up.
    GiveUp,
}

/// The guest of an invitation.  Connections are told apart by numbers that the caller chooses; times are Unix
/// milliseconds and never go back.
#[derive(Debug)]
pub struct Guest {
    invitation: Invitation,
    identity: Identity,
    state: State,
    now: i64,
    /// When it ends where there is no host.
    deadline: i64,
    /// Hosts that were given up.
    hosts: u32,
    flow: Option<Flow>,
    links: Links,
    admitted: Option<Admitted>,
}

impl Guest {
    /// Begins to use an invitation; `joined` are the spaces that the guest is a member of.
    ///
    /// # Errors
    /// `auth.expired`, `schema.constraint` for an invitation to a space without its key, `state.duplicate` for a
    /// space in `joined` (HALO-INV-043).
    pub fn new(
        invitation: Invitation,
        identity: Identity,
        joined: &[Vec<u8>],
        now: i64,
    ) -> Result<Self, Reject> {
        require!(HALO_INV_043, !invitation.has_expired(now), AuthExpired, "the invitation has expired")?;
        let to_space = invitation.is_to_space();
        let names_space = invitation.space_key.as_ref().is_some_and(|key| !key.is_empty());
        require!(HALO_INV_043, !to_space || names_space, SchemaConstraint, "the invitation names no space")?;
        let is_member = to_space && invitation.space_key.as_ref().is_some_and(|key| joined.contains(key));
        require!(HALO_INV_043, !is_member, StateDuplicate, "the guest is a member already")?;
        let deadline = now.saturating_add(invitation.patience());
        Ok(Self {
            invitation,
            identity,
            state: State::Connecting,
            now,
            deadline,
            hosts: 0,
            flow: None,
            links: Links::default(),
            admitted: None,
        })
    }

    /// The state of the invitation.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether it has ended, for good.
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, State::Success | State::Cancelled | State::Timeout | State::Error)
    }

    /// The connections that are not closed, ascending.
    pub fn open(&self) -> Vec<u64> {
        self.links.open(self.flow.as_ref().map(|flow| flow.connection))
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.links.poll()
    }

    /// To what it was admitted, once.
    pub fn admitted(&mut self) -> Option<Admitted> {
        self.admitted.take()
    }

    /// A connection to another peer is there.
    pub fn connect(&mut self, connection: u64) {
        if alter!(HALO_INV_040, self.has_ended(), "a guest that has ended takes connections" => false) {
            self.links.close(connection);
        } else if self.flow.as_ref().is_none_or(|flow| flow.connection != connection) {
            self.links.add(connection);
            self.advance();
        }
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, connection: u64) {
        self.links.remove(connection);
        if let Some(flow) = self.flow.take_if(|flow| flow.connection == connection) {
            let gone = alter!(HALO_INV_052, flow.phase != Phase::Options, "a host that is gone is waited for" => false);
            self.left(gone);
        }
    }

    /// The application ends it.
    pub fn cancel(&mut self) {
        if alter!(HALO_INV_072, !self.has_ended(), "what has ended can still be cancelled" => true) {
            self.end(State::Cancelled);
        }
    }

    /// The user has entered a code.  It is ignored where none is waited for.
    pub fn enter_code(&mut self, code: &str) {
        if let Some(flow) = self.flow.as_mut().filter(|flow| flow.phase == Phase::Code) {
            flow.codes += 1;
            flow.phase = Phase::Authenticating;
            let connection = flow.connection;
            self.state = State::Authenticating;
            let code =
                alter!(HALO_INV_046, code, "a code is cut to four digits" => code.get(..4).unwrap_or(code));
            let request = message::authentication(Some(code), None);
            self.links.send(connection, Method::Authenticate, Content::Request(request));
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: i64) {
        self.now = self.now.max(now);
        while let Some(flow) = self.flow.as_ref().filter(|flow| self.now >= flow.deadline) {
            if flow.phase != Phase::Options {
                break;
            }
            let connection = flow.connection;
            self.flow = None;
            self.links.close(connection);
            alter!(HALO_INV_073, self.left(false), "a silent peer ends the invitation" => self.end(State::Timeout));
        }
        let deadline = self.flow.as_ref().map_or(self.deadline, |flow| flow.deadline);
        if !self.has_ended() && self.now >= deadline {
            self.end(alter!(HALO_INV_054, State::Timeout, "being late is an error" => State::Error));
        }
    }

    /// A call has come: only `Options` is one of this side.  A call on a connection that is not open is ignored.
    pub fn call(&mut self, connection: u64, method: Method, request: &[u8]) {
        let is_current = self.flow.as_ref().is_some_and(|flow| flow.connection == connection);
        if !is_current && self.links.waiting(connection).is_none() {
            return;
        }
        let is_options = method == Method::Options;
        if !message::decodes(method, request) {
            return self.links.send(connection, method, Content::Error);
        }
        if let Some(waiting) = self.links.waiting(connection) {
            if is_options && waiting.options.is_none() {
                waiting.options = Some(request.to_vec());
            } else {
                self.links.send(connection, method, Content::Error);
            }
            return;
        }
        let Some(mut flow) = self.flow.take() else { return };
        let first = require!(
            HALO_INV_013,
            flow.phase == Phase::Options,
            StateDuplicate,
            "options from a host a second time"
        );
        // All else is for a host to answer.
        if !is_options || first.is_err() {
            self.flow = Some(flow);
            self.links.send(connection, method, Content::Error);
        } else if self.options(&mut flow, request) {
            self.flow = Some(flow);
        } else {
            // Another guest, perhaps.
            self.links.close(connection);
            self.left(false);
        }
    }

    /// The host has answered a call: with these bytes, or with an error.  What was not asked for is ignored.
    pub fn answer(&mut self, connection: u64, method: Method, response: Option<&[u8]>) {
        let Some(mut flow) = self.flow.take_if(|flow| flow.connection == connection) else { return };
        let awaited = match flow.phase {
            Phase::Options => Some(Method::Options),
            Phase::Introducing => Some(Method::Introduce),
            Phase::Authenticating => Some(Method::Authenticate),
            Phase::Admitting => Some(Method::Admit),
            Phase::Code => None,
        };
        if awaited != Some(method) || (method == Method::Options && response.is_some()) {
            self.flow = Some(flow);
            return;
        }
        let phase = flow.phase;
        let next = match response {
            None => Ok(Next::GiveUp),
            Some(bytes) => match phase {
                Phase::Introducing => self.introduced(bytes),
                Phase::Authenticating => self.authenticated(&flow, bytes),
                _ => self.judge_admission(bytes),
            },
        };
        match next {
            Ok(Next::Call(method, request, phase)) => {
                flow.phase = phase;
                self.links.send(connection, method, Content::Request(request));
                self.flow = Some(flow);
            }
            Ok(Next::Code) => {
                flow.phase = Phase::Code;
                self.state = State::ReadyForAuthentication;
                self.flow = Some(flow);
            }
            Ok(Next::Done(admitted)) => {
                self.admitted = Some(admitted);
                self.links.close(connection);
                self.end(State::Success);
            }
            Ok(Next::GiveUp) | Err(_) => {
                self.links.close(connection);
                self.left(phase != Phase::Options);
            }
        }
    }

    /// Whether it is a host.
    fn options(&mut self, flow: &mut Flow, request: &[u8]) -> bool {
        let role = role_of(request).unwrap_or_default();
        let is_host = alter!(HALO_INV_011, role == Some(HOST), "a guest is taken for a host" => true);
        if is_host {
            flow.phase = Phase::Introducing;
            let deadline = self.now.saturating_add(alter!(HALO_INV_054, self.invitation.patience(),
                "a guest waits for ever" => i64::MAX));
            flow.deadline = alter!(HALO_INV_071, deadline,
                "the time goes on from the beginning of the guest" => self.deadline);
            self.state = State::Connected;
            let id = alter!(HALO_INV_044, self.invitation.invitation_id.as_str(),
                "the id of the space stands for that of the invitation" =>
                    self.invitation.space_id.as_deref().unwrap_or_default());
            let request = message::introduction(self.identity.name.as_deref(), id);
            self.links.send(flow.connection, Method::Introduce, Content::Request(request));
        }
        is_host
    }

    fn introduced(&self, bytes: &[u8]) -> Result<Next, Reject> {
        let tree = message::read("dxos.halo.invitations.IntroductionResponse", bytes)?;
        let method = tree.int(1).unwrap_or(auth_method::NONE);
        let invited = self.invitation.method();
        let same = alter!(HALO_INV_045, method == invited, "a weaker method is taken" => method <= invited);
        require!(HALO_INV_045, same, StateConflict, "the method is not that of the invitation")?;
        match method {
            auth_method::NONE => Ok(self.admission_request()),
            auth_method::SHARED_SECRET => Ok(Next::Code),
            auth_method::KNOWN_PUBLIC_KEY => self.sign(tree.bytes(2)),
            _ => Ok(Next::GiveUp),
        }
    }

    /// Answers a challenge.
    fn sign(&self, challenge: Option<&[u8]>) -> Result<Next, Reject> {
        // A guest that does not stop here goes on without a signature.
        let unsigned = || {
            let request = message::authentication(None, None);
            Next::Call(Method::Authenticate, request, Phase::Authenticating)
        };
        let Some(challenge) = challenge else {
            refuse!(HALO_INV_048, DecodeMissing, "there is no challenge")?;
            return Ok(unsigned());
        };
        require!(
            HALO_INV_049,
            challenge.len() == CHALLENGE_BYTES,
            SchemaConstraint,
            "a challenge is not of 32 bytes"
        )?;
        let pair = self.invitation.guest_keypair.as_ref();
        // The seed comes first, and the public key behind it.
        let seed = pair.and_then(|pair| pair.private_key.as_deref()).and_then(|key| key.get(..32));
        let Some(seed) = seed else {
            refuse!(HALO_INV_048, DecodeMissing, "there is no private key")?;
            return Ok(unsigned());
        };
        let key = SigningKey::new(Suite::Ed25519, seed)?;
        let signature = alter!(HALO_INV_047, key.sign(challenge),
            "the text of the challenge is signed" => key.sign(crate::keys::to_hex(challenge).as_bytes()));
        let request = message::authentication(None, Some(&signature));
        Ok(Next::Call(Method::Authenticate, request, Phase::Authenticating))
    }

    fn authenticated(&self, flow: &Flow, bytes: &[u8]) -> Result<Next, Reject> {
        let tree = message::read("dxos.halo.invitations.AuthenticationResponse", bytes)?;
        let status = alter!(HALO_INV_050, tree.int(1), "an absent status is OK" =>
            Some(tree.int(1).unwrap_or(status::OK)));
        let most = alter!(HALO_INV_046, MAX_CODES, "two codes may be tried" => MAX_CODES - 1,
            "codes are tried without end" => u32::MAX);
        match status {
            Some(status::OK) => Ok(self.admission_request()),
            Some(status::INVALID_OTP) if self.invitation.method() == auth_method::SHARED_SECRET => {
                Ok(if flow.codes < most { Next::Code } else { Next::GiveUp })
            }
            _ => Ok(
                alter!(HALO_INV_050, Next::GiveUp, "any other status is overlooked" => self.admission_request()),
            ),
        }
    }

    fn admission_request(&self) -> Next {
        let Identity { identity, device, control_feed, data_feed, .. } = &self.identity;
        let request = if self.invitation.is_to_space() {
            let identity = alter!(HALO_INV_051, identity, "the device stands for the identity" => device);
            message::admission_request(SPACE, &[identity, device, control_feed, data_feed])
        } else {
            message::admission_request(DEVICE, &[device, control_feed, data_feed])
        };
        Next::Call(Method::Admit, request, Phase::Admitting)
    }

    fn judge_admission(&self, bytes: &[u8]) -> Result<Next, Reject> {
        let Identity { identity, device, .. } = &self.identity;
        accept(&self.invitation, identity, device, bytes).map(Next::Done)
    }

    /// The connection that was dealt with is gone; `given_up` where the other side was a host.
    fn left(&mut self, given_up: bool) {
        if given_up {
            self.hosts += 1;
            let delegated = self.invitation.form == Some(form::DELEGATED);
            let most = alter!(HALO_INV_053, if delegated { MAX_HOSTS } else { 1 },
                "one host is tried whatever the type" => 1,
                "hosts are tried without end" => if delegated { u32::MAX } else { 1 });
            if self.hosts >= most {
                return self
                    .end(alter!(HALO_INV_052, State::Error, "to give up is to cancel" => State::Cancelled));
            }
            self.deadline = self.now.saturating_add(self.invitation.patience());
        }
        self.state = State::Connecting;
        self.advance();
    }

    /// Deals with the connection that has waited longest.
    fn advance(&mut self) {
        while self.flow.is_none()
            && let Some(Waiting { connection, options }) = self.links.next()
        {
            let deadline = self.now.saturating_add(OPTIONS_TIMEOUT);
            let mut flow = Flow { connection, phase: Phase::Options, codes: 0, deadline };
            let role = alter!(HALO_INV_010, GUEST, "the guest says that it is a host" => HOST);
            self.links.send(connection, Method::Options, Content::Request(message::options(role)));
            let is_host = options.is_none_or(|options| self.options(&mut flow, &options));
            if is_host {
                self.flow = Some(flow);
            } else {
                self.links.close(connection);
            }
        }
    }

    /// Ends it (HALO-INV-040).
    fn end(&mut self, state: State) {
        self.state = state;
        self.links.close_all(self.flow.take().map(|flow| flow.connection));
    }
}
