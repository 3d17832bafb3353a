//! How an invitation ends at its host, and when a guest is too slow.

use serde_json::json;

use super::super::super::forge::DATE;
use super::super::super::topic::Topic;
use super::scene::{CODE, DEVICE, KEY, NONE, SECRET, SPACE, Scene, number, set, topic, unset};

pub(super) fn ends() -> Topic {
    let mut topic = topic("host-ends", "Cancelled and expired invitations.");
    let scene = Scene::new(&topic);
    let host = || scene.host(SPACE, SECRET);

    let cancelled = ["HALO-INV-039"];
    host().cancel().case(&mut topic, "cancelled", &cancelled, "");
    scene.host(DEVICE, KEY).introduced(0).cancel().case(&mut topic, "cancelled-in-between", &cancelled, "");
    let ended = ["HALO-INV-040"];
    host().introduced(0).connect(1).cancel().case(
        &mut topic,
        "cancelled-two-connections",
        &ended,
        "both are closed",
    );
    host().cancel().connect(0).case(&mut topic, "cancelled-then-connected", &ended, "");
    let play = host().introduced(0).cancel().tries(0, CODE);
    play.case(&mut topic, "cancelled-then-code", &ended, "");
    let play = host().cancel().after(700_000_000);
    play.case(&mut topic, "cancelled-then-expired", &ended, "");
    let play = scene.host(SPACE, NONE).introduced(0).admit(0, &scene.space_request()).cancel();
    play.case(&mut topic, "admitted-then-cancelled", &ended, "");
    let play = scene.host(SPACE, NONE).introduced(0).admit(0, &scene.space_request()).after(700_000_000);
    play.case(&mut topic, "admitted-then-expired", &ended, "");

    let expires = ["HALO-INV-038"];
    let minute = || scene.host_with(SPACE, NONE, |invitation| set(invitation, "lifetime", json!(60)));
    minute().after(59_999).after(60_000).case(&mut topic, "expired", &expires, "");
    let play = minute().after(59_999).introduced(0);
    play.case(&mut topic, "at-last", &expires, "");
    let play = minute().after(30_000).introduced(0).connect(1).after(60_000);
    play.case(&mut topic, "expired-in-between", &["HALO-INV-038", "HALO-INV-040"], "");
    let play = minute().after(60_000).connect(0).cancel();
    play.case(&mut topic, "expired-then-connected", &["HALO-INV-038", "HALO-INV-040"], "");
    let play = scene.host_with(SPACE, NONE, |invitation| {
        set(invitation, "created", json!((DATE - 120_000).to_string()));
        set(invitation, "lifetime", json!(60));
    });
    play.connect(0).case(&mut topic, "expired-before", &expires, "");
    let week = 604_800_000;
    scene.host(SPACE, NONE).after(week - 1).after(week).case(&mut topic, "week", &expires, "");
    let year = 365 * 86_400_000;
    for (slug, member) in [("no-lifetime", "lifetime"), ("no-creation", "created")] {
        let play = scene.host_with(SPACE, NONE, |invitation| unset(invitation, member));
        play.after(year).introduced(0).case(&mut topic, slug, &expires, "");
    }
    let play = scene.host_with(SPACE, NONE, |invitation| set(invitation, "lifetime", json!(0)));
    play.after(year).introduced(0).case(&mut topic, "lifetime-zero", &expires, "");
    let play = scene.host_with(SPACE, NONE, |invitation| {
        set(invitation, "lifetime", json!(60));
        set(invitation, "multi_use", json!(true));
    });
    let play = play.introduced(0).admit(0, &scene.space_request()).after(60_000).connect(1);
    play.case(&mut topic, "multi-use", &["HALO-INV-038", "HALO-INV-035"], "one guest was admitted before");
    topic
}

pub(super) fn timeout() -> Topic {
    let mut topic = topic("host-timeout", "Guests that are slow, and guests that leave.");
    let scene = Scene::new(&topic);
    let host = || scene.host(SPACE, SECRET);

    let late = ["HALO-INV-036"];
    host().guest(0).after(59_999).after(60_000).case(&mut topic, "connected", &late, "");
    host().introduced(0).after(60_000).case(&mut topic, "introduced", &late, "");
    let play = host().introduced(0).tries(0, CODE).after(60_000).admit(0, &scene.space_request());
    play.case(&mut topic, "authenticated", &late, "");
    let play = host().introduced(0).after(59_999).tries(0, CODE).admit(0, &scene.space_request());
    play.case(&mut topic, "at-last", &late, "");
    let play = host().connect(0).after(5_000).request(0, "Options", &number(0)).after(64_999).after(65_000);
    play.case(&mut topic, "from-options-on", &late, "");
    let play = host().introduced(0).after(40_000).tries(0, "000000").after(60_000);
    play.case(&mut topic, "not-prolonged", &late, "what the guest does gives it no more time");
    let play = host().introduced(0).after(20_000).connect(1).after(60_000);
    play.case(&mut topic, "next", &["HALO-INV-036", "HALO-INV-015"], "another one waits");
    let play = scene.host_with(SPACE, NONE, |invitation| unset(invitation, "timeout"));
    let play = play.guest(0).after(179_999).after(180_000);
    play.case(&mut topic, "default", &late, "");
    let play =
        host().introduced(0).after(60_000).introduced(1).tries(1, CODE).admit(1, &scene.space_request());
    play.case(&mut topic, "second-guest", &late, "");

    let gone = ["HALO-INV-037"];
    host().guest(0).disconnect(0).case(&mut topic, "gone-connected", &gone, "");
    host().introduced(0).disconnect(0).case(&mut topic, "gone-introduced", &gone, "");
    host().introduced(0).tries(0, CODE).disconnect(0).case(&mut topic, "gone-authenticated", &gone, "");
    let play =
        host().introduced(0).disconnect(0).introduced(1).tries(1, CODE).admit(1, &scene.space_request());
    play.case(&mut topic, "gone-and-another", &gone, "");
    topic
}
