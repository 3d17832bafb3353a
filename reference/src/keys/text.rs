//! Text forms of public keys.

use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::{Class, Reject, requirement as req};

/// Lower-case hex of all bytes (HALO-KEY-010).
pub fn to_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Reads hex.  A leading `0x` and upper case are taken too, which HALO-KEY-012 allows.
///
/// # Errors
/// `decode.length` for an odd number of characters or none, `canon.form` for other characters.
pub fn from_hex(text: &str) -> Result<Vec<u8>, Reject> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    require!(HALO_KEY_011, !digits.is_empty(), DecodeLength, "the text holds no hex")?;
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
    bytes.map_err(|error| match error.kind {
        data_encoding::DecodeKind::Length => {
            Reject::new(req::HALO_KEY_011, Class::DecodeLength, "the number of hex characters is odd")
                .at(error.position)
        }
        _ => Reject::new(req::HALO_KEY_011, Class::CanonForm, "a character is not hex").at(error.position),
    })
}

/// `B`, then upper-case base32 of RFC 4648 without padding (HALO-KEY-013).
pub fn to_multibase32(bytes: &[u8]) -> String {
    format!("B{}", BASE32_NOPAD.encode(bytes))
}

/// Reads multibase32.  Padding is taken too, which HALO-KEY-015 allows: deployed peers write it.
///
/// # Errors
/// `decode.length` for an impossible number of characters or none, `canon.form` for anything else.
pub fn from_multibase32(text: &str) -> Result<Vec<u8>, Reject> {
    let body = text.strip_prefix('B');
    require!(HALO_KEY_014, body.is_some(), CanonForm, "the text does not begin with B")?;
    let body = body.unwrap_or_default();
    let unpadded = body.trim_end_matches('=');
    let padding = body.len() - unpadded.len();
    require!(
        HALO_KEY_016,
        padding == 0 || body.len().is_multiple_of(8) && padding < 7,
        CanonForm,
        "the padding is wrong"
    )?;
    require!(HALO_KEY_022, !unpadded.is_empty(), DecodeLength, "the text holds no base32")?;
    base32(unpadded, req::HALO_KEY_014, req::HALO_KEY_016)
}

/// Decodes base32 without padding; `form` and `bits` are the requirements for characters and for bits.
pub(super) fn base32(text: &str, form: req::Requirement, bits: req::Requirement) -> Result<Vec<u8>, Reject> {
    if text.is_empty() {
        return Err(Reject::new(form, Class::DecodeLength, "the text holds no base32"));
    }
    BASE32_NOPAD.decode(text.as_bytes()).map_err(|error| match error.kind {
        data_encoding::DecodeKind::Length => {
            Reject::new(bits, Class::DecodeLength, "no number of bytes has so many base32 characters")
        }
        data_encoding::DecodeKind::Trailing => {
            Reject::new(bits, Class::CanonForm, "left-over bits are not zero")
        }
        _ => Reject::new(form, Class::CanonForm, "a character is not upper-case base32").at(error.position),
    })
}
