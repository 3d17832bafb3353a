//! Messages of any type of the schema, with values that a reader may stumble over.

use dxos_conformance::fuzz::chance::Chance;
use dxos_conformance::fuzz::wire::{Body, Content, Field, Message, key};
use dxos_reference::schema::{Field as Described, Kind, Label, SCHEMA, Shape, TypeId};

/// How deep free data and assertions inside of assertions go.
const DEPTH: usize = 6;

/// The types of assertions that the book names, and some that are none.  Types that hold an Any are left to the
/// vectors of HALO-ENC-024.
pub(crate) const ASSERTIONS: [&str; 23] = [
    "dxos.halo.credentials.SpaceGenesis",
    "dxos.halo.credentials.SpaceMember",
    "dxos.halo.credentials.MemberProfile",
    "dxos.halo.credentials.AuthorizedDevice",
    "dxos.halo.credentials.AdmittedFeed",
    "dxos.halo.credentials.Epoch",
    "dxos.halo.credentials.HaloSpace",
    "dxos.halo.credentials.IdentityRecovery",
    "dxos.halo.credentials.IdentityProfile",
    "dxos.halo.credentials.DeviceProfile",
    "dxos.halo.credentials.DefaultSpace",
    "dxos.halo.credentials.KubeAccess",
    "dxos.halo.credentials.ServiceAccess",
    "dxos.halo.credentials.KeyInfo",
    "dxos.halo.credentials.Auth",
    "dxos.halo.invitations.DelegateSpaceInvitation",
    "dxos.halo.invitations.CancelDelegatedInvitation",
    "dxos.keys.PublicKey",
    "dxos.echo.timeframe.TimeframeVector",
    "google.protobuf.Struct",
    "google.protobuf.Timestamp",
    "example.Unknown",
    "",
];

/// Names and texts, some of which mean something to some reader.
const TEXTS: [&str; 22] = [
    "",
    "a",
    "Z",
    "10",
    "9",
    "type",
    "data",
    "Buffer",
    "@type",
    "type_url",
    "value",
    "__proto__",
    "__x",
    "constructor",
    "toJSON",
    "é",
    "e\u{301}",
    "😀",
    "\u{fb01}",
    "\u{2028}",
    "\"\\\u{8}\u{1f}\u{7f}",
    "null",
];

/// Numbers that are printed in different forms.
const NUMBERS: [f64; 20] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    1e20,
    1e21,
    123_456_789_012_345_680_000.0,
    1e-6,
    1e-7,
    5e-324,
    f64::MAX,
    f64::MIN_POSITIVE,
    9_007_199_254_740_993.0,
    4.35,
    0.000_001,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    255.5,
];

/// A message of a type, most of the time as a writer makes it.
pub(crate) fn message(name: &str, keys: &[&[u8]], chance: &mut Chance) -> Vec<u8> {
    match SCHEMA.find(name) {
        Some(ty) => of_type(ty, keys, 0, chance).to_bytes(),
        None => {
            let length = chance.below(12);
            chance.bytes(length)
        }
    }
}

/// A date in Unix milliseconds as an encoded Timestamp: mostly as a writer makes it.
pub(crate) fn date(chance: &mut Chance) -> Message {
    let seconds = match chance.below(6) {
        0 => chance.number() as i64 % 8_640_000_000_000,
        1 => -(chance.below(2_000_000_000) as i64),
        _ => 1_700_000_000 + chance.below(40_000_000) as i64,
    };
    let nanos = match chance.below(6) {
        0 => chance.below(1_000_000_000) as i64,
        1 => 999_999_999,
        2 => 0,
        _ => 1_000_000 * chance.below(1000) as i64,
    };
    let nanos = if chance.once_in(20) { -nanos } else { nanos };
    let fields = vec![Field::integer(1, seconds as u64), Field::integer(2, nanos as u64)];
    Message { fields, rest: Vec::new() }
}

/// A date that every peer reads and writes alike: of this century, in whole milliseconds.
pub(crate) fn recent(chance: &mut Chance) -> Message {
    let (seconds, nanos) = (1_700_000_000 + chance.below(40_000_000), 1_000_000 * chance.below(1000));
    let fields = vec![Field::integer(1, seconds as u64), Field::integer(2, nanos as u64)];
    Message { fields, rest: Vec::new() }
}

/// A text.
pub(crate) fn text(chance: &mut Chance) -> String {
    let parts = if chance.once_in(3) { 2 } else { 1 };
    (0..parts).filter_map(|_| chance.pick(&TEXTS).copied()).collect()
}

fn of_type(ty: TypeId, keys: &[&[u8]], depth: usize, chance: &mut Chance) -> Message {
    let described = SCHEMA.get(ty);
    let fields = match described.shape {
        Shape::PublicKey => vec![Field::delimited(1, Body::Bytes(public_key(keys, chance)))],
        Shape::Timestamp => date(chance).fields,
        // A value is of one kind.
        Shape::Value => {
            let deep = depth >= DEPTH;
            let shallow = |field: &&Described| !deep || !matches!(field.kind, Kind::Message(_));
            let kinds: Vec<&Described> = described.fields.iter().filter(shallow).collect();
            chance.pick(&kinds).map(|field| written(field, keys, depth, chance)).into_iter().collect()
        }
        Shape::Any => {
            let name = chance.pick(&ASSERTIONS).copied().unwrap_or_default();
            let inner = if depth < DEPTH / 2 { message(name, keys, chance) } else { Vec::new() };
            vec![
                Field::delimited(1, Body::Bytes(name.as_bytes().to_vec())),
                Field::delimited(2, Body::Bytes(inner)),
            ]
        }
        Shape::Plain | Shape::Timeframe | Shape::Struct => {
            let mut fields = Vec::new();
            for field in &described.fields {
                let times = match field.label {
                    Label::Implicit => usize::from(!chance.once_in(24)),
                    Label::Optional if described.is_map_entry => 1,
                    Label::Optional => chance.below(2),
                    Label::Repeated if depth >= DEPTH => 0,
                    Label::Repeated => chance.below(4),
                };
                fields.extend((0..times).map(|_| written(field, keys, depth, chance)));
            }
            fields
        }
    };
    Message { fields, rest: Vec::new() }
}

fn written(field: &Described, keys: &[&[u8]], depth: usize, chance: &mut Chance) -> Field {
    let number = field.number;
    let small = |chance: &mut Chance| match chance.below(8) {
        0 => chance.number() as u32 as i32 as i64 as u64,
        1 => u64::MAX,
        _ => chance.below(7) as u64,
    };
    match field.kind {
        Kind::Int32 | Kind::Uint32 => {
            let value = small(chance);
            Field::integer(
                number,
                if field.kind == Kind::Uint32 { value & u64::from(u32::MAX) } else { value },
            )
        }
        Kind::Int64 => Field::integer(number, chance.number()),
        Kind::Bool => Field::integer(number, chance.below(2) as u64),
        Kind::Double => {
            let special = chance.pick(&NUMBERS).copied().unwrap_or_default();
            let value = if chance.once_in(4) { f64::from_bits(chance.number()) } else { special };
            Field { key: key(number, 1), content: Content::Fixed(value.to_le_bytes().to_vec()) }
        }
        Kind::String => Field::delimited(number, Body::Bytes(text(chance).into_bytes())),
        Kind::Bytes => {
            let length = chance.below(40);
            let bytes = if chance.once_in(2) { public_key(keys, chance) } else { chance.bytes(length) };
            Field::delimited(number, Body::Bytes(bytes))
        }
        Kind::Message(ty) => Field::delimited(number, Body::Message(of_type(ty, keys, depth + 1, chance))),
    }
}

fn public_key(keys: &[&[u8]], chance: &mut Chance) -> Vec<u8> {
    match chance.below(8) {
        0 => {
            let length = chance.below(70);
            chance.bytes(length)
        }
        1 => chance.bytes(32),
        _ => chance.pick(keys).map(|key| key.to_vec()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use dxos_reference::wire;

    use super::*;

    #[test]
    fn most_messages_of_each_type_read() {
        for name in ASSERTIONS {
            let Some(ty) = SCHEMA.find(name) else { continue };
            let read = (0..100)
                .filter(|trial| {
                    wire::read(ty, &message(name, &[&[4; 65]], &mut Chance::new(1, *trial))).is_ok()
                })
                .count();
            assert!(read > 50, "{name}: {read} of 100");
        }
    }

    #[test]
    fn types_without_a_schema_are_two() {
        let unknown: Vec<&str> = ASSERTIONS.into_iter().filter(|name| SCHEMA.find(name).is_none()).collect();
        assert_eq!(unknown, ["example.Unknown", ""]);
    }
}
