//! Random credentials: what is stated is built with the ordinary Protobuf types, not with our writer.

use dxos_proto::dxos::echo::timeframe::{TimeframeVector, timeframe_vector::Frame};
use dxos_proto::dxos::halo::credentials as pb;
use dxos_proto::dxos::halo::invitations::DelegateSpaceInvitation;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message;
use dxos_proto::prost_types::value::Kind;
use dxos_proto::prost_types::{ListValue, Struct, Timestamp, Value};
use dxos_reference::halo::{Issue, issue};
use dxos_reference::keys::{SigningKey, Suite};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// The last millisecond of the year 9999.
pub(crate) const LAST_DATE: i64 = 253_402_300_799_999;

/// A credential to be issued.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// The issuer's key, then those of devices, each authorised by the one before it.  The last one signs.
    pub(crate) keys: Vec<SigningKey>,
    pub(crate) subject: Vec<u8>,
    pub(crate) statement: Statement,
    pub(crate) date: i64,
    pub(crate) expiration: Option<i64>,
    pub(crate) nonce: Option<Vec<u8>>,
    pub(crate) parents: Vec<[u8; 32]>,
}

/// Type name and encoding of an assertion.
pub(crate) type Statement = (&'static str, Vec<u8>);

impl Recipe {
    pub(crate) fn issue(&self) -> Vec<u8> {
        let (signer, _) = self.keys.split_last().unwrap();
        let chain = chain(&self.keys);
        let what = Issue {
            issuer: &self.keys[0].public_key(),
            subject: &self.subject,
            assertion_type: self.statement.0,
            assertion: &self.statement.1,
            date: self.date,
            expiration: self.expiration,
            nonce: self.nonce.as_deref(),
            parents: self.parents.iter().map(|parent| parent.as_slice()).collect(),
            chain: chain.as_deref(),
        };
        issue(signer, &what).unwrap()
    }
}

/// The credential that lets the last key act for the first; `None` where they are one.
pub(crate) fn chain(keys: &[SigningKey]) -> Option<Vec<u8>> {
    let (device, earlier) = keys.split_last()?;
    let (authorizer, _) = earlier.split_last()?;
    let (identity, device) = (earlier[0].public_key(), device.public_key());
    let link = chain(earlier);
    let statement = pb::AuthorizedDevice { identity_key: wrap(&identity), device_key: wrap(&device) };
    let what = Issue {
        issuer: &identity,
        subject: &device,
        assertion_type: "dxos.halo.credentials.AuthorizedDevice",
        assertion: &statement.encode_to_vec(),
        date: 1_704_164_645_678,
        chain: link.as_deref(),
        ..Issue::default()
    };
    Some(issue(authorizer, &what).unwrap())
}

pub(crate) fn wrap(key: &[u8]) -> Option<PublicKey> {
    Some(PublicKey { data: key.to_vec() })
}

/// Credentials with up to `links` links of chain, of keys of either suite.
pub(crate) fn recipe(links: usize) -> impl Strategy<Value = Recipe> {
    let keys = vec(signing_key(), 1..=links + 1);
    let nonce = option::of(vec(any::<u8>(), 0..40));
    let parents = vec(any::<[u8; 32]>(), 0..4);
    (keys, vec(any::<u8>(), 0..66), statement(), 0..=LAST_DATE, option::of(0..=LAST_DATE), nonce, parents)
        .prop_map(|(keys, subject, statement, date, expiration, nonce, parents)| Recipe {
            keys,
            subject,
            statement,
            date,
            expiration,
            nonce,
            parents,
        })
        .prop_filter("the signer of a chain is not its issuer", |recipe| {
            let issuer = recipe.keys[0].public_key();
            recipe.keys[1..].iter().all(|key| key.public_key() != issuer)
        })
}

pub(crate) fn signing_key() -> impl Strategy<Value = SigningKey> {
    (prop_oneof![Just(Suite::P256), Just(Suite::Ed25519)], prop::array::uniform32(1u8..0xff))
        .prop_map(|(suite, secret)| SigningKey::new(suite, &secret).unwrap())
}

/// A key that is not empty: an ordinary Protobuf library cannot write an empty one as deployed peers read it.
pub(crate) fn key() -> impl Strategy<Value = PublicKey> {
    vec(any::<u8>(), 1..70).prop_map(|data| PublicKey { data })
}

/// A key, or none: whoever issues fills in an empty one.
fn filled_key() -> impl Strategy<Value = Option<PublicKey>> {
    option::weighted(0.9, key())
}

pub(crate) fn timestamp() -> impl Strategy<Value = Timestamp> {
    (0..=LAST_DATE).prop_map(|milliseconds| Timestamp {
        seconds: milliseconds / 1000,
        nanos: i32::try_from(milliseconds % 1000 * 1_000_000).unwrap(),
    })
}

/// Names of members with a meaning, names that sort by UTF-16 otherwise than by UTF-8, and any others.
pub(crate) fn member_name() -> impl Strategy<Value = String> {
    let special =
        ["", "@type", "__hidden", "_", "type", "data", "10", "9", "😀", "\u{fb01}", "é", "\"\\\n\u{1}"];
    prop_oneof![prop::sample::select(special.to_vec()).prop_map(str::to_owned), any::<String>()]
}

pub(crate) fn free_value() -> impl Strategy<Value = Value> {
    let buffer = vec(any::<u8>(), 0..5).prop_map(|bytes| {
        let values = bytes.into_iter().map(|byte| value(Kind::NumberValue(f64::from(byte)))).collect();
        let fields = [
            ("type".to_owned(), value(Kind::StringValue("Buffer".to_owned()))),
            ("data".to_owned(), value(Kind::ListValue(ListValue { values }))),
        ];
        value(Kind::StructValue(Struct { fields: fields.into() }))
    });
    let leaf = prop_oneof![
        Just(value(Kind::NullValue(0))),
        prop::num::f64::ANY.prop_map(|number| value(Kind::NumberValue(number))),
        (-10i32..1000).prop_map(|number| value(Kind::NumberValue(number.into()))),
        any::<String>().prop_map(|text| value(Kind::StringValue(text))),
        any::<bool>().prop_map(|bool| value(Kind::BoolValue(bool))),
        buffer,
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| value(Kind::ListValue(ListValue { values }))),
            btree_map(member_name(), inner, 0..4)
                .prop_map(|fields| value(Kind::StructValue(Struct { fields }))),
        ]
    })
}

const fn value(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}

pub(crate) fn free_object() -> impl Strategy<Value = Struct> {
    btree_map(member_name(), free_value(), 0..5).prop_map(|fields| Struct { fields })
}

fn profile() -> impl Strategy<Value = pb::ProfileDocument> {
    (option::of(any::<String>()), option::of(any::<String>()), option::of(free_object()))
        .prop_map(|(display_name, avatar_cid, data)| pb::ProfileDocument { display_name, avatar_cid, data })
}

fn timeframe() -> impl Strategy<Value = TimeframeVector> {
    // Random keys of full length: two with one short key do not happen.
    let frame = (vec(any::<u8>(), 65), any::<i32>());
    vec(frame.prop_map(|(feed_key, seq)| Frame { feed_key, seq: Some(seq) }), 0..4)
        .prop_map(|frames| TimeframeVector { frames })
}

/// Assertions of many types.
pub(crate) fn statement() -> BoxedStrategy<Statement> {
    let member =
        (filled_key(), option::of(-1i32..7), option::of(profile()), filled_key(), option::of(key()))
            .prop_map(|(space_key, role, profile, genesis_feed_key, invitation_credential_id)| {
                pb::SpaceMember { space_key, role, profile, genesis_feed_key, invitation_credential_id }
            });
    let feed = (filled_key(), filled_key(), filled_key(), option::of(any::<i32>())).prop_map(
        |(space_key, identity_key, device_key, designation)| pb::AdmittedFeed {
            space_key,
            identity_key,
            device_key,
            designation,
        },
    );
    let epoch = (
        any::<u32>(),
        option::of(key()),
        option::of(timeframe()),
        option::of(any::<String>()),
        option::of(any::<String>()),
    )
        .prop_map(|(number, previous_id, timeframe, snapshot_cid, automerge_root)| pb::Epoch {
            number,
            previous_id,
            timeframe,
            snapshot_cid,
            automerge_root,
        });
    let service =
        (any::<String>(), option::of(free_object()), filled_key(), filled_key(), vec(any::<String>(), 0..4))
            .prop_map(|(server_name, server_metadata, server_key, identity_key, capabilities)| {
                pb::ServiceAccess { server_name, server_metadata, server_key, identity_key, capabilities }
            });
    let delegated = (
        any::<String>(),
        option::of(0i32..3),
        filled_key(),
        option::of(0i32..6),
        option::of(key()),
        option::of(timestamp()),
        any::<bool>(),
    )
        .prop_map(|(invitation_id, auth_method, swarm_key, role, guest_key, expires_on, multi_use)| {
            DelegateSpaceInvitation {
                invitation_id,
                auth_method,
                swarm_key,
                role,
                guest_key,
                expires_on,
                multi_use,
            }
        });
    let device = (option::of(any::<String>()), option::of(any::<String>()), option::of(0i32..7)).prop_map(
        |(label, os_version, r#type)| pb::DeviceProfile {
            profile: Some(pb::DeviceProfileDocument {
                label,
                os_version,
                r#type,
                ..pb::DeviceProfileDocument::default()
            }),
        },
    );
    let space = any::<String>().prop_map(|space_id| pb::DefaultSpace { space_id });
    prop_oneof![
        encoded("dxos.halo.credentials.SpaceMember", member),
        encoded("dxos.halo.credentials.AdmittedFeed", feed),
        encoded("dxos.halo.credentials.Epoch", epoch),
        encoded("dxos.halo.credentials.ServiceAccess", service),
        encoded("dxos.halo.invitations.DelegateSpaceInvitation", delegated),
        encoded("dxos.halo.credentials.DeviceProfile", device),
        encoded("dxos.halo.credentials.DefaultSpace", space),
        encoded("dxos.halo.credentials.Auth", Just(pb::Auth {})),
    ]
    .boxed()
}

fn encoded<M: Message>(
    name: &'static str,
    message: impl Strategy<Value = M> + 'static,
) -> BoxedStrategy<Statement> {
    message.prop_map(move |message| (name, message.encode_to_vec())).boxed()
}
