//! Where a KUBE is that is judged by its address.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// How a KUBE is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// WebSockets and HTTP.
    Ws,
    /// The same inside of TLS.
    Wss,
    /// gRPC.
    Grpc,
    /// The same inside of TLS.
    Grpcs,
}

impl Scheme {
    const ALL: [(&'static str, Self, u16); 4] = [
        ("ws", Self::Ws, 80),
        ("wss", Self::Wss, 443),
        ("grpc", Self::Grpc, 80),
        ("grpcs", Self::Grpcs, 443),
    ];

    fn named(name: &str) -> Option<(Self, u16)> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, scheme, port)| (*scheme, *port))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Ws => "ws",
            Self::Wss => "wss",
            Self::Grpc => "grpc",
            Self::Grpcs => "grpcs",
        }
    }
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those that the system trusts.
    System,
    /// Those in a file, in PEM form.
    File(PathBuf),
    /// Any, for development.
    Anyone,
}

/// Scheme, host and port of a KUBE, and what is to be known about it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// A name or an IP address; an IPv6 address in brackets.
    pub host: String,
    /// The port; by default 80, and 443 with TLS.
    pub port: u16,
    /// From what the key of the operator's identity is made, which may be let in.  A secret: never shown.
    pub operator: Option<Vec<u8>>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// How long it is watched whether something comes that should not.
    pub quiet: Duration,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Address {
    /// As it was given, without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())?;
        let mut between = '?';
        let mut option = |text: String| {
            let written = write!(f, "{between}{text}");
            between = '&';
            written
        };
        if self.operator.is_some() {
            option("operator=SEED".to_owned())?;
        }
        match &self.trust {
            Trust::System => {}
            Trust::File(path) => option(format!("ca={}", path.display()))?,
            Trust::Anyone => option("insecure".to_owned())?,
        }
        if self.quiet != QUIET {
            option(format!("quiet={}", self.quiet.as_millis()))?;
        }
        Ok(())
    }
}

/// For a server on the same machine that is not busy.
const QUIET: Duration = Duration::from_millis(150);

/// The most of that, in milliseconds.
const LONGEST_QUIET: u64 = 5_000;

/// The length of an operator's seed in bytes.
pub const SEED: usize = 32;

/// Why a text is no address of a KUBE.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No scheme, another one, no host, or a port that is none.
    #[error(
        "\"kube:{0}\" is no address of a KUBE: use kube:ws://HOST:PORT (wss with TLS, grpc and grpcs over gRPC), as kube:ws://127.0.0.1:9000"
    )]
    Form(String),
    /// An option that does not exist.
    #[error(
        "\"{0}\" is no option of a KUBE's address: there are operator=SEED, ca=FILE, insecure and quiet=MILLISECONDS"
    )]
    Option(String),
    /// A seed that is none.  It is not shown.
    #[error("operator=SEED wants {SEED} bytes in hex, or env:NAME for a variable that holds them")]
    Seed,
    /// Neither.
    #[error("quiet=MILLISECONDS wants a number from 1 to {LONGEST_QUIET}")]
    Quiet,
}

impl Address {
    /// Scheme, host and port.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme.name(), self.authority())
    }

    /// Host and port.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The host without brackets.
    pub fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }

    fn option(&mut self, option: &str) -> Result<(), AddressError> {
        match option.split_once('=') {
            Some(("operator", seed)) => {
                self.operator = Some(read_seed(seed).ok_or(AddressError::Seed)?);
            }
            Some(("ca", path)) if !path.is_empty() => self.trust = Trust::File(path.into()),
            Some(("quiet", ms)) => {
                let ms = ms.parse().ok().filter(|ms| (1..=LONGEST_QUIET).contains(ms));
                self.quiet = Duration::from_millis(ms.ok_or(AddressError::Quiet)?);
            }
            None if option == "insecure" => self.trust = Trust::Anyone,
            _ => return Err(AddressError::Option(option.to_owned())),
        }
        Ok(())
    }
}

fn read_seed(text: &str) -> Option<Vec<u8>> {
    let text = match text.strip_prefix("env:") {
        Some(name) => std::env::var(name).ok()?,
        None => text.to_owned(),
    };
    hex::decode(text.trim()).ok().filter(|seed| seed.len() == SEED)
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `ws://HOST:PORT` with options behind a question mark.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (place, options) =
            text.split_once('?').map_or((text, None), |(place, options)| (place, Some(options)));
        // Nothing behind the port, in particular no secret, is repeated.
        let form = || AddressError::Form(place.to_owned());
        let (scheme, rest) = place.split_once("://").ok_or_else(form)?;
        let (scheme, default) = Scheme::named(scheme).ok_or_else(form)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| form())?),
            _ => (authority, default),
        };
        let bracketed = host.starts_with('[') && host.ends_with(']');
        if host.is_empty()
            || port == 0
            || host.contains(['/', ' ', '@', '#'])
            || (host.contains(':') && !bracketed)
        {
            return Err(form());
        }
        let mut address =
            Self { scheme, host: host.to_owned(), port, operator: None, trust: Trust::System, quiet: QUIET };
        for option in options.into_iter().flat_map(|options| options.split('&')) {
            address.option(option)?;
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        text.parse::<Address>().map(|address| address.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_is_read() {
        for text in [
            "ws://127.0.0.1:9000",
            "wss://kube.example:8443?insecure",
            "grpc://[::1]:9000?ca=/a.pem&quiet=500",
        ] {
            assert_eq!(shown(text).as_deref(), Ok(text));
        }
        assert_eq!(shown("wss://kube.example/").as_deref(), Ok("wss://kube.example:443"));
        assert_eq!("ws://[::1]:9000".parse::<Address>().unwrap().bare_host(), "::1");
    }

    #[test]
    fn what_is_none_is_explained() {
        for text in
            ["", "127.0.0.1:9000", "http://a:1", "ws://", "ws://a:b", "ws://a:0", "ws://a/b:1", "ws://::1:9"]
        {
            assert!(shown(text).unwrap_err().contains("use kube:ws://HOST:PORT"), "{text}");
        }
        assert!(shown("ws://a:1?verbose").unwrap_err().starts_with("\"verbose\" is no option"));
        assert!(shown("ws://a:1?quiet=0").unwrap_err().starts_with("quiet="));
    }

    #[test]
    fn the_seed_is_not_shown() {
        let seed = "ab".repeat(SEED);
        let address: Address = format!("ws://a:1?operator={seed}").parse().unwrap();
        assert_eq!(address.operator, Some(vec![0xab; SEED]));
        assert_eq!(format!("{address} {address:?}").matches("SEED").count(), 2);
        assert!(!format!("{address} {address:?}").contains(&seed));
        let error = shown(&format!("ws://a:1?operator={seed}00")).unwrap_err();
        assert!(!error.contains(&seed), "{error}");
    }
}
