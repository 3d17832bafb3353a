//! What plausible mistakes of a messenger need.

use dxos_proto::dxos::mesh::messaging::ReliablePayload;
use dxos_proto::dxos::mesh::signal::Message;
use dxos_proto::prost::Message as _;
use sha2::{Digest as _, Sha256};

/// A value without the zero bytes at its end.
pub(super) fn trimmed(value: &[u8]) -> Vec<u8> {
    let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    value.iter().take(end).copied().collect()
}

/// The same payload with another id.
pub(super) fn with_another_id(mut message: Message) -> Message {
    if let Some(payload) = &mut message.payload
        && let Ok(mut wanted) = ReliablePayload::decode(payload.value.as_slice())
    {
        if let Some(id) = &mut wanted.message_id {
            id.data.reverse();
        }
        payload.value = wanted.encode_to_vec();
    }
    message
}

/// One id for several values.
pub(super) fn digest(values: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    values.iter().for_each(|value| hash.update(value));
    hash.finalize().into()
}
