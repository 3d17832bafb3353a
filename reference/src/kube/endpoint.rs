//! Paths of a KUBE, and who may open a WebSocket there.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// What the subprotocol that carries a token begins with (KUBE-END-007); the token in base64 follows.
pub const BEARER_PROTOCOL: &str = "base64url.bearer.authorization.dxos.org.";

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 8192;

/// A service that is spoken to by dxRPC, on a WebSocket of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// `dxos.mesh.signal.Signal`.
    Signal,
    /// `dxos.service.supervisor.Supervisor`.
    Supervisor,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Signal, Self::Supervisor];

    /// Its path (KUBE-END-001).
    pub const fn path(self) -> &'static str {
        match self {
            Self::Signal => "/.well-known/dx/signal",
            Self::Supervisor => "/.well-known/dx/supervisor",
        }
    }

    /// Its full name in the schemas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signal => "dxos.mesh.signal.Signal",
            Self::Supervisor => "dxos.service.supervisor.Supervisor",
        }
    }

    /// The service at a path, which may have a query.
    pub fn at(target: &str) -> Option<Self> {
        let path = alter!(KUBE_END_003, target.split('?').next().unwrap_or_default(),
            "the query is taken for a part of the path" => target);
        let is = |service: &Self| {
            alter!(KUBE_END_003, path == service.path(),
                "upper and lower case of a path are the same" => path.eq_ignore_ascii_case(service.path()),
                "what only begins like a path is at it" => path.starts_with(service.path()))
        };
        let found = Self::ALL.into_iter().find(is);
        let found = alter!(KUBE_END_001, found, "signalling is not at its path" =>
            found.filter(|service| *service != Self::Signal));
        alter!(KUBE_END_002, found, "every path is that of signalling" => found.or(Some(Self::Signal)))
    }
}

/// Why a request gets no WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// There is no service at the path.
    #[error("there is no service at this path")]
    NotFound,
    /// The request does not ask for a WebSocket (KUBE-END-004).
    #[error("this service is spoken to by WebSocket")]
    UpgradeRequired,
    /// A token is there that is not valid.
    #[error("the token is not valid")]
    Unauthorized,
}

impl Denied {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::UpgradeRequired => 426,
            Self::Unauthorized => 401,
        }
    }
}

/// A request for a WebSocket that is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The service.
    pub service: Service,
    /// The subprotocol to select: the one with the token, byte for byte as it was offered (KUBE-END-008).
    pub protocol: Option<String>,
    /// The token that was given, which is valid.
    pub token: Option<String>,
}

/// What a request for a path of a service says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Path and query.
    pub target: &'a str,
    /// Whether it asks for a WebSocket.
    pub upgrade: bool,
    /// The subprotocols that are offered: the values of `Sec-WebSocket-Protocol`, split at commas and trimmed.
    pub protocols: &'a [&'a str],
    /// The value of `Authorization`.
    pub authorization: Option<&'a str>,
}

impl Request<'_> {
    /// Decides on a request.  `valid` says whether a token is one.
    ///
    /// # Errors
    /// See [`Denied`].
    pub fn admit(&self, valid: impl Fn(&str) -> bool) -> Result<Admitted, Denied> {
        let service = Service::at(self.target).ok_or(Denied::NotFound)?;
        if !self.upgrade {
            return Err(alter!(KUBE_END_004, Denied::UpgradeRequired,
                "a path that is asked without an upgrade is not there" => Denied::NotFound));
        }
        let bearers: Vec<&str> =
            self.protocols.iter().copied().filter(|protocol| protocol.starts_with(BEARER_PROTOCOL)).collect();
        let one = require!(KUBE_END_011, bearers.len() <= 1, AuthKey, "several subprotocols carry tokens");
        one.map_err(|_| Denied::Unauthorized)?;
        let offered = bearers.first().copied();
        let by_protocol =
            offered.map(|protocol| from_protocol(protocol).ok_or(Denied::Unauthorized)).transpose()?;
        let by_header =
            self.authorization.map(|value| from_header(value).ok_or(Denied::Unauthorized)).transpose()?;
        if let (Some(one), Some(other)) = (&by_protocol, &by_header) {
            let same =
                require!(KUBE_END_011, one == other, AuthKey, "subprotocol and header carry two tokens");
            same.map_err(|_| Denied::Unauthorized)?;
        }
        let token = by_protocol.or(by_header);
        if let Some(token) = &token {
            let admitted = require!(KUBE_END_010, valid(token), AuthKey, "the token is not valid");
            admitted.map_err(|_| Denied::Unauthorized)?;
        }
        alter!(KUBE_END_005, (), "a socket without a token is refused" => if token.is_none() {
            return Err(Denied::Unauthorized);
        });
        let protocol = alter!(KUBE_END_008, offered.map(str::to_owned),
            "the subprotocol of a token is not selected" => None);
        let protocol = alter!(KUBE_END_006, protocol,
            "the first subprotocol is selected, whatever it is" => self.protocols.first().map(|&one| one.to_owned()));
        Ok(Admitted { service, protocol, token })
    }
}

/// The token that a subprotocol carries: base64 in either alphabet, with or without padding.
pub fn from_protocol(protocol: &str) -> Option<String> {
    let encoded = protocol.strip_prefix(BEARER_PROTOCOL)?;
    if encoded.len() > MAX_TOKEN * 2 {
        return None;
    }
    let bare = encoded.trim_end_matches('=');
    // Padding is there in full or not at all.
    let whole =
        bare.len() == encoded.len() || encoded.len().is_multiple_of(4) && encoded.len() - bare.len() <= 2;
    let whole = alter!(KUBE_END_007, whole, "base64 with padding is refused" => bare.len() == encoded.len(),
        "base64 without padding is refused" => encoded.len().is_multiple_of(4));
    if !whole {
        return None;
    }
    let (standard, url) = (BASE64_NOPAD.decode(bare.as_bytes()), BASE64URL_NOPAD.decode(bare.as_bytes()));
    let bytes = alter!(KUBE_END_007, standard.or(url),
        "only the alphabet of base64url is taken" => BASE64URL_NOPAD.decode(bare.as_bytes()),
        "only the standard alphabet is taken" => BASE64_NOPAD.decode(bare.as_bytes()));
    bearable(String::from_utf8(bytes.ok()?).ok()?)
}

/// The token of a header `Authorization: Bearer …`.
pub fn from_header(value: &str) -> Option<String> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let bearer = alter!(KUBE_END_009, scheme.eq_ignore_ascii_case("bearer"),
        "the scheme must be spelled Bearer" => scheme == "Bearer",
        "the header is not looked at" => false,
        "any scheme carries a token" => true);
    if bearer { bearable(token.trim().to_owned()) } else { None }
}

fn bearable(token: String) -> Option<String> {
    (1..=MAX_TOKEN).contains(&token.len()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(target: &'a str, protocols: &'a [&'a str], authorization: Option<&'a str>) -> Request<'a> {
        Request { target, upgrade: true, protocols, authorization }
    }

    #[test]
    fn paths_are_exact_but_for_the_query() {
        assert_eq!(Service::at("/.well-known/dx/signal"), Some(Service::Signal));
        assert_eq!(Service::at("/.well-known/dx/supervisor?x=/"), Some(Service::Supervisor));
        for path in ["/", "", "/.well-known/dx/signal/", "/.well-known/dx/Signal", "/.well-known/dx/signals"]
        {
            assert_eq!(Service::at(path), None, "{path}");
        }
    }

    #[test]
    fn a_token_is_taken_in_every_form_and_its_subprotocol_selected_as_it_was_offered() {
        // Bytes whose base64 has both of the characters that differ, and padding.
        let token = "a?>b\u{3ff}~";
        for encoding in [data_encoding::BASE64, BASE64_NOPAD, data_encoding::BASE64URL, BASE64URL_NOPAD] {
            let protocol = format!("{BEARER_PROTOCOL}{}", encoding.encode(token.as_bytes()));
            let offered = ["chat", &protocol];
            let admitted =
                request("/.well-known/dx/signal", &offered, None).admit(|given| given == token).unwrap();
            assert_eq!(admitted.protocol.as_deref(), Some(protocol.as_str()));
            assert_eq!(admitted.token.as_deref(), Some(token));
            let denied = request("/.well-known/dx/signal", &offered, None).admit(|_| false);
            assert_eq!(denied, Err(Denied::Unauthorized));
        }
        for bad in ["", "A", "YQ=", "Y===", "YQ==YQ==", "Y Q", "/w=="] {
            assert_eq!(from_protocol(&format!("{BEARER_PROTOCOL}{bad}")), None, "{bad:?}");
        }
    }

    #[test]
    fn headers_and_subprotocols_agree_or_neither_counts() {
        let yq = format!("{BEARER_PROTOCOL}YQ");
        let of =
            |protocols: &[&str], header| request("/.well-known/dx/signal", protocols, header).admit(|_| true);
        assert_eq!(of(&[], Some("bEARER a")).unwrap().token.as_deref(), Some("a"));
        assert!(of(&[&yq], Some("Bearer a")).is_ok());
        assert_eq!(of(&[&yq], Some("Bearer b")), Err(Denied::Unauthorized));
        assert_eq!(of(&[&yq, &yq], None), Err(Denied::Unauthorized));
        assert_eq!(of(&[], Some("Basic a")), Err(Denied::Unauthorized));
        assert_eq!(of(&[], Some("Bearer")), Err(Denied::Unauthorized));
        let none = of(&["chat"], None).unwrap();
        assert_eq!((none.protocol, none.token), (None, None));
    }
}
