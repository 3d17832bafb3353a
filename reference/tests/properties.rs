//! Laws that hold for every input: no panic, round trips, one canonical form, agreement with an ordinary
//! Protobuf reader where that is right.
#![forbid(unsafe_code)]
// The helpers are part of the tests: a failure there is a failure of the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod recipe;

use std::collections::BTreeMap;

use dxos_proto::dxos::halo::credentials as pb;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::{Any, Struct, Timestamp, Value};
use dxos_reference::halo::{Credential, Issue, Presentation, Proof, issue, present, verify};
use dxos_reference::keys::{self, SigningKey, Suite};
use dxos_reference::schema::SCHEMA;
use dxos_reference::{Class, Reject, canonical, wire};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use recipe::{Recipe, chain, free_object, free_value, key, recipe, signing_key, timestamp};

/// So many cases, or more or fewer in proportion to `PROPTEST_CASES` (256 where it is not set).
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    // A failure prints its input; no files of seeds.
    ProptestConfig { cases: default.cases * cases / 256, failure_persistence: None, ..default }
}

fn payload(bytes: &[u8]) -> Result<String, Reject> {
    Credential::new(&Credential::read(bytes)?).payload()
}

fn verified(bytes: &[u8], now: Option<i64>) -> Result<(), Reject> {
    verify(&Credential::new(&Credential::read(bytes)?), now)
}

fn presented(bytes: &[u8], nonce: Option<&[u8]>) -> Result<usize, Reject> {
    let tree = Presentation::read(bytes)?;
    Presentation::new(&tree).verify(nonce, None).map(|verified| verified.signers.len())
}

// ---------------------------------------------------------------------------------------------------------
// No panic

/// Calls all that takes bytes from outside.
fn exercise(bytes: &[u8]) {
    if let Ok(tree) = Credential::read(bytes) {
        let credential = Credential::new(&tree);
        let _ = (credential.carried_id(), credential.issuer(), credential.subject());
        let _ = (credential.issuance_date(), credential.expiration_date(), credential.parents().count());
        let _ = (credential.payload(), credential.computed_id());
        let _ =
            (verify(&credential, None), verify(&credential, Some(0)), verify(&credential, Some(i64::MAX)));
        if let Some(assertion) = credential.assertion() {
            let _ = (assertion.type_name(), assertion.text(), assertion.message());
        }
        if let Ok(proof) = credential.proof() {
            let _ = (proof.signature_type(), proof.creation_date(), proof.signer(), proof.nonce());
            let _ = (proof.value(), proof.chain_length());
        }
        let _ = Credential::read(&wire::complete(&tree));
    }
    if let Ok(tree) = Presentation::read(bytes) {
        let presentation = Presentation::new(&tree);
        let _ = (presentation.payload(0), presentation.payload(1), presentation.payload(usize::MAX));
        let _ = (presentation.verify(None, None), presentation.verify(Some(b"nonce"), Some(i64::MIN)));
        let _ = Presentation::read(&wire::complete(&tree));
    }
    for name in [
        "google.protobuf.Any",
        "google.protobuf.Struct",
        "dxos.client.services.Invitation",
        "dxos.echo.timeframe.TimeframeVector",
    ] {
        let _ = wire::read(SCHEMA.find(name).unwrap(), bytes).map(|tree| wire::complete(&tree));
    }
    let _ = (keys::space_id(bytes), keys::to_multibase32(bytes));
}

/// A change of some bytes: at a place, delete some, then insert some.
#[derive(Clone, Debug)]
struct Edit {
    at: prop::sample::Index,
    delete: usize,
    insert: Vec<u8>,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let sizes = prop_oneof![4 => Just((1, 1)), 1 => (0usize..4, 0usize..4), 1 => (0usize..200, 0usize..3)];
    let edit = (any::<prop::sample::Index>(), sizes).prop_flat_map(|(at, (delete, insert))| {
        vec(any::<u8>(), insert).prop_map(move |insert| Edit { at, delete, insert })
    });
    vec(edit, 1..4)
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let at = edit.at.index(bytes.len() + 1);
        let end = (at + edit.delete).min(bytes.len());
        bytes.splice(at..end, edit.insert.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in vec(any::<u8>(), 0..300)) {
        exercise(&bytes);
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn edited_credentials_and_presentations_do_not_panic(recipe in recipe(2), edits in edits()) {
        let credential = recipe.issue();
        let presentation = present(&recipe.keys[0], &[&credential, &credential], 0, None, None).unwrap();
        exercise(&edited(credential, &edits));
        exercise(&edited(presentation, &edits));
    }
}

/// A credential that states a credential, through a chain of so many links each time.
fn nested(times: usize, links: usize) -> Vec<u8> {
    let key = |writer: &mut wire::Writer, number| {
        writer.key(number, &[1]);
    };
    let mut credential = Vec::new();
    for _ in 0..times {
        let mut writer = wire::Writer::default();
        key(&mut writer, 2);
        writer.message(10, |claim| {
            claim.message(2, |any| {
                any.bytes(1, b"dxos.halo.credentials.Credential").bytes(2, &credential);
            });
        });
        credential = writer.finish();
        for _ in 0..links {
            let mut writer = wire::Writer::default();
            key(&mut writer, 2);
            writer.message(11, |proof| {
                proof.key(3, &[2]).message(6, |chain| {
                    chain.bytes(1, &credential);
                });
            });
            credential = writer.finish();
        }
    }
    credential
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    fn class(bytes: &[u8]) -> Option<Class> {
        Credential::read(bytes).err().map(|reject| reject.class)
    }

    // What a thread has by default, and much less, is enough where the compiler optimises; frames are more
    // than ten times as large where it does not.
    let stack = if cfg!(debug_assertions) { 4 << 20 } else { 512 << 10 };
    let thread = std::thread::Builder::new().stack_size(stack).spawn(|| {
        // The deepest that is read.
        let deepest = nested(wire::MAX_ANYS, 32);
        assert_eq!(class(&deepest), None);
        exercise(&deepest);

        assert_eq!(class(&nested(wire::MAX_ANYS + 1, 32)), Some(Class::ResourceDepth));
        assert_eq!(class(&nested(1, 34)), Some(Class::ResourceDepth));
        assert_eq!(class(&nested(4_000, 0)), Some(Class::ResourceDepth));
    });
    thread.unwrap().join().unwrap();
}

// ---------------------------------------------------------------------------------------------------------
// Round trips

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn what_is_issued_is_read_and_verifies(recipe in recipe(3)) {
        let bytes = recipe.issue();
        let tree = Credential::read(&bytes).unwrap();
        let credential = Credential::new(&tree);
        prop_assert_eq!(verify(&credential, None), Ok(()));

        let proof = credential.proof().unwrap();
        let (signer, devices) = (recipe.keys.last().unwrap().public_key(), recipe.keys.len() - 1);
        prop_assert_eq!(credential.carried_id(), Some(&credential.computed_id().unwrap()[..]));
        prop_assert_eq!(credential.issuer(), recipe.keys[0].public_key());
        prop_assert_eq!(credential.subject(), &recipe.subject);
        prop_assert_eq!(credential.issuance_date(), recipe.date);
        prop_assert_eq!(credential.expiration_date(), recipe.expiration);
        prop_assert!(credential.parents().eq(recipe.parents.iter()));
        prop_assert_eq!(proof.signer(), signer);
        prop_assert_eq!(proof.creation_date(), recipe.date);
        prop_assert_eq!(proof.nonce(), recipe.nonce.as_deref());
        prop_assert_eq!(proof.chain_length(), devices);

        let assertion = credential.assertion().unwrap();
        prop_assert_eq!(assertion.type_name(), recipe.statement.0);
        let member = format!("\"assertion\":{}", assertion.text().unwrap());
        prop_assert!(credential.payload().unwrap().contains(&member));

        // Nothing that was written would have to be filled in, and nothing is written twice.
        prop_assert_eq!(&wire::complete(&tree), &bytes);

        if let Some(expiration) = recipe.expiration {
            let class = |now| verify(&credential, Some(now)).err().map(|reject| reject.class);
            prop_assert_eq!(class(expiration - 1), None);
            prop_assert_eq!(class(expiration), Some(Class::AuthExpired));
        }
    }

    #[test]
    fn what_is_presented_is_read_and_verifies(
        mut recipe in recipe(1),
        holder in vec(signing_key(), 2..4),
        nonce in vec(any::<u8>(), 0..40),
    ) {
        prop_assume!(holder[1..].iter().all(|device| device.public_key() != holder[0].public_key()));
        recipe.subject = holder[0].public_key();
        let (credential, chain) = (recipe.issue(), chain(&holder));
        let device = holder.last().unwrap();
        let bytes =
            present(device, &[&credential, &credential], recipe.date, Some(&nonce), chain.as_deref()).unwrap();

        let tree = Presentation::read(&bytes).unwrap();
        let presentation = Presentation::new(&tree);
        for asked in [None, Some(nonce.as_slice())] {
            let verified = presentation.verify(asked, None).unwrap();
            prop_assert_eq!(verified.signers, vec![device.public_key()]);
            prop_assert_eq!(verified.subjects, vec![recipe.subject.clone(); 2]);
        }
        let class = |nonce: &[u8]| presentation.verify(Some(nonce), None).err().map(|reject| reject.class);
        prop_assert_eq!(class(&[&nonce[..], &[0]].concat()), Some(Class::AuthReplay));
        assert_canonical(&presentation.payload(0).unwrap());
    }
}

// ---------------------------------------------------------------------------------------------------------
// The canonical form

/// Splits an encoding at its top level: field number and bytes, tag included.  Only for encodings whose
/// fields are all of wire type 2, as those of credentials and proofs are.
fn fields(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut rest = bytes;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (before, mut cursor) = (rest, rest);
        let tag = dxos_proto::prost::decode_length_delimiter(&mut cursor).unwrap();
        assert_eq!(tag & 7, 2);
        let length = dxos_proto::prost::decode_length_delimiter(&mut cursor).unwrap();
        rest = &cursor[length..];
        fields.push((u32::try_from(tag >> 3).unwrap(), before[..before.len() - rest.len()].to_vec()));
    }
    fields
}

/// The content of a field as [`fields`] gives it.
fn content(field: &[u8]) -> &[u8] {
    let mut cursor = field;
    dxos_proto::prost::decode_length_delimiter(&mut cursor).unwrap();
    dxos_proto::prost::decode_length_delimiter(&mut cursor).unwrap();
    cursor
}

fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut writer = wire::Writer::default();
    writer.bytes(number, content);
    writer.finish()
}

/// A credential with subject, proof and itself taken apart and put together again.
fn rebuilt(bytes: &[u8], mut order: impl FnMut(Vec<(u32, Vec<u8>)>) -> Vec<u8>) -> Vec<u8> {
    let mut parts = fields(bytes);
    for (number, part) in &mut parts {
        if [10, 11].contains(number) {
            *part = field(*number, &order(fields(content(part))));
        }
    }
    order(parts)
}

/// Puts fields into another order, but those of one number in theirs.
fn shuffled(fields: Vec<(u32, Vec<u8>)>, priorities: &[u8]) -> Vec<u8> {
    let mut queues: BTreeMap<u32, std::collections::VecDeque<Vec<u8>>> = BTreeMap::new();
    let mut places: Vec<(u8, u32)> = Vec::new();
    for ((number, part), priority) in fields.into_iter().zip(priorities.iter().cycle()) {
        queues.entry(number).or_default().push_back(part);
        places.push((*priority, number));
    }
    places.sort_by_key(|(priority, _)| *priority);
    places.iter().flat_map(|(_, number)| queues.get_mut(number).unwrap().pop_front().unwrap()).collect()
}

/// A field that no message has, of any wire type.
fn unknown_field() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![Just(0u64), 13u64..30, 200u64..(1 << 29)];
    let content = prop_oneof![
        any::<u64>().prop_map(|value| (0, varint(value))),
        any::<[u8; 8]>().prop_map(|bytes| (1, bytes.to_vec())),
        vec(any::<u8>(), 0..20).prop_map(|bytes| (2, [varint(bytes.len() as u64), bytes].concat())),
        any::<[u8; 4]>().prop_map(|bytes| (5, bytes.to_vec())),
    ];
    (number, content, 0usize..3).prop_map(|(number, (wire_type, content), groups)| {
        let mut field = [varint(number << 3 | wire_type), content].concat();
        for _ in 0..groups {
            field = [varint(number << 3 | 3), field, varint(number << 3 | 4)].concat();
        }
        field
    })
}

fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Lengths are varints too; this crate's own writer is not asked.
    dxos_proto::prost::encode_length_delimiter(usize::try_from(value).unwrap(), &mut bytes).unwrap();
    bytes
}

/// Asserts that a text is JSON without white space whose members are sorted by UTF-16 and written once.
fn assert_canonical(text: &str) {
    serde_json::from_str::<serde_json::Value>(text).expect(text);
    let rest = value(text);
    assert_eq!(rest, "", "{text}");

    /// Passes a value and returns what follows.
    fn value(text: &str) -> &str {
        match text.as_bytes()[0] {
            b'{' => {
                let mut names: Vec<Vec<u16>> = Vec::new();
                items(text, '}', |text| {
                    let (name, rest) = string(text);
                    names.push(name.encode_utf16().collect());
                    value(rest.strip_prefix(':').unwrap())
                })
                .inspect(|_| assert!(names.is_sorted_by(|a, b| a < b), "{text}"))
                .unwrap()
            }
            b'[' => items(text, ']', value).unwrap(),
            b'"' => string(text).1,
            _ => {
                let scalar = text.find([',', '}', ']']).unwrap_or(text.len());
                assert!(!text[..scalar].contains(char::is_whitespace), "{text}");
                &text[scalar..]
            }
        }
    }

    fn items<'a>(text: &'a str, end: char, mut item: impl FnMut(&'a str) -> &'a str) -> Option<&'a str> {
        let mut rest = &text[1..];
        if let Some(rest) = rest.strip_prefix(end) {
            return Some(rest);
        }
        loop {
            rest = item(rest);
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => return rest.strip_prefix(end),
            }
        }
    }

    fn string(text: &str) -> (String, &str) {
        assert!(text.starts_with('"'), "{text}");
        let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let string = strings.next().unwrap().unwrap();
        let (written, rest) = text.split_at(strings.byte_offset());
        // What is escaped, and how, is the same in serde_json and in ECMAScript.
        assert_eq!(serde_json::to_string(&string).unwrap(), written);
        (string, rest)
    }
}

fn assertion_text(type_name: &str, value: &[u8]) -> String {
    let mut any = wire::Writer::default();
    any.bytes(1, type_name.as_bytes()).bytes(2, value);
    let mut claim = wire::Writer::default();
    claim.bytes(2, &any.finish());
    let claim = claim.finish();
    let tree = wire::read(SCHEMA.find("dxos.halo.credentials.Claim").unwrap(), &claim).unwrap();
    canonical::assertion(tree.message(2).unwrap()).unwrap()
}

/// The encoding of a Struct with its entries in a given order.
fn entries(fields: &[(String, Value)]) -> Vec<u8> {
    fields
        .iter()
        .flat_map(|(name, value)| Struct { fields: [(name.clone(), value.clone())].into() }.encode_to_vec())
        .collect()
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn payload_is_canonical_json(recipe in recipe(1)) {
        assert_canonical(&payload(&recipe.issue()).unwrap());
    }

    #[test]
    fn payload_does_not_depend_on_the_order_of_fields(recipe in recipe(1), priorities in vec(any::<u8>(), 1..16)) {
        let bytes = recipe.issue();
        let other = rebuilt(&bytes, |fields| shuffled(fields, &priorities));
        prop_assert_eq!(payload(&other), payload(&bytes));
        prop_assert_eq!(verified(&other, None), Ok(()));
        // Written by ascending number, the order is back.
        prop_assert_eq!(wire::complete(&Credential::read(&other).unwrap()), bytes);
    }

    #[test]
    fn payload_does_not_depend_on_unknown_fields(recipe in recipe(1), unknown in vec(unknown_field(), 1..5)) {
        let bytes = recipe.issue();
        let mut next = unknown.iter().cycle();
        let other = rebuilt(&bytes, |fields| {
            fields.into_iter().flat_map(|(_, part)| [next.next().unwrap().clone(), part].concat()).collect()
        });
        let other = [other, unknown.concat()].concat();
        prop_assert_eq!(payload(&other), payload(&bytes));
        prop_assert_eq!(verified(&other, None), Ok(()));
        prop_assert_eq!(wire::complete(&Credential::read(&other).unwrap()), bytes);
    }

    #[test]
    fn completion_is_idempotent(credential in credential(2)) {
        let bytes = credential.encode_to_vec();
        let tree = Credential::read(&bytes).unwrap();
        let once = wire::complete(&tree);
        let completed = Credential::read(&once).unwrap();
        prop_assert_eq!(&wire::complete(&completed), &once);
        // An ordinary reader sees the same message in it, but that nothing is absent now.
        let again = pb::Credential::decode(&wire::complete(&completed)[..]).unwrap();
        prop_assert_eq!(again.parent_credential_ids, credential.parent_credential_ids);
        prop_assert_eq!(again.expiration_ref, credential.expiration_ref);
        assert_canonical(&Credential::new(&completed).payload().unwrap());
    }

    #[test]
    fn free_data_does_not_depend_on_the_order_of_entries(
        (fields, other) in free_object().prop_flat_map(|object| {
            let fields: Vec<_> = object.fields.into_iter().collect();
            (Just(fields.clone()), Just(fields).prop_shuffle())
        }),
        earlier in free_value(),
    ) {
        let text = assertion_text("google.protobuf.Struct", &entries(&fields));
        assert_canonical(&text);
        prop_assert_eq!(&assertion_text("google.protobuf.Struct", &entries(&other)), &text);

        // Of two entries with one name the last counts.
        if let Some((name, _)) = fields.first() {
            let doubled = [vec![(name.clone(), earlier)], other].concat();
            prop_assert_eq!(assertion_text("google.protobuf.Struct", &entries(&doubled)), text);
        }
    }
}

// ---------------------------------------------------------------------------------------------------------
// Against an ordinary Protobuf reader

fn credential(links: u32) -> BoxedStrategy<pb::Credential> {
    let proof = (
        any::<String>(),
        option::of(timestamp()),
        option::of(key()),
        option::of(vec(any::<u8>(), 0..40)),
        vec(any::<u8>(), 0..66),
        if links == 0 { Just(None).boxed() } else { option::of(credential(links - 1)).boxed() },
    )
        .prop_map(|(r#type, creation_date, signer, nonce, value, link)| pb::Proof {
            r#type,
            creation_date,
            signer,
            nonce,
            value,
            chain: link.map(|link| Box::new(pb::Chain { credential: Some(Box::new(link)) })),
        });
    let claim =
        (option::of(key()), option::of(assertion())).prop_map(|(id, assertion)| pb::Claim { id, assertion });
    (
        option::of(key()),
        option::of(key()),
        option::of(timestamp()),
        option::of(timestamp()),
        option::of(vec(any::<u8>(), 0..10)),
        option::of(claim),
        option::of(proof),
        vec(key(), 0..4),
    )
        .prop_map(|(id, issuer, issuance_date, expiration_date, expiration_ref, subject, proof, parents)| {
            pb::Credential {
                id,
                issuer,
                issuance_date,
                expiration_date,
                expiration_ref,
                subject,
                proof: proof.map(Box::new),
                parent_credential_ids: parents,
            }
        })
        .boxed()
}

/// Assertions of known types with a value, which an ordinary library would not write if empty, and of unknown.
fn assertion() -> impl Strategy<Value = Any> {
    prop_oneof![
        recipe::statement()
            .prop_filter("an empty value is not written", |(_, value)| !value.is_empty())
            .prop_map(|(name, value)| Any { type_url: name.to_owned(), value }),
        ("[a-z/]{0,8}", vec(any::<u8>(), 0..20)).prop_map(|(type_url, value)| Any { type_url, value }),
    ]
}

fn data(key: Option<&PublicKey>) -> Option<&[u8]> {
    key.map(|key| key.data.as_slice())
}

fn milliseconds(date: &Timestamp) -> i64 {
    date.seconds * 1000 + i64::from(date.nanos) / 1_000_000
}

fn assert_same_credential(ours: Credential<'_>, theirs: &pb::Credential) {
    assert_eq!(ours.carried_id(), data(theirs.id.as_ref()));
    assert_eq!(ours.issuer(), data(theirs.issuer.as_ref()).unwrap_or_default());
    assert_eq!(ours.issuance_date(), theirs.issuance_date.as_ref().map(milliseconds).unwrap_or_default());
    assert_eq!(ours.expiration_date(), theirs.expiration_date.as_ref().map(milliseconds));
    assert!(ours.parents().eq(theirs.parent_credential_ids.iter().map(|key| key.data.as_slice())));

    let subject = theirs.subject.as_ref();
    let id = subject.and_then(|subject| data(subject.id.as_ref()));
    assert_eq!(ours.subject(), id.unwrap_or_default());
    let assertion = subject.and_then(|subject| subject.assertion.as_ref());
    assert_eq!(ours.assertion().is_some(), assertion.is_some());
    if let (Some(ours), Some(theirs)) = (ours.assertion(), assertion) {
        assert_eq!(ours.type_name(), theirs.type_url);
        assert_eq!(ours.message().is_some(), theirs.type_url.starts_with("dxos."));
    }

    match (ours.proof(), theirs.proof.as_deref()) {
        (Ok(ours), Some(theirs)) => assert_same_proof(ours, theirs),
        (Err(reject), proof) => {
            assert_eq!(reject.class, Class::DecodeMissing);
            assert!(theirs.issuer.is_none() || proof.is_none_or(|proof| proof.signer.is_none()));
        }
        (Ok(_), None) => panic!("a proof out of nothing"),
    }
}

fn assert_same_proof(ours: Proof<'_>, theirs: &pb::Proof) {
    assert_eq!(ours.signature_type(), theirs.r#type);
    assert_eq!(ours.creation_date(), theirs.creation_date.as_ref().map(milliseconds).unwrap_or_default());
    assert_eq!(Some(ours.signer()), data(theirs.signer.as_ref()));
    assert_eq!(ours.nonce(), theirs.nonce.as_deref());
    assert_eq!(ours.value(), theirs.value);
    let link = theirs.chain.as_ref().and_then(|chain| chain.credential.as_deref());
    match (ours.chain().unwrap(), link) {
        (Some(ours), Some(theirs)) => assert_same_credential(ours, theirs),
        (ours, theirs) => assert!(ours.is_none() && theirs.is_none()),
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn both_readers_agree(credential in credential(2)) {
        let bytes = credential.encode_to_vec();
        let tree = Credential::read(&bytes).unwrap();
        assert_same_credential(Credential::new(&tree), &credential);
    }

    #[test]
    fn what_is_issued_reads_the_same_in_an_ordinary_reader(recipe in recipe(2)) {
        let bytes = recipe.issue();
        let tree = Credential::read(&bytes).unwrap();
        assert_same_credential(Credential::new(&tree), &pb::Credential::decode(&bytes[..]).unwrap());
    }
}

// ---------------------------------------------------------------------------------------------------------
// Text forms of keys

fn key_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(0x)?[0-9a-fA-FxgG]{0,12}",
        "B?[A-Z2-7]{0,40}={0,8}",
        "(did:halo:)?B[A-Z2-7]{31,33}",
        "(did:halo:)?B[A-Za-z0-9]{32}",
    ]
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn text_forms_round_trip(bytes in vec(any::<u8>(), 1..70)) {
        prop_assert_eq!(keys::from_hex(&keys::to_hex(&bytes)), Ok(bytes.clone()));
        prop_assert_eq!(keys::from_multibase32(&keys::to_multibase32(&bytes)), Ok(bytes.clone()));

        let id = keys::space_id(&bytes);
        let did = keys::identity_did(&bytes);
        prop_assert_eq!((id.len(), did.len()), (33, 42));
        let hash = keys::parse_space_id(&id).unwrap();
        prop_assert_eq!(hash.len(), 20);
        prop_assert_eq!(keys::to_multibase32(&hash), id);
        prop_assert_eq!(keys::parse_identity_did(&did), Ok(hash));
    }

    #[test]
    fn what_is_read_is_written_the_same(text in key_text()) {
        if let Ok(bytes) = keys::from_hex(&text) {
            prop_assert_eq!(keys::to_hex(&bytes), text.strip_prefix("0x").unwrap_or(&text).to_lowercase());
        }
        if let Ok(bytes) = keys::from_multibase32(&text) {
            prop_assert_eq!(keys::to_multibase32(&bytes), text.trim_end_matches('='));
        }
        if let Ok(hash) = keys::parse_space_id(&text) {
            prop_assert_eq!((keys::to_multibase32(&hash), hash.len()), (text.clone(), 20));
        }
        if let Ok(hash) = keys::parse_identity_did(&text) {
            prop_assert_eq!((format!("did:halo:{}", keys::to_multibase32(&hash)), hash.len()), (text, 20));
        }
    }
}

// ---------------------------------------------------------------------------------------------------------
// Every truncation and every flipped bit

const NONCE: &[u8] = b"the verifier's challenge";

/// A credential with a nonce, a parent and an expiration, by a device of its issuer if there are two keys.
fn sample(keys: &[SigningKey]) -> Vec<u8> {
    let statement =
        pb::HaloSpace { identity_key: recipe::wrap(&keys[0].public_key()), halo_key: recipe::wrap(&[7; 65]) };
    let recipe = Recipe {
        keys: keys.to_vec(),
        subject: keys[0].public_key(),
        statement: ("dxos.halo.credentials.HaloSpace", statement.encode_to_vec()),
        date: 1_704_164_645_678,
        expiration: Some(1_804_164_645_678),
        nonce: Some(NONCE.to_vec()),
        parents: vec![[1; 32]],
    };
    recipe.issue()
}

fn samples() -> impl Iterator<Item = Vec<SigningKey>> {
    let key = |suite, seed: u8| SigningKey::new(suite, &[seed; 32]).unwrap();
    [Suite::P256, Suite::Ed25519].into_iter().map(move |suite| vec![key(suite, 1), key(suite, 2)])
}

#[test]
fn no_truncated_credential_verifies() {
    for keys in samples() {
        for keys in [&keys[..1], &keys] {
            let bytes = sample(keys);
            assert_eq!(verified(&bytes, None), Ok(()));
            for length in 0..bytes.len() {
                exercise(&bytes[..length]);
                assert!(verified(&bytes[..length], None).is_err(), "{length} bytes");
            }
        }
    }
}

#[test]
fn no_truncated_presentation_answers_a_challenge() {
    for keys in samples() {
        let credential = sample(&keys[..1]);
        let link = chain(&keys).unwrap();
        let bytes = present(&keys[1], &[&credential, &credential], 0, Some(NONCE), Some(&link)).unwrap();
        assert_eq!(presented(&bytes, Some(NONCE)), Ok(1));
        for length in 0..bytes.len() {
            exercise(&bytes[..length]);
            assert!(presented(&bytes[..length], Some(NONCE)).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn no_flipped_bit_changes_what_a_signature_covers() {
    for keys in samples() {
        let bytes = sample(&keys[..1]);
        let original = payload(&bytes).unwrap();
        let mut accepted = 0;
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if verified(&flipped, None).is_ok() {
                accepted += 1;
                assert_eq!(payload(&flipped).unwrap(), original, "bit {bit}");
                let tree = Credential::read(&flipped).unwrap();
                let credential = Credential::new(&tree);
                assert_eq!(credential.issuer(), keys[0].public_key(), "bit {bit}");
                assert_eq!(credential.proof().unwrap().signer(), keys[0].public_key(), "bit {bit}");
            }
        }
        // Not signed are the 256 bits of the id, its tag where it becomes that of an unknown field, and what
        // three dates say below a millisecond.
        println!("{} bits, {accepted} flips accepted", bytes.len() * 8);
        assert!((256..320).contains(&accepted), "{accepted}");
    }
}

#[test]
fn issuing_refuses_what_no_verifier_would_take() {
    let keys = samples().next().unwrap();
    let (identity, device) = (keys[0].public_key(), keys[1].public_key());
    let refused = |what: &Issue<'_>| issue(&keys[1], what).unwrap_err().class;
    let what = Issue { issuer: &device, subject: &device, ..Issue::default() };

    assert_eq!(refused(&what), Class::SchemaType);
    let what = Issue { assertion_type: "google.protobuf.Struct", ..what };
    assert_eq!(refused(&what), Class::SchemaType);
    let what = Issue { assertion_type: "dxos.halo.credentials.Auth", ..what };
    assert!(issue(&keys[1], &what).is_ok());
    // A device without a chain, a chain that is not needed, and somebody else's chain.
    assert_eq!(refused(&Issue { issuer: &identity, ..what.clone() }), Class::AuthChain);
    let link = chain(&keys).unwrap();
    assert_eq!(refused(&Issue { chain: Some(&link), ..what.clone() }), Class::AuthChain);
    let other = SigningKey::new(Suite::P256, &[3; 32]).unwrap();
    let other = chain(&[other, keys[1].clone()]).unwrap();
    let what = Issue { issuer: &identity, chain: Some(&other), ..what };
    assert_eq!(refused(&what), Class::AuthChain);
    assert!(issue(&keys[1], &Issue { chain: Some(&link), ..what }).is_ok());
}
