//! Messages between servers, of `dxos.mesh.signal`.

use dxos_proto::dxos::mesh::signal::swarm_event::{self, PeerAvailable, PeerLeft};
use dxos_proto::dxos::mesh::signal::{HostEvent, SwarmEvent, host_event};
use dxos_proto::prost::Message as _;
use dxos_proto::prost::encoding::{decode_varint, encode_varint};
use dxos_proto::prost_types::Timestamp;

use super::subject::{HOST_BYTES, Host};
use crate::Reject;
use crate::kube::signal::Addressed;

/// Bytes of where answers are asked for: a host id, and the number of the question.
pub const BACK_BYTES: usize = HOST_BYTES + 8;

/// The most bytes of a topic and of a peer key.
pub const MAX_KEY: usize = 128;

/// What a server says of one of its peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It is there.
    Available {
        /// Its key.
        peer: Vec<u8>,
        /// Unix milliseconds.
        since: u64,
        /// Unix milliseconds.
        until: Option<u64>,
        /// Where those there already are to be announced.
        back: Option<Vec<u8>>,
    },
    /// It is there no longer.
    Left {
        /// Its key.
        peer: Vec<u8>,
    },
}

impl Event {
    pub(super) fn swarm(payload: &[u8]) -> Result<Self, Reject> {
        let event = SwarmEvent::decode(payload).ok().and_then(|event| event.event);
        require!(KUBE_FED_007, event.is_some(), DecodeWireType, "a swarm event does not decode")?;
        match event {
            Some(swarm_event::Event::PeerAvailable(available)) => Self::available(available),
            Some(swarm_event::Event::PeerLeft(left)) => {
                check_key(&left.peer)?;
                Ok(Self::Left { peer: left.peer })
            }
            None => Ok(Self::Left { peer: Vec::new() }),
        }
    }

    /// The answer of another server, and its topic.
    pub(super) fn answer(payload: &[u8]) -> Result<(Vec<u8>, Self), Reject> {
        let event = HostEvent::decode(payload).ok().and_then(|event| event.event);
        let host_event::Event::AnnounceBack(answer) =
            event.unwrap_or_else(|| host_event::Event::AnnounceBack(host_event::AnnounceBack::default()));
        let available = answer.peer_available;
        require!(KUBE_FED_007, available.is_some(), DecodeWireType, "an answer does not decode")?;
        let mut available = available.unwrap_or_default();
        // An answer is no question.
        available.announce_back_to_host = None;
        Ok((answer.swarm, Self::available(available)?))
    }

    /// The message for a peer, byte for byte.
    pub(super) fn message<'a>(payload: &'a [u8], peer: &[u8]) -> Result<&'a [u8], Reject> {
        let message = only_field(payload);
        require!(KUBE_FED_007, message.is_some(), DecodeWireType, "a peer event does not decode")?;
        let message = message.unwrap_or_default();
        let recipient = Addressed::read(message)?.recipient;
        require!(KUBE_FED_034, recipient == peer, SchemaConstraint, "the message is for another peer")?;
        Ok(message)
    }

    fn available(available: PeerAvailable) -> Result<Self, Reject> {
        let PeerAvailable { peer, since, until, announce_back_to_host } = available;
        check_key(&peer)?;
        let since = since.map(milliseconds).unwrap_or_default();
        let back = announce_back_to_host.filter(|back| !back.is_empty());
        Ok(Self::Available { peer, since, until: until.map(milliseconds), back })
    }
}

fn check_key(peer: &[u8]) -> Result<(), Reject> {
    require!(KUBE_FED_008, !peer.is_empty(), SchemaConstraint, "the key of an announced peer is empty")?;
    require!(
        KUBE_FED_008,
        peer.len() <= MAX_KEY,
        SchemaConstraint,
        "the key of an announced peer is too long"
    )
}

/// The field 1 of a message that has nothing else.
fn only_field(payload: &[u8]) -> Option<&[u8]> {
    let mut rest = payload.strip_prefix(&[0x0a])?;
    let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
    (rest.len() == length).then_some(rest)
}

pub(super) fn peer_event(message: &[u8]) -> Vec<u8> {
    let mut payload = vec![0x0a];
    encode_varint(message.len() as u64, &mut payload);
    payload.extend_from_slice(message);
    payload
}

pub(super) fn available(peer: &[u8], since: u64, until: u64, back: Option<&[u8]>) -> Vec<u8> {
    let event = swarm_event::Event::PeerAvailable(peer_available(peer, since, until, back));
    SwarmEvent { event: Some(event) }.encode_to_vec()
}

pub(super) fn left(peer: &[u8]) -> Vec<u8> {
    let event = swarm_event::Event::PeerLeft(PeerLeft { peer: peer.to_vec() });
    SwarmEvent { event: Some(event) }.encode_to_vec()
}

pub(super) fn announce_back(topic: &[u8], peer: &[u8], since: u64, until: u64) -> Vec<u8> {
    let peer_available = Some(peer_available(peer, since, until, None));
    let answer = host_event::AnnounceBack { swarm: topic.to_vec(), peer_available };
    HostEvent { event: Some(host_event::Event::AnnounceBack(answer)) }.encode_to_vec()
}

fn peer_available(peer: &[u8], since: u64, until: u64, back: Option<&[u8]>) -> PeerAvailable {
    PeerAvailable {
        peer: peer.to_vec(),
        since: Some(timestamp(since)),
        until: Some(timestamp(until)),
        announce_back_to_host: back.map(<[u8]>::to_vec),
    }
}

/// Where answers to a question go.
pub(super) fn back(host: Host, round: u64) -> Vec<u8> {
    [&host[..], &round.to_be_bytes()].concat()
}

pub(super) fn read_back(back: &[u8]) -> Result<(Host, u64), Reject> {
    let parts = back.split_first_chunk::<HOST_BYTES>();
    let read = parts.and_then(|(host, round)| Some((*host, u64::from_be_bytes(round.try_into().ok()?))));
    require!(KUBE_FED_007, read.is_some(), SchemaConstraint, "where to answer is of another length")?;
    Ok(read.unwrap_or_else(|| {
        let mut host = [0; HOST_BYTES];
        host.iter_mut().zip(back).for_each(|(to, from)| *to = *from);
        (host, 0)
    }))
}

fn timestamp(milliseconds: u64) -> Timestamp {
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX);
    let nanos = i32::try_from(milliseconds % 1000 * 1_000_000).unwrap_or_default();
    Timestamp { seconds, nanos }
}

/// Times before 1970 are 1970.
fn milliseconds(timestamp: Timestamp) -> u64 {
    let seconds = u64::try_from(timestamp.seconds).unwrap_or_default();
    let nanos = u64::try_from(timestamp.nanos).unwrap_or_default();
    seconds.saturating_mul(1000).saturating_add(nanos / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let back = back([5; 16], 9);
        assert_eq!(read_back(&back), Ok(([5; 16], 9)));
        assert!(read_back(&back[1..]).is_err());
        let event =
            Event::Available { peer: vec![4], since: 1_001, until: Some(2_002), back: Some(back.clone()) };
        assert_eq!(Event::swarm(&available(&[4], 1_001, 2_002, Some(&back))), Ok(event));
        assert_eq!(Event::swarm(&left(&[4])), Ok(Event::Left { peer: vec![4] }));
        let event = Event::Available { peer: vec![4], since: 1, until: Some(2), back: None };
        assert_eq!(Event::answer(&announce_back(&[6], &[4], 1, 2)), Ok((vec![6], event)));
        let message = [10, 1, 1, 18, 1, 2, 0x7a, 0];
        assert_eq!(Event::message(&peer_event(&message), &[2]), Ok(&message[..]));
        assert!(Event::message(&peer_event(&message), &[1]).is_err());
    }

    #[test]
    fn what_does_not_decode_is_refused() {
        assert!(Event::swarm(&[]).is_err());
        assert!(Event::swarm(&[0x0a]).is_err());
        assert!(Event::swarm(&left(&[])).is_err());
        assert!(Event::swarm(&left(&[1; 129])).is_err());
        assert!(Event::answer(&[]).is_err());
        assert!(Event::message(&[], &[2]).is_err());
        assert!(Event::message(&[0x0a, 9, 1], &[2]).is_err());
    }
}
