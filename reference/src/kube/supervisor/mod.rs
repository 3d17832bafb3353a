//! The supervisor: who may do what on a KUBE, its configuration and the state of its services.
//!
//! ```text
//!  socket ── InitAuthSequence ──► nonce
//!         ── Authenticate ──────► credential (first time) or token
//!         ── Status, GetConfig, SetConfig, each if the token allows it
//! ```
//!
//! One [`Supervisor`] serves all sockets, whatever they speak: a [`SupervisorSocket`] reads dxRPC, a gRPC server calls
//! the methods.  It has no clock, randomness or store: times and random bytes are passed in, and what is to be stored
//! comes out of [`Supervisor::poll`].

mod authenticate;
mod configure;
mod refusal;
mod socket;

use std::collections::{BTreeMap, BTreeSet};

use dxos_proto::dxos::config::Config;
use dxos_proto::dxos::service::supervisor::{Service, Services};

pub use authenticate::Authenticated;
pub use configure::{Effect, Ticket};
pub use refusal::code;
pub use socket::{Output, SupervisorSocket};

use self::configure::Changes;
use super::access::Nonce;
use super::capability::{self, Capabilities};
use super::token::{self, Claims};
use crate::Reject;
use crate::keys::SigningKey;

/// What a supervisor begins with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The KUBE's own key, of P-256; kept for as long as the KUBE is the same.
    pub key: SigningKey,
    /// The identities that the operator allows, by their keys, and what each may do.
    pub allowed: Vec<(Vec<u8>, Capabilities)>,
    /// Whether the state of the services is for everybody (KUBE-AUTH-063).
    pub public_status: bool,
    /// Seconds for which a token is valid.
    pub token_lifetime: u64,
    /// The configuration.
    pub document: Config,
    /// The ids of the tokens that were revoked.
    pub revoked: BTreeSet<String>,
    /// Presentations refused on a socket until no more are looked at (KUBE-AUTH-037).
    pub attempts: u32,
}

impl Settings {
    /// Those of a KUBE that knows nobody yet: tokens for a day, 16 attempts, an empty configuration.
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            allowed: Vec::new(),
            public_status: false,
            token_lifetime: 86_400,
            document: Config::default(),
            revoked: BTreeSet::new(),
            attempts: 16,
        }
    }
}

/// One socket, or one connection of gRPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

/// What is known of a socket.
#[derive(Debug, Default)]
struct Socket {
    nonce: Option<Nonce>,
    claims: Option<Claims>,
    refused: u32,
}

/// How often what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Nonces given.
    pub challenges: u64,
    /// Credentials given.
    pub credentials: u64,
    /// Tokens given.
    pub tokens: u64,
    /// Presentations and tokens refused, and calls without the right to them.
    pub refusals: u64,
    /// Changes of the configuration that were stored.
    pub changes: u64,
}

/// What a KUBE knows of its operators, its configuration and its services.
#[derive(Debug)]
pub struct Supervisor {
    key: SigningKey,
    kube_key: Vec<u8>,
    allowed: BTreeMap<Vec<u8>, Capabilities>,
    public_status: bool,
    token_lifetime: u64,
    attempts: u32,
    revoked: BTreeSet<String>,
    changes: Changes,
    services: BTreeMap<String, Service>,
    sockets: BTreeMap<SocketId, Socket>,
    next: u64,
    counters: Counters,
}

impl Supervisor {
    /// A supervisor without sockets.
    pub fn new(settings: Settings) -> Self {
        Self {
            kube_key: settings.key.public_key(),
            key: settings.key,
            allowed: settings.allowed.into_iter().collect(),
            public_status: settings.public_status,
            token_lifetime: settings.token_lifetime,
            attempts: settings.attempts,
            revoked: settings.revoked,
            changes: Changes::new(settings.document),
            services: BTreeMap::new(),
            sockets: BTreeMap::new(),
            next: 0,
            counters: Counters::default(),
        }
    }

    /// The KUBE's public key, 65 bytes.
    pub fn kube_key(&self) -> &[u8] {
        &self.kube_key
    }

    /// Allows an identity, or gives it other capabilities.
    pub fn allow(&mut self, identity: Vec<u8>, capabilities: Capabilities) {
        self.allowed.insert(identity, capabilities);
    }

    /// Allows an identity no longer; tokens that it has stay valid until they are revoked or expire.
    pub fn disallow(&mut self, identity: &[u8]) {
        self.allowed.remove(identity);
    }

    /// Whether the state of the services is for everybody (KUBE-AUTH-063).
    pub const fn publish_status(&mut self, public: bool) {
        self.public_status = public;
    }

    /// Revokes the token with an id (KUBE-AUTH-049).
    pub fn revoke(&mut self, id: String) {
        self.revoked.insert(id);
    }

    /// What a token says, if it is valid here at a time in Unix milliseconds.
    ///
    /// # Errors
    /// As [`token::verify`].
    pub fn verify_token(&self, token: &str, now: u64) -> Result<Claims, Reject> {
        token::verify(token, &self.kube_key, now, |id| self.revoked.contains(id))
    }

    /// A token for a program of this machine, or for whoever the operator hands it to.  `id` is random.
    ///
    /// # Errors
    /// As [`token::issue`].
    pub fn mint(
        &self,
        identity: &[u8],
        capabilities: Capabilities,
        seconds: u64,
        id: &[u8; 16],
        now: u64,
    ) -> Result<String, Reject> {
        let claims = Claims {
            identity: identity.to_vec(),
            capabilities,
            issued: now / 1000,
            expires: (now / 1000).saturating_add(seconds),
            id: data_encoding::HEXLOWER.encode(id),
        };
        token::issue(&self.key, &claims)
    }

    /// A seed: a token that lets whoever authenticates first on a socket opened with it become an operator
    /// (KUBE-AUTH-034).
    ///
    /// # Errors
    /// As [`token::issue`].
    pub fn seed(&self, seconds: u64, id: &[u8; 16], now: u64) -> Result<String, Reject> {
        self.mint(&[], Capabilities::new([capability::CLAIM]), seconds, id, now)
    }

    /// Begins a socket; `claims` are those of the token that it was opened with.
    pub fn open(&mut self, claims: Option<Claims>) -> SocketId {
        let id = SocketId(self.next);
        self.next += 1;
        self.sockets.insert(id, Socket { claims, ..Socket::default() });
        id
    }

    /// Takes a token on a socket that is open already, as gRPC brings one with each request.
    ///
    /// # Errors
    /// As [`Self::verify_token`].
    pub fn bear(&mut self, socket: SocketId, token: &str, now: u64) -> Result<(), Reject> {
        let claims = self.verify_token(token, now).inspect_err(|_| self.counters.refusals += 1)?;
        self.sockets.entry(socket).or_default().claims = Some(claims);
        Ok(())
    }

    /// Forgets a socket.
    pub fn closed(&mut self, socket: SocketId) {
        self.sockets.remove(&socket);
    }

    /// Sets the state of one service; it takes the place of the one with its name.
    pub fn report(&mut self, service: Service) {
        self.services.insert(service.name.clone(), service);
    }

    /// Forgets a service.
    pub fn withdraw(&mut self, name: &str) {
        self.services.remove(name);
    }

    /// `Status` (KUBE-SUP-004): the services by their names.
    ///
    /// # Errors
    /// `auth.*` without the right to it.
    pub fn status(&mut self, socket: SocketId, now: u64) -> Result<Services, Reject> {
        let public = alter!(KUBE_AUTH_063, self.public_status,
            "the state of the services is for everybody" => true,
            "the state of the services is for nobody without a token" => false);
        if !public {
            self.entitled(socket, capability::STATUS, now)?;
        }
        let services: Vec<Service> = self.services.values().cloned().collect();
        let services = alter!(KUBE_SUP_004, services,
            "a service is listed twice" => services.iter().chain(&services).cloned().collect(),
            "services are listed without their types" =>
                services.into_iter().map(|service| Service { r#type: None, ..service }).collect());
        Ok(Services { services })
    }

    /// How often what was done.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether a socket may do what a path names (KUBE-AUTH-062).
    fn entitled(&mut self, socket: SocketId, path: &str, now: u64) -> Result<(), Reject> {
        self.right_to(socket, path, now).inspect_err(|_| self.counters.refusals += 1)
    }

    fn right_to(&self, socket: SocketId, path: &str, now: u64) -> Result<(), Reject> {
        let claims = self.sockets.get(&socket).and_then(|socket| socket.claims.as_ref());
        let Some(claims) = claims else {
            return refuse!(KUBE_AUTH_062, AuthRole, "there is no token");
        };
        let valid = alter!(KUBE_AUTH_051, now / 1000 < claims.expires && !self.revoked.contains(&claims.id),
            "a token counts for as long as the socket is open" => true);
        require!(KUBE_AUTH_051, valid, AuthExpired, "the token of the socket is no longer valid")?;
        require!(KUBE_AUTH_062, claims.capabilities.allow(path), AuthRole, "the token does not allow it")
    }
}
