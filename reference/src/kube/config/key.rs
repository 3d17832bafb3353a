//! The keys that can be set, and where each is in the schema.

use dxos_proto::dxos::config::runtime::Kube;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// Decimal, from 1 to 2147483647.
    Seconds,
    /// Decimal, from 1 to 65535.
    Port,
    /// A name of a host, or nothing.
    Host,
    /// An address that begins with `http://` or `https://`, or nothing.
    Address,
    /// Text on one line.
    Text,
    /// A JSON array of texts on one line.
    Texts,
    /// A JSON array of names of hosts.
    Hosts,
    /// A JSON array of `NAME=value`.
    Variables,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// With the answer.
    Now,
    /// When the KUBE starts again.
    Restart,
}

impl When {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Restart => "restart",
        }
    }
}

/// A key below `runtime.kube`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its dotted path.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// When a change takes effect.
    pub when: When,
    /// Whether it is never shown.
    pub secret: bool,
}

const fn key(name: &'static str, kind: Kind, when: When) -> Key {
    Key { name, kind, when, secret: false }
}

const fn secret(name: &'static str) -> Key {
    Key { name, kind: Kind::Text, when: When::Restart, secret: true }
}

/// The first of the keys.
pub(super) const FIRST: Key = key("alias", Kind::Hosts, When::Now);

/// All keys (KUBE-CONF-001), by their names.
pub const KEYS: &[Key] = &[
    FIRST,
    key("app_tunneling.command_template", Kind::Text, When::Restart),
    key("app_tunneling.enabled", Kind::Flag, When::Restart),
    key("app_tunneling.output_re", Kind::Text, When::Restart),
    key("app_tunneling.port", Kind::Port, When::Restart),
    key("autoupdate.enabled", Kind::Flag, When::Now),
    key("autoupdate.interval", Kind::Seconds, When::Now),
    key("bots.enabled", Kind::Flag, When::Restart),
    key("bots.interval", Kind::Seconds, When::Restart),
    key("confhost", Kind::Host, When::Now),
    key("env", Kind::Variables, When::Restart),
    key("gravity.disabled", Kind::Flag, When::Restart),
    key("gravity.log_dir", Kind::Text, When::Restart),
    key("gravity.name", Kind::Text, When::Restart),
    key("host", Kind::Host, When::Now),
    key("https.certfile", Kind::Text, When::Restart),
    key("https.dnsprovider", Kind::Text, When::Restart),
    key("https.email", Kind::Text, When::Restart),
    key("https.enabled", Kind::Flag, When::Restart),
    key("https.keyfile", Kind::Text, When::Restart),
    key("https.port", Kind::Port, When::Restart),
    key("monitoring.enabled", Kind::Flag, When::Now),
    key("monitoring.endpoint", Kind::Address, When::Now),
    key("monitoring.interval", Kind::Seconds, When::Now),
    key("p2p.bootstrap", Kind::Texts, When::Restart),
    key("p2p.port", Kind::Port, When::Restart),
    secret("p2p.privatekey"),
    key("port", Kind::Port, When::Restart),
    key("telemetry.disabled", Kind::Flag, When::Now),
    key("telemetry.tags", Kind::Texts, When::Now),
    key("trace.disabled", Kind::Flag, When::Now),
];

/// A field of the schema.
pub(super) enum Place<'k> {
    Flag(&'k mut bool),
    Number(&'k mut i32),
    Text(&'k mut String),
    Optional(&'k mut Option<String>),
    List(&'k mut Vec<String>),
}

impl Place<'_> {
    /// Sets it to a value of its kind; anything else leaves it as it is.
    pub(super) fn put(self, value: &str) {
        match self {
            Self::Flag(flag) => *flag = value == "true",
            Self::Number(number) => *number = value.parse().unwrap_or(*number),
            Self::Text(text) => value.clone_into(text),
            Self::Optional(text) => *text = (!value.is_empty()).then(|| value.to_owned()),
            Self::List(list) => *list = serde_json::from_str(value).unwrap_or_else(|_| list.clone()),
        }
    }

    /// The value.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => (*text).clone(),
            Self::Optional(text) => text.as_deref().unwrap_or_default().to_owned(),
            Self::List(list) => serde_json::Value::from(list.as_slice()).to_string(),
        }
    }
}

/// Where a key is.
pub(super) fn place<'k>(kube: &'k mut Kube, key: &str) -> Option<Place<'k>> {
    use Place::{Flag, List, Number, Optional, Text};
    Some(match key {
        "alias" => List(&mut kube.alias),
        "app_tunneling.command_template" => {
            Text(&mut kube.app_tunneling.get_or_insert_default().command_template)
        }
        "app_tunneling.enabled" => Flag(&mut kube.app_tunneling.get_or_insert_default().enabled),
        "app_tunneling.output_re" => Text(&mut kube.app_tunneling.get_or_insert_default().output_re),
        "app_tunneling.port" => Text(&mut kube.app_tunneling.get_or_insert_default().port),
        "autoupdate.enabled" => Flag(&mut kube.autoupdate.get_or_insert_default().enabled),
        "autoupdate.interval" => Number(&mut kube.autoupdate.get_or_insert_default().interval),
        "bots.enabled" => Flag(&mut kube.bots.get_or_insert_default().enabled),
        "bots.interval" => Number(&mut kube.bots.get_or_insert_default().interval),
        "confhost" => Text(&mut kube.confhost),
        "env" => List(&mut kube.env),
        "gravity.disabled" => Flag(&mut kube.gravity.get_or_insert_default().disabled),
        "gravity.log_dir" => Optional(&mut kube.gravity.get_or_insert_default().log_dir),
        "gravity.name" => Text(&mut kube.gravity.get_or_insert_default().name),
        "host" => Text(&mut kube.host),
        "https.certfile" => Text(&mut kube.https.get_or_insert_default().certfile),
        "https.dnsprovider" => Text(&mut kube.https.get_or_insert_default().dnsprovider),
        "https.email" => Text(&mut kube.https.get_or_insert_default().email),
        "https.enabled" => Flag(&mut kube.https.get_or_insert_default().enabled),
        "https.keyfile" => Text(&mut kube.https.get_or_insert_default().keyfile),
        "https.port" => Text(&mut kube.https.get_or_insert_default().port),
        "monitoring.enabled" => Flag(&mut kube.monitoring.get_or_insert_default().enabled),
        "monitoring.endpoint" => Text(&mut kube.monitoring.get_or_insert_default().endpoint),
        "monitoring.interval" => Number(&mut kube.monitoring.get_or_insert_default().interval),
        "p2p.bootstrap" => List(&mut kube.p2p.get_or_insert_default().bootstrap),
        "p2p.port" => Text(&mut kube.p2p.get_or_insert_default().port),
        "p2p.privatekey" => Text(&mut kube.p2p.get_or_insert_default().privatekey),
        "port" => Text(&mut kube.port),
        "telemetry.disabled" => Flag(&mut kube.telemetry.get_or_insert_default().disabled),
        "telemetry.tags" => List(&mut kube.telemetry.get_or_insert_default().tags),
        "trace.disabled" => Flag(&mut kube.trace.get_or_insert_default().disabled),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_place_and_the_list_is_in_order() {
        for pair in KEYS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
        for key in KEYS {
            assert!(place(&mut Kube::default(), key.name).is_some(), "{}", key.name);
        }
    }
}
