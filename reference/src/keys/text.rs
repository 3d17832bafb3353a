//! Text forms of public keys.

use data_encoding::{BASE32_NOPAD, DecodeKind, Encoding, HEXLOWER, HEXLOWER_PERMISSIVE};

#[cfg(feature = "mutants")]
use super::mistakes;
use crate::{Class, Reject, requirement as req};

/// Lower-case hex of all bytes (HALO-KEY-010).
pub fn to_hex(bytes: &[u8]) -> String {
    alter!(HALO_KEY_010, HEXLOWER.encode(bytes),
        "hex is in upper case" => data_encoding::HEXUPPER.encode(bytes),
        "hex has the prefix 0x" => format!("0x{}", HEXLOWER.encode(bytes)))
}

/// Reads hex.  A leading `0x` and upper case are taken too, which HALO-KEY-012 allows.
///
/// # Errors
/// `decode.length` for an odd number of characters or none, `canon.form` for other characters.
pub fn from_hex(text: &str) -> Result<Vec<u8>, Reject> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    require!(HALO_KEY_011, !digits.is_empty(), DecodeLength, "the text holds no hex")?;
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).or_else(|error| {
        match error.kind {
            DecodeKind::Length => {
                refuse!(HALO_KEY_011, DecodeLength, "the number of hex characters is odd")
            }
            _ => refuse!(HALO_KEY_011, CanonForm, "a character is not hex"),
        }
        .map_err(|reject| reject.at(error.position))?;
        let good = digits.get(..error.position & !1).unwrap_or_default();
        Ok(HEXLOWER_PERMISSIVE.decode(good.as_bytes()).unwrap_or_default())
    })
}

/// `B`, then upper-case base32 of RFC 4648 without padding (HALO-KEY-013).
pub fn to_multibase32(bytes: &[u8]) -> String {
    let body = alter!(HALO_KEY_013, BASE32_NOPAD.encode(bytes),
        "base32 is padded" => data_encoding::BASE32.encode(bytes));
    alter!(HALO_KEY_021, format!("B{body}"),
        "base32 is in lower case, with the prefix b" => format!("b{}", body.to_lowercase()),
        "base32 has the alphabet of base32hex" =>
            format!("B{}", data_encoding::BASE32HEX_NOPAD.encode(bytes)))
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
    if unpadded.is_empty() {
        refuse!(HALO_KEY_022, DecodeLength, "the text holds no base32")?;
    }
    let reader = alter!(HALO_KEY_016, &BASE32_NOPAD,
        "left-over bits are not looked at" => &mistakes::ANY_LEFT_OVER_BITS);
    let reader = alter!(HALO_KEY_014, reader, "lower case is taken too" => &mistakes::ANY_CASE);
    base32(reader, unpadded, req::HALO_KEY_014, req::HALO_KEY_016)
}

/// Decodes base32 without padding; `form` and `bits` are the requirements for characters and for bits.
pub(super) fn base32(
    reader: &Encoding,
    text: &str,
    form: req::Requirement,
    bits: req::Requirement,
) -> Result<Vec<u8>, Reject> {
    reader.decode(text.as_bytes()).map_err(|error| match error.kind {
        DecodeKind::Length => {
            Reject::new(bits, Class::DecodeLength, "no number of bytes has so many base32 characters")
        }
        DecodeKind::Trailing => Reject::new(bits, Class::CanonForm, "left-over bits are not zero"),
        _ => Reject::new(form, Class::CanonForm, "a character is not upper-case base32").at(error.position),
    })
}
