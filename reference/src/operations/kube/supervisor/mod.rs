//! Access and the supervisor, by dxRPC on the sockets of a [`Network`].

mod person;
mod shown;

use std::collections::BTreeMap;

use dxos_proto::dxos::rpc::{Request, RpcMessage, response, rpc_message};
use dxos_proto::dxos::service::supervisor::{ConfigPair, InitAuthSequenceResponse, SetConfigRequest};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use serde_json::{Value, json};

use self::person::Person;
use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use super::{Frame, Network, pure};
use crate::wire::Writer;
use crate::{Class, Reject, requirement as req};

/// The operator's name where an identity is asked for.
const OPERATOR: &str = "operator";

/// The key of the identity that follows from a seed.
pub(super) fn identity(seed: &[u8]) -> Result<Vec<u8>, Reject> {
    Person::new(seed).map(|person| person.identity.public_key())
}

/// What is kept of them between the requests of a session.
#[derive(Debug, Default)]
pub(super) struct State {
    operator: Option<Vec<u8>>,
    /// The last nonce of each socket.
    nonces: BTreeMap<String, Vec<u8>>,
    /// Every nonce that was seen.
    seen: Vec<Vec<u8>>,
    kube_key: Vec<u8>,
    /// The KubeAccess credentials that identities were given, by their seeds.
    accesses: BTreeMap<Vec<u8>, Vec<u8>>,
    next: i32,
}

impl State {
    /// The operator whom the server allows, from the seed of the case.
    pub(super) fn begin<N: Network>(&mut self, input: &Input<'_>, network: &mut N) -> Result<(), Failure> {
        if let Some(seed) = input.optional("operator", Input::bytes)? {
            let seed = network.operator(&seed);
            Person::new(&seed)?;
            self.operator = Some(seed);
        }
        Ok(())
    }

    fn person(&self, name: &str) -> Result<Person, Failure> {
        let seed = match name {
            OPERATOR => {
                self.operator.clone().ok_or_else(|| wrong("identity", "the operator, and there is none"))?
            }
            seed => data_encoding::HEXLOWER
                .decode(seed.as_bytes())
                .map_err(|_| wrong("identity", "neither operator nor a seed in hex"))?,
        };
        Ok(Person::new(&seed)?)
    }

    fn call<N: Network>(
        &mut self,
        network: &mut N,
        socket: &str,
        method: &str,
        value: Vec<u8>,
    ) -> Result<Vec<u8>, Failure> {
        self.next += 1;
        let id = 1000 + self.next;
        let service = "dxos.service.supervisor.Supervisor";
        let method = if method.contains('.') { method.to_owned() } else { format!("{service}.{method}") };
        let payload = Any { type_url: ".dxos.test.Request".to_owned(), value };
        let request = Request { id, method, payload: Some(payload), stream: false };
        let message = RpcMessage { content: Some(rpc_message::Content::Request(request)) };
        network
            .send(socket, Frame::Binary(message.encode_to_vec()))
            .map_err(|_| refused(Class::StateOrder, "the socket is closed"))?;
        let received = network.receive(socket, 1).map_err(|_| wrong("socket", "not one that was opened"))?;
        let answers =
            received.frames.iter().filter_map(|frame| match RpcMessage::decode(&**frame).ok()?.content? {
                rpc_message::Content::Response(response) if response.id == id => response.content,
                _ => None,
            });
        let answers: Vec<_> = answers.collect();
        match answers.as_slice() {
            [response::Content::Payload(payload)] => Ok(payload.value.clone()),
            [response::Content::Error(error)] => {
                Err(shown::refusal(error.name.as_deref().unwrap_or_default()).into())
            }
            [] if !received.open => Err(refused(Class::StateOrder, "the socket was closed").into()),
            [] => Err(refused(Class::ResourceTime, "there was no answer").into()),
            _ => Err(refused(Class::StateDuplicate, "there was more than one answer").into()),
        }
    }
}

const fn refused(class: Class, what: &'static str) -> Reject {
    Reject::new(req::KUBE_SUP_001, class, what)
}

/// Carries out an operation that is not about sockets and signalling.
pub(super) fn call<N: Network>(op: &str, input: &Input<'_>, network: &mut N, state: &mut State) -> Answer {
    let answer = match op {
        "kube.challenge" => challenge(input, network, state)?,
        "kube.authenticate" => authenticate(input, network, state)?,
        "kube.call" => invoke(input, network, state)?,
        "kube.mint" => {
            let capabilities = pure::texts(input, "capabilities")?;
            let token =
                network.mint(capabilities, input.number("seconds")?).map_err(|_| Failure::Unsupported)?;
            json!({ "token": token })
        }
        _ => return Err(Failure::Unsupported),
    };
    Ok(members(answer))
}

fn challenge<N: Network>(input: &Input<'_>, network: &mut N, state: &mut State) -> Result<Value, Failure> {
    let socket = input.text("socket")?;
    let answer = state.call(network, socket, "InitAuthSequence", Vec::new())?;
    let answer = InitAuthSequenceResponse::decode(answer.as_slice())
        .map_err(|_| refused(Class::DecodeWireType, "the answer does not decode"))?;
    let key = answer.kube_key.unwrap_or_default().data;
    let fresh = !state.seen.contains(&answer.nonce);
    let same_key = state.kube_key.is_empty() || state.kube_key == key;
    state.seen.push(answer.nonce.clone());
    let shown = json!({
        "nonce": answer.nonce.len(),
        "fresh": fresh,
        "kube_key": key.len(),
        "same_key": same_key,
    });
    state.nonces.insert(socket.to_owned(), answer.nonce);
    state.kube_key = key;
    Ok(shown)
}

fn authenticate<N: Network>(input: &Input<'_>, network: &mut N, state: &mut State) -> Result<Value, Failure> {
    let socket = input.text("socket")?;
    let person = state.person(input.text("identity")?)?;
    let nonce_of = input.optional("nonce_of", Input::text)?.unwrap_or(socket);
    let nonce = state.nonces.get(nonce_of).cloned().unwrap_or_else(|| vec![0; 32]);
    let access = match input.optional("access_of", Input::text)? {
        Some(name) => state.person(name)?.seed,
        None => person.seed.clone(),
    };
    let access = input.flag("access")?.then(|| state.accesses.get(&access).cloned().unwrap_or_default());
    let fault = input.optional("fault", Input::text)?.unwrap_or_default();
    let presentation = person.present(&nonce, &state.kube_key, access, fault)?;
    let mut request = Writer::default();
    request.bytes(1, &presentation);
    let answer = state.call(network, socket, "Authenticate", request.finish())?;
    let (shown, credential) = shown::authenticated(&answer, &state.kube_key, &person.identity.public_key());
    if let Some(credential) = credential {
        state.accesses.insert(person.seed, credential);
    }
    Ok(shown)
}

fn invoke<N: Network>(input: &Input<'_>, network: &mut N, state: &mut State) -> Result<Value, Failure> {
    let method = input.text("method")?;
    let request = match input.optional("request", Input::bytes)? {
        Some(bytes) => bytes,
        None if method == "SetConfig" => {
            let (key, value) = (input.text("key")?.to_owned(), input.text("value")?.to_owned());
            SetConfigRequest { config: Some(ConfigPair { key, value }) }.encode_to_vec()
        }
        None => Vec::new(),
    };
    let answer = state.call(network, input.text("socket")?, method, request)?;
    match method {
        "Status" => shown::services(&answer),
        "GetConfig" => shown::config(&answer),
        "SetConfig" => shown::changed(&answer),
        _ => Ok(json!({ "bytes": answer.len() })),
    }
}
