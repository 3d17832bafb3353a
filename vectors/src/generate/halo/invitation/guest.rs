//! A guest up to the point where it asks to be admitted.

use dxos_reference::keys::to_hex;
use serde_json::{Value, json};

use super::super::super::forge::{DATE, message};
use super::super::super::steps::ask;
use super::super::super::topic::Topic;
use super::scene::{CODE, DEVICE, KEY, NONE, Play, SECRET, SPACE, Scene, number, set, topic, unset};
use crate::class::Class::{self, AuthExpired, SchemaConstraint, StateDuplicate};

pub(super) fn open() -> Topic {
    let about = "Invitations that a guest can use, and those that it cannot.";
    let mut topic = Topic::new("halo/invitation/guest-open", "wire.open", &["suite.p256"], about);
    let scene = Scene::new(&topic);
    let req = ["HALO-INV-043"];
    let minute = |created: i64| {
        let mut invitation = scene.guest_invitation(SPACE, NONE);
        set(&mut invitation, "created", json!((DATE - created).to_string()));
        set(&mut invitation, "lifetime", json!(60));
        scene.visits(&invitation)
    };
    let plain = scene.visits(&scene.guest_invitation(SPACE, NONE));
    Play::new(plain.clone()).case(&mut topic, "space", &req, "");
    let device = scene.visits(&scene.guest_invitation(DEVICE, NONE));
    Play::new(device).case(&mut topic, "device", &req, "an invitation of a device names no space");
    Play::new(minute(59_999)).case(&mut topic, "minute", &req, "a millisecond before its end");
    let mut old = scene.guest_invitation(SPACE, NONE);
    set(&mut old, "created", json!((DATE - 86_400_000_000).to_string()));
    set(&mut old, "lifetime", json!(0));
    Play::new(scene.visits(&old)).case(&mut topic, "for-ever", &req, "");
    let joined = |key: &[u8]| {
        let mut open = plain.clone();
        set(&mut open, "spaces", json!([to_hex(key)]));
        open
    };
    Play::new(joined(&scene.other.public_key())).case(&mut topic, "other-space-joined", &req, "");

    let mut reject = |slug: &str, from: &str, class: Class, about: &str, open: Value| {
        let asks = vec![ask("wire.open", open).rejected(class)];
        topic.steps_reject(slug, from, &req, about, asks);
    };
    reject("expired", "minute", AuthExpired, "", minute(60_000));
    reject("long-expired", "minute", AuthExpired, "", minute(3_600_000));
    let mut nowhere = scene.guest_invitation(SPACE, NONE);
    unset(&mut nowhere, "space_key");
    reject("no-space", "space", SchemaConstraint, "", scene.visits(&nowhere));
    reject("joined", "space", StateDuplicate, "", joined(&scene.space.public_key()));
    topic
}

pub(super) fn options() -> Topic {
    let mut topic = topic("guest-options", "A guest and those who connect to it.");
    let scene = Scene::new(&topic);
    let guest = || scene.guest(SPACE, NONE);

    guest().connect(0).case(&mut topic, "first-message", &["HALO-INV-010"], "");
    guest().host(0).case(&mut topic, "host", &["HALO-INV-010", "HALO-INV-044"], "");
    let mut named = scene.visits(&scene.guest_invitation(SPACE, SECRET));
    set(&mut named, "profile", json!("Gudrún"));
    Play::new(named).host(0).case(&mut topic, "profile", &["HALO-INV-044"], "");
    scene.guest(DEVICE, KEY).host(0).case(&mut topic, "device", &["HALO-INV-044"], "");
    let role = ["HALO-INV-011"];
    let play = guest().connect(0).request(0, "Options", &number(0)).host(1);
    play.case(&mut topic, "another-guest", &role, "the invitation goes on");
    let play = guest().connect(0).request(0, "Options", &[]);
    play.case(&mut topic, "no-role", &role, "");
    let play = guest().connect(0).request(0, "Options", &number(7));
    play.case(&mut topic, "unknown-role", &role, "");
    let late = ["HALO-INV-012"];
    guest().connect(0).after(9_999).after(10_000).case(&mut topic, "silence", &late, "");
    let play = guest().connect(0).after(10_000).host(1);
    play.case(&mut topic, "silence-then-a-host", &late, "");
    let play = guest().connect(0).after(9_999).request(0, "Options", &number(1)).after(10_000);
    play.case(&mut topic, "at-last", &late, "");
    let play = guest().host(0).request(0, "Options", &number(1));
    play.case(&mut topic, "twice", &["HALO-INV-013", "HALO-INV-052"], "");
    let play = guest().connect(0).request(0, "Options", &[0x08]);
    play.case(&mut topic, "undecodable", &["HALO-INV-014"], "");
    let play = guest().connect(0).disconnect(0);
    play.case(&mut topic, "gone-before-options", &["HALO-INV-052"], "whoever that was");
    topic
}

pub(super) fn authenticate() -> Topic {
    let mut topic =
        topic("guest-authenticate", "How a guest shows that it was invited, and when it gives up.");
    let scene = Scene::new(&topic);
    let [challenge, _] = scene.challenges;
    let with = |challenge: &[u8]| [number(KEY), message(2, challenge)].concat();
    let introduced = |play: Play, answer: &[u8]| play.host(0).response(0, "Introduce", answer);
    let none = || introduced(scene.guest(SPACE, NONE), &number(NONE));
    let secret = || introduced(scene.guest(SPACE, SECRET), &number(SECRET));
    let key = || introduced(scene.guest(SPACE, KEY), &with(&challenge));
    let status = |play: Play, status: i64| play.response(0, "Authenticate", &number(status));

    let asks = ["HALO-INV-051"];
    none().case(&mut topic, "none", &asks, "");
    let play = introduced(scene.guest(DEVICE, NONE), &number(NONE));
    play.case(&mut topic, "none-device", &asks, "");
    let codes = ["HALO-INV-046"];
    secret().case(&mut topic, "secret-waits", &codes, "");
    secret().enter(CODE).case(&mut topic, "secret-entered", &codes, "");
    let play = status(secret().enter(CODE), 0);
    play.case(&mut topic, "secret-right", &["HALO-INV-046", "HALO-INV-051"], "");
    let wrong = |play: Play| status(play.enter("000000"), 1);
    wrong(secret()).case(&mut topic, "secret-wrong", &codes, "");
    wrong(secret()).enter(CODE).case(&mut topic, "secret-again", &codes, "");
    let play = status(wrong(wrong(secret())).enter(CODE), 0);
    play.case(&mut topic, "secret-right-at-last", &codes, "");
    wrong(wrong(wrong(secret()))).case(&mut topic, "secret-three", &codes, "");
    let play = introduced(scene.guest(DEVICE, SECRET), &number(SECRET)).enter("000000");
    status(play, 0).case(&mut topic, "secret-device", &["HALO-INV-046", "HALO-INV-051"], "");
    let signs = ["HALO-INV-047"];
    key().case(&mut topic, "key", &signs, "");
    status(key(), 0).case(&mut topic, "key-right", &["HALO-INV-047", "HALO-INV-051"], "");
    let play = introduced(scene.guest(DEVICE, KEY), &with(&[0; 32]));
    play.case(&mut topic, "key-device", &signs, "a challenge of zeros");
    let gives_up = ["HALO-INV-048"];
    introduced(scene.guest(SPACE, KEY), &number(KEY)).case(&mut topic, "key-no-challenge", &gives_up, "");
    let play = scene.guest_with(SPACE, KEY, |invitation| unset(invitation, "guest_keypair"));
    introduced(play, &with(&challenge)).case(&mut topic, "key-no-keypair", &gives_up, "");
    let play = scene.guest_with(SPACE, KEY, |invitation| {
        if let Some(pair) = invitation.get_mut("guest_keypair") {
            unset(pair, "private_key");
        }
    });
    introduced(play, &with(&challenge)).case(&mut topic, "key-no-private-key", &gives_up, "");
    for (slug, bytes) in [("empty", 0), ("short", 31), ("long", 33), ("very-long", 300)] {
        let play = introduced(scene.guest(SPACE, KEY), &with(&vec![0x5a; bytes]));
        play.case(&mut topic, &format!("key-challenge-{slug}"), &["HALO-INV-049"], "");
    }

    let names = [("none", NONE), ("secret", SECRET), ("key", KEY)];
    for (invited, method) in names {
        for (named, other) in names {
            if method != other {
                let answer = if other == KEY { with(&challenge) } else { number(other) };
                let play = introduced(scene.guest(SPACE, method), &answer);
                play.case(&mut topic, &format!("{invited}-becomes-{named}"), &["HALO-INV-045"], "");
            }
        }
        if method != NONE {
            let play = introduced(scene.guest(SPACE, method), &[]);
            play.case(&mut topic, &format!("{invited}-becomes-nothing"), &["HALO-INV-045"], "");
        }
        let play = introduced(scene.guest(SPACE, method), &number(9));
        play.case(&mut topic, &format!("{invited}-becomes-unknown"), &["HALO-INV-045"], "");
    }
    let other = ["HALO-INV-050"];
    for (slug, number) in [("too-many", 2), ("internal", 3), ("signature", 4), ("unknown", 9)] {
        status(secret().enter(CODE), number).case(&mut topic, &format!("secret-status-{slug}"), &other, "");
        status(key(), number).case(&mut topic, &format!("key-status-{slug}"), &other, "");
    }
    let play = secret().enter(CODE).response(0, "Authenticate", &[]);
    play.case(&mut topic, "secret-status-absent", &other, "");
    key().response(0, "Authenticate", &[]).case(&mut topic, "key-status-absent", &other, "");
    topic
}
