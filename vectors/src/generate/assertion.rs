//! An assertion of each type, and free data.

use dxos_proto::dxos::client::services::invitation::AuthMethod;
use dxos_proto::dxos::echo::timeframe::{TimeframeVector, timeframe_vector::Frame};
use dxos_proto::dxos::halo::credentials as proto;
use dxos_proto::dxos::halo::invitations;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message;
use dxos_proto::prost_types::Timestamp;
use sha2::{Digest as _, Sha256};

use super::forge::delimited;

/// An assertion: a name for it, its type, and its encoding.
pub(super) struct Assertion {
    pub(super) slug: &'static str,
    pub(super) type_name: &'static str,
    pub(super) value: Vec<u8>,
}

/// Full name of a message type of `dxos.halo.credentials`.
macro_rules! halo {
    ($name:literal) => {
        concat!("dxos.halo.credentials.", $name)
    };
}
pub(super) use halo;

/// 65 bytes that look like a key.
pub(super) fn key_bytes(name: &str) -> Vec<u8> {
    let x: [u8; 32] = Sha256::digest(format!("x {name}")).into();
    let y: [u8; 32] = Sha256::digest(format!("y {name}")).into();
    [&[4][..], &x, &y].concat()
}

#[allow(clippy::unnecessary_wraps)] // Message fields are options in the generated types.
fn key(name: &str) -> Option<PublicKey> {
    Some(PublicKey { data: key_bytes(name) })
}

#[allow(clippy::unnecessary_wraps)]
fn id(name: &str) -> Option<PublicKey> {
    Some(PublicKey { data: Sha256::digest(name).to_vec() })
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An AuthorizedDevice.
pub(super) fn authorized_device(identity: &[u8], device: &[u8]) -> Vec<u8> {
    let key = |data: &[u8]| Some(PublicKey { data: data.to_vec() });
    proto::AuthorizedDevice { identity_key: key(identity), device_key: key(device) }.encode_to_vec()
}

/// An IdentityProfile with free data: the encoded entries of a Struct.
pub(super) fn free_data(entries: &[u8]) -> Vec<u8> {
    super::forge::message(1, &super::forge::message(10, entries))
}

/// An assertion of every type, some in more than one shape.
pub(super) fn all() -> Vec<Assertion> {
    let member = |role: i32| proto::SpaceMember {
        space_key: key("space"),
        role: Some(role),
        profile: None,
        genesis_feed_key: key("genesis"),
        invitation_credential_id: None,
    };
    let profile =
        || proto::ProfileDocument {
            display_name: text("Böb \"B\" 😀"), avatar_cid: text("cid"), data: None
        };
    let feed = |designation: i32| proto::AdmittedFeed {
        space_key: key("space"),
        identity_key: key("identity"),
        device_key: key("device"),
        designation: Some(designation),
    };
    let frame = |name: &str, seq: i32| Frame { feed_key: key_bytes(name), seq: Some(seq) };
    let epoch_0 = {
        // Number 0 and the empty timeframe are written by deployed peers; prost leaves a 0 out.
        let mut value = vec![0x08, 0x00, 0x52, 0x00];
        delimited(&mut value, 12, b"automerge:abc");
        value
    };
    let epoch_1 = proto::Epoch {
        number: 1,
        previous_id: id("epoch 0"),
        timeframe: Some(TimeframeVector { frames: vec![frame("feed a", 7), frame("feed b", 0)] }),
        snapshot_cid: text("Qm"),
        automerge_root: text("automerge:def"),
    };
    let invitation = |multi_use: bool| {
        let mut value = invitations::DelegateSpaceInvitation {
            invitation_id: "inv1".to_owned(),
            auth_method: Some(AuthMethod::KnownPublicKey as i32),
            swarm_key: id("swarm"),
            role: Some(proto::space_member::Role::Admin as i32),
            guest_key: id("guest"),
            expires_on: Some(Timestamp { seconds: 1_735_689_600, nanos: 1_000_000 }),
            multi_use,
        }
        .encode_to_vec();
        if !multi_use {
            value.extend([0x38, 0x00]);
        }
        value
    };
    let mut out = Vec::new();
    let mut add = |slug, type_name, value| out.push(Assertion { slug, type_name, value });
    let space_key = key("space");
    add("space-genesis", halo!("SpaceGenesis"), proto::SpaceGenesis { space_key }.encode_to_vec());
    for (slug, role) in
        [("invalid", 0), ("admin", 1), ("editor", 2), ("reader", 3), ("owner", 4), ("removed", 5)]
    {
        let slug = match slug {
            "invalid" => "space-member-invalid",
            "admin" => "space-member-admin",
            "editor" => "space-member-editor",
            "reader" => "space-member-reader",
            "owner" => "space-member-owner",
            _ => "space-member-removed",
        };
        add(slug, halo!("SpaceMember"), member(role).encode_to_vec());
    }
    let invited = proto::SpaceMember {
        profile: Some(profile()),
        invitation_credential_id: id("invitation"),
        ..member(1)
    };
    add("space-member-invited", halo!("SpaceMember"), invited.encode_to_vec());
    let value = proto::MemberProfile { profile: Some(profile()) }.encode_to_vec();
    add("member-profile", halo!("MemberProfile"), value);
    let value = authorized_device(&key_bytes("identity"), &key_bytes("device"));
    add("authorized-device", halo!("AuthorizedDevice"), value);
    add("admitted-feed-general", halo!("AdmittedFeed"), feed(0).encode_to_vec());
    add("admitted-feed-control", halo!("AdmittedFeed"), feed(1).encode_to_vec());
    add("admitted-feed-data", halo!("AdmittedFeed"), feed(2).encode_to_vec());
    add("epoch-0", halo!("Epoch"), epoch_0);
    add("epoch-1", halo!("Epoch"), epoch_1.encode_to_vec());
    let value = proto::HaloSpace { identity_key: key("identity"), halo_key: key("space") };
    add("halo-space", halo!("HaloSpace"), value.encode_to_vec());
    let value = proto::IdentityRecovery {
        identity_key: key("identity"),
        recovery_key: id("recovery"),
        algorithm: text("ED25519"),
        lookup_key: id("lookup"),
    };
    add("identity-recovery", halo!("IdentityRecovery"), value.encode_to_vec());
    let value = proto::IdentityProfile { profile: Some(profile()) };
    add("identity-profile", halo!("IdentityProfile"), value.encode_to_vec());
    let value = proto::DeviceProfile {
        profile: Some(proto::DeviceProfileDocument {
            label: None,
            platform: text("Node.js"),
            platform_version: text("20.20.2"),
            architecture: text("64"),
            os: text("Linux"),
            os_version: text("5"),
            r#type: Some(proto::DeviceType::Agent as i32),
        }),
    };
    add("device-profile", halo!("DeviceProfile"), value.encode_to_vec());
    let value = proto::DefaultSpace { space_id: "BA25QRC2FEWCSAMRP4RZL65LWJ7352CKE".to_owned() };
    add("default-space", halo!("DefaultSpace"), value.encode_to_vec());
    let capabilities = || vec!["admin".to_owned(), "beta".to_owned()];
    let value = proto::KubeAccess {
        kube_key: key("kube"),
        identity_key: key("identity"),
        capabilities: capabilities(),
    };
    add("kube-access", halo!("KubeAccess"), value.encode_to_vec());
    let value = proto::KubeAccess { capabilities: Vec::new(), ..value };
    add("kube-access-none", halo!("KubeAccess"), value.encode_to_vec());
    let value = proto::ServiceAccess {
        server_name: "hub.dxos.network".to_owned(),
        server_metadata: None,
        server_key: key("server"),
        identity_key: key("identity"),
        capabilities: capabilities(),
    };
    add("service-access", halo!("ServiceAccess"), value.encode_to_vec());
    add("key-info", halo!("KeyInfo"), proto::KeyInfo { name: text("k") }.encode_to_vec());
    add("auth", halo!("Auth"), Vec::new());
    add("delegate-space-invitation", "dxos.halo.invitations.DelegateSpaceInvitation", invitation(false));
    add("delegate-space-invitation-multi", "dxos.halo.invitations.DelegateSpaceInvitation", invitation(true));
    let value = invitations::CancelDelegatedInvitation { credential_id: id("invitation") };
    add(
        "cancel-delegated-invitation",
        "dxos.halo.invitations.CancelDelegatedInvitation",
        value.encode_to_vec(),
    );
    out
}

/// The slugs of a smaller choice of [`all`].
pub(super) fn some(slugs: &[&str]) -> Vec<Assertion> {
    all().into_iter().filter(|assertion| slugs.contains(&assertion.slug)).collect()
}
