//! From whom and for whom a message is, without decoding the rest of it.

use dxos_proto::prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::Reject;

/// The parts of an encoded `dxos.mesh.signal.Message` that a server looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressed<'a> {
    /// Who says to have written it; not empty.
    pub author: &'a [u8],
    /// Whom it is for; not empty.
    pub recipient: &'a [u8],
}

impl<'a> Addressed<'a> {
    /// Reads them.  Of a field that is there more than once the last counts; the fields of the payload are
    /// not looked into.
    ///
    /// # Errors
    /// `decode.wire_type` for bytes that are no message (KUBE-SIG-028), `schema.constraint` for a message
    /// without author or recipient (KUBE-SIG-025).
    pub fn read(message: &'a [u8]) -> Result<Self, Reject> {
        let Some(addressed) = fields(message) else {
            refuse!(KUBE_SIG_028, DecodeWireType, "the message does not decode")?;
            return Ok(Self { author: &[0], recipient: &[0] });
        };
        require!(KUBE_SIG_025, !addressed.author.is_empty(), SchemaConstraint, "the author is empty")?;
        require!(KUBE_SIG_025, !addressed.recipient.is_empty(), SchemaConstraint, "the recipient is empty")?;
        Ok(addressed)
    }
}

fn fields(mut rest: &[u8]) -> Option<Addressed<'_>> {
    let mut found = Addressed { author: &[], recipient: &[] };
    while !rest.is_empty() {
        let (number, wire_type) = decode_key(&mut rest).ok()?;
        match (number, wire_type) {
            (1 | 2, WireType::LengthDelimited) => {
                let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
                let (value, after) = rest.split_at_checked(length)?;
                if number == 1 {
                    found.author = value;
                } else {
                    found.recipient = value;
                }
                rest = after;
            }
            (1..=4, wire_type) if number < 3 || wire_type != WireType::LengthDelimited => return None,
            _ => skip_field(wire_type, number, &mut rest, DecodeContext::default()).ok()?,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::Addressed;

    #[test]
    fn the_last_of_a_field_counts_and_others_are_skipped() {
        let message = [10, 1, 7, 18, 1, 8, 26, 2, 255, 255, 152, 6, 1, 10, 2, 9, 9];
        assert_eq!(Addressed::read(&message), Ok(Addressed { author: &[9, 9], recipient: &[8] }));
    }

    #[test]
    fn what_is_cut_short_or_of_another_type_is_no_message() {
        for bytes in [
            &[10, 5, 1][..],
            &[8, 1],
            &[26],
            &[24, 1],
            &[0],
            &[10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ] {
            assert_eq!(Addressed::read(bytes).unwrap_err().class.name(), "decode.wire_type", "{bytes:?}");
        }
        assert_eq!(Addressed::read(&[10, 1, 1]).unwrap_err().class.name(), "schema.constraint");
    }
}
