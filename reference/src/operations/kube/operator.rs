//! The operations of one session, carried out on a network.

use std::collections::BTreeMap;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use dxos_proto::dxos::mesh::signal::JoinRequest;
use dxos_proto::dxos::rpc::{self, RpcMessage, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::{Any, Struct, Value as ProtoValue, value::Kind};
use serde_json::{Map, Value, json};

use super::super::input::{Input, block, members, wrong};
use super::super::{Answer, Failure};
use super::{Frame, HttpRequest, Network, Open, supervisor, view};
use crate::Reject;
use crate::keys::to_hex;
use crate::kube::endpoint::BEARER_PROTOCOL;
use crate::kube::signal::{PROOF, proof_payload};

/// The clients of one session.
#[derive(Debug, Default)]
pub struct Operator<N> {
    network: N,
    /// The methods that were called on each socket, by the id of the call.
    calls: BTreeMap<String, view::Calls>,
    /// The last challenge of each socket, for proofs of peer keys.
    challenges: BTreeMap<String, [u8; 32]>,
    supervisor: supervisor::State,
}

impl<N: Network> Operator<N> {
    /// Clients that are not connected yet.
    pub fn new(network: N) -> Self {
        Self {
            network,
            calls: BTreeMap::new(),
            challenges: BTreeMap::new(),
            supervisor: supervisor::State::default(),
        }
    }

    /// Carries out an operation `kube.*` of a session.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        self.carry_out(op, &Input(input))
    }

    pub(in super::super) fn carry_out(&mut self, op: &str, input: &Input<'_>) -> Answer {
        let answer = match op {
            "kube.begin" => {
                self.network.begin(&input.list("keys")?);
                self.supervisor.begin(input, &mut self.network)?;
                json!({})
            }
            "kube.open" => self.open(input)?,
            "kube.send" => self.send(input)?,
            "kube.receive" => self.receive(input)?,
            "kube.close" => {
                let abrupt = match input.text("how")? {
                    "close" => false,
                    "drop" => true,
                    _ => return Err(wrong("how", "neither close nor drop")),
                };
                self.network.close(input.text("socket")?, abrupt);
                json!({})
            }
            "kube.advance" => {
                self.network.advance(input.number("ms")?).map_err(|_| Failure::Unsupported)?;
                json!({})
            }
            "kube.configure" => {
                self.network.configure(input.0).map_err(|_| Failure::Unsupported)?;
                json!({})
            }
            "kube.counters" => Value::Object(self.network.counters().map_err(|_| Failure::Unsupported)?),
            "kube.http" => self.http(input)?,
            _ => return supervisor::call(op, input, &mut self.network, &mut self.supervisor),
        };
        Ok(members(answer))
    }

    fn open(&mut self, input: &Input<'_>) -> Result<Value, Failure> {
        let texts = |member| {
            let items = input.optional(member, Input::items)?.unwrap_or_default();
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
            texts.ok_or_else(|| wrong(member, "not a list of texts"))
        };
        let mut request = Open {
            path: input.text("path")?.to_owned(),
            protocols: texts("protocols")?,
            authorization: input.optional("authorization", Input::text)?.map(str::to_owned),
        };
        if let Some(token) = input.optional("token", Input::text)? {
            let encoding = match input.optional("encoding", Input::text)? {
                None => None,
                Some("base64") => Some(&BASE64_NOPAD),
                Some("base64 padded") => Some(&BASE64),
                Some("base64url") => Some(&BASE64URL_NOPAD),
                Some("base64url padded") => Some(&BASE64URL),
                Some(_) => return Err(wrong("encoding", "not one of the encodings")),
            };
            match encoding {
                None => request.authorization = Some(format!("Bearer {token}")),
                Some(encoding) => {
                    request.protocols.push(format!("{BEARER_PROTOCOL}{}", encoding.encode(token.as_bytes())));
                }
            }
        }
        let socket = input.text("socket")?;
        match self.network.open(socket, &request) {
            Ok(opened) => {
                self.calls.insert(socket.to_owned(), view::Calls::default());
                // Whether it is the one that was offered: as text it would repeat the request.
                let protocol = match opened.protocol {
                    None => json!("none"),
                    Some(protocol) => {
                        let offered = request.protocols.iter().position(|offered| *offered == protocol);
                        offered.map_or_else(|| json!("another"), |at| json!(at))
                    }
                };
                Ok(json!({ "open": true, "protocol": protocol }))
            }
            Err(refused) => Err(refusal(refused.status).into()),
        }
    }

    fn send(&mut self, input: &Input<'_>) -> Result<Value, Failure> {
        let socket = input.text("socket")?;
        if let Some(frames) = input.optional("frames", Input::items)? {
            for one in frames {
                self.send_one(socket, Frame::Binary(frame(one)?))?;
            }
            return Ok(json!({}));
        }
        let frame = match (input.optional("text", Input::text)?, input.optional("prove", Input::object)?) {
            (Some(text), _) => Frame::Text(text.to_owned()),
            (None, Some(join)) => Frame::Binary(self.proved(&join)?),
            (None, None) => Frame::Binary(frame(input.get("frame")?)?),
        };
        self.send_one(socket, frame)?;
        Ok(json!({}))
    }

    fn send_one(&mut self, socket: &str, frame: Frame) -> Result<(), Failure> {
        if let (Frame::Binary(bytes), Some(calls)) = (&frame, self.calls.get_mut(socket)) {
            calls.note(bytes);
        }
        Ok(self.network.send(socket, frame).map_err(|_| lost())?)
    }

    /// A Join with a signature of the last challenge of a socket.
    fn proved(&self, input: &Input<'_>) -> Result<Vec<u8>, Failure> {
        let challenge = self.challenges.get(input.text("of")?).copied().unwrap_or_default();
        let signature = input.signing_key()?.sign(&proof_payload(&challenge));
        let value = ProtoValue { kind: Some(Kind::StringValue(to_hex(&signature))) };
        let metadata = Struct { fields: [(PROOF.to_owned(), value)].into() };
        let (swarm, peer) = (input.bytes("swarm")?, input.bytes("peer")?);
        let value = JoinRequest { swarm, peer, metadata: Some(metadata) }.encode_to_vec();
        let payload = Any { type_url: ".dxos.mesh.signal.JoinRequest".to_owned(), value };
        let id = i32::try_from(input.number("id")?).map_err(|_| wrong("id", "not one of a request"))?;
        let method = "dxos.mesh.signal.Signal.Join".to_owned();
        let request = rpc::Request { id, method, payload: Some(payload), stream: true };
        Ok(RpcMessage { content: Some(rpc_message::Content::Request(request)) }.encode_to_vec())
    }

    fn receive(&mut self, input: &Input<'_>) -> Result<Value, Failure> {
        let socket = input.text("socket")?;
        let received = self.network.receive(socket, input.index("count")?).map_err(|_| lost())?;
        if let Some(challenge) = received.frames.iter().rev().find_map(|frame| view::challenge(frame)) {
            self.challenges.insert(socket.to_owned(), challenge);
        }
        let calls = self.calls.get(socket).ok_or_else(|| wrong("socket", "not one that was opened"))?;
        Ok(json!({
            "messages": view::messages(&received.frames, calls),
            "texts": received.texts.len(),
            "open": received.open,
        }))
    }

    fn http(&mut self, input: &Input<'_>) -> Result<Value, Failure> {
        let headers = input.optional("headers", Input::items)?.unwrap_or_default();
        let header = |pair: &Value| {
            let text = |at: usize| pair.get(at).and_then(Value::as_str).map(str::to_owned);
            text(0).zip(text(1)).ok_or_else(|| wrong("headers", "not a list of pairs"))
        };
        let request = HttpRequest {
            method: input.text("method")?.to_owned(),
            path: input.text("path")?.to_owned(),
            headers: headers.iter().map(header).collect::<Result<_, _>>()?,
        };
        let response = self.network.http(&request);
        let ty = response.headers.iter().find(|(name, _)| name == "content-type");
        // Parameters, as the character set, are left out.
        let ty = ty.and_then(|(_, value)| value.split(';').next()).map(str::trim);
        let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        Ok(json!({
            "status": response.status,
            "type": ty,
            "members": body.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()),
            "length": response.body.len(),
            "body": if response.body.len() <= 1024 { to_hex(&response.body).into() } else { Value::Null },
        }))
    }
}

/// A frame: a block, or a list of blocks one after the other.
fn frame(value: &Value) -> Result<Vec<u8>, Failure> {
    match value.as_array() {
        Some(blocks) => {
            Ok(blocks.iter().map(|one| block("frame", one)).collect::<Result<Vec<_>, _>>()?.concat())
        }
        None => block("frame", value),
    }
}

/// What a refused WebSocket comes to: only the status is seen from outside.
fn refusal(status: u16) -> Reject {
    use crate::requirement::{KUBE_END_002, KUBE_END_010};
    match status {
        401 | 403 => Reject::new(KUBE_END_010, crate::Class::AuthKey, "the token is not valid"),
        404 => Reject::new(KUBE_END_002, crate::Class::StateUnknownRef, "there is nothing at that path"),
        _ => Reject::new(KUBE_END_002, crate::Class::StateConflict, "the server does not open a WebSocket"),
    }
}

fn lost() -> Reject {
    Reject::new(crate::requirement::KUBE_END_013, crate::Class::StateOrder, "the socket is closed")
}
