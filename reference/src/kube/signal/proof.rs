//! Proof of a peer's key: a signature over a challenge of the server, for whoever asks for it.

use std::collections::HashSet;
use std::sync::Arc;

use dxos_proto::prost_types::value::Kind;
use dxos_proto::prost_types::{Struct, Value};
use sha2::{Digest as _, Sha256};

use super::Refusal;
use super::board::SocketId;
use crate::keys;

/// The member of a Join's metadata with the signature, in lower-case hex.
pub const PROOF: &str = "proof";

/// What a peer signs to prove its key (KUBE-SIG-040): the text `dxos.mesh.signal.proof`, then the challenge.
pub fn proof_payload(challenge: &[u8; 32]) -> Vec<u8> {
    [b"dxos.mesh.signal.proof".as_slice(), challenge].concat()
}

/// Makes challenges, one for each socket, from a secret of the server.
#[derive(Clone, Debug)]
pub(super) struct Challenger {
    secret: [u8; 32],
}

impl Challenger {
    pub(super) const fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// The challenge of a socket: nobody can know it before the server has told it, and no other socket has it.
    pub(super) fn challenge(&self, socket: SocketId) -> [u8; 32] {
        let number = alter!(KUBE_SIG_041, socket.number(), "all sockets have one challenge" => 0);
        Sha256::new().chain_update(self.secret).chain_update(number.to_be_bytes()).finalize().into()
    }

    /// Takes the proof of a Join, if there is one, and says whether the peer's key is proved on the socket.
    ///
    /// # Errors
    /// [`Refusal::Unproved`], with the challenge.
    pub(super) fn admit(
        &self,
        socket: SocketId,
        proved: &mut HashSet<Arc<[u8]>>,
        peer: &[u8],
        metadata: Option<&Struct>,
    ) -> Result<(), Refusal> {
        if proved.contains(peer) {
            return Ok(());
        }
        let challenge = self.challenge(socket);
        let verified = signature(metadata)
            .is_some_and(|signature| keys::verify(peer, &proof_payload(&challenge), &signature).is_ok());
        let verified = alter!(KUBE_SIG_040, verified,
            "a signature is not looked at" => signature(metadata).is_some());
        let admitted = require!(KUBE_SIG_039, verified, AuthSignature, "the peer key is not proved");
        admitted.map_err(|_| Refusal::Unproved { challenge })?;
        proved.insert(peer.into());
        Ok(())
    }
}

impl Challenger {
    /// Whether a peer's key was proved on the socket before (KUBE-SIG-042): only a Join has room for a proof.
    ///
    /// # Errors
    /// [`Refusal::Unproved`], with the challenge.
    pub(super) fn proved(
        &self,
        socket: SocketId,
        proved: &HashSet<Arc<[u8]>>,
        peer: &[u8],
    ) -> Result<(), Refusal> {
        let admitted = require!(
            KUBE_SIG_042,
            proved.contains(peer),
            AuthSignature,
            "the peer key was not proved on this socket"
        );
        admitted.map_err(|_| Refusal::Unproved { challenge: self.challenge(socket) })
    }
}

fn signature(metadata: Option<&Struct>) -> Option<Vec<u8>> {
    let Some(Value { kind: Some(Kind::StringValue(text)) }) = metadata?.fields.get(PROOF) else {
        return None;
    };
    (text.len() == 128).then(|| keys::from_hex(text).ok()).flatten()
}
