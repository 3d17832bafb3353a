//! The side that invites.

use super::admission::{admit, asked};
use super::link::{Links, Waiting};
use super::message::{
    self, Content, GUEST, HOST, Method, Timeframe, authenticated, introduced, profile_in, role_of,
};
use super::record::Invitation;
use super::{MAX_CODES, OPTIONS_TIMEOUT, Output, State, auth_method, status};
use crate::Reject;
use crate::halo::space::Role;
use crate::keys::{self, SigningKey};

/// Who writes admission credentials.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The key that signs.
    pub key: SigningKey,
    /// In whose name: an identity that may admit to the space, or that of the devices.
    pub issuer: Vec<u8>,
    /// The encoded credential that lets the key act for the issuer; `None` where it is the issuer's.
    pub chain: Option<Vec<u8>>,
}

/// What a guest is invited to.
#[derive(Clone, Debug)]
pub enum Place {
    /// A space.
    Space {
        /// Its key.
        space_key: Vec<u8>,
        /// The key of its first feed.
        genesis_feed_key: Vec<u8>,
        /// Members with their roles.
        members: Vec<(Vec<u8>, i64)>,
        /// The heads of its membership graph: ids of credentials, 32 bytes each.
        heads: Vec<Vec<u8>>,
        /// How far its control feeds go.
        control_timeframe: Option<Timeframe>,
    },
    /// The identity of the signer.
    Identity {
        /// The key of the space of its devices.
        space_key: Vec<u8>,
        /// The key of the first feed there.
        genesis_feed_key: Vec<u8>,
        /// How far the control feeds there go.
        control_timeframe: Option<Timeframe>,
    },
}

/// How far a guest has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It has not sent `Options`.
    Options,
    /// It is a guest.
    Connected,
    /// It has introduced itself.
    Introduced,
    /// It has called `Authenticate`.
    Authenticating,
}

/// The connection that is dealt with.
#[derive(Debug)]
struct Flow {
    connection: u64,
    phase: Phase,
    /// Good for one answer.
    challenge: Option<[u8; 32]>,
    /// Whether the last `Authenticate` was answered with OK.
    passed: bool,
    /// The encoded profile of the introduction.
    profile: Option<Vec<u8>>,
    /// When it is closed.
    deadline: i64,
}

/// An answer, and whether the connection is closed after it.
struct Reply {
    response: Vec<u8>,
    closes: bool,
}

impl Reply {
    const fn go_on(response: Vec<u8>) -> Self {
        Self { response, closes: false }
    }

    const fn close(response: Vec<u8>) -> Self {
        Self { response, closes: true }
    }
}

/// The host of an invitation.  Connections are told apart by numbers that the caller chooses; times are Unix
/// milliseconds and never go back.
#[derive(Debug)]
pub struct Host {
    invitation: Invitation,
    signer: Signer,
    place: Place,
    state: State,
    now: i64,
    /// Of all connections together (HALO-INV-021).
    wrong_codes: u32,
    flow: Option<Flow>,
    links: Links,
    admission: Option<Vec<u8>>,
    #[cfg(feature = "mutants")]
    first_challenge: Option<[u8; 32]>,
}

impl Host {
    /// Begins to host.
    pub fn new(invitation: Invitation, signer: Signer, place: Place, now: i64) -> Self {
        let mut host = Self {
            invitation,
            signer,
            place,
            state: State::Connecting,
            now,
            wrong_codes: 0,
            flow: None,
            links: Links::default(),
            admission: None,
            #[cfg(feature = "mutants")]
            first_challenge: None,
        };
        host.tick(now);
        host
    }

    /// The state of the invitation.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether it has ended, for good.
    pub fn has_ended(&self) -> bool {
        match self.state {
            State::Success => alter!(HALO_INV_035, !self.invitation.multi_use.unwrap_or(false),
                "one invitation serves several guests" => false),
            State::Cancelled | State::Timeout | State::Error | State::Expired => true,
            _ => false,
        }
    }

    /// The connections that are not closed, ascending.
    pub fn open(&self) -> Vec<u64> {
        self.links.open(self.flow.as_ref().map(|flow| flow.connection))
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.links.poll()
    }

    /// The answer to the last `Admit`, once.
    pub fn admission(&mut self) -> Option<Vec<u8>> {
        self.admission.take()
    }

    /// A connection to another peer is there.
    pub fn connect(&mut self, connection: u64) {
        if alter!(HALO_INV_040, self.has_ended(), "an invitation that has ended takes connections" => false) {
            self.links.close(connection);
            return;
        }
        if self.flow.as_ref().is_some_and(|flow| flow.connection == connection) {
            return;
        }
        alter!(HALO_INV_015, (), "a further guest takes the place of the first" => self.flow = None);
        self.links.add(connection);
        self.advance();
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, connection: u64) {
        self.links.remove(connection);
        if self.flow.as_ref().is_some_and(|flow| flow.connection == connection) {
            self.flow = None;
            self.state = alter!(HALO_INV_037, State::Connecting, "it stays in its state" => self.state);
            self.advance();
        }
    }

    /// The application ends the invitation.
    pub fn cancel(&mut self) {
        if alter!(HALO_INV_040, !self.has_ended(), "what has ended can still be cancelled" => true) {
            self.end(alter!(HALO_INV_039, State::Cancelled, "a cancelled invitation is a failed one" => State::Error));
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: i64) {
        self.now = self.now.max(now);
        if self.has_ended() {
            return;
        }
        if self.invitation.has_expired(self.now) {
            return self.end(State::Expired);
        }
        // Whoever waits may be out of time as well, as soon as it is dealt with: no more than there are.
        while let Some(flow) = self.flow.as_ref().filter(|flow| self.now >= flow.deadline) {
            let connection = flow.connection;
            self.drop_flow(connection);
        }
    }

    /// A call has come; `random` gives 32 random bytes.  A call on a connection that is not open is ignored.
    pub fn call(
        &mut self,
        connection: u64,
        method: Method,
        request: &[u8],
        random: impl FnOnce() -> [u8; 32],
    ) {
        let is_current = self.flow.as_ref().is_some_and(|flow| flow.connection == connection);
        if !is_current && self.links.waiting(connection).is_none() {
            return;
        }
        if !message::decodes(method, request) {
            return self.links.send(connection, method, Content::Error);
        }
        if let Some(waiting) = self.links.waiting(connection) {
            // It may say what it is before its turn; for all else it is too early.
            let first = method == Method::Options && waiting.options.is_none();
            if first {
                waiting.options = Some(request.to_vec());
                return;
            }
            self.links.send(connection, method, Content::Error);
            if method != Method::Options {
                self.links.remove(connection);
                self.links.close(connection);
            }
            return;
        }
        let Some(mut flow) = self.flow.take() else { return };
        let reply = match method {
            Method::Options => {
                // The answer is empty, and nothing is sent.
                let first = require!(
                    HALO_INV_013,
                    flow.phase == Phase::Options,
                    StateDuplicate,
                    "options a second time"
                );
                let is_guest = first.is_err() || self.options(&mut flow, request);
                self.flow = Some(flow);
                if first.is_err() {
                    self.links.send(connection, method, Content::Error);
                } else if !is_guest {
                    self.drop_flow(connection);
                }
                return;
            }
            Method::Introduce => self.introduce(&mut flow, request, random),
            Method::Authenticate => self.authenticate(&mut flow, request),
            Method::Admit => self.admit(&flow, request),
        };
        self.flow = Some(flow);
        let closes = !matches!(reply, Ok(Reply { closes: false, .. }));
        let content = reply.map_or(Content::Error, |reply| Content::Response(reply.response));
        self.links.send(connection, method, content);
        let ended = alter!(HALO_INV_068, self.has_ended(),
            "an invitation that has ended turns to the next" =>
                self.has_ended() && self.state != State::Success);
        if ended {
            return self.end(self.state);
        }
        if closes {
            self.drop_flow(connection);
        }
    }

    /// The remote has answered a call of this side with an error.
    pub fn failed(&mut self, connection: u64) {
        if self.flow.as_ref().is_some_and(|flow| flow.connection == connection) {
            self.drop_flow(connection);
        }
    }

    /// Whether it is a guest.
    fn options(&mut self, flow: &mut Flow, request: &[u8]) -> bool {
        let role = role_of(request).unwrap_or_default();
        let is_guest = alter!(HALO_INV_011, role == Some(GUEST), "a host is taken for a guest" => true);
        if is_guest {
            flow.phase = Phase::Connected;
            flow.deadline = self.now.saturating_add(alter!(HALO_INV_036, self.invitation.patience(),
                "the timeout of the invitation is not used" => super::DEFAULT_TIMEOUT));
            self.state = State::Connected;
        }
        is_guest
    }

    fn introduce(
        &mut self,
        flow: &mut Flow,
        request: &[u8],
        random: impl FnOnce() -> [u8; 32],
    ) -> Result<Reply, Reject> {
        require!(HALO_INV_018, flow.phase == Phase::Connected, StateOrder, "an introduction out of turn")?;
        let tree = message::read("dxos.halo.invitations.IntroductionRequest", request)?;
        let id = tree.text(2).unwrap_or_default();
        let is_known = alter!(HALO_INV_016, id == self.invitation.invitation_id,
            "the id of the invitation is not compared" => true,
            "only the beginning of the id is compared" => self.invitation.invitation_id.starts_with(id));
        if !is_known {
            return Ok(Reply::close(introduced(auth_method::NONE, None)));
        }
        flow.phase = Phase::Introduced;
        flow.profile = profile_in(&tree, 1);
        self.state = State::ReadyForAuthentication;
        let method = self.invitation.method();
        flow.challenge = (method == auth_method::KNOWN_PUBLIC_KEY).then(random);
        alter!(HALO_INV_017, (), "one challenge serves all introductions" => {
            self.first_challenge = self.first_challenge.or(flow.challenge);
            flow.challenge = self.first_challenge;
        });
        let challenge = flow.challenge;
        Ok(Reply::go_on(introduced(method, challenge.as_ref().map(<[u8; 32]>::as_slice))))
    }

    fn authenticate(&mut self, flow: &mut Flow, request: &[u8]) -> Result<Reply, Reject> {
        let introduced = matches!(flow.phase, Phase::Introduced | Phase::Authenticating);
        require!(HALO_INV_018, introduced, StateOrder, "authentication before an introduction")?;
        let tree = message::read("dxos.halo.invitations.AuthenticationRequest", request)?;
        flow.phase = Phase::Authenticating;
        self.state = State::Authenticating;
        let status = match self.invitation.method() {
            auth_method::NONE => alter!(HALO_INV_026, status::OK,
                "who need not authenticate must not" => status::INTERNAL_ERROR),
            auth_method::SHARED_SECRET => self.judge_code(tree.text(1)),
            auth_method::KNOWN_PUBLIC_KEY => self.judge_signature(flow, tree.bytes(2))?,
            _ => status::INTERNAL_ERROR,
        };
        let passed = status == status::OK;
        flow.passed = alter!(HALO_INV_028, passed, "a wrong code changes nothing" => flow.passed || passed);
        let closes = !matches!(status, status::OK | status::INVALID_OTP);
        Ok(Reply { response: authenticated(status), closes })
    }

    fn judge_code(&mut self, code: Option<&str>) -> i64 {
        let Some(right) = &self.invitation.auth_code else {
            return alter!(HALO_INV_025, status::INTERNAL_ERROR,
                "where there is no code, every code is right" => status::OK);
        };
        // All bytes are looked at (HALO-INV-042).
        let same = code.is_some_and(|code| {
            let differ = code.bytes().zip(right.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
            alter!(HALO_INV_020, code.len() == right.len() && differ == 0,
                "a code is compared as far as it goes" => differ == 0)
        });
        let same = alter!(HALO_INV_020, same, "an absent code is not compared" => same || code.is_none());
        if same {
            return status::OK;
        }
        self.wrong_codes += 1;
        let most = alter!(HALO_INV_021, MAX_CODES, "four codes may be tried" => MAX_CODES + 1);
        if self.wrong_codes < most {
            return status::INVALID_OTP;
        }
        alter!(HALO_INV_021, self.state = State::Error, "the invitation goes on after the last code" => ());
        status::INVALID_OPT_ATTEMPTS
    }

    fn judge_signature(&self, flow: &mut Flow, signature: Option<&[u8]>) -> Result<i64, Reject> {
        let Some(pair) = &self.invitation.guest_keypair else {
            return Ok(alter!(HALO_INV_025, status::INTERNAL_ERROR,
                "where there is no key, every signature is right" => status::OK));
        };
        let challenge =
            alter!(HALO_INV_024, flow.challenge.take(), "a challenge is good for ever" => flow.challenge);
        let signature = signature.unwrap_or_default();
        alter!(HALO_INV_023, (), "a signature of another length is an error" => if signature.len() != 64 {
            return Err(Reject::new(crate::requirement::HALO_INV_023, crate::Class::AuthSignature, "length"));
        });
        let verified = challenge.is_some_and(|challenge| {
            // A key of 32 bytes is one of Ed25519.
            alter!(HALO_INV_022, keys::verify(&pair.public_key, &challenge, signature).is_ok(),
                "a signature is not verified" => signature.len() == 64)
        });
        Ok(if verified { status::OK } else { status::INVALID_SIGNATURE })
    }

    fn admit(&mut self, flow: &Flow, request: &[u8]) -> Result<Reply, Reject> {
        let introduced = matches!(flow.phase, Phase::Introduced | Phase::Authenticating);
        require!(HALO_INV_019, introduced, StateOrder, "admission before an introduction")?;
        let free = self.invitation.method() == auth_method::NONE;
        require!(HALO_INV_027, free || flow.passed, AuthRole, "the guest has not shown that it is invited")?;
        let asked = asked(request, self.invitation.is_to_space())?;
        if let (Place::Space { members, .. }, Some(identity)) = (&self.place, &asked.identity) {
            let is_member = members.iter().any(|(member, role)| {
                member == identity
                    && alter!(HALO_INV_030, *role != Role::REMOVED.0,
                        "a removed member cannot come back" => true)
            });
            require!(HALO_INV_030, !is_member, StateDuplicate, "the guest is a member already")?;
        }
        let admission =
            admit(&self.invitation, &self.signer, &self.place, &asked, flow.profile.as_deref(), self.now)?;
        let response = admission.write();
        if let (Place::Space { members, .. }, Some(identity)) = (&mut self.place, asked.identity) {
            members.retain(|(member, _)| *member != identity);
            members.push((identity, self.invitation.role.unwrap_or(Role::ADMIN.0)));
        }
        self.admission = Some(response.clone());
        self.state = State::Success;
        let closes = alter!(HALO_INV_069, true,
            "the connection stays after an admission" => !self.invitation.multi_use.unwrap_or(false));
        Ok(Reply { response, closes })
    }

    /// Closes the connection that is dealt with, and turns to the next.
    fn drop_flow(&mut self, connection: u64) {
        self.flow = None;
        self.links.close(connection);
        if self.state != State::Success {
            self.state = alter!(HALO_INV_037, State::Connecting, "it stays in its state" => self.state);
        }
        self.advance();
    }

    /// Deals with the connection that has waited longest.
    fn advance(&mut self) {
        while self.flow.is_none()
            && let Some(Waiting { connection, options }) = self.links.next()
        {
            let deadline = self.now.saturating_add(alter!(HALO_INV_012, OPTIONS_TIMEOUT,
                "options are waited for as long as all else" => self.invitation.patience()));
            let phase = Phase::Options;
            let mut flow =
                Flow { connection, phase, challenge: None, passed: false, profile: None, deadline };
            self.state = State::Connecting;
            let role = alter!(HALO_INV_010, HOST, "the host says that it is a guest" => GUEST);
            self.links.send(connection, Method::Options, Content::Request(message::options(role)));
            let is_guest = options.is_none_or(|options| self.options(&mut flow, &options));
            if is_guest {
                self.flow = Some(flow);
            } else {
                self.links.close(connection);
            }
        }
    }

    /// Ends the invitation (HALO-INV-040).
    fn end(&mut self, state: State) {
        self.state = state;
        self.links.close_all(self.flow.take().map(|flow| flow.connection));
    }
}
