//! `halo.invitation.accept`: what a guest takes for an admission.

use dxos_reference::keys::to_hex;
use serde_json::{Value, json};

use super::super::super::assertion::{authorized_device, halo, key_bytes};
use super::super::super::chain::link;
use super::super::super::forge::{Forge, key, message};
use super::super::super::topic::{P256, Topic};
use super::scene::{DEVICE, NONE, SPACE, Scene, forged, set, space_admission, space_member};
use crate::class::Class::{
    AuthChain, AuthRole, AuthSignature, DecodeLength, DecodeMissing, SchemaConstraint, SchemaRange,
    SchemaType,
};

fn topic(name: &str, about: &str) -> Topic {
    Topic::new(&format!("halo/invitation/accept-{name}"), "halo.invitation.accept", &[P256], about)
}

fn input(scene: &Scene, invitation: &Value, admission: &[u8]) -> Value {
    json!({
        "invitation": invitation,
        "identity": to_hex(&scene.guest.public_key()),
        "device": to_hex(&scene.guest_device.public_key()),
        "admission": to_hex(admission),
    })
}

/// A type that the schema does not have.
const UNKNOWN: &str = "dxos.halo.credentials.Unknown";

pub(super) fn space() -> Topic {
    let mut topic =
        topic("space", "Answers to Admit that let an identity into a space, and those that do not.");
    let scene = Scene::new(&topic);
    let invitation = scene.guest_invitation(SPACE, NONE);
    let with_role = |role: i64| {
        let mut invitation = invitation.clone();
        set(&mut invitation, "role", json!(role));
        invitation
    };
    let plain = |admission: &[u8]| input(&scene, &invitation, admission);
    let of = |forge: &Forge| plain(&space_admission(&forge.build()));
    let member = scene.member(1);

    let good = ["HALO-INV-055", "HALO-INV-056", "HALO-INV-057", "HALO-INV-058"];
    topic.accept("admin", &good, "", of(&member));
    for (slug, role) in [("editor", 2), ("reader", 3), ("owner", 4)] {
        topic.accept(slug, &["HALO-INV-059"], "the invitation names no role", of(&scene.member(role)));
    }
    let reader = space_admission(&scene.member(3).build());
    topic.accept("reader-as-invited", &["HALO-INV-059"], "", input(&scene, &with_role(3), &reader));
    let direct = Forge::new(
        &scene.host,
        &scene.guest.public_key(),
        halo!("SpaceMember"),
        space_member(&scene.space.public_key(), 1),
    );
    topic.accept("directly", &["HALO-INV-055"], "signed by the host's identity", of(&direct));
    let by_space = Forge::new(
        &scene.space,
        &scene.guest.public_key(),
        halo!("SpaceMember"),
        space_member(&scene.space.public_key(), 4),
    );
    topic.accept("by-the-space", &["HALO-INV-060"], "the space key itself admits", of(&by_space));
    let frame = message(1, &[message(1, &key_bytes("control feed")), vec![0x18, 0x07]].concat());
    let timed = message(2, &[message(1, &member.build()), message(2, &frame)].concat());
    topic.accept("timeframe", &["HALO-INV-055"], "", plain(&timed));
    let parents = member.with(|forge| forge.parents = vec![vec![0x22; 32], vec![0x11; 32]]);
    topic.accept("parents", &["HALO-INV-055"], "", of(&parents));

    let mut reject = |slug: &str, req: &str, class, about: &str, input: Value| {
        topic.reject(slug, "admin", &[req], class, about, input);
    };
    let verified = "HALO-INV-055";
    reject("signature-flipped", verified, AuthSignature, "", plain(&space_admission(&forged(&member, 63))));
    reject(
        "signature-zero",
        verified,
        AuthSignature,
        "",
        plain(&space_admission(&member.build_with(&[0; 64]))),
    );
    let tampered = member.tampered(|forge| forge.value = Some(space_member(&scene.space.public_key(), 2)));
    reject(
        "role-changed",
        verified,
        AuthSignature,
        "after it was signed",
        plain(&space_admission(&tampered)),
    );
    let unchained = member.with(|forge| forge.chain = None);
    reject("chain-missing", verified, AuthChain, "", of(&unchained));
    let foreign = member.with(|forge| forge.chain = Some(link(&scene.other, &forge.key).build()));
    reject("chain-foreign", verified, AuthChain, "", of(&foreign));
    reject("no-credential", verified, DecodeMissing, "", plain(&message(2, &[])));
    let whole = space_admission(&member.build());
    let cut = whole.get(..whole.len() - 1).unwrap_or_default();
    reject("truncated", verified, DecodeLength, "", plain(cut));

    let typed = "HALO-INV-056";
    reject("empty", typed, SchemaType, "", plain(&[]));
    let as_device = scene.device_admission(&scene.authorized().build());
    reject("as-a-device", typed, SchemaType, "an answer for a device", plain(&as_device));
    for (slug, type_name) in [
        ("type-device", halo!("AuthorizedDevice")),
        ("type-profile", halo!("MemberProfile")),
        ("type-unknown", UNKNOWN),
        ("type-struct", "google.protobuf.Struct"),
    ] {
        let other = member.with(|forge| {
            forge.type_url = Some(type_name.to_owned());
            if type_name != UNKNOWN {
                forge.value = Some(Vec::new());
            }
        });
        reject(slug, typed, SchemaType, "", of(&other));
    }
    let about = "HALO-INV-057";
    let subject = |data: Vec<u8>| member.with(|forge| forge.subject = Some(data));
    reject("about-device", about, SchemaConstraint, "", of(&subject(scene.guest_device.public_key())));
    reject("about-host", about, SchemaConstraint, "", of(&subject(scene.host.public_key())));
    reject("about-somebody", about, SchemaConstraint, "", of(&subject(scene.other.public_key())));
    let space = "HALO-INV-058";
    let into = |space: &[u8]| member.with(|forge| forge.value = Some(space_member(space, 1)));
    reject("other-space", space, SchemaConstraint, "", of(&into(&scene.other.public_key())));
    reject("no-space", space, SchemaConstraint, "", of(&into(&[])));
    let role = "HALO-INV-059";
    for (slug, number) in [("role-none", 0), ("role-removed", 5), ("role-unknown", 99), ("role-negative", -1)]
    {
        reject(slug, role, SchemaRange, "", of(&scene.member(number)));
    }
    let absent = member.with(|forge| forge.value = Some(message(1, &key(&scene.space.public_key()))));
    reject("role-absent", role, SchemaRange, "", of(&absent));
    let admin = space_admission(&member.build());
    let editor = space_admission(&scene.member(2).build());
    topic.reject(
        "more-than-invited",
        "reader-as-invited",
        &[role],
        SchemaConstraint,
        "",
        input(&scene, &with_role(3), &admin),
    );
    topic.reject(
        "other-than-invited",
        "reader-as-invited",
        &[role],
        SchemaConstraint,
        "",
        input(&scene, &with_role(3), &editor),
    );
    let own = Forge::new(
        &scene.guest,
        &scene.guest.public_key(),
        halo!("SpaceMember"),
        space_member(&scene.space.public_key(), 1),
    );
    topic.reject("by-itself", "admin", &["HALO-INV-060"], AuthRole, "", of(&own));
    topic
}

pub(super) fn device() -> Topic {
    let mut topic =
        topic("device", "Answers to Admit that let a device into an identity, and those that do not.");
    let scene = Scene::new(&topic);
    let invitation = scene.guest_invitation(DEVICE, NONE);
    let with_identity = |identity: &[u8]| {
        let mut invitation = invitation.clone();
        set(&mut invitation, "identity_key", json!(to_hex(identity)));
        invitation
    };
    let plain = |admission: &[u8]| input(&scene, &invitation, admission);
    let of = |forge: &Forge| plain(&scene.device_admission(&forge.build()));
    let authorized = scene.authorized();
    let stating = |identity: &[u8], device: &[u8]| {
        authorized.with(|forge| forge.value = Some(authorized_device(identity, device)))
    };
    let (host, own) = (scene.host.public_key(), scene.guest_device.public_key());

    let good = ["HALO-INV-055", "HALO-INV-056", "HALO-INV-057", "HALO-INV-061"];
    topic.accept("by-device", &good, "", of(&authorized));
    topic.accept("directly", &good, "signed by the identity", of(&link(&scene.host, &scene.guest_device)));
    let admission = scene.device_admission(&authorized.build());
    let named = ["HALO-INV-061"];
    topic.accept("identity-as-invited", &named, "", input(&scene, &with_identity(&host), &admission));

    let mut reject = |slug: &str, req: &str, class, about: &str, input: Value| {
        topic.reject(slug, "by-device", &[req], class, about, input);
    };
    let forged = scene.device_admission(&forged(&authorized, 0));
    reject("signature-flipped", "HALO-INV-055", AuthSignature, "", plain(&forged));
    let whole = scene.device_admission(&authorized.build());
    let without = whole.get(..whole.len() - 1).unwrap_or_default();
    reject("truncated", "HALO-INV-055", DecodeLength, "", plain(without));
    let as_space = space_admission(&scene.member(1).build());
    reject("as-a-space", "HALO-INV-056", SchemaType, "an answer for a space", plain(&as_space));
    let profile = authorized.with(|forge| {
        forge.type_url = Some(halo!("DeviceProfile").to_owned());
        forge.value = Some(Vec::new());
    });
    reject("type-profile", "HALO-INV-056", SchemaType, "", of(&profile));
    let about = |data: Vec<u8>| authorized.with(|forge| forge.subject = Some(data));
    reject("about-identity", "HALO-INV-057", SchemaConstraint, "", of(&about(scene.guest.public_key())));
    reject("about-somebody", "HALO-INV-057", SchemaConstraint, "", of(&about(scene.other.public_key())));
    let of_identity = "HALO-INV-061";
    let foreign = link(&scene.other, &scene.guest_device);
    reject("other-issuer", of_identity, SchemaConstraint, "the answer names the host", of(&foreign));
    let stranger = foreign.with(|forge| forge.value = Some(authorized_device(&host, &own)));
    reject("issuer-alone", of_identity, SchemaConstraint, "the assertion names the host", of(&stranger));
    reject(
        "other-identity",
        of_identity,
        SchemaConstraint,
        "the assertion names somebody else",
        of(&stating(&scene.other.public_key(), &own)),
    );
    reject(
        "other-device",
        of_identity,
        SchemaConstraint,
        "the assertion names another device",
        of(&stating(&host, &scene.other.public_key())),
    );
    topic.reject(
        "not-the-invited",
        "identity-as-invited",
        &[of_identity],
        SchemaConstraint,
        "the invitation is to another identity",
        input(&scene, &with_identity(&scene.other.public_key()), &admission),
    );
    topic
}
