//! The messages by which two peers agree, as a swarm uses them.

use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::dxos::mesh::swarm::{self as wire, message_data::Payload};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Struct;

/// The type of the payload that a messenger carries; MESH-SWARM-040.
pub const TYPE: &str = "dxos.mesh.swarm.SwarmMessage";

/// A topic, session or message: 32 bytes.
pub type Id = [u8; 32];

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The author wants to connect.
    Offer,
    /// Whether it may.
    Answer {
        /// Whether the author opens its end of a transport.
        accept: bool,
        /// The message that is answered.
        offer: Id,
    },
    /// Something for the transport of the session.
    Signals(Vec<Struct>),
}

/// A message from one peer of a swarm to another.
#[derive(Clone, Debug, PartialEq)]
pub struct SwarmMessage {
    /// The swarm.
    pub topic: Id,
    /// The connection, named by the peer that offers it.
    pub session: Id,
    /// This message.
    pub id: Id,
    /// What it says.
    pub body: Body,
}

impl SwarmMessage {
    /// The encoding, for a messenger to carry as [`TYPE`].
    pub fn encode(&self) -> Vec<u8> {
        let payload = match &self.body {
            Body::Offer => Payload::Offer(wire::Offer {}),
            Body::Answer { accept, offer } => {
                Payload::Answer(wire::Answer { accept: *accept, offer_message_id: key(offer) })
            }
            Body::Signals(signals) => {
                let signals = signals.iter().map(|signal| wire::Signal { payload: Some(signal.clone()) });
                Payload::SignalBatch(wire::SignalBatch { signals: signals.collect() })
            }
        };
        let data = Some(wire::MessageData { payload: Some(payload) });
        let (topic, session_id, message_id) = (key(&self.topic), key(&self.session), key(&self.id));
        wire::SwarmMessage { topic, session_id, data, message_id }.encode_to_vec()
    }

    /// Reads a message.  None where it does not decode, says nothing, or lacks an id of 32 bytes that it must have
    /// (MESH-SWARM-013).
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let message = wire::SwarmMessage::decode(bytes).ok()?;
        let body = match message.data?.payload? {
            Payload::Offer(_) => Body::Offer,
            Payload::Answer(answer) => {
                Body::Answer { accept: answer.accept, offer: given(answer.offer_message_id)? }
            }
            Payload::Signal(signal) => Body::Signals(alter!(MESH_SWARM_022,
                vec![signal.payload.unwrap_or_default()], "a signal outside of a batch is dropped" => Vec::new())),
            Payload::SignalBatch(batch) => Body::Signals(
                batch.signals.into_iter().map(|signal| signal.payload.unwrap_or_default()).collect(),
            ),
        };
        let (topic, session, id) =
            (given(message.topic)?, given(message.session_id)?, given(message.message_id)?);
        Some(Self { topic, session, id, body })
    }
}

fn key(id: &Id) -> Option<PublicKey> {
    Some(PublicKey { data: id.to_vec() })
}

fn given(key: Option<PublicKey>) -> Option<Id> {
    let data = key.unwrap_or_default().data;
    let id = Id::try_from(data.as_slice());
    require!(MESH_SWARM_013, id.is_ok(), DecodeLength, "an id is not of 32 bytes").ok()?;
    Some(id.unwrap_or_default())
}
