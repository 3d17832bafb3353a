//! The supervisor of a KUBE in this process, and what a case decides about it.

use dxos_proto::dxos::config::runtime::Kube;
use dxos_proto::dxos::config::runtime::kube::P2p;
use dxos_proto::dxos::config::{Config, Runtime};
use dxos_proto::dxos::service::supervisor::service::{Status, Type};
use dxos_proto::dxos::service::supervisor::{Service, WellKnown};
use serde_json::{Map, Value};

use crate::keys::{SigningKey, Suite};
use crate::kube::capability::Capabilities;
use crate::kube::supervisor::{Settings, Supervisor};

/// A supervisor that allows nobody, with a configuration and two services; `None` if there are no keys.
pub(super) fn supervisor() -> Option<Supervisor> {
    let mut settings = Settings::new(SigningKey::new(Suite::P256, &[7; 32]).ok()?);
    settings.document = configured();
    let mut supervisor = Supervisor::new(settings);
    supervisor.report(Service {
        name: "signal".to_owned(),
        status: Some(Status::Started.into()),
        addresses: vec!["0.0.0.0:80".to_owned()],
        r#type: Some(Type::Service.into()),
        well_knowns: vec![WellKnown {
            url: "/.well-known/dx/signal".to_owned(),
            description: "Signalling".to_owned(),
        }],
    });
    supervisor.report(Service {
        name: "ipfs".to_owned(),
        status: Some(Status::Failed.into()),
        r#type: Some(Type::Process.into()),
        ..Service::default()
    });
    Some(supervisor)
}

/// What the case decides about the supervisor.
#[derive(Debug)]
pub(super) struct Decided {
    /// The identity of the operator.
    pub(super) operator: Option<Vec<u8>>,
    /// Whether changes can be stored.
    pub(super) stores: bool,
}

impl Decided {
    /// Takes the members of `kube.configure` that are about access: `public_status`; `stores`; `capabilities` of the
    /// operator; `allowed`: false if it is none any longer; `revoke`: a token.
    pub(super) fn configure(&mut self, supervisor: &mut Supervisor, members: &Map<String, Value>, now: u64) {
        let flag = |member: &str| members.get(member).and_then(Value::as_bool);
        if let Some(public) = flag("public_status") {
            supervisor.publish_status(public);
        }
        if let Some(stores) = flag("stores") {
            self.stores = stores;
        }
        if let (Some(operator), Some(Value::Array(list))) = (&self.operator, members.get("capabilities")) {
            let texts = list.iter().filter_map(Value::as_str);
            supervisor.allow(operator.clone(), Capabilities::new(texts));
        }
        if let (Some(operator), Some(false)) = (&self.operator, flag("allowed")) {
            supervisor.disallow(operator);
        }
        let revoked = members.get("revoke").and_then(Value::as_str);
        if let Some(claims) = revoked.and_then(|token| supervisor.verify_token(token, now).ok()) {
            supervisor.revoke(claims.id);
        }
    }
}

/// A name, a port, and two secrets.
fn configured() -> Config {
    let kube = Kube {
        host: "kube.local".to_owned(),
        port: "80".to_owned(),
        env: vec!["A=1".to_owned()],
        p2p: Some(P2p { privatekey: "secret".to_owned(), ..P2p::default() }),
        ..Kube::default()
    };
    Config { runtime: Some(Runtime { kube: Some(kube), ..Runtime::default() }), ..Config::default() }
}
