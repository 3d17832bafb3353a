//! What the server is configured by: one file in YAML, then the environment, both by the schemas.
//!
//! The file holds a `dxos.config.Config` in the JSON form of Protobuf, and the server's own
//! `dxos.kube.Settings` beside it, under `kube`.

pub mod environment;
pub mod example;
pub mod read;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dxos_proto::dxos::config::{Config, Runtime, runtime};
use dxos_proto::dxos::kube::Settings;
use prost_reflect::{DescriptorPool, MessageDescriptor};

/// Key of the server's own settings.
pub const OWN: &str = "kube";
/// Port of a server that is not told another.
pub const DEFAULT_PORT: u16 = 80;
/// Host of a server that is not told another.
pub const DEFAULT_HOST: &str = "kube.local";

#[allow(clippy::expect_used, reason = "the descriptors are compiled in and tested")]
static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(dxos_proto::DESCRIPTORS).expect("the compiled schemas"));

/// A message of the schemas by its full name.
///
/// # Panics
/// If there is none.
#[allow(clippy::expect_used, reason = "called with names of the schemas only")]
pub fn descriptor(name: &str) -> MessageDescriptor {
    POOL.get_message_by_name(name).expect("a message of the schemas")
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not there, or may not be read.
    #[error("cannot read {}: {cause}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The text is not what the schema says.
    #[error("{place}: {what}")]
    Wrong {
        /// File and line, or name of a variable.
        place: String,
        /// What is wrong, and what would be right.
        what: String,
    },
}

impl ConfigError {
    fn wrong(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Wrong { place: place.into(), what: what.into() }
    }
}

/// A configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// What deployed tools know.
    pub config: Config,
    /// What only this server knows.
    pub settings: Settings,
}

impl Configuration {
    /// Reads a file, if one is named, and what variables of the environment say beside it.
    ///
    /// # Errors
    /// [`ConfigError`]: it names the line or the variable.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut document = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|cause| ConfigError::File { path: path.to_owned(), cause })?;
                read::document(&text, &path.display().to_string())?
            }
            None => read::Document::default(),
        };
        environment::apply(&mut document, variables)?;
        document.configuration()
    }

    /// Reads the text of a file; `name` is what errors call it.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        read::document(text, name)?.configuration()
    }

    /// The part about the KUBE, made if it is not there.
    pub fn kube_mut(&mut self) -> &mut runtime::Kube {
        let runtime: &mut Runtime = self.config.runtime.get_or_insert_default();
        runtime.kube.get_or_insert_default()
    }

    /// The part about the KUBE.
    pub fn kube(&self) -> Option<&runtime::Kube> {
        self.config.runtime.as_ref()?.kube.as_ref()
    }

    /// The name under which it is reached.
    pub fn host(&self) -> &str {
        self.kube().map(|kube| kube.host.as_str()).filter(|host| !host.is_empty()).unwrap_or(DEFAULT_HOST)
    }

    /// The port of HTTP.
    ///
    /// # Errors
    /// [`ConfigError`] if it is not a number that fits.
    pub fn port(&self) -> Result<u16, ConfigError> {
        port("runtime.kube.port", self.kube().map_or("", |kube| &kube.port), DEFAULT_PORT)
    }

    /// The port of HTTPS, if that is switched on.
    ///
    /// # Errors
    /// [`ConfigError`] if it is not a number that fits.
    pub fn https_port(&self) -> Result<Option<u16>, ConfigError> {
        let https = self.kube().and_then(|kube| kube.https.as_ref()).filter(|https| https.enabled);
        https.map(|https| port("runtime.kube.https.port", &https.port, 443)).transpose()
    }
}

/// A configuration as JSON, in the form of Protobuf.
///
/// # Errors
/// If the schemas do not allow it.
pub fn to_json(config: &Config) -> anyhow::Result<String> {
    let mut message = prost_reflect::DynamicMessage::new(descriptor("dxos.config.Config"));
    message.transcode_from(config)?;
    Ok(serde_json::to_string(&message)?)
}

fn port(key: &str, text: &str, default: u16) -> Result<u16, ConfigError> {
    match text {
        "" => Ok(default),
        text => {
            text.parse().map_err(|_| ConfigError::wrong(key, format!("`{text}` is not a port: 0 to 65535")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_and_numbers_for_ports() {
        let text = "version: 1\nruntime:\n  kube:\n    host: a.example\n    port: 8080\n    app_tunneling: {enabled: true}\n  services:\n    iceProviders: [{urls: x}]\nkube:\n  access: {publicStatus: true, allow: ['04aa']}\n  processes:\n  - name: p\n    command: [sleep, 1]\n";
        let read = Configuration::parse(text, "kube.yml").unwrap();
        assert_eq!((read.host(), read.port().unwrap()), ("a.example", 8080));
        assert!(read.kube().unwrap().app_tunneling.as_ref().unwrap().enabled);
        assert_eq!(read.settings.processes[0].command, ["sleep", "1"]);
        assert_eq!(read.settings.access.unwrap().public_status, Some(true));
    }

    #[test]
    fn errors_name_the_line_and_what_is_right() {
        let wrong = |text: &str| Configuration::parse(text, "kube.yml").unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                "runtime:\n  kube:\n    hosts: x\n",
                "runtime:\n  kube:\n    https:\n      enabled: yes please\n",
                "version: one\n",
                "version: [1]\n",
                "kubes: {}\n",
                "kube:\n  processes:\n  - name: a\n  - nmae: b\n",
                "kube:\n  processes: a\n",
                "runtime: 5\n",
                "runtime: {kube: {port: 1, port: 2}}\n",
                "runtime:\n  kube:\n   - a\n  b: [\n",
                "kube: {signalling: {queueBytes: -1}}\n",
                "runtime: {services: {ice: [{urls: x, hue: {}}]}}\n",
                "? [1]\n: 2\n",
            ]
            .map(wrong)
            .join("\n"),
            @r#"
        kube.yml:3: no key `hosts` in `runtime.kube`; did you mean `host`?
        kube.yml:4: `enabled`: the text `yes please` where true or false is wanted
        kube.yml:1: `version`: the text `one` where a whole number is wanted
        kube.yml:1: `version`: a list where a whole number is wanted
        kube.yml:1: no key `kubes` at the top; did you mean `kube`?
        kube.yml:4: no key `nmae` in `kube.processes`; did you mean `name`?
        kube.yml:2: `processes`: the text `a` where a list is wanted
        kube.yml:1: `5` where keys are wanted
        kube.yml:1: runtime.kube: duplicate entry with key "port"
        kube.yml:5: did not find expected node content
        kube.yml:1: `queue_bytes`: `-1` where a whole number that is not negative is wanted
        kube.yml:1: no key `hue` in `runtime.services.ice`; there are urls, username, credential
        kube.yml:1: a list is no key
        "#);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let variables = [
            ("KUBE_RUNTIME_KUBE_PORT", "8081"),
            ("KUBE_RUNTIME_KUBE_HTTPS_ENABLED", "true"),
            ("KUBE_RUNTIME_KUBE_ALIAS", "[a, b]"),
            ("KUBE_KUBE_ACCESS_PUBLIC_STATUS", "true"),
            ("OTHER", "x"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "runtime: {kube: {port: 1, host: h, https: {port: 2}}}").unwrap();
        let read = Configuration::load(Some(file.path()), variables).unwrap();
        assert_eq!((read.host(), read.port().unwrap(), read.https_port().unwrap()), ("h", 8081, Some(2)));
        assert_eq!(read.kube().unwrap().alias, ["a", "b"]);
        assert_eq!(read.settings.access.unwrap().public_status, Some(true));

        let wrong = |name: &str, value: &str| {
            Configuration::load(None, [(name.to_owned(), value.to_owned())]).unwrap_err().to_string()
        };
        insta::assert_snapshot!(
            [wrong("KUBE_RUNTIME_KUBE_PROT", "1"), wrong("KUBE_RUNTIME_KUBE_HTTPS_ENABLED", "1")].join("\n"),
            @r#"
        KUBE_RUNTIME_KUBE_PROT: leads to no key; it goes on by the names of the schema, from one of VERSION, PACKAGE, RUNTIME, KUBE
        KUBE_RUNTIME_KUBE_HTTPS_ENABLED: `enabled`: `1` where true or false is wanted
        "#);
    }
}
