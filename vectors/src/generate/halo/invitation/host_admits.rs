//! How a host admits, and whom it does not.

use dxos_reference::keys::to_hex;
use serde_json::json;

use super::super::super::assertion::key_bytes;
use super::super::super::forge::{integer, message};
use super::super::super::topic::Topic;
use super::scene::{
    CODE, DEVICE, KEY, NONE, Play, SECRET, SPACE, Scene, invitation_id, keyed, set, topic, unset,
};

pub(super) fn space() -> Topic {
    let mut topic = topic("host-admits-space", "Admission to a space, and what is refused.");
    let scene = Scene::new(&topic);
    let request = scene.space_request();

    let admits = ["HALO-INV-031", "HALO-INV-035"];
    let play = scene.host(SPACE, NONE).introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "none", &admits, "");
    let play = scene.host(SPACE, SECRET).introduced(0).tries(0, CODE).admit(0, &request).judged();
    play.case(&mut topic, "secret", &admits, "");
    let [challenge, _] = scene.challenges;
    let play = scene.host(SPACE, KEY).introduced(0).signs(0, &scene.signature(&challenge));
    play.admit(0, &request).judged().case(&mut topic, "key", &admits, "");

    let role = ["HALO-INV-032"];
    let play = scene.host(SPACE, NONE).introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "role-absent", &role, "whoever is invited without a role becomes an administrator");
    for (slug, number) in [("admin", 1), ("editor", 2), ("reader", 3)] {
        let play = scene.host_with(SPACE, NONE, |invitation| set(invitation, "role", json!(number)));
        let play = play.introduced(0).admit(0, &request).judged();
        play.case(&mut topic, &format!("role-{slug}"), &role, "");
    }
    let play = scene.host_with(SPACE, NONE, |invitation| {
        set(invitation, "type", json!(1));
        set(invitation, "role", json!(3));
        set(invitation, "delegation_credential_id", json!("44".repeat(32)));
    });
    let play = play.introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "delegated", &["HALO-INV-032", "HALO-INV-033"], "");
    let play = scene.host_with(SPACE, NONE, |invitation| set(invitation, "type", json!(0)));
    let play = play.introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "not-delegated", &["HALO-INV-033"], "");
    let named = message(1, &message(1, "Gudrún".as_bytes()));
    let introduction = [named, message(2, invitation_id().as_bytes())].concat();
    let play = scene.host(SPACE, NONE).guest(0).request(0, "Introduce", &introduction);
    play.admit(0, &request).judged().case(&mut topic, "profile", &["HALO-INV-031"], "");
    let mut open = scene.hosts(SPACE, &scene.invitation(SPACE, NONE));
    if let Some(space) = open.get_mut("space") {
        set(space, "heads", json!([]));
        let feeds = ["feed a", "feed b"].map(|name| to_hex(&key_bytes(name)));
        set(space, "control_timeframe", json!([[feeds[0], 7], [feeds[1], 0]]));
    }
    let play = Play::new(open).introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "timeframe-and-no-heads", &["HALO-INV-031"], "");
    let play = scene.host(SPACE, NONE).introduced(0).after(30_000).admit(0, &request).judged();
    play.case(&mut topic, "later", &["HALO-INV-031"], "half a minute later");
    let play = scene.host(SPACE, NONE).introduced(0).tries(0, CODE).admit(0, &request).judged();
    play.case(&mut topic, "authentication-not-needed", &["HALO-INV-026"], "");

    let kind = ["HALO-INV-029"];
    let whole = [scene.guest.public_key(), scene.guest_device.public_key(), key_bytes("c"), key_bytes("d")];
    let changed = |index: usize, key: &[u8]| {
        let mut keys = whole.to_vec();
        if let Some(one) = keys.get_mut(index) {
            *one = key.to_vec();
        }
        message(2, &keyed(&keys))
    };
    let without = |number: u32| {
        let field = |(at, key): (u32, &Vec<u8>)| message(at, &message(1, key));
        let fields = (1..).zip(&whole).filter(|(at, _)| *at != number).flat_map(field);
        message(2, &fields.collect::<Vec<u8>>())
    };
    for (slug, request) in [
        ("for-a-device", scene.device_request()),
        ("empty", Vec::new()),
        ("no-keys", message(2, &[])),
        ("no-identity", without(1)),
        ("no-device", without(2)),
        ("no-data-feed", without(4)),
        ("identity-cut", changed(0, whole[0].get(..64).unwrap_or_default())),
        ("identity-empty", changed(0, &[])),
        ("device-compressed", changed(1, &[&[2], whole[1].get(1..33).unwrap_or_default()].concat())),
    ] {
        let play = scene.host(SPACE, NONE).introduced(0).admit(0, &request).guest(1);
        play.case(&mut topic, slug, &kind, "");
    }
    let play = scene.host(SPACE, NONE).introduced(0).admit(0, &[0x12, 0x7f]).admit(0, &request);
    play.case(&mut topic, "undecodable", &["HALO-INV-014"], "");

    let member = ["HALO-INV-030"];
    for (slug, number) in [("admin", 1), ("editor", 2), ("reader", 3), ("owner", 4), ("removed", 5)] {
        let mut open = scene.hosts(SPACE, &scene.invitation(SPACE, NONE));
        if let Some(space) = open.get_mut("space") {
            let (host, guest) = (to_hex(&scene.host.public_key()), to_hex(&scene.guest.public_key()));
            set(space, "members", json!([[host, 1], [guest, number]]));
        }
        let play = Play::new(open).introduced(0).admit(0, &request);
        let about = if number == 5 { "who was removed can come back" } else { "" };
        play.case(&mut topic, &format!("member-{slug}"), &member, about);
    }
    topic
}

pub(super) fn device() -> Topic {
    let mut topic = topic("host-admits-device", "Admission of a device, and what is refused.");
    let scene = Scene::new(&topic);
    let request = scene.device_request();

    let admits = ["HALO-INV-034"];
    let play = scene.host(DEVICE, NONE).introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "none", &admits, "");
    let play = scene.host(DEVICE, SECRET).introduced(0).tries(0, CODE).admit(0, &request).judged();
    play.case(&mut topic, "secret", &admits, "");
    let [challenge, _] = scene.challenges;
    let play = scene.host(DEVICE, KEY).introduced(0).signs(0, &scene.signature(&challenge));
    play.admit(0, &request).judged().case(&mut topic, "key", &admits, "");
    let mut open = scene.hosts(DEVICE, &scene.invitation(DEVICE, NONE));
    if let Some(space) = open.get_mut("space") {
        set(space, "control_timeframe", json!([[to_hex(&key_bytes("halo feed")), 6]]));
    }
    let play = Play::new(open).introduced(0).admit(0, &request).judged();
    play.case(&mut topic, "timeframe", &admits, "");
    let labelled = [scene.guest_device.public_key(), key_bytes("c"), key_bytes("d")];
    let profile = message(
        4,
        &[message(1, b"phone"), {
            let mut kind = Vec::new();
            integer(&mut kind, 7, 5);
            kind
        }]
        .concat(),
    );
    let play = scene.host(DEVICE, NONE).introduced(0);
    let play = play.admit(0, &message(1, &[keyed(&labelled), profile].concat())).judged();
    play.case(&mut topic, "profile", &admits, "the device describes itself");

    let kind = ["HALO-INV-029"];
    for (slug, request) in [
        ("for-a-space", scene.space_request()),
        ("empty", Vec::new()),
        ("no-keys", message(1, &[])),
        ("no-data-feed", message(1, &keyed(labelled.get(..2).unwrap_or_default()))),
    ] {
        let play = scene.host(DEVICE, NONE).introduced(0).admit(0, &request).guest(1);
        play.case(&mut topic, slug, &kind, "");
    }
    let play = scene.host(DEVICE, SECRET).introduced(0).admit(0, &request);
    play.case(&mut topic, "not-authenticated", &["HALO-INV-027"], "");
    topic
}

pub(super) fn several() -> Topic {
    let mut topic = topic("host-several", "Invitations for one guest, and for several.");
    let scene = Scene::new(&topic);
    let request = scene.space_request();
    let multi = || scene.host_with(SPACE, NONE, |invitation| set(invitation, "multi_use", json!(true)));
    let second = |first: &[u8]| {
        message(2, &keyed(&[first.to_vec(), key_bytes("device 2"), key_bytes("e"), key_bytes("f")]))
    };

    let (ends, next) = (["HALO-INV-035"], ["HALO-INV-069"]);
    let once = || scene.host(SPACE, NONE).introduced(0).admit(0, &request);
    once().connect(1).case(&mut topic, "once", &["HALO-INV-035", "HALO-INV-040"], "");
    let play = once().request(0, "Introduce", &[]);
    play.case(&mut topic, "once-and-silent", &ends, "nothing is said on a closed connection");
    let play = scene.host_with(SPACE, NONE, |invitation| set(invitation, "multi_use", json!(false)));
    let play = play.introduced(0).admit(0, &request).connect(1);
    play.case(&mut topic, "not-multi-use", &ends, "");
    let play = multi().introduced(0).admit(0, &request).connect(1);
    play.case(&mut topic, "multi-use", &next, "");
    let play = multi().introduced(0).admit(0, &request).introduced(1);
    let play = play.admit(1, &second(&scene.other.public_key())).judged();
    play.case(&mut topic, "multi-use-second-guest", &next, "");
    let play = multi().introduced(0).connect(1).admit(0, &request);
    play.case(
        &mut topic,
        "multi-use-waiting",
        &["HALO-INV-069", "HALO-INV-015"],
        "the next one's turn has come",
    );
    let play = multi().introduced(0).admit(0, &request).introduced(1);
    let play = play.admit(1, &second(&scene.guest.public_key()));
    play.case(&mut topic, "multi-use-same-guest", &["HALO-INV-030", "HALO-INV-069"], "it is a member now");
    let play = scene.host_with(SPACE, NONE, |invitation| unset(invitation, "multi_use"));
    let play = play.introduced(0).connect(1).admit(0, &request).after(1_000);
    play.case(&mut topic, "once-others-wait", &["HALO-INV-035", "HALO-INV-068"], "");
    topic
}
