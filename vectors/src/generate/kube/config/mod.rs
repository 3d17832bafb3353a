//! Keys and values of the configuration, and what of it is served.

use dxos_proto::dxos::config::runtime::services::{Dxns, Faasd, Ice, Ipfs, Machine, Signal};
use dxos_proto::dxos::config::runtime::{Client, Keys, Kube, Services, kube};
use dxos_proto::dxos::config::{Config, Module, Package, Runtime};
use dxos_proto::prost::Message as _;
use dxos_reference::keys::to_hex;
use serde_json::{Value, json};

use super::super::topic::Topic;
use crate::class::Class::{self, CanonForm, ResourceCount, ResourceSize, SchemaRange, StateUnknownRef};

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![set(), shown()]
}

/// A configuration with something in many places.
fn document() -> Config {
    let text = |text: &str| Some(text.to_owned());
    let kube = Kube {
        host: "kube.example".to_owned(),
        port: "80".to_owned(),
        https: Some(kube::Https { enabled: true, port: "443".to_owned(), ..Default::default() }),
        env: vec!["TOKEN=secret value".to_owned(), "EMPTY=".to_owned()],
        alias: vec!["a.example".to_owned()],
        p2p: Some(kube::P2p {
            privatekey: "private key".to_owned(),
            port: "4001".to_owned(),
            bootstrap: vec!["/dns4/b.example".to_owned()],
        }),
        ipfs_api_authorizations: vec![kube::KuboApiAuthorization {
            name: "writer".to_owned(),
            auth_secret: "bearer:secret".to_owned(),
            allowed_paths: vec!["/api/v0/add".to_owned()],
        }],
        ..Default::default()
    };
    let services = Services {
        dxns: Some(Dxns { server: text("wss://d"), account_uri: text("//Alice"), ..Default::default() }),
        ipfs: Some(Ipfs { gateway: text("https://g"), server_auth_secret: text("s"), ..Default::default() }),
        signaling: vec![Signal { server: "wss://s".to_owned(), ..Default::default() }],
        ice: vec![Ice { urls: "turn:t".to_owned(), username: text("dxos"), credential: text("dxos") }],
        machine: Some(Machine {
            do_access_token: text("d"),
            github_access_token: text("g"),
            github_username: text("someone"),
            npm_access_token: text("n"),
            ..Default::default()
        }),
        faasd: Some(Faasd { username: text("admin"), password: text("p"), ..Default::default() }),
        ..Default::default()
    };
    let client = Client {
        remote_source: text("wss://r"),
        remote_source_authentication_token: text("t"),
        ..Default::default()
    };
    let module = Module { name: text("tasks"), r#type: text("dxos:type/app"), ..Default::default() };
    Config {
        version: Some(1),
        package: Some(Package { license: text("MIT"), modules: vec![module], ..Default::default() }),
        runtime: Some(Runtime {
            client: Some(client),
            services: Some(services),
            kube: Some(kube),
            keys: vec![Keys { name: text("k"), value: text("v") }],
            ..Default::default()
        }),
    }
}

fn shown() -> Topic {
    let about = "A configuration as it is served, as JSON with names in camel case; what has the default of its type is left out.";
    let mut topic = Topic::new("kube/config/shown", "kube.config.get", &[], about);
    let of = |document: &Config| json!({ "document": to_hex(&document.encode_to_vec()) });
    let whole = document();
    topic.accept("whole", &["KUBE-CONF-011", "KUBE-CONF-012"], "", of(&whole));
    let part = |change: fn(&mut Runtime)| {
        let mut runtime = Runtime::default();
        let mut from = whole.clone().runtime.unwrap_or_default();
        std::mem::swap(&mut runtime.kube, &mut from.kube);
        std::mem::swap(&mut runtime.services, &mut from.services);
        runtime.keys = std::mem::take(&mut from.keys);
        runtime.client = from.client.take();
        change(&mut runtime);
        of(&Config { runtime: Some(runtime), ..Default::default() })
    };
    let secret = &["KUBE-CONF-011"];
    topic.accept("kube", secret, "", part(|r| (r.services, r.client, r.keys) = (None, None, Vec::new())));
    topic.accept("services", secret, "", part(|r| (r.kube, r.client, r.keys) = (None, None, Vec::new())));
    topic.accept(
        "keys",
        secret,
        "names of keys, too",
        part(|r| (r.kube, r.services, r.client) = (None, None, None)),
    );
    topic.accept("client", secret, "", part(|r| (r.kube, r.services, r.keys) = (None, None, Vec::new())));
    topic.accept("package", &["KUBE-CONF-012"], "", of(&Config { runtime: None, ..whole }));
    topic
}

fn set() -> Topic {
    let about = "Keys and values that SetConfig takes, and those that it refuses.";
    let mut topic = Topic::new("kube/config/set", "kube.config.set", &[], about);
    let document = to_hex(&document().encode_to_vec());
    let input = |key: &str, value: &str| json!({ "document": document, "key": key, "value": value });
    accepted(&mut topic, &input);
    refused_keys(&mut topic, &input);
    refused_values(&mut topic, &input);
    topic
}

type Input<'a> = &'a dyn Fn(&str, &str) -> Value;

fn accepted(topic: &mut Topic, input: Input<'_>) {
    let longest = format!("{}.example", ["a"; 63].concat());
    for (slug, req, key, value) in [
        ("flag", "KUBE-CONF-002", "telemetry.disabled", "true"),
        ("flag-off", "KUBE-CONF-002", "https.enabled", "false"),
        ("port", "KUBE-CONF-003", "port", "8080"),
        ("port-first", "KUBE-CONF-003", "https.port", "1"),
        ("port-last", "KUBE-CONF-003", "p2p.port", "65535"),
        ("seconds", "KUBE-CONF-004", "autoupdate.interval", "600"),
        ("seconds-first", "KUBE-CONF-004", "monitoring.interval", "1"),
        ("seconds-last", "KUBE-CONF-004", "bots.interval", "2147483647"),
        ("host", "KUBE-CONF-005", "host", "kube.local"),
        ("host-address", "KUBE-CONF-005", "host", "127.0.0.1"),
        ("host-empty", "KUBE-CONF-005", "confhost", ""),
        ("host-long-label", "KUBE-CONF-005", "confhost", &longest),
        ("address", "KUBE-CONF-006", "monitoring.endpoint", "https://m.example/in?x=1"),
        ("address-empty", "KUBE-CONF-006", "monitoring.endpoint", ""),
        ("texts", "KUBE-CONF-007", "telemetry.tags", r#"["a","b c",""]"#),
        ("hosts", "KUBE-CONF-007", "alias", r#"["b.example","c.example"]"#),
        ("hosts-none", "KUBE-CONF-007", "alias", "[]"),
        ("list-spaced", "KUBE-CONF-013", "alias", r#" [ "b.example" ] "#),
        ("variables", "KUBE-CONF-018", "env", r#"["A=1","B_2=a=b","C="]"#),
        ("text", "KUBE-CONF-008", "https.certfile", "/etc/kube/cert ü.pem"),
        ("text-optional", "KUBE-CONF-008", "gravity.log_dir", "/var/log"),
        ("secret", "KUBE-CONF-013", "p2p.privatekey", "another private key"),
    ] {
        topic.accept(slug, &[req, "KUBE-CONF-009", "KUBE-CONF-014"], "", input(key, value));
    }
    let text = ["x"; 4096].concat();
    topic.accept("text-longest", &["KUBE-CONF-008"], "", input("https.email", &text));
    let list = Value::from(vec!["x"; 64]).to_string();
    topic.accept("list-longest", &["KUBE-CONF-007"], "", input("p2p.bootstrap", &list));
    for key in dxos_reference::kube::config::KEYS {
        use dxos_reference::kube::config::Kind;
        let value = match key.kind {
            Kind::Flag => "true",
            Kind::Seconds | Kind::Port => "77",
            Kind::Host => "h.example",
            Kind::Address => "http://h.example",
            Kind::Text => "t",
            Kind::Texts => r#"["t"]"#,
            Kind::Hosts => r#"["h.example"]"#,
            Kind::Variables => r#"["T=1"]"#,
        };
        let slug = format!("key-{}", key.name.replace(['.', '_'], "-"));
        let req = &["KUBE-CONF-001", "KUBE-CONF-009", "KUBE-CONF-014"];
        let mut input = crate::generate::topic::members(input(key.name, value));
        input.remove("document");
        topic.accept(&slug, req, "in an empty configuration", Value::Object(input));
    }
}

fn refused_keys(topic: &mut Topic, input: Input<'_>) {
    for (slug, from, key, value) in [
        ("key-unknown", "port", "ports", "8080"),
        ("key-empty", "port", "", "8080"),
        ("key-upper-case", "port", "PORT", "8080"),
        ("key-camel-case", "text-optional", "gravity.logDir", "/var/log"),
        ("key-whole-path", "port", "runtime.kube.port", "8080"),
        ("key-section", "flag-off", "https", "false"),
        ("key-deeper", "port", "port.number", "8080"),
        ("key-slash", "port-first", "https/port", "1"),
        ("key-trailing-dot", "port", "port.", "8080"),
        ("key-space", "port", " port", "8080"),
        ("key-of-another-section", "host", "services.supervisor.server", "kube.local"),
        ("key-of-a-list", "text", "ipfs_api_authorizations", "/etc/kube/cert ü.pem"),
    ] {
        topic.reject(slug, from, &["KUBE-CONF-001"], StateUnknownRef, "", input(key, value));
    }
}

fn refused_values(topic: &mut Topic, input: Input<'_>) {
    let long_label = format!("{}.example", ["a"; 64].concat());
    let long_name = ["abcdefg."; 32].concat() + "example";
    let cases: [(&str, &str, &str, Class, &str, &str); 41] = [
        ("flag-upper-case", "flag", "KUBE-CONF-002", CanonForm, "telemetry.disabled", "TRUE"),
        ("flag-number", "flag", "KUBE-CONF-002", CanonForm, "telemetry.disabled", "1"),
        ("flag-empty", "flag", "KUBE-CONF-002", CanonForm, "telemetry.disabled", ""),
        ("flag-word", "flag", "KUBE-CONF-002", CanonForm, "telemetry.disabled", "yes"),
        ("flag-space", "flag", "KUBE-CONF-002", CanonForm, "telemetry.disabled", "true "),
        ("port-word", "port", "KUBE-CONF-003", CanonForm, "port", "abc"),
        ("port-empty", "port", "KUBE-CONF-003", CanonForm, "port", ""),
        ("port-negative", "port", "KUBE-CONF-003", CanonForm, "port", "-1"),
        ("port-plus", "port", "KUBE-CONF-003", CanonForm, "port", "+8080"),
        ("port-leading-zero", "port", "KUBE-CONF-003", CanonForm, "port", "08080"),
        ("port-hex", "port", "KUBE-CONF-003", CanonForm, "port", "0x1f90"),
        ("port-fraction", "port", "KUBE-CONF-003", CanonForm, "port", "80.0"),
        ("port-space", "port", "KUBE-CONF-003", CanonForm, "port", " 80"),
        ("port-0", "port", "KUBE-CONF-003", SchemaRange, "port", "0"),
        ("port-65536", "port", "KUBE-CONF-003", SchemaRange, "port", "65536"),
        ("port-huge", "port", "KUBE-CONF-003", SchemaRange, "port", "18446744073709551697"),
        ("seconds-word", "seconds", "KUBE-CONF-004", CanonForm, "autoupdate.interval", "often"),
        ("seconds-unit", "seconds", "KUBE-CONF-004", CanonForm, "autoupdate.interval", "10s"),
        ("seconds-0", "seconds", "KUBE-CONF-004", SchemaRange, "autoupdate.interval", "0"),
        ("seconds-too-many", "seconds", "KUBE-CONF-004", SchemaRange, "autoupdate.interval", "2147483648"),
        ("host-space", "host", "KUBE-CONF-005", CanonForm, "host", "kube local"),
        ("host-underscore", "host", "KUBE-CONF-005", CanonForm, "host", "kube_local"),
        ("host-port", "host", "KUBE-CONF-005", CanonForm, "host", "kube.local:80"),
        ("host-path", "host", "KUBE-CONF-005", CanonForm, "host", "kube.local/x"),
        ("host-dot-last", "host", "KUBE-CONF-005", CanonForm, "host", "kube.local."),
        ("host-two-dots", "host", "KUBE-CONF-005", CanonForm, "host", "kube..local"),
        ("host-hyphen-first", "host", "KUBE-CONF-005", CanonForm, "host", "-kube.local"),
        ("host-hyphen-last", "host", "KUBE-CONF-005", CanonForm, "host", "kube-.local"),
        ("host-label-too-long", "host", "KUBE-CONF-005", CanonForm, "host", &long_label),
        ("host-too-long", "host", "KUBE-CONF-005", CanonForm, "host", &long_name),
        ("address-scheme", "address", "KUBE-CONF-006", CanonForm, "monitoring.endpoint", "ftp://m.example"),
        ("address-bare", "address", "KUBE-CONF-006", CanonForm, "monitoring.endpoint", "m.example"),
        ("address-no-host", "address", "KUBE-CONF-006", CanonForm, "monitoring.endpoint", "https:///in"),
        ("list-bare", "hosts", "KUBE-CONF-007", CanonForm, "alias", "b.example"),
        ("list-of-numbers", "texts", "KUBE-CONF-007", CanonForm, "telemetry.tags", "[1]"),
        ("list-object", "texts", "KUBE-CONF-007", CanonForm, "telemetry.tags", "{}"),
        ("list-open", "texts", "KUBE-CONF-007", CanonForm, "telemetry.tags", r#"["a""#),
        ("hosts-empty-one", "hosts", "KUBE-CONF-007", CanonForm, "alias", r#"["b.example",""]"#),
        ("hosts-bad-one", "hosts", "KUBE-CONF-005", CanonForm, "alias", r#"["b.example","-"]"#),
        ("text-line-feed", "text", "KUBE-CONF-008", CanonForm, "https.certfile", "/etc\n/kube"),
        ("text-nul", "text", "KUBE-CONF-008", CanonForm, "https.certfile", "/etc\u{0}"),
    ];
    for (slug, from, req, class, key, value) in cases {
        topic.reject(slug, from, &[req], class, "", input(key, value));
    }
    for (slug, value) in [
        ("variable-without-value", r#"["A"]"#),
        ("variable-without-name", r#"["=1"]"#),
        ("variable-digit", r#"["1A=1"]"#),
        ("variable-hyphen", r#"["A-B=1"]"#),
        ("variable-space", r#"["A =1"]"#),
    ] {
        topic.reject(slug, "variables", &["KUBE-CONF-018"], CanonForm, "", input("env", value));
    }
    let text = ["x"; 4097].concat();
    topic.reject(
        "text-too-long",
        "text-longest",
        &["KUBE-CONF-008"],
        ResourceSize,
        "",
        input("https.email", &text),
    );
    let list = Value::from(vec!["x"; 65]).to_string();
    let req = &["KUBE-CONF-007"];
    topic.reject("list-too-long", "list-longest", req, ResourceCount, "", input("p2p.bootstrap", &list));
}
