//! From a challenge to a token.

use dxos_proto::dxos::halo::credentials::Credential;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::dxos::service::supervisor::{AuthenticateResponse, InitAuthSequenceResponse};
use dxos_proto::prost::Message as _;

use super::{SocketId, Supervisor};
use crate::halo::Presentation;
use crate::kube::access::{self, NONCE, Nonce, Presented};
use crate::kube::capability::{self, Capabilities};
use crate::kube::supervisor::Effect;
use crate::schema::SCHEMA;
use crate::wire::{self, Writer};
use crate::{Class, Reject, requirement as req};

/// What somebody who was recognised gets: one of the two (KUBE-AUTH-032).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticated {
    /// A token.
    Token(String),
    /// A KubeAccess credential, encoded, to be presented the next time.
    Credential(Vec<u8>),
}

impl Authenticated {
    /// The encoded `AuthenticateResponse`, with the credential byte for byte.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        match self {
            Self::Token(token) => writer.bytes(1, token.as_bytes()),
            Self::Credential(credential) => {
                alter!(KUBE_AUTH_032, (), "a credential comes with an empty token" => { writer.bytes(1, b""); });
                writer.bytes(2, credential)
            }
        };
        writer.finish()
    }

    /// The typed answer, of which the canonical payload is the same.
    pub fn response(&self) -> AuthenticateResponse {
        match self {
            Self::Token(token) => AuthenticateResponse { token: Some(token.clone()), credential: None },
            Self::Credential(bytes) => {
                AuthenticateResponse { token: None, credential: Credential::decode(bytes.as_slice()).ok() }
            }
        }
    }
}

impl Supervisor {
    /// `InitAuthSequence`: takes 32 random bytes for the nonce (KUBE-AUTH-001).
    pub fn init_auth_sequence(
        &mut self,
        socket: SocketId,
        random: &[u8; NONCE],
        now: u64,
    ) -> InitAuthSequenceResponse {
        self.counters.challenges += 1;
        let known = self.sockets.entry(socket).or_default();
        let nonce = alter!(KUBE_AUTH_002, Nonce { bytes: *random, given: now },
            "a socket has one nonce for ever" =>
                known.nonce.clone().unwrap_or(Nonce { bytes: *random, given: now }),
            "nonces are not random" => Nonce { bytes: [7; NONCE], given: now });
        known.nonce = Some(nonce.clone());
        let bytes = alter!(KUBE_AUTH_001, nonce.bytes.to_vec(), "a nonce has 16 bytes" => {
            known.nonce = Some(Nonce { bytes: first_half(&nonce.bytes), given: now });
            nonce.bytes.get(..16).unwrap_or_default().to_vec()
        });
        alter!(KUBE_AUTH_003, (),
        "a nonce is good on every socket" => for other in self.sockets.values_mut() {
            other.nonce = Some(nonce.clone());
        });
        let key = PublicKey { data: self.kube_key.clone() };
        InitAuthSequenceResponse { nonce: bytes, kube_key: Some(key) }
    }

    /// `Authenticate`, with the encoded request; `random` is for the id of a token.
    ///
    /// # Errors
    /// `auth.*` for a presentation that is refused, the reader's classes for one that does not decode, and
    /// `resource.count` after too many of either.
    pub fn authenticate(
        &mut self,
        socket: SocketId,
        request: &[u8],
        random: &[u8; 16],
        now: u64,
    ) -> Result<Authenticated, Reject> {
        let attempts = self.attempts;
        let known = self.sockets.entry(socket).or_default();
        require!(KUBE_AUTH_037, known.refused < attempts, ResourceCount, "too many refused presentations")?;
        let answer = self.answer(socket, request, random, now);
        match &answer {
            Ok(Authenticated::Token(_)) => self.counters.tokens += 1,
            Ok(Authenticated::Credential(_)) => self.counters.credentials += 1,
            Err(_) => {
                self.counters.refusals += 1;
                self.sockets.entry(socket).or_default().refused += 1;
            }
        }
        answer
    }

    fn answer(
        &mut self,
        socket: SocketId,
        request: &[u8],
        random: &[u8; 16],
        now: u64,
    ) -> Result<Authenticated, Reject> {
        let presented = self.presented(socket, request, now)?;
        let granted = self.granted(socket, &presented.identity, now)?;
        let Some(access) = &presented.access else {
            let credential = alter!(KUBE_AUTH_030,
                access::issue(&self.key, &presented.identity, &granted, now)?,
                "the credential is about the device" =>
                    access::issue(&self.key, &presented.device, &granted, now)?,
                "the credential allows everything" =>
                    access::issue(&self.key, &presented.identity, &Capabilities::everything(), now)?);
            return Ok(Authenticated::Credential(credential));
        };
        let both = alter!(KUBE_AUTH_033, access.and(&granted),
            "a token allows all that the credential does" => access.clone(),
            "a token allows all that the operator does" => granted.clone());
        let identity = presented.identity.as_slice();
        let token = self.mint(identity, both, self.token_lifetime, random, now)?;
        alter!(KUBE_AUTH_035, self.bear(socket, &token, now)?,
            "only a socket opened with a token has one" => ());
        Ok(Authenticated::Token(token))
    }

    /// Who presents, in answer to the nonce of the socket, which is then used up.
    fn presented(&mut self, socket: SocketId, request: &[u8], now: u64) -> Result<Presented, Reject> {
        let known = self.sockets.entry(socket).or_default();
        let nonce = alter!(KUBE_AUTH_004, known.nonce.take(),
            "a nonce can be answered again and again" => known.nonce.clone());
        let fresh = nonce.as_ref().is_none_or(|nonce| nonce.is_fresh(now));
        require!(KUBE_AUTH_006, nonce.is_some(), AuthReplay, "there is no nonce to answer")?;
        require!(KUBE_AUTH_005, fresh, AuthExpired, "the nonce has expired")?;
        let nonce = nonce.map(|nonce| nonce.bytes).unwrap_or_default();
        let ty = SCHEMA.find("dxos.service.supervisor.Authentication").ok_or_else(unreadable)?;
        let tree = wire::read(ty, request)?;
        let presentation = tree.message(1).ok_or_else(unreadable)?;
        let nonce: &[u8] = alter!(KUBE_AUTH_001, &nonce,
            "a nonce has 16 bytes" => nonce.get(..16).unwrap_or_default());
        access::verify(&Presentation::new(presentation), nonce, &self.kube_key, now)
    }

    /// What the operator grants an identity; a seed makes one an operator (KUBE-AUTH-034).
    fn granted(&mut self, socket: SocketId, identity: &[u8], now: u64) -> Result<Capabilities, Reject> {
        if let Some(granted) = self.allowed.get(identity) {
            return Ok(granted.clone());
        }
        let seed = self.sockets.get(&socket).and_then(|known| known.claims.clone());
        if let Some(seed) = seed.filter(|seed| seed.capabilities.allow(capability::CLAIM)) {
            let unused = alter!(KUBE_AUTH_034, now / 1000 < seed.expires && !self.revoked.contains(&seed.id),
                "a seed makes everybody an operator" => true);
            require!(KUBE_AUTH_034, unused, AuthRevoked, "the seed has been used")?;
            let everything = Capabilities::everything();
            self.allowed.insert(identity.to_vec(), everything.clone());
            self.revoked.insert(seed.id.clone());
            let (identity, capabilities) = (identity.to_vec(), everything.clone());
            self.changes.push(Effect::Revoked { id: seed.id, expires: seed.expires });
            self.changes.push(Effect::Allowed { identity, capabilities });
            return Ok(everything);
        }
        refuse!(KUBE_AUTH_031, AuthRole, "the operator has not allowed this identity")?;
        Ok(Capabilities::everything())
    }
}

const fn unreadable() -> Reject {
    Reject::new(req::KUBE_AUTH_010, Class::DecodeMissing, "there is no presentation")
}

#[cfg(feature = "mutants")]
fn first_half(bytes: &[u8; NONCE]) -> [u8; NONCE] {
    let mut half = [0; NONCE];
    for (to, from) in half.iter_mut().zip(bytes).take(16) {
        *to = *from;
    }
    half
}
