//! What gRPC has no form for.

use std::collections::BTreeMap;

use dxos_conformance::kube_address::{Address, Scheme};
use dxos_conformance::plan::Plan;
use dxos_proto::dxos::mesh::signal;
use dxos_proto::dxos::rpc::{Request, RpcMessage, rpc_message};
use dxos_proto::dxos::service::supervisor;
use dxos_proto::prost::Message;
use dxos_reference::kube::endpoint::Service;
use dxos_vectors::{Step, Want};
use serde_json::Value;

/// The feature of what is reached by WebSockets alone.
const SOCKET: &str = "kube.socket";

/// Gives the cases that a KUBE at this address cannot be asked the feature `kube.socket`, which it does not have.
pub fn restrict(plan: &mut Plan, address: &Address) {
    if matches!(address.scheme, Scheme::Grpc | Scheme::Grpcs) {
        plan.demand(SOCKET, needs_a_socket);
    }
}

/// Whether any of the steps has no form in gRPC: a refusal of the connection, a path that is no service's, a frame
/// that is no call of a service by its schema.
fn needs_a_socket(steps: &[Step]) -> bool {
    let mut services: BTreeMap<&str, Service> = BTreeMap::new();
    steps.iter().any(|step| {
        let text = |member: &str| step.input.get(member).and_then(Value::as_str);
        let socket = text("socket").unwrap_or_default();
        match step.op.as_str() {
            "kube.http" => true,
            "kube.open" => {
                let path = text("path").unwrap_or_default();
                let Some(service) = Service::ALL.iter().find(|service| service.path() == path) else {
                    return true;
                };
                services.insert(socket, *service);
                matches!(step.want, Want::Reject(_)) || step.input.contains_key("protocols")
            }
            "kube.send" if step.input.contains_key("prove") => false,
            "kube.send" => {
                let frame = text("frame").and_then(|frame| hex::decode(frame).ok());
                !frame.is_some_and(|frame| is_call(&frame, services.get(socket).copied()))
            }
            "kube.call" => {
                let request = text("request").map(|request| hex::decode(request).unwrap_or_default());
                request.is_some_and(|request| !is_whole::<supervisor::SetConfigRequest>(&request))
            }
            _ => false,
        }
    })
}

/// Whether a frame is a call, or ends one.
fn is_call(frame: &[u8], service: Option<Service>) -> bool {
    let Ok(message) = RpcMessage::decode(frame) else { return false };
    match &message.content {
        Some(rpc_message::Content::Request(request)) => is_of_schema(request, service),
        Some(rpc_message::Content::StreamClose(_)) => true,
        _ => false,
    }
}

/// Whether a request is what the schema of the service can say, without a rest.
fn is_of_schema(request: &Request, service: Option<Service>) -> bool {
    let value = request.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
    match (service, request.method.rsplit('.').next().unwrap_or_default()) {
        (Some(Service::Signal), "Join") => is_whole::<signal::JoinRequest>(value),
        (Some(Service::Signal), "ReceiveMessages") => is_whole::<signal::ReceptionRequest>(value),
        (Some(Service::Signal), "SendMessage") => is_whole::<signal::Message>(value),
        (Some(Service::Supervisor), "SetConfig") => is_whole::<supervisor::SetConfigRequest>(value),
        (Some(Service::Supervisor), "Authenticate") => is_whole::<supervisor::Authentication>(value),
        (Some(Service::Supervisor), "GetConfig" | "Status" | "InitAuthSequence") => value.is_empty(),
        _ => false,
    }
}

fn is_whole<M: Message + Default>(value: &[u8]) -> bool {
    M::decode(value).is_ok_and(|message| message.encode_to_vec() == value)
}

#[cfg(test)]
mod tests {
    use dxos_proto::prost_types::Any;

    use super::*;

    fn call(method: &str, value: Vec<u8>) -> Vec<u8> {
        let payload = Some(Any { type_url: String::new(), value });
        let request = Request { id: 1, method: method.to_owned(), payload, stream: false };
        RpcMessage { content: Some(rpc_message::Content::Request(request)) }.encode_to_vec()
    }

    #[test]
    fn calls_of_the_service_are_carried_and_nothing_else() {
        let message = signal::Message { author: vec![1], recipient: vec![2], ..Default::default() };
        let known = message.encode_to_vec();
        let more = [known.clone(), vec![0x48, 1]].concat();
        let method = "dxos.mesh.signal.Signal.SendMessage";
        let carried = |frame: &[u8]| is_call(frame, Some(Service::Signal));
        assert!(carried(&call(method, known.clone())));
        assert!(!carried(&call(method, more)), "a field that the schema does not know");
        assert!(!carried(&call(method, vec![0x0a])), "cut short");
        assert!(!carried(&call("dxos.service.supervisor.Supervisor.Status", Vec::new())));
        assert!(!carried(b"\x00"));
        assert!(!is_call(&call(method, known), None));
    }
}
