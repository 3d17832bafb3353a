//! Administration: the supervisor on WebSockets and gRPC, and the processes that the server runs.

pub mod grpc;
pub mod health;
pub mod processes;
pub mod socket;

use dxos_proto::dxos::service::supervisor::SetConfigResponse;
use dxos_reference::Reject;
use dxos_reference::kube::config::{KEYS, Key, shown};
use dxos_reference::kube::supervisor::{Effect, Supervisor, Ticket};

use crate::kube::Kube;

/// Carries out what the supervisor wants stored, and gives the outcome of changes of the configuration.
///
/// A change is on the disk before it is answered.  That takes some milliseconds, in which this thread does nothing
/// else: changes are rare, and nobody but operators makes them.
pub fn store(kube: &Kube, supervisor: &mut Supervisor) -> Vec<(Ticket, Result<SetConfigResponse, Reject>)> {
    let mut outcomes = Vec::new();
    while let Some(effect) = supervisor.poll() {
        match effect {
            Effect::Store { ticket, document, key, when } => {
                let value = KEYS.iter().find(|known| known.name == key).map(|known| {
                    // Secrets are kept as they are, not as they are shown.
                    shown(&document, &Key { secret: false, ..*known })
                });
                let stored = kube.store.set(key, &value.unwrap_or_default());
                match &stored {
                    Ok(()) => tracing::info!(key, effect = when.name(), "configuration changed"),
                    Err(error) => tracing::error!(key, %error, "configuration could not be stored"),
                }
                if let Some(outcome) = supervisor.stored(ticket, stored.is_ok()) {
                    outcomes.push((ticket, outcome));
                }
            }
            Effect::Allowed { identity, capabilities } => {
                let identity_text = hex::encode(&identity);
                match kube.store.allow(&identity, capabilities.texts()) {
                    Ok(()) => tracing::info!(identity = identity_text, "an identity became an operator"),
                    Err(error) => tracing::error!(%error, "an operator could not be stored"),
                }
            }
            Effect::Revoked { id, expires } => {
                let (expires, now) = (expires.saturating_mul(1000), kube.now());
                if let Err(error) = kube.store.revoke(&id, expires, now) {
                    tracing::error!(%error, "a revoked token could not be stored");
                }
            }
        }
    }
    outcomes
}
