//! Tokens and capabilities.

use data_encoding::BASE64URL_NOPAD;
use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Map, Value, json};

use super::super::super::topic::{P256, Topic, members};
use crate::class::Class::{
    self, AuthExpired, AuthKey, AuthRevoked, AuthRole, AuthSignature, CanonForm, DecodeMissing, ResourceSize,
    SchemaConstraint,
};

/// Unix seconds.
const ISSUED: u64 = 1_704_164_645;
const EXPIRES: u64 = ISSUED + 3600;
const ID: &str = "00112233445566778899aabbccddeeff";

fn private(topic: &Topic, slug: &str) -> Value {
    json!(to_hex(&topic.bytes(slug, "kube")))
}

fn kube(topic: &Topic, slug: &str) -> Option<SigningKey> {
    SigningKey::new(Suite::P256, &topic.bytes(slug, "kube")).ok()
}

pub(super) fn issue() -> Topic {
    let about = "Tokens that a KUBE issues, judged by what a KUBE takes.";
    let mut topic = Topic::new("kube/access/token-issue", "kube.token.issue", &[P256], about);
    for (slug, capabilities, seconds) in [
        ("plain", &["*"][..], 86_400),
        ("scoped", &["config/read", "config/write/runtime/kube/https", "status"][..], 60),
        ("none", &[][..], 1),
        ("seed", &["claim"][..], 3600),
    ] {
        let Some(key) = kube(&topic, slug) else { continue };
        let identity = if slug == "seed" {
            String::new()
        } else {
            to_hex(&topic.key(Suite::P256, slug, "identity").public_key())
        };
        let input = json!({
            "suite": "p256",
            "private_key": private(&topic, slug),
            "identity": identity,
            "capabilities": capabilities,
            "now": (ISSUED * 1000 + 999).to_string(),
            "seconds": seconds,
            "jti": ID,
        });
        let check = json!({
            "kube_key": to_hex(&key.public_key()),
            "now": ((ISSUED + seconds) * 1000 - 1).to_string(),
        });
        topic.issue(
            slug,
            &["KUBE-AUTH-040", "KUBE-AUTH-041"],
            "",
            input,
            "token",
            &[("kube.token.verify", check)],
        );
    }
    let identity = topic.key(Suite::P256, "plain", "identity").public_key();
    let foreign = json!({
        "suite": "ed25519",
        "private_key": private(&topic, "plain"),
        "identity": to_hex(&identity),
        "capabilities": ["*"],
        "now": (ISSUED * 1000 + 999).to_string(),
        "seconds": 86_400,
        "jti": ID,
    });
    let about = "ES256 is for keys of P-256";
    topic.refuse("ed25519", "plain", &["KUBE-AUTH-040"], AuthKey, about, foreign);
    topic
}

/// A token made of parts, signed as it is.
struct Made {
    key: SigningKey,
    header: Value,
    claims: Map<String, Value>,
}

impl Made {
    fn new(key: &SigningKey, identity: &[u8], capabilities: &[&str]) -> Self {
        let claims = json!({
            "sub": to_hex(identity),
            "aud": to_hex(&key.public_key()),
            "iat": ISSUED,
            "exp": EXPIRES,
            "jti": ID,
            "cap": capabilities,
        });
        Self { key: key.clone(), header: json!({ "alg": "ES256", "typ": "JWT" }), claims: members(claims) }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed =
            Self { key: self.key.clone(), header: self.header.clone(), claims: self.claims.clone() };
        change(&mut changed);
        changed
    }

    fn unsigned(&self) -> String {
        let part = |text: String| BASE64URL_NOPAD.encode(text.as_bytes());
        format!("{}.{}", part(self.header.to_string()), part(Value::Object(self.claims.clone()).to_string()))
    }

    fn build(&self) -> String {
        let unsigned = self.unsigned();
        let signature = self.key.sign(unsigned.as_bytes());
        format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    /// The claims changed after they were signed.
    fn tampered(&self, change: impl FnOnce(&mut Self)) -> String {
        let signature = self.build();
        let signature = signature.rsplit('.').next().unwrap_or_default().to_owned();
        format!("{}.{signature}", self.with(change).unsigned())
    }

    fn claim(&self, name: &str, value: Value) -> String {
        self.with(|made| {
            made.claims.insert(name.to_owned(), value);
        })
        .build()
    }

    fn without(&self, name: &str) -> String {
        self.with(|made| {
            made.claims.remove(name);
        })
        .build()
    }
}

pub(super) fn verify() -> Topic {
    let about = "Which tokens a KUBE takes.";
    let mut topic = Topic::new("kube/access/token-verify", "kube.token.verify", &[P256], about);
    let Some(key) = kube(&topic, "plain") else { return topic };
    let other = topic.key(Suite::P256, "plain", "other");
    let identity = topic.key(Suite::P256, "plain", "identity").public_key();
    let made = Made::new(&key, &identity, &["status"]);
    let input = |token: &str| {
        json!({
            "token": token,
            "kube_key": to_hex(&key.public_key()),
            "now": (ISSUED * 1000 + 5).to_string(),
        })
    };
    let at = |now: u64| {
        let mut input = members(input(&made.build()));
        input.insert("now".to_owned(), now.to_string().into());
        Value::Object(input)
    };
    let revoked = |id: &str| {
        let mut input = members(input(&made.build()));
        input.insert("revoked".to_owned(), json!([id]));
        Value::Object(input)
    };
    topic.accept("plain", &["KUBE-AUTH-045", "KUBE-AUTH-048"], "", input(&made.build()));
    topic.accept("last-moment", &["KUBE-AUTH-047"], "", at(EXPIRES * 1000 - 1));
    topic.accept("another-revoked", &["KUBE-AUTH-049"], "", revoked("00112233445566778899aabbccddeefe"));
    let bare = made.with(|made| made.header = json!({ "alg": "ES256" })).build();
    topic.accept("without-type", &["KUBE-AUTH-043"], "the header has no typ", input(&bare));
    topic.accept("more-claims", &["KUBE-AUTH-046"], "", input(&made.claim("scope", json!("x"))));
    topic.accept("seed", &["KUBE-AUTH-034"], "a token that is nobody's", {
        input(
            &made
                .with(|made| {
                    made.claims.insert("sub".to_owned(), json!(""));
                    made.claims.insert("cap".to_owned(), json!(["claim"]));
                })
                .build(),
        )
    });

    let unsigned = |algorithm: &str| {
        format!("{}.", made.with(|made| made.header = json!({ "alg": algorithm })).unsigned())
    };
    let algorithm = |algorithm: &str| made.with(|made| made.header = json!({ "alg": algorithm })).build();
    let whole = made.build();
    let raised = |made: &mut Made| {
        made.claims.insert("cap".to_owned(), json!(["*"]));
    };
    let foreign = made.with(|made| made.key = other.clone()).build();
    let (unsigned_part, signature) = whole.rsplit_once('.').unwrap_or_default();
    let (header, body) = unsigned_part.split_once('.').unwrap_or_default();
    let long = made.claim("x", json!("x".repeat(6200)));
    let cases: Vec<(&str, &str, Class, &str, String)> = vec![
        ("algorithm-none", "KUBE-AUTH-043", AuthKey, "without a signature", unsigned("none")),
        ("algorithm-none-signed", "KUBE-AUTH-043", AuthKey, "", algorithm("none")),
        ("algorithm-hs256", "KUBE-AUTH-043", AuthKey, "", algorithm("HS256")),
        ("algorithm-lower", "KUBE-AUTH-043", AuthKey, "", algorithm("es256")),
        ("algorithm-absent", "KUBE-AUTH-043", AuthKey, "", {
            made.with(|made| made.header = json!({ "typ": "JWT" })).build()
        }),
        ("critical", "KUBE-AUTH-044", SchemaConstraint, "", {
            made.with(|made| made.header = json!({ "alg": "ES256", "crit": ["b64"] })).build()
        }),
        ("foreign-key", "KUBE-AUTH-045", AuthSignature, "signed by another key", foreign),
        ("raised", "KUBE-AUTH-045", AuthSignature, "more capabilities after it was signed", {
            made.tampered(raised)
        }),
        ("prolonged", "KUBE-AUTH-045", AuthSignature, "", {
            made.tampered(|made| {
                made.claims.insert("exp".to_owned(), json!(EXPIRES + 1));
            })
        }),
        ("signature-empty", "KUBE-AUTH-045", AuthSignature, "", format!("{header}.{body}.")),
        ("signature-short", "KUBE-AUTH-045", AuthSignature, "", {
            format!("{header}.{body}.{}", signature.get(..84).unwrap_or_default())
        }),
        ("another-server", "KUBE-AUTH-048", AuthRole, "", {
            made.claim("aud", json!(to_hex(&other.public_key())))
        }),
        ("no-audience", "KUBE-AUTH-048", AuthRole, "", made.without("aud")),
        ("no-expiry", "KUBE-AUTH-046", DecodeMissing, "", made.without("exp")),
        ("expiry-text", "KUBE-AUTH-046", DecodeMissing, "", made.claim("exp", json!(EXPIRES.to_string()))),
        ("no-id", "KUBE-AUTH-046", DecodeMissing, "", made.without("jti")),
        ("no-capabilities", "KUBE-AUTH-046", DecodeMissing, "", made.without("cap")),
        ("capabilities-text", "KUBE-AUTH-046", DecodeMissing, "", made.claim("cap", json!("*"))),
        ("no-subject", "KUBE-AUTH-046", DecodeMissing, "", made.without("sub")),
        ("two-parts", "KUBE-AUTH-042", CanonForm, "", format!("{header}.{body}")),
        ("four-parts", "KUBE-AUTH-042", CanonForm, "", format!("{whole}.")),
        ("padded", "KUBE-AUTH-042", CanonForm, "", format!("{whole}==")),
        ("empty-text", "KUBE-AUTH-042", CanonForm, "", String::new()),
        (
            "no-json",
            "KUBE-AUTH-042",
            CanonForm,
            "",
            format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(b"{")),
        ),
        ("too-long", "KUBE-AUTH-042", ResourceSize, "", long),
    ];
    for (slug, req, class, about, token) in cases {
        topic.reject(slug, "plain", &[req], class, about, input(&token));
    }
    topic.reject("expired", "plain", &["KUBE-AUTH-047"], AuthExpired, "", at(EXPIRES * 1000));
    topic.reject("expired-long-ago", "plain", &["KUBE-AUTH-047"], AuthExpired, "", at(EXPIRES * 2000));
    topic.reject("revoked", "plain", &["KUBE-AUTH-049"], AuthRevoked, "", revoked(ID));
    topic
}

pub(super) fn capabilities() -> Topic {
    let about = "What the capabilities of a token allow.";
    let mut topic = Topic::new("kube/access/capabilities", "kube.token.verify", &[P256], about);
    let paths = [
        "status",
        "statuses",
        "config",
        "config/read",
        "config/write/runtime/kube",
        "config/write/runtime/kube/https",
        "config/write/runtime/kube/https/port",
        "config/write/runtime/kube/httpsonly",
        "config/write/runtime/kube/host",
        "claim",
    ];
    for (slug, capabilities) in [
        ("nothing", &[][..]),
        ("everything", &["*"][..]),
        ("status", &["status"][..]),
        ("read", &["config/read"][..]),
        ("config", &["config"][..]),
        ("one-section", &["config/write/runtime/kube/https"][..]),
        ("one-key", &["config/write/runtime/kube/https/port"][..]),
        ("two", &["status", "config/write/runtime/kube/host"][..]),
        ("claim", &["claim"][..]),
        ("trailing-slash", &["config/"][..]),
        ("leading-slash", &["/status"][..]),
        ("empty", &[""][..]),
        ("star-below", &["config/*"][..]),
        ("up", &["config/read/../write"][..]),
        ("upper-case", &["STATUS"][..]),
    ] {
        let Some(key) = kube(&topic, slug) else { continue };
        let identity = topic.key(Suite::P256, slug, "identity").public_key();
        let input = json!({
            "token": Made::new(&key, &identity, capabilities).build(),
            "kube_key": to_hex(&key.public_key()),
            "now": (ISSUED * 1000).to_string(),
            "paths": paths,
        });
        topic.accept(slug, &["KUBE-AUTH-061"], "", input);
    }
    topic
}
