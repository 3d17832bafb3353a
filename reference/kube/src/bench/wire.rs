//! The calls of a client of the signalling service, and what it hears.

use dxos_proto::dxos::mesh::signal::{JoinRequest, Message, ReceptionRequest};
use dxos_proto::dxos::rpc::{Request, RpcMessage, response, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;

/// Ids of the two streams; calls count on from there.
pub(super) const JOIN: i32 = 0;
pub(super) const INBOX: i32 = 1;
pub(super) const FIRST_CALL: i32 = 2;

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Ready,
    /// A SwarmEvent.
    Swarm,
    /// The value of a message's payload.
    Message(Vec<u8>),
    /// A call has its answer.
    Answered(i32),
    /// A call or a stream was refused.
    Refused(i32),
    /// Nothing that a server should say.
    Other,
}

pub(super) fn join(swarm: &[u8], peer: &[u8]) -> Vec<u8> {
    let request = JoinRequest { swarm: swarm.to_vec(), peer: peer.to_vec(), metadata: None };
    call(JOIN, "Join", "JoinRequest", request.encode_to_vec(), true)
}

pub(super) fn receive_messages(peer: &[u8]) -> Vec<u8> {
    let request = ReceptionRequest { peer: peer.to_vec() };
    call(INBOX, "ReceiveMessages", "ReceptionRequest", request.encode_to_vec(), true)
}

pub(super) fn send_message(id: i32, author: &[u8], recipient: &[u8], value: Vec<u8>) -> Vec<u8> {
    let message = Message {
        author: author.to_vec(),
        recipient: recipient.to_vec(),
        payload: Some(Any { type_url: "dxos.bench".to_owned(), value }),
        metadata: None,
    };
    call(id, "SendMessage", "Message", message.encode_to_vec(), false)
}

fn call(id: i32, method: &str, kind: &str, value: Vec<u8>, stream: bool) -> Vec<u8> {
    let payload = Some(Any { type_url: format!(".dxos.mesh.signal.{kind}"), value });
    let request = Request { id, method: format!("dxos.mesh.signal.Signal.{method}"), payload, stream };
    RpcMessage { content: Some(rpc_message::Content::Request(request)) }.encode_to_vec()
}

pub(super) fn heard(frame: &[u8]) -> Heard {
    let Ok(RpcMessage { content: Some(rpc_message::Content::Response(response)) }) =
        RpcMessage::decode(frame)
    else {
        return Heard::Other;
    };
    let id = response.id;
    match response.content {
        Some(response::Content::StreamReady(_)) => Heard::Ready,
        Some(response::Content::Error(_)) => Heard::Refused(id),
        Some(response::Content::Payload(_)) if id == JOIN => Heard::Swarm,
        Some(response::Content::Payload(payload)) if id == INBOX => {
            match Message::decode(payload.value.as_slice()) {
                Ok(Message { payload: Some(payload), .. }) => Heard::Message(payload.value),
                _ => Heard::Other,
            }
        }
        Some(response::Content::Close(_)) => Heard::Other,
        // An answer may come without a payload.
        Some(response::Content::Payload(_)) | None if id >= FIRST_CALL => Heard::Answered(id),
        _ => Heard::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_is_as_deployed_clients_write_it() {
        assert_eq!(
            hex::encode(join(&[1, 2], &[3])),
            concat!(
                "0a4a121c",
                "64786f732e6d6573682e7369676e616c2e5369676e616c2e4a6f696e",
                "1a28",
                "0a1d2e64786f732e6d6573682e7369676e616c2e4a6f696e52657175657374",
                "1207",
                "0a0201021201032001"
            )
        );
    }

    #[test]
    fn what_servers_say_is_told_apart() {
        assert_eq!(heard(&hex::decode("120408012801").unwrap()), Heard::Ready);
        assert_eq!(heard(&hex::decode("120408071200").unwrap()), Heard::Answered(7));
        assert_eq!(heard(&hex::decode("12020807").unwrap()), Heard::Answered(7));
        assert_eq!(heard(&hex::decode("120408071a00").unwrap()), Heard::Refused(7));
        assert_eq!(heard(b"not a frame"), Heard::Other);
        let frame = send_message(9, &[1], &[2], vec![3; 10]);
        assert_eq!(heard(&frame), Heard::Other, "a server calls nobody");
    }
}
