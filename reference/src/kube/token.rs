//! Tokens: what a KUBE gives to whom it knows, and takes back.
//!
//! A token is a JSON Web Token in compact form, signed by the KUBE's own P-256 key with ES256.  Its text has only
//! letters, digits, `-`, `_` and `.`, so that its base64 holds neither `+` nor `/`, which deployed clients cannot put
//! into a subprotocol.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::capability::Capabilities;
use crate::Reject;
use crate::keys::{self, SigningKey};

/// The longest token that is looked at, in bytes.
pub const LONGEST: usize = 8192;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `sub`: the key of the identity, 65 or 32 bytes; empty for a token that is nobody's.
    pub identity: Vec<u8>,
    /// `cap`: what it allows.
    pub capabilities: Capabilities,
    /// `iat`: when it was issued, in Unix seconds.
    pub issued: u64,
    /// `exp`: when it ceases to be valid, in Unix seconds.
    pub expires: u64,
    /// `jti`: by which it can be revoked.
    pub id: String,
}

/// Issues a token (KUBE-AUTH-040, KUBE-AUTH-041).  The same claims give the same token.
///
/// # Errors
/// `auth.key` for a key that is not one of P-256.
pub fn issue(key: &SigningKey, claims: &Claims) -> Result<String, Reject> {
    let usable = matches!(key, SigningKey::P256(_));
    require!(KUBE_AUTH_040, usable, AuthKey, "the key that signs tokens is not one of P-256")?;
    let algorithm = alter!(KUBE_AUTH_040, "ES256", "the header names another algorithm" => "HS256");
    let header = json!({ "alg": algorithm, "typ": "JWT" });
    let mut members = Map::new();
    members.insert("sub".to_owned(), keys::to_hex(&claims.identity).into());
    members.insert("aud".to_owned(), keys::to_hex(&key.public_key()).into());
    members.insert("iat".to_owned(), claims.issued.into());
    alter!(KUBE_AUTH_041, { members.insert("exp".to_owned(), claims.expires.into()); },
        "a token does not say when it expires" => (),
        "times are in milliseconds" => { members.insert("exp".to_owned(), (claims.expires * 1000).into()); });
    members.insert("jti".to_owned(), claims.id.as_str().into());
    members.insert("cap".to_owned(), claims.capabilities.texts().into());
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(&Value::Object(members)));
    let signature = BASE64URL_NOPAD.encode(&key.sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

/// Verifies a token for the KUBE with this key, at a time in Unix milliseconds.
///
/// # Errors
/// `resource.size`, `decode.*` and `canon.form` for what is no token, `auth.*` for one that is not valid here and now.
pub fn verify(
    token: &str,
    kube_key: &[u8],
    now: u64,
    is_revoked: impl Fn(&str) -> bool,
) -> Result<Claims, Reject> {
    require!(KUBE_AUTH_042, token.len() <= LONGEST, ResourceSize, "the token is too long")?;
    let mut parts = token.split('.');
    let (Some(header), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("a token is not of three parts"));
    };
    let read = |part: &str| -> Result<Map<String, Value>, Reject> {
        let bytes = decoded(part)?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(members),
            _ => Err(malformed("a part of a token is no JSON object")),
        }
    };
    let (head, members) = (read(header)?, read(body)?);
    let signature = decoded(signature)?;

    let algorithm = head.get("alg").and_then(Value::as_str).unwrap_or_default();
    let known = alter!(KUBE_AUTH_043, algorithm == "ES256",
        "a token of the algorithm none needs no signature" => algorithm == "ES256" || algorithm == "none",
        "the algorithm is compared in any case" => algorithm.eq_ignore_ascii_case("ES256"));
    require!(KUBE_AUTH_043, known, AuthKey, "the algorithm of a token is not ES256")?;
    let plain = !head.contains_key("crit");
    require!(KUBE_AUTH_044, plain, SchemaConstraint, "a token asks for what is not understood")?;
    let signed = token.get(..header.len() + 1 + body.len()).unwrap_or_default();
    let verified = keys::verify(kube_key, signed.as_bytes(), &signature).is_ok();
    let verified = alter!(KUBE_AUTH_043, verified,
        "a token of the algorithm none needs no signature" => verified || algorithm == "none");
    require!(KUBE_AUTH_045, verified, AuthSignature, "a token is not signed by this server")?;

    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let audience = text("aud") == Some(keys::to_hex(kube_key).as_str());
    require!(KUBE_AUTH_048, audience, AuthRole, "a token is for another server")?;
    let expires = members.get("exp").and_then(Value::as_u64);
    let expires = alter!(KUBE_AUTH_046, expires,
        "a token that does not expire is taken" => expires.or(Some(u64::MAX)));
    let identity = text("sub").and_then(|sub| if sub.is_empty() { Some(Vec::new()) } else { unhex(sub) });
    let capabilities = members.get("cap").and_then(Value::as_array).and_then(|list| {
        list.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    let (Some(expires), Some(issued), Some(identity), Some(id), Some(capabilities)) =
        (expires, members.get("iat").and_then(Value::as_u64), identity, text("jti"), capabilities)
    else {
        return Err(Reject::new(
            crate::requirement::KUBE_AUTH_046,
            crate::Class::DecodeMissing,
            "a claim of a token is missing or of another type",
        ));
    };
    let valid = alter!(KUBE_AUTH_047, now / 1000 < expires,
        "the second in which a token expires counts" => now / 1000 <= expires);
    require!(KUBE_AUTH_047, valid, AuthExpired, "a token has expired")?;
    require!(KUBE_AUTH_049, !is_revoked(id), AuthRevoked, "a token was revoked")?;
    Ok(Claims { identity, capabilities: Capabilities::new(capabilities), issued, expires, id: id.to_owned() })
}

const fn malformed(what: &'static str) -> Reject {
    Reject::new(crate::requirement::KUBE_AUTH_042, crate::Class::CanonForm, what)
}

fn decoded(part: &str) -> Result<Vec<u8>, Reject> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| malformed("a part of a token is not base64url"))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()
}
