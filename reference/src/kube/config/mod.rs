//! The configuration of a KUBE: `dxos.config.Config`, of which the part below `runtime.kube` can be changed while it
//! runs.

mod key;
mod secret;
mod value;

use dxos_proto::dxos::config::Config;

pub use key::{KEYS, Key, Kind, When};
pub use secret::without_secrets;

use crate::Reject;

/// The key with a name, if a value for it is well formed.
///
/// # Errors
/// `state.unknown_ref` for an unknown key, `canon.form` and `schema.range` for a value that is not of its kind, and
/// `resource.*` for one that is too long.
pub fn check(key: &str, value: &str) -> Result<&'static Key, Reject> {
    let is = |known: &&Key| {
        alter!(KUBE_CONF_001, known.name == key,
            "keys are compared in any case" => known.name.eq_ignore_ascii_case(key))
    };
    let Some(key) = KEYS.iter().find(is) else {
        refuse!(KUBE_CONF_001, StateUnknownRef, "there is no such key")?;
        return Ok(&key::FIRST);
    };
    value::check(key.kind, value)?;
    Ok(key)
}

/// Sets a key to a value that was checked.
pub fn put(document: &mut Config, key: &Key, value: &str) {
    let kube = document.runtime.get_or_insert_default().kube.get_or_insert_default();
    alter!(KUBE_CONF_009, (),
        "what else is configured is lost" => *kube = dxos_proto::dxos::config::runtime::Kube::default());
    if let Some(place) = key::place(kube, key.name) {
        place.put(value);
    }
}

/// The value of a key as it is shown: texts as they are, of a secret nothing (KUBE-CONF-013).
pub fn shown(document: &Config, key: &Key) -> String {
    let secret = alter!(KUBE_CONF_013, key.secret, "the value of a secret is answered" => false);
    if secret {
        return String::new();
    }
    let mut kube = document.runtime.as_ref().and_then(|runtime| runtime.kube.clone()).unwrap_or_default();
    key::place(&mut kube, key.name).map(|place| place.shown()).unwrap_or_default()
}

/// Every key that is set, with its value as [`shown`].
pub fn entries(document: &Config) -> Vec<(&'static str, String)> {
    KEYS.iter()
        .map(|key| (key.name, shown(document, key)))
        .filter(|(_, value)| !matches!(value.as_str(), "" | "false" | "0" | "[]"))
        .collect()
}
