//! What a credential or a token allows: paths, each with all that lies below it.

/// The path of the state of the services.
pub const STATUS: &str = "status";
/// The path of reading the configuration.
pub const READ: &str = "config/read";
/// What becomes an operator, once: the path of a seed.
pub const CLAIM: &str = "claim";
/// Everything.
pub const ALL: &str = "*";
/// Below it are the paths of changes to the configuration.
const WRITE: &str = "config/write/runtime/kube";

/// The path of changing a key of the configuration, for example `config/write/runtime/kube/https/port` for
/// `https.port`.
pub fn write(key: &str) -> String {
    format!("{WRITE}/{}", key.replace('.', "/"))
}

/// A set of capabilities (KUBE-AUTH-061).
///
/// A capability is a path of segments parted by `/`.  It grants itself and what lies below it; `*` grants
/// everything but becoming an operator.  A text of any other form grants nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(Vec<String>);

impl Capabilities {
    /// The capabilities with these texts, in this order.
    pub fn new(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(texts.into_iter().map(Into::into).collect())
    }

    /// The right to everything.
    pub fn everything() -> Self {
        Self::new([ALL])
    }

    /// The texts.
    pub fn texts(&self) -> &[String] {
        &self.0
    }

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a path is granted.
    pub fn allow(&self, path: &str) -> bool {
        self.0.iter().any(|capability| covers(capability, path))
    }

    /// What both sets grant.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        for one in &self.0 {
            for another in &other.0 {
                let common = match () {
                    () if covers(one, another) => another,
                    () if covers(another, one) => one,
                    () => continue,
                };
                if !both.contains(common) {
                    both.push(common.clone());
                }
            }
        }
        Self(both)
    }
}

/// Whether a text has the form of a capability: `*`, or segments of letters, digits, `.`, `_` and `-`.
pub fn is_well_formed(capability: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let segment = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain);
    capability.len() <= 256 && (capability == ALL || capability.split('/').all(segment))
}

/// Whether a capability grants a path, or another capability whole.
fn covers(capability: &str, path: &str) -> bool {
    if capability == ALL {
        return path != CLAIM;
    }
    alter!(KUBE_AUTH_061,
        path.strip_prefix(capability).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && !capability.is_empty(),
        "a capability grants every path that begins with its text" => path.starts_with(capability),
        "a capability grants nothing below it" => path == capability,
        "a capability grants what lies above it" =>
            capability.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capability_grants_itself_and_what_is_below() {
        let one = Capabilities::new(["config/write/runtime/kube/https"]);
        assert!(one.allow(&write("https")));
        assert!(one.allow(&write("https.port")));
        assert!(!one.allow(&write("httpsport")));
        assert!(!one.allow(&write("host")));
        assert!(!one.allow("config/write/runtime/kube"));
        assert!(!Capabilities::new([""]).allow("status"));
        assert!(Capabilities::everything().allow(READ));
        assert!(!Capabilities::everything().allow(CLAIM));
    }

    #[test]
    fn two_sets_grant_what_both_grant() {
        let one = Capabilities::new(["config", "status"]);
        let other = Capabilities::new(["config/read", "metrics"]);
        assert_eq!(one.and(&other), Capabilities::new(["config/read"]));
        assert_eq!(other.and(&one), Capabilities::new(["config/read"]));
        assert_eq!(Capabilities::everything().and(&one), one);
        assert!(one.and(&Capabilities::new(["configuration"])).is_empty());
    }

    #[test]
    fn forms() {
        for good in ["*", "status", "config/write/runtime/kube/https.port"] {
            assert!(is_well_formed(good), "{good}");
        }
        for bad in ["", "/", "a//b", "a/", "/a", "a/../b", "a b", "a/*", "ä"] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
