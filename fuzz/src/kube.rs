//! Access and configuration of a KUBE.

use dxos_proto::dxos::config::Config;
use dxos_proto::prost::Message as _;
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::kube::{config, token};

/// A verdict is the same each time, nothing that was not issued passes, and whatever passes was signed.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let key = SigningKey::new(Suite::P256, &[1; 32]).expect("a key");
    let kube = key.public_key();
    let verdict = token::verify(text, &kube, 0, |_| false);
    assert_eq!(token::verify(text, &kube, 0, |_| false), verdict, "two verdicts");
    if let Ok(claims) = verdict {
        assert!(token::verify(text, &kube, u64::MAX, |_| false).is_err(), "it never expires");
        assert!(token::verify(text, &kube, 0, |id| id == claims.id).is_err(), "it cannot be revoked");
    }
}

/// The first line is a key, the second its value, the rest a configuration: what can be set is set, shown as it can be set
/// again, and nothing secret is served.
pub fn config(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (key, value) = (text(), text());
    let mut document = Config::decode(parts.next().unwrap_or_default()).unwrap_or_default();
    if let Ok(known) = config::check(key, value) {
        config::put(&mut document, known, value);
        let shown = config::shown(&document, known);
        if !known.secret {
            config::check(known.name, &shown).expect("what is shown can be set");
            let before = document.clone();
            config::put(&mut document, known, &shown);
            assert_eq!(document, before, "and changes nothing");
        }
    }
    let public = config::without_secrets(&document);
    assert_eq!(config::without_secrets(&public), public, "a secret is left");
}
