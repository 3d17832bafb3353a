//! What a host answers to a guest, up to its admission.

use dxos_reference::keys::to_hex;

use super::super::super::forge::message;
use super::super::super::topic::Topic;
use super::scene::{
    CODE, DEVICE, KEY, NONE, SECRET, SPACE, Scene, code, introduction, invitation_id, number, set, signed,
    topic, unset,
};

pub(super) fn options() -> Topic {
    let mut topic = topic("host-options", "A host and those who connect to it.");
    let scene = Scene::new(&topic);
    let host = || scene.host(SPACE, NONE);

    host().connect(0).case(&mut topic, "first-message", &["HALO-INV-010"], "");
    let play = scene.host(DEVICE, SECRET).connect(0);
    play.case(&mut topic, "first-message-device", &["HALO-INV-010"], "");
    host().guest(0).case(&mut topic, "guest", &["HALO-INV-010"], "");
    let role = ["HALO-INV-011"];
    let play = host().connect(0).request(0, "Options", &number(1)).guest(1);
    play.case(&mut topic, "another-host", &role, "the invitation goes on");
    let play = host().connect(0).request(0, "Options", &[]).guest(1);
    play.case(&mut topic, "no-role", &role, "what is not said to be a guest is none");
    let play = host().connect(0).request(0, "Options", &number(7));
    play.case(&mut topic, "unknown-role", &role, "");
    let late = ["HALO-INV-012"];
    let play = host().connect(0).after(9_999).after(10_000);
    play.case(&mut topic, "silence", &late, "");
    let play = host().connect(0).after(9_999).request(0, "Options", &number(0)).after(10_000);
    play.case(&mut topic, "at-last", &late, "");
    let play = host().connect(0).after(5_000).connect(1).after(10_000).after(15_000).after(20_000);
    play.case(&mut topic, "silence-of-two", &late, "the second has its time from its turn on");
    let twice = ["HALO-INV-013"];
    let play = host().guest(0).request(0, "Options", &number(0));
    play.case(&mut topic, "twice", &twice, "");
    let play = host().introduced(0).request(0, "Options", &number(0)).guest(1);
    play.case(&mut topic, "twice-later", &twice, "");
    let play = host().connect(0).request(0, "Options", &[0x08]).guest(1);
    play.case(&mut topic, "undecodable", &["HALO-INV-014"], "");

    let turns = ["HALO-INV-015"];
    let play = host().connect(0).connect(1).disconnect(0);
    play.case(&mut topic, "one-at-a-time", &turns, "");
    let play = host().guest(0).connect(1).request(1, "Options", &number(0)).disconnect(0).introduce(1);
    play.case(
        &mut topic,
        "options-before-the-turn",
        &turns,
        "the second guest says what it is while it waits",
    );
    let play = host().guest(0).connect(1).connect(2).disconnect(0).disconnect(1);
    play.case(&mut topic, "first-come-first-served", &turns, "");
    let play = host().guest(0).connect(1).disconnect(1).disconnect(0);
    play.case(&mut topic, "gone-while-waiting", &turns, "");
    let play = host().introduced(0).guest(1).introduce(0);
    play.case(&mut topic, "next-after-a-refusal", &["HALO-INV-015", "HALO-INV-018"], "");
    let play = host().introduced(0).guest(1).admit(0, &scene.space_request());
    play.case(&mut topic, "the-first-is-admitted", &["HALO-INV-015", "HALO-INV-035"], "the second is closed");
    let play = host().connect(0).disconnect(0).connect(1);
    play.case(&mut topic, "gone", &["HALO-INV-037"], "");
    topic
}

pub(super) fn introduce() -> Topic {
    let mut topic = topic("host-introduce", "Introductions, and what comes too early or too late.");
    let scene = Scene::new(&topic);
    let id = invitation_id();
    let methods = [("none", NONE), ("secret", SECRET), ("key", KEY)];

    for (name, method) in methods {
        for (kind_name, kind) in [("space", SPACE), ("device", DEVICE)] {
            let play = scene.host(kind, method).introduced(0);
            play.case(&mut topic, &format!("{kind_name}-{name}"), &["HALO-INV-017"], "");
        }
    }
    let play = scene.host_with(SPACE, NONE, |invitation| unset(invitation, "auth_method")).introduced(0);
    play.case(&mut topic, "no-method", &["HALO-INV-017"], "an absent method is NONE");
    let fresh = ["HALO-INV-017"];
    let play = scene.host(SPACE, KEY).introduced(0).disconnect(0).introduced(1);
    play.case(&mut topic, "another-challenge", &fresh, "the second guest has a challenge of its own");

    let wrong = ["HALO-INV-016"];
    let other: String = id.chars().rev().collect();
    for (slug, request) in [
        ("other-id", introduction(&other)),
        ("no-id", Vec::new()),
        ("empty-id", introduction("")),
        ("cut-id", introduction(id.get(..63).unwrap_or_default())),
        ("longer-id", introduction(&format!("{id}0"))),
        ("upper-case-id", introduction(&id.to_uppercase())),
        ("id-as-profile", message(1, &message(1, id.as_bytes()))),
    ] {
        let play = scene.host(SPACE, NONE).guest(0).request(0, "Introduce", &request).introduced(1);
        play.case(&mut topic, slug, &wrong, "the next guest is answered");
    }
    for (name, method) in [("secret", SECRET), ("key", KEY)] {
        let play = scene.host(SPACE, method).guest(0).request(0, "Introduce", &introduction(&other));
        play.case(
            &mut topic,
            &format!("other-id-{name}"),
            &wrong,
            "no method and no challenge is given away",
        );
    }
    let play = scene.host(SPACE, NONE).guest(0).request(0, "Introduce", &[0x12, 0x7f]).guest(1);
    play.case(&mut topic, "undecodable", &["HALO-INV-014"], "");

    let order = ["HALO-INV-018"];
    let admission = ["HALO-INV-019"];
    for (name, method) in methods {
        let host = || scene.host(SPACE, method);
        let play = host().connect(0).introduce(0).guest(1);
        play.case(&mut topic, &format!("before-options-{name}"), &order, "");
        let play = host().introduced(0).introduce(0).guest(1);
        play.case(&mut topic, &format!("twice-{name}"), &order, "");
        let play = host().guest(0).tries(0, CODE).guest(1);
        play.case(&mut topic, &format!("authentication-first-{name}"), &order, "");
        let play = host().guest(0).admit(0, &scene.space_request()).guest(1);
        play.case(&mut topic, &format!("admission-first-{name}"), &admission, "");
        let play = host().connect(0).admit(0, &scene.space_request());
        play.case(&mut topic, &format!("admission-before-options-{name}"), &admission, "");
    }
    let play = scene.host(DEVICE, NONE).guest(0).admit(0, &scene.device_request());
    play.case(&mut topic, "admission-first-device", &admission, "");
    let play = scene.host(SPACE, SECRET).introduced(0).tries(0, CODE).introduce(0);
    play.case(&mut topic, "after-authentication", &order, "");
    topic
}

pub(super) fn secret() -> Topic {
    let mut topic = topic("host-secret", "Codes of six digits, right and wrong.");
    let scene = Scene::new(&topic);
    let host = || scene.host(SPACE, SECRET);
    let wrong = "271828";

    let compared = ["HALO-INV-020"];
    host().introduced(0).tries(0, CODE).case(&mut topic, "right", &compared, "");
    host().introduced(0).tries(0, wrong).case(&mut topic, "wrong", &compared, "");
    let play = host().introduced(0).tries(0, wrong).tries(0, CODE);
    play.case(&mut topic, "wrong-then-right", &compared, "");
    let play = host().introduced(0).tries(0, wrong).tries(0, wrong).tries(0, CODE);
    play.case(&mut topic, "twice-wrong-then-right", &["HALO-INV-020", "HALO-INV-021"], "");
    for (slug, text) in [
        ("cut", "31415"),
        ("longer", "3141592"),
        ("empty", ""),
        ("space-behind", "314159 "),
        ("last-digit", "314158"),
        ("first-digit", "214159"),
    ] {
        let play = host().introduced(0).tries(0, text);
        play.case(&mut topic, &format!("code-{slug}"), &compared, "");
    }
    let play = host().introduced(0).request(0, "Authenticate", &[]);
    play.case(&mut topic, "no-code", &compared, "");
    let play = host().introduced(0).request(0, "Authenticate", &signed(CODE.as_bytes()));
    play.case(&mut topic, "code-as-signature", &compared, "");
    let play = scene.host(DEVICE, SECRET).introduced(0).tries(0, wrong).tries(0, CODE);
    play.case(&mut topic, "device", &compared, "");

    let counted = ["HALO-INV-021"];
    let three = || host().introduced(0).tries(0, wrong).tries(0, wrong).tries(0, wrong);
    three().case(&mut topic, "three", &counted, "");
    three().introduced(1).case(&mut topic, "three-and-another-guest", &["HALO-INV-021", "HALO-INV-040"], "");
    let play = host().introduced(0).tries(0, "").request(0, "Authenticate", &[]).tries(0, "3");
    play.case(&mut topic, "three-that-are-none", &counted, "");
    let twice = host().introduced(0).tries(0, wrong).tries(0, wrong).disconnect(0);
    let play = twice.clone().introduced(1).tries(1, wrong);
    play.case(&mut topic, "over-two-connections", &counted, "");
    let play = host();
    let play = (0..3).fold(play, |play, guest| play.introduced(guest).tries(guest, wrong).disconnect(guest));
    play.connect(3).case(&mut topic, "over-three-connections", &counted, "");
    let play = twice.introduced(1).tries(1, CODE).admit(1, &scene.space_request());
    play.case(&mut topic, "right-on-the-second-connection", &counted, "");
    let play = host().introduced(0).tries(0, wrong).tries(0, CODE).tries(0, wrong).tries(0, wrong);
    play.case(&mut topic, "a-right-one-between", &counted, "it does not begin the count anew");
    let multi =
        |host: &Scene| host.host_with(SPACE, SECRET, |invitation| set(invitation, "multi_use", true.into()));
    let play = multi(&scene).introduced(0).tries(0, wrong).tries(0, CODE).admit(0, &scene.space_request());
    let play = play.introduced(1).tries(1, wrong).tries(1, wrong).connect(2);
    play.case(&mut topic, "over-two-guests", &counted, "the first was admitted");
    let play = host().introduced(0).tries(0, wrong).tries(0, wrong).connect(1).tries(0, wrong);
    play.case(&mut topic, "three-while-another-waits", &counted, "");

    let play = scene.host_with(SPACE, SECRET, |invitation| unset(invitation, "auth_code"));
    let nothing = ["HALO-INV-025"];
    play.introduced(0).tries(0, CODE).case(&mut topic, "host-without-code", &nothing, "");
    let play = scene.host_with(SPACE, SECRET, |invitation| unset(invitation, "auth_code"));
    let play = play.introduced(0).request(0, "Authenticate", &[]);
    play.case(&mut topic, "host-and-guest-without-code", &nothing, "");
    let play = host().introduced(0).request(0, "Authenticate", &[0x0a, 0x7f]).guest(1);
    play.case(&mut topic, "undecodable", &["HALO-INV-014"], "");

    let first = ["HALO-INV-027"];
    let request = scene.space_request();
    let play = host().introduced(0).admit(0, &request).guest(1);
    play.case(&mut topic, "admission-without", &first, "");
    let play = host().introduced(0).tries(0, wrong).admit(0, &request).guest(1);
    play.case(&mut topic, "admission-after-a-wrong-one", &first, "");
    let play = host().introduced(0).tries(0, CODE).disconnect(0).introduced(1).admit(1, &request);
    play.case(&mut topic, "admission-on-another-connection", &first, "");
    let last = ["HALO-INV-028"];
    let play = host().introduced(0).tries(0, CODE).tries(0, wrong).admit(0, &request).guest(1);
    play.case(&mut topic, "right-then-wrong", &last, "");
    let play = host().introduced(0).tries(0, CODE).tries(0, wrong).tries(0, CODE).admit(0, &request);
    play.case(&mut topic, "right-wrong-right", &last, "");
    topic
}

pub(super) fn signature() -> Topic {
    let mut topic = topic("host-signature", "Signatures of challenges.");
    let scene = Scene::new(&topic);
    let host = || scene.host(SPACE, KEY).introduced(0);
    let [first, second] = scene.challenges;
    let good = scene.signature(&first);

    let verified = ["HALO-INV-022"];
    host().signs(0, &good).case(&mut topic, "right", &verified, "");
    let play = scene.host(DEVICE, KEY).introduced(0).signs(0, &good);
    play.case(&mut topic, "device", &verified, "");
    let play = scene.host_with(SPACE, KEY, |invitation| {
        if let Some(pair) = invitation.get_mut("guest_keypair") {
            unset(pair, "private_key");
        }
    });
    let play = play.introduced(0).signs(0, &good);
    play.case(&mut topic, "public-key-alone", &verified, "the host has no private key of the guest");
    let mut flipped = good.clone();
    if let Some(byte) = flipped.first_mut() {
        *byte ^= 1;
    }
    for (slug, signature) in [
        ("flipped", flipped),
        ("other-key", scene.other.sign(&first).to_vec()),
        ("other-challenge", scene.signature(&second)),
        ("hex-of-challenge", scene.signature(to_hex(&first).as_bytes())),
        ("nothing-signed", scene.signature(&[])),
        ("zeros", vec![0; 64]),
    ] {
        let play = host().signs(0, &signature).guest(1);
        play.case(&mut topic, slug, &verified, "");
    }
    let length = ["HALO-INV-023"];
    let longer = [good.as_slice(), &[0]].concat();
    for (slug, signature) in [
        ("empty", &[][..]),
        ("ten-bytes", good.get(..10).unwrap_or_default()),
        ("cut", good.get(..63).unwrap_or_default()),
        ("longer", longer.as_slice()),
    ] {
        let play = host().signs(0, signature).guest(1);
        play.case(&mut topic, slug, &length, "");
    }
    host().request(0, "Authenticate", &[]).case(&mut topic, "absent", &length, "");
    host().request(0, "Authenticate", &code(CODE)).case(&mut topic, "code", &length, "");

    let play = host().signs(0, &good).disconnect(0).introduced(1).signs(1, &good);
    play.case(&mut topic, "replayed", &["HALO-INV-022", "HALO-INV-017"], "on another connection");
    let play = host().disconnect(0).introduced(1).signs(1, &scene.signature(&second));
    play.case(&mut topic, "second-challenge", &["HALO-INV-022", "HALO-INV-017"], "");
    let again = ["HALO-INV-024"];
    host().signs(0, &good).signs(0, &good).case(&mut topic, "again", &again, "");
    let play = host().signs(0, &good).signs(0, &good).admit(0, &scene.space_request());
    play.case(&mut topic, "again-then-admission", &["HALO-INV-024", "HALO-INV-028"], "");
    let play = scene.host_with(SPACE, KEY, |invitation| unset(invitation, "guest_keypair"));
    let play = play.introduced(0).signs(0, &good);
    play.case(&mut topic, "host-without-key", &["HALO-INV-025"], "");
    let play = host().admit(0, &scene.space_request());
    play.case(&mut topic, "admission-without", &["HALO-INV-027"], "");
    topic
}
