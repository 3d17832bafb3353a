//! What a guest does with errors and with its admission, and how it ends.

use serde_json::json;

use super::super::super::assertion::authorized_device;
use super::super::super::topic::Topic;
use super::scene::{
    CODE, DEVICE, KEY, NONE, Play, SECRET, SPACE, Scene, forged, number, set, space_admission, space_member,
    topic, unset,
};

pub(super) fn answers() -> Topic {
    let mut topic = topic("guest-answers", "Hosts that refuse, say what does not decode, or are gone.");
    let scene = Scene::new(&topic);
    let none = || scene.guest(SPACE, NONE).host(0);
    let secret = || scene.guest(SPACE, SECRET).host(0).response(0, "Introduce", &number(SECRET));
    let delegated =
        |method: i64| scene.guest_with(SPACE, method, |invitation| set(invitation, "type", json!(1)));

    let gives_up = ["HALO-INV-052"];
    none().error(0, "Introduce").case(&mut topic, "introduction-refused", &gives_up, "");
    secret().enter(CODE).error(0, "Authenticate").case(&mut topic, "authentication-refused", &gives_up, "");
    let play = none().response(0, "Introduce", &number(NONE)).error(0, "Admit");
    play.case(&mut topic, "admission-refused", &gives_up, "");
    for (slug, bytes) in [("cut", &[0x08][..]), ("wire-type", &[0x0a, 0x00]), ("group", &[0x0b])] {
        let play = none().response(0, "Introduce", bytes);
        play.case(&mut topic, &format!("introduction-{slug}"), &gives_up, "");
        let play = secret().enter(CODE).response(0, "Authenticate", bytes);
        play.case(&mut topic, &format!("authentication-{slug}"), &gives_up, "");
    }
    let play = none().response(0, "Introduce", &number(NONE)).response(0, "Admit", &[0x12, 0x7f]);
    play.case(&mut topic, "admission-cut", &gives_up, "");
    none().disconnect(0).case(&mut topic, "gone-introducing", &gives_up, "");
    secret().disconnect(0).case(&mut topic, "gone-before-code", &gives_up, "");
    secret().enter(CODE).disconnect(0).case(&mut topic, "gone-authenticating", &gives_up, "");
    let play = none().response(0, "Introduce", &number(NONE)).disconnect(0);
    play.case(&mut topic, "gone-admitting", &gives_up, "");
    let play = none().error(0, "Introduce").connect(1);
    play.case(&mut topic, "given-up-then-connected", &["HALO-INV-052", "HALO-INV-040"], "");

    let hosts = ["HALO-INV-053"];
    let play = delegated(NONE).host(0).error(0, "Introduce");
    play.clone().case(&mut topic, "delegated-one", &hosts, "");
    let play = play.host(1).error(1, "Introduce");
    play.clone().case(&mut topic, "delegated-two", &hosts, "");
    play.clone().host(2).error(2, "Introduce").case(&mut topic, "delegated-three", &hosts, "");
    let admission = space_admission(&scene.member(1).build());
    let play = play.host(2).response(2, "Introduce", &number(NONE)).response(2, "Admit", &admission);
    play.case(&mut topic, "delegated-third-admits", &hosts, "");
    let play = delegated(SECRET).host(0).response(0, "Introduce", &number(NONE)).host(1);
    play.case(&mut topic, "delegated-downgraded", &["HALO-INV-053", "HALO-INV-045"], "");
    let play = delegated(NONE).connect(0).request(0, "Options", &number(0));
    let play = (1..4).fold(play, |play, other| play.connect(other).request(other, "Options", &number(0)));
    play.host(4).case(&mut topic, "delegated-guests-do-not-count", &hosts, "");
    topic
}

pub(super) fn admitted() -> Topic {
    let mut topic = topic("guest-admitted", "What a guest takes for its admission.");
    let scene = Scene::new(&topic);
    let asked = |play: Play| play.host(0).response(0, "Introduce", &number(NONE));
    let space = |admission: &[u8]| asked(scene.guest(SPACE, NONE)).response(0, "Admit", admission);
    let device = |admission: &[u8]| asked(scene.guest(DEVICE, NONE)).response(0, "Admit", admission);
    let member = scene.member(1);
    let good = space_admission(&member.build());

    let verified = ["HALO-INV-055"];
    space(&good).case(&mut topic, "space", &verified, "");
    space(&good).connect(1).case(&mut topic, "space-then-connected", &["HALO-INV-040"], "");
    space(&good).cancel().case(&mut topic, "space-then-cancelled", &["HALO-INV-040"], "");
    let secret = scene.guest(SPACE, SECRET).host(0).response(0, "Introduce", &number(SECRET)).enter(CODE);
    let play = secret.response(0, "Authenticate", &number(0)).response(0, "Admit", &good);
    play.case(&mut topic, "space-secret", &["HALO-INV-055", "HALO-INV-051"], "");
    let authorized = scene.authorized();
    let by_host = scene.device_admission(&authorized.build());
    device(&by_host).case(&mut topic, "device", &["HALO-INV-055", "HALO-INV-061"], "");
    let reader = space_admission(&scene.member(3).build());
    let play = asked(scene.guest_with(SPACE, NONE, |invitation| set(invitation, "role", json!(3))));
    play.response(0, "Admit", &reader).case(&mut topic, "role-as-invited", &["HALO-INV-059"], "");

    space(&space_admission(&forged(&member, 5))).case(&mut topic, "signature", &verified, "");
    space(&space_admission(&member.build_with(&[0; 64]))).case(&mut topic, "signature-zero", &verified, "");
    device(&scene.device_admission(&forged(&authorized, 5))).case(
        &mut topic,
        "device-signature",
        &verified,
        "",
    );
    space(&[]).case(&mut topic, "nothing", &["HALO-INV-056"], "");
    space(&by_host).case(&mut topic, "space-as-device", &["HALO-INV-056"], "");
    device(&good).case(&mut topic, "device-as-space", &["HALO-INV-056"], "");
    let host_itself = member.with(|forge| forge.subject = Some(scene.host.public_key()));
    space(&space_admission(&host_itself.build())).case(&mut topic, "other-subject", &["HALO-INV-057"], "");
    let other = scene.other.public_key();
    let elsewhere = member.with(|forge| forge.value = Some(space_member(&other, 1)));
    space(&space_admission(&elsewhere.build())).case(&mut topic, "other-space", &["HALO-INV-058"], "");
    for (slug, role) in [("removed", 5), ("none", 0)] {
        let play = space(&space_admission(&scene.member(role).build()));
        play.case(&mut topic, &format!("role-{slug}"), &["HALO-INV-059"], "");
    }
    let play = asked(scene.guest_with(SPACE, NONE, |invitation| set(invitation, "role", json!(3))));
    play.response(0, "Admit", &good).case(&mut topic, "role-not-invited", &["HALO-INV-059"], "");
    let own = member.with(|forge| {
        forge.issuer = Some(scene.guest.public_key());
        forge.signer = Some(scene.guest.public_key());
        forge.key = scene.guest.clone();
        forge.chain = None;
    });
    space(&space_admission(&own.build())).case(&mut topic, "by-itself", &["HALO-INV-060"], "");
    let foreign = authorized
        .with(|forge| forge.value = Some(authorized_device(&other, &scene.guest_device.public_key())));
    device(&scene.device_admission(&foreign.build())).case(
        &mut topic,
        "other-identity",
        &["HALO-INV-061"],
        "",
    );
    topic
}

pub(super) fn ends() -> Topic {
    let mut topic = topic("guest-ends", "A guest that finds no host in time, or is cancelled.");
    let scene = Scene::new(&topic);
    let guest = || scene.guest(SPACE, SECRET);
    let waits = || guest().host(0).response(0, "Introduce", &number(SECRET));

    let late = ["HALO-INV-054"];
    guest().after(59_999).after(60_000).case(&mut topic, "nobody", &late, "");
    waits().after(59_999).after(60_000).case(&mut topic, "no-code", &late, "");
    guest().host(0).after(60_000).case(&mut topic, "introduction-unanswered", &late, "");
    let play = guest().after(50_000).host(0).after(60_000).after(109_999).after(110_000);
    play.case(&mut topic, "from-options-on", &late, "");
    let play = waits().enter(CODE).after(59_999).response(0, "Authenticate", &number(0)).after(60_000);
    play.case(&mut topic, "not-prolonged", &late, "");
    let play = scene.guest_with(SPACE, NONE, |invitation| unset(invitation, "timeout"));
    play.after(179_999).after(180_000).case(&mut topic, "default", &late, "");
    let play = guest().after(55_000).connect(0).request(0, "Options", &number(0)).after(60_000);
    play.case(&mut topic, "another-guest-is-no-host", &late, "");

    let cancelled = ["HALO-INV-039"];
    guest().cancel().case(&mut topic, "cancelled", &cancelled, "");
    waits().connect(1).cancel().case(
        &mut topic,
        "cancelled-in-between",
        &["HALO-INV-039", "HALO-INV-040"],
        "",
    );
    let ended = ["HALO-INV-040"];
    guest().cancel().connect(0).case(&mut topic, "cancelled-then-connected", &ended, "");
    guest().cancel().after(60_000).case(&mut topic, "cancelled-then-late", &ended, "");
    guest().after(60_000).cancel().case(&mut topic, "late-then-cancelled", &ended, "");
    let play = scene.guest(SPACE, KEY).host(0).cancel().response(0, "Introduce", &number(KEY));
    play.case(&mut topic, "cancelled-then-answered", &ended, "");
    topic
}
