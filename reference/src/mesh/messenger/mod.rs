//! Reliable messages over a signalling server that promises nothing.
//!
//! A payload is sent again until it is acknowledged, and handled once however often it comes.  The caller moves the
//! messages, tells the time in milliseconds and passes in random ids:
//!
//! ```text
//! listen(type)   send(recipient, payload, id, now)   receive(message, now)   tick(now)
//!                                  ↓
//!                        poll()   deadline()
//! ```

#[cfg(feature = "mutants")]
mod mistakes;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::dxos::mesh::messaging::{Acknowledgement, ReliablePayload};
use dxos_proto::dxos::mesh::signal::Message;
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;

/// Type of a payload that asks for an acknowledgement; MESH-MSG-002.
pub const RELIABLE_PAYLOAD: &str = "dxos.mesh.messaging.ReliablePayload";
/// Type of an acknowledgement; MESH-MSG-002.
pub const ACKNOWLEDGEMENT: &str = "dxos.mesh.messaging.Acknowledgement";
/// Milliseconds from the first sending to the second; each later gap is twice the one before it; MESH-MSG-010.
pub const RETRY: u64 = 1_000;
/// Milliseconds from the first sending to giving up; MESH-MSG-011.
pub const TIMEOUT: u64 = 10_000;
/// Milliseconds for which an id is remembered at least; at most it is twice as long; MESH-MSG-008, MESH-MSG-009.
pub const REMEMBERED: u64 = 120_000;
/// Most payloads that wait for their acknowledgement; MESH-MSG-020.
pub const MAX_WAITING: usize = 4096;
/// Most ids that are remembered of each two minutes; MESH-MSG-020.
pub const MAX_REMEMBERED: usize = 1 << 16;

/// Id of a message: 32 random bytes.
pub type MessageId = [u8; 32];

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Give this to the signalling server.
    Send(Message),
    /// A payload has come for listeners; the same once for each of them.
    Received {
        /// Key of the peer that sent it.
        author: Vec<u8>,
        /// What it sent.
        payload: Any,
        /// The type that was listened for; none for all types.
        listener: Option<String>,
    },
    /// A payload has been acknowledged.
    Delivered(MessageId),
    /// A payload was not acknowledged in time (MESH-MSG-011).
    Failed(MessageId),
}

/// There are [`MAX_WAITING`] payloads already that wait for their acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many messages wait to be acknowledged")]
pub struct TooMany;

#[derive(Debug)]
struct Waiting {
    message: Message,
    sent: u64,
    again: u64,
    gap: u64,
}

/// Ids of the current two minutes and of those before.
#[derive(Debug)]
struct Seen {
    current: BTreeSet<MessageId>,
    before: BTreeSet<MessageId>,
    turn: u64,
}

impl Seen {
    fn turn(&mut self, now: u64) {
        if self.turn <= now {
            // Nothing of what stands here is younger than two minutes if a whole turn was missed.
            let missed = now - self.turn >= REMEMBERED;
            self.turn = now - (now - self.turn) % REMEMBERED + REMEMBERED;
            self.shift();
            if missed {
                alter!(MESH_MSG_009, self.before.clear(), "ids are never forgotten" => ());
            }
        }
    }

    fn shift(&mut self) {
        let before = std::mem::take(&mut self.current);
        alter!(MESH_MSG_009, self.before = before, "ids are never forgotten" => self.before.extend(before));
        alter!(MESH_MSG_008, (), "an id is forgotten at the next turn" => self.before.clear());
    }

    #[cfg(feature = "mutants")]
    fn has(&self, id: &MessageId) -> bool {
        self.before.contains(id) || self.current.contains(id)
    }

    /// Whether an id was not there.
    fn add(&mut self, id: MessageId) -> bool {
        if self.before.contains(&id) || !self.current.insert(id) {
            return false;
        }
        if self.current.len() >= MAX_REMEMBERED {
            self.shift();
        }
        true
    }
}

/// The messages of one peer.
#[derive(Debug)]
pub struct Messenger {
    peer: Vec<u8>,
    listeners: BTreeSet<Option<String>>,
    waiting: BTreeMap<MessageId, Waiting>,
    /// When there is something to do for each that waits.
    due: BTreeSet<(u64, MessageId)>,
    seen: Seen,
    output: VecDeque<Output>,
}

impl Messenger {
    /// A messenger for a peer, given by its key, from a time on.
    pub fn new(peer: Vec<u8>, now: u64) -> Self {
        let seen = Seen { current: BTreeSet::new(), before: BTreeSet::new(), turn: now + REMEMBERED };
        Self {
            peer,
            listeners: BTreeSet::new(),
            waiting: BTreeMap::new(),
            due: BTreeSet::new(),
            seen,
            output: VecDeque::new(),
        }
    }

    /// Asks for payloads of a type, or of all types.
    pub fn listen(&mut self, type_name: Option<&str>) {
        self.listeners.insert(type_name.map(str::to_owned));
    }

    /// Takes that back.
    pub fn unlisten(&mut self, type_name: Option<&str>) {
        self.listeners.remove(&type_name.map(str::to_owned));
    }

    /// Sends a payload to a peer until that acknowledges it.  `id` are 32 bytes that were never used before.
    ///
    /// # Errors
    /// If too many wait already.
    pub fn send(&mut self, recipient: &[u8], payload: Any, id: MessageId, now: u64) -> Result<(), TooMany> {
        self.tick(now);
        if self.waiting.len() >= MAX_WAITING {
            return Err(TooMany);
        }
        let message = self.message(recipient, id, payload);
        let waiting = Waiting { message: message.clone(), sent: now, again: now + RETRY, gap: RETRY };
        self.due.insert((waiting.again, id));
        self.waiting.insert(id, waiting);
        self.output.push_back(Output::Send(message));
        Ok(())
    }

    fn message(&self, recipient: &[u8], id: MessageId, payload: Any) -> Message {
        let wanted = ReliablePayload { message_id: key(&id), payload: Some(payload) };
        let name = alter!(MESH_MSG_002, RELIABLE_PAYLOAD.to_owned(),
            "a type is written with a dot before it" => format!(".{RELIABLE_PAYLOAD}"),
            "a type is written as a URL" => format!("type.googleapis.com/{RELIABLE_PAYLOAD}"));
        self.signal(recipient, Any { type_url: name, value: wanted.encode_to_vec() })
    }

    fn signal(&self, recipient: &[u8], payload: Any) -> Message {
        let (author, recipient) = (self.peer.clone(), recipient.to_vec());
        Message { author, recipient, payload: Some(payload), metadata: None }
    }

    /// Takes a message from the signalling server.
    pub fn receive(&mut self, message: Message, now: u64) {
        self.tick(now);
        let Message { author, recipient, payload, .. } = message;
        let Ok(()) =
            require!(MESH_MSG_014, recipient == self.peer, StateUnknownRef, "a message is for another peer")
        else {
            return;
        };
        let Some(payload) = payload else { return };
        let name = alter!(MESH_MSG_003, payload.type_url.as_str(),
            "what stands before a type is passed over" =>
                payload.type_url.rsplit_once('/').map_or(payload.type_url.as_str(), |(_, name)| name),
            "a dot before a type is passed over" => payload.type_url.trim_start_matches('.'),
            "types are compared without regard to case" =>
                if payload.type_url.eq_ignore_ascii_case(RELIABLE_PAYLOAD) { RELIABLE_PAYLOAD } else { "" },
            "a type that is not known is taken for a payload" =>
                if payload.type_url == ACKNOWLEDGEMENT { ACKNOWLEDGEMENT } else { RELIABLE_PAYLOAD });
        match name {
            RELIABLE_PAYLOAD => self.payload(author, &payload.value),
            ACKNOWLEDGEMENT => self.acknowledged(&author, &payload.value),
            _ => {}
        }
    }

    fn payload(&mut self, author: Vec<u8>, value: &[u8]) {
        let Ok(ReliablePayload { message_id, payload }) = ReliablePayload::decode(value) else {
            alter!(MESH_MSG_018, (), "a payload that does not decode is acknowledged all the same" =>
                self.acknowledge(&author, &[]));
            return;
        };
        let given = message_id.map(|id| id.data).unwrap_or_default();
        let sized = MessageId::try_from(given.as_slice());
        let Ok(()) = require!(MESH_MSG_016, sized.is_ok(), DecodeLength, "an id is not of 32 bytes") else {
            return;
        };
        let id = sized.unwrap_or_default();
        let payload = payload.unwrap_or_default();
        let acknowledges = alter!(MESH_MSG_006, true,
            "what nobody listens for is not acknowledged" => self.has_listener(&payload.type_url));
        let acknowledges = alter!(MESH_MSG_004, acknowledges,
            "a repeat is not acknowledged" => !self.seen.has(&id), "nothing is acknowledged" => false);
        if acknowledges {
            self.acknowledge(&author, &given);
        }
        let fresh = alter!(MESH_MSG_007, self.seen.add(id),
            "payloads are told apart by their values" => self.seen.add(mistakes::digest(&[&payload.value])),
            "payloads are told apart by author and id" => self.seen.add(mistakes::digest(&[&author, &id])));
        let Ok(()) = require!(MESH_MSG_007, fresh, StateDuplicate, "a payload was handled before") else {
            return;
        };
        self.handle(&author, &payload);
    }

    #[cfg(feature = "mutants")]
    fn has_listener(&self, type_name: &str) -> bool {
        self.listeners.contains(&None) || self.listeners.contains(&Some(type_name.to_owned()))
    }

    fn handle(&mut self, author: &[u8], payload: &Any) {
        let name = Some(payload.type_url.clone());
        let types = alter!(MESH_MSG_017, [None, name.clone()],
            "listeners for all types hear nothing" => [name.clone(), Some(String::new())],
            "listeners for one type hear nothing" => [None, Some(String::new())],
            "a dot before an inner type is passed over" =>
                [None, Some(payload.type_url.trim_start_matches('.').to_owned())],
            "a URL before an inner type is passed over" =>
                [None, Some(payload.type_url.rsplit('/').next().unwrap_or_default().to_owned())],
            "listeners hear payloads of every type" => [None, self.listeners.iter().flatten().next().cloned()]);
        let value = alter!(MESH_MSG_019, payload.value.clone(),
            "zero bytes at the end of a value are cut off" => mistakes::trimmed(&payload.value));
        for listener in types {
            if self.listeners.contains(&listener) {
                let payload = Any { type_url: payload.type_url.clone(), value: value.clone() };
                self.output.push_back(Output::Received { author: author.to_vec(), payload, listener });
            }
        }
    }

    fn acknowledge(&mut self, author: &[u8], id: &[u8]) {
        let id = alter!(MESH_MSG_005, id, "an acknowledgement has no id" => &[]);
        let wanted = Acknowledgement { message_id: Some(PublicKey { data: id.to_vec() }) };
        let payload = Any { type_url: ACKNOWLEDGEMENT.to_owned(), value: wanted.encode_to_vec() };
        let recipient = alter!(MESH_MSG_005, author.to_vec(), "an acknowledgement is sent to its author" => self.peer.clone());
        let message = self.signal(&recipient, payload);
        let message = alter!(MESH_MSG_021, message, "an acknowledgement asks for one" => {
            let payload = message.payload.unwrap_or_default();
            self.message(author, MessageId::default(), payload)
        });
        self.output.push_back(Output::Send(message));
    }

    fn acknowledged(&mut self, author: &[u8], value: &[u8]) {
        let Ok(Acknowledgement { message_id }) = Acknowledgement::decode(value) else { return };
        let id = MessageId::try_from(message_id.unwrap_or_default().data.as_slice()).ok();
        let id = alter!(MESH_MSG_013, id, "any acknowledgement is for the first that waits" =>
            self.waiting.keys().next().copied());
        let Some((id, waiting)) = id.and_then(|id| Some((id, self.waiting.get(&id)?))) else { return };
        let Ok(()) = require!(
            MESH_MSG_015,
            waiting.message.recipient == author,
            StateUnknownRef,
            "somebody else acknowledges"
        ) else {
            return;
        };
        let due = waiting.again.min(waiting.sent + TIMEOUT);
        alter!(MESH_MSG_012, {
            self.due.remove(&(due, id));
            self.waiting.remove(&id);
        }, "a payload is sent again after its acknowledgement" => ());
        self.output.push_back(Output::Delivered(id));
    }

    /// Lets time pass: all that is due happens in the order of its times.
    pub fn tick(&mut self, now: u64) {
        self.seen.turn(now);
        while let Some((_, id)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.pop_first();
            self.fire(id);
        }
    }

    /// Sends a payload again, or gives it up.
    fn fire(&mut self, id: MessageId) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        let timeout = alter!(MESH_MSG_011, TIMEOUT, "a payload is given up after 8 seconds" => 8_000,
            "a payload is given up after 12 seconds" => 12_000);
        let end = waiting.sent + timeout;
        if waiting.again < end {
            let message = waiting.message.clone();
            let message = alter!(MESH_MSG_010, message,
                "what is sent again has another id" => mistakes::with_another_id(message));
            alter!(MESH_MSG_010, self.output.push_back(Output::Send(message)),
                "nothing is sent again" => drop(message));
            waiting.gap *= alter!(MESH_MSG_010, 2, "the gaps are all of one second" => 1);
            waiting.again += waiting.gap;
            self.due.insert((waiting.again.min(end), id));
        } else {
            self.waiting.remove(&id);
            alter!(MESH_MSG_011, self.output.push_back(Output::Failed(id)),
                "that a payload was given up is not said" => ());
        }
    }

    /// When [`Self::tick`] has something to do for a payload.
    pub fn deadline(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// Number of payloads that wait for their acknowledgement.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Number of ids that are remembered.
    pub fn remembered(&self) -> usize {
        self.seen.current.len() + self.seen.before.len()
    }
}

fn key(id: &MessageId) -> Option<PublicKey> {
    Some(PublicKey { data: id.to_vec() })
}
