//! Answers of the supervisor as JSON.

use dxos_proto::dxos::config::Config;
use dxos_proto::dxos::service::supervisor::service::{Status, Type};
use dxos_proto::dxos::service::supervisor::{GetConfigResponse, Services, SetConfigResponse};
use dxos_proto::prost::Message as _;
use serde_json::{Value, json};

use super::super::super::Failure;
use super::super::pure;
use super::refused;
use crate::halo::{self, Credential};
use crate::kube::{config, token};
use crate::schema::SCHEMA;
use crate::wire::{self, Value as Wire};
use crate::{Class, Reject, requirement as req};

/// What an error comes to.  Whoever has no right is not told why, so that one class stands for all of it.
pub(super) fn refusal(code: &str) -> Reject {
    match code {
        "AUTHORIZATION_ERROR" => Reject::new(req::KUBE_AUTH_036, Class::AuthRole, "not authorized"),
        "RATE_LIMIT_EXCEEDED" => Reject::new(req::KUBE_AUTH_037, Class::ResourceCount, "too many"),
        "INVALID_CONFIG" => {
            Reject::new(req::KUBE_CONF_017, Class::SchemaConstraint, "not a key and its value")
        }
        "PROTOCOL_ERROR" => refused(Class::SchemaType, "not a request"),
        _ => refused(Class::StateUnknownRef, "an error without a code"),
    }
}

/// What `Authenticate` gives, and the credential if it is one.
pub(super) fn authenticated(answer: &[u8], kube_key: &[u8], identity: &[u8]) -> (Value, Option<Vec<u8>>) {
    let tree = SCHEMA
        .find("dxos.service.supervisor.AuthenticateResponse")
        .and_then(|ty| wire::read(ty, answer).ok());
    let Some(tree) = tree else { return (json!({ "given": "nothing that decodes" }), None) };
    match (tree.text(1), tree.message(2)) {
        (Some(text), None) => {
            let claims = token::verify(text, kube_key, 0, |_| false);
            let valid = claims
                .as_ref()
                .is_ok_and(|claims| claims.identity == identity && claims.expires > claims.issued);
            let capabilities = claims.map(|claims| claims.capabilities.texts().to_vec()).unwrap_or_default();
            let shown =
                json!({ "given": "token", "valid": valid, "capabilities": capabilities, "token": text });
            (shown, None)
        }
        (None, Some(message)) => {
            let credential = Credential::new(message);
            let assertion = credential.assertion();
            let access = assertion.and_then(|assertion| assertion.message());
            let key = |number| {
                access
                    .and_then(|access| access.message(number))
                    .and_then(|key| key.bytes(1))
                    .unwrap_or_default()
            };
            let named = assertion
                .is_some_and(|assertion| assertion.type_name() == "dxos.halo.credentials.KubeAccess");
            let valid = named
                && halo::verify(&credential, None).is_ok()
                && credential.issuer() == kube_key
                && credential.subject() == identity
                && key(1) == kube_key
                && key(2) == identity;
            let capabilities = match access.and_then(|access| access.get(3)) {
                Some(Wire::List(list)) => list.iter().filter_map(text).collect(),
                _ => Vec::new(),
            };
            let shown = json!({ "given": "credential", "valid": valid, "capabilities": capabilities });
            (shown, second_field(answer))
        }
        (token, credential) => {
            let given = match (token, credential) {
                (None, None) => "neither",
                _ => "both",
            };
            (json!({ "given": given }), None)
        }
    }
}

fn text(value: &Wire<'_>) -> Option<String> {
    match value {
        Wire::Str(text) => Some((*text).to_owned()),
        _ => None,
    }
}

/// The bytes of field 2, which is the only one.
fn second_field(answer: &[u8]) -> Option<Vec<u8>> {
    let rest = answer.strip_prefix(&[0x12])?;
    let ends = rest.iter().position(|byte| byte & 0x80 == 0)?;
    rest.get(ends + 1..).map(<[u8]>::to_vec)
}

fn undecodable() -> Failure {
    refused(Class::DecodeWireType, "the answer does not decode").into()
}

/// What `Status` says: the services, and how many of them are not as they must be.
pub(super) fn services(answer: &[u8]) -> Result<Value, Failure> {
    let services = Services::decode(answer).map_err(|_| undecodable())?.services;
    let mut names: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let vague = services.iter().filter(|service| {
        service.name.is_empty()
            || matches!(service.status(), Status::Unknown)
            || matches!(service.r#type(), Type::None)
    });
    let list = services.iter().map(|service| {
        json!({
            "name": service.name,
            "status": service.status().as_str_name(),
            "type": service.r#type().as_str_name(),
            "addresses": service.addresses,
            "paths": service.well_knowns.iter().map(|known| &known.url).collect::<Vec<_>>(),
        })
    });
    Ok(json!({
        "services": list.collect::<Vec<_>>(),
        "twice": services.len() - names.len(),
        "vague": vague.count(),
        "any": !services.is_empty(),
    }))
}

/// What `GetConfig` says, and which of it is secret.
pub(super) fn config(answer: &[u8]) -> Result<Value, Failure> {
    let document = GetConfigResponse::decode(answer).map_err(|_| undecodable())?.config.unwrap_or_default();
    let public: Config = config::without_secrets(&document);
    Ok(json!({ "shown": pure::view(&document)?, "secrets": public != document }))
}

/// What `SetConfig` says.
pub(super) fn changed(answer: &[u8]) -> Result<Value, Failure> {
    let pair = SetConfigResponse::decode(answer).map_err(|_| undecodable())?.config.unwrap_or_default();
    Ok(json!({ "stored": [pair.key, pair.value] }))
}
