//! Delegated invitations.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, parts, replay_one, replays, topic};
use super::scene::Scene;

pub(super) fn open() -> Topic {
    let mut topic = topic("invitations", REPLAY, "Who delegates invitations, and which ones.");
    let who = &["HALO-DELEG-001"][..];
    let what = &["HALO-DELEG-002"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("by-owner", who, "i: a>a delegate", &[], "a=OWN open=i"),
        ("by-space-key", who, "i: S>S delegate", &[], "a=OWN open=i"),
        ("by-admin", who, "B: a>b ADM ^o; i: b>b delegate", &["B i", "i B"], "a=OWN b=ADM open=i"),
        ("by-editor", who, "B: a>b EDT ^o; i: b>b delegate", &["B i", "i B"], "i:void a=OWN b=EDT"),
        ("by-reader", who, "B: a>b RDR ^o; i: b>b delegate", &["B i", "i B"], "i:void a=OWN b=RDR"),
        ("by-stranger", who, "i: x>x delegate", &[], "i:void a=OWN"),
        (
            "by-removed",
            who,
            "B: a>b ADM ^o; i: b>b delegate; R: a>b REM ^B",
            &["B i R", "R i B"],
            "i:void a=OWN b=REM",
        ),
        (
            "by-demoted",
            who,
            "B: a>b ADM ^o; i: b>b delegate; R: a>b EDT ^B",
            &["B i R", "R i B"],
            "i:void a=OWN b=EDT",
        ),
        (
            "regained",
            who,
            "B: a>b ADM ^o; i: b>b delegate; R: a>b REM ^B; D: a>b ADM ^R",
            &["B i R D", "D R i B"],
            "a=OWN b=ADM open=i",
        ),
        (
            "by-lost-member",
            who,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; i: e>e delegate",
            &["B X Y i", "B Y i X"],
            "Y:void i:void a=OWN b=REM",
        ),
        ("by-device", who, "i: a>a delegate by=y", &[], "a=OWN open=i"),
        ("two", who, "i: a>a delegate; j: a>a delegate multi", &["i j", "j i"], "a=OWN open=i,j"),
        ("for-admins", what, "i: a>a delegate gives=1", &[], "a=OWN open=i"),
        ("for-readers", what, "i: a>a delegate gives=3", &[], "a=OWN open=i"),
        ("for-owners", what, "i: a>a delegate gives=4", &[], "i:void a=OWN"),
        ("for-owners-by-space-key", what, "i: S>S delegate gives=4", &[], "i:void a=OWN"),
        ("for-removed", what, "i: a>a delegate gives=5", &[], "i:void a=OWN"),
        ("for-role-0", what, "i: a>a delegate gives=0", &[], "i:void a=OWN"),
        ("for-role-9", what, "i: a>a delegate gives=9", &[], "i:void a=OWN"),
    ];
    replays(&mut topic, CONVERGENT, scenarios);
    topic
}

pub(super) fn closed() -> Vec<Topic> {
    let cancel = &["HALO-DELEG-003"][..];
    let canceller = &["HALO-DELEG-004"][..];
    let once = &["HALO-DELEG-005"][..];
    let many = &["HALO-DELEG-006"][..];
    let void = &["HALO-DELEG-007"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("cancelled", cancel, "i: a>a delegate; c: a>a cancel inv=i", &["i c", "c i"], "a=OWN open=-"),
        (
            "one-of-two-cancelled",
            cancel,
            "i: a>a delegate; j: a>a delegate multi; c: a>a cancel inv=i",
            &["i j c", "c j i"],
            "a=OWN open=j",
        ),
        (
            "multi-use-cancelled",
            cancel,
            "i: a>a delegate multi; c: a>a cancel inv=i",
            &["i c", "c i"],
            "a=OWN open=-",
        ),
        (
            "unknown-cancelled",
            cancel,
            "i: a>a delegate; c: a>a cancel inv=zzz",
            &["i c", "c i"],
            "a=OWN open=i",
        ),
        (
            "cancelled-again-offered",
            cancel,
            "i: a>a delegate; c: a>a cancel inv=i",
            &["i c i", "c i c i"],
            "a=OWN open=-",
        ),
        (
            "cancelled-by-other-admin",
            canceller,
            "B: a>b ADM ^o; i: a>a delegate; c: b>b cancel inv=i",
            &["B i c", "c i B"],
            "a=OWN b=ADM open=-",
        ),
        (
            "cancelled-by-space-key",
            canceller,
            "i: a>a delegate; c: S>S cancel inv=i",
            &["i c", "c i"],
            "a=OWN open=-",
        ),
        (
            "cancelled-by-editor",
            canceller,
            "B: a>b EDT ^o; i: a>a delegate; c: b>b cancel inv=i",
            &["B i c", "c i B"],
            "c:void a=OWN b=EDT open=i",
        ),
        (
            "cancelled-by-stranger",
            canceller,
            "i: a>a delegate; c: x>x cancel inv=i",
            &["i c", "c i"],
            "c:void a=OWN open=i",
        ),
        (
            "cancelled-by-removed",
            canceller,
            "B: a>b ADM ^o; i: a>a delegate; c: b>b cancel inv=i; R: a>b REM ^B",
            &["B i c R", "R c i B"],
            "c:void a=OWN b=REM open=i",
        ),
        (
            "cancelled-by-its-issuer",
            canceller,
            "B: a>b ADM ^o; i: b>b delegate; c: b>b cancel inv=i; R: a>b REM ^B",
            &["B i c R", "R c i B"],
            "i:void a=OWN b=REM open=-",
        ),
        ("redeemed", once, "i: a>a delegate; C: a>c EDT ^o inv=i", &["i C", "C i"], "a=OWN c=EDT open=-"),
        (
            "redeemed-twice",
            once,
            "i: a>a delegate; C: a>c EDT ^o inv=i; D: a>d EDT ^C inv=i",
            &["i C D", "D C i"],
            "a=OWN c=EDT d=EDT open=-",
        ),
        (
            "redeemed-by-other-admin",
            once,
            "B: a>b ADM ^o; i: a>a delegate; C: b>c EDT ^B inv=i",
            &["B i C", "C i B"],
            "a=OWN b=ADM c=EDT open=-",
        ),
        (
            "other-redeemed",
            once,
            "i: a>a delegate; j: a>a delegate gives=3; C: a>c RDR ^o inv=j",
            &["i j C", "C j i"],
            "a=OWN c=RDR open=i",
        ),
        (
            "unknown-redeemed",
            &["HALO-DELEG-005", "HALO-DELEG-009"],
            "i: a>a delegate; C: a>c EDT ^o inv=zzz",
            &["i C", "C i"],
            "a=OWN c=EDT open=i",
        ),
        (
            "multi-use-redeemed",
            many,
            "i: a>a delegate multi; C: a>c EDT ^o inv=i",
            &["i C", "C i"],
            "a=OWN c=EDT open=i",
        ),
        (
            "multi-use-redeemed-twice",
            many,
            "i: a>a delegate multi; C: a>c EDT ^o inv=i; D: a>d EDT ^C inv=i",
            &["i C D", "D C i"],
            "a=OWN c=EDT d=EDT open=i",
        ),
        (
            "redeemed-by-void",
            void,
            "i: a>a delegate; C: x>c EDT ^o inv=i",
            &["i C", "C i"],
            "C:void a=OWN open=i",
        ),
        (
            "redeemed-by-itself",
            void,
            "i: a>a delegate; C: x>x EDT ^o inv=i",
            &["i C", "C i"],
            "C:void a=OWN open=i",
        ),
        (
            "redeemed-by-held",
            void,
            "i: a>a delegate; C: a>c EDT ^zzz inv=i",
            &["i C", "C i"],
            "C:held a=OWN open=i",
        ),
        (
            "redeemed-by-lost",
            void,
            "B: a>b ADM ^o; i: a>a delegate; X: a>b REM ^B; Y: b>e EDT ^B inv=i",
            &["B i X Y", "B Y i X"],
            "Y:void a=OWN b=REM open=i",
        ),
        (
            "cancelled-and-redeemed",
            &["HALO-DELEG-009"],
            "i: a>a delegate; c: a>a cancel inv=i; C: a>c EDT ^o inv=i",
            &["i c C", "C c i"],
            "a=OWN c=EDT open=-",
        ),
        (
            "greater-role",
            &["HALO-DELEG-009"],
            "i: a>a delegate gives=3; C: a>c ADM ^o inv=i",
            &["i C", "C i"],
            "a=OWN c=ADM open=-",
        ),
    ];
    parts("closed-invitations", "How invitations are closed.", scenarios, 12)
}

pub(super) fn expiry() -> Topic {
    let mut made = topic("expiry", REPLAY, "Invitations that expire.");
    let topic = &mut made;
    let text = "i: a>a delegate until=1000";
    let scene = Scene::new(topic, Suite::P256, "expiry", text);
    let never = "i: a>a delegate";
    let without = Scene::new(topic, Suite::P256, "no-expiry", never);
    let req = &["HALO-DELEG-008"];
    for (slug, text, scene, now, short) in [
        ("before-expiry", text, &scene, Some(999), "a=OWN open=i"),
        ("at-expiry", text, &scene, Some(1000), "a=OWN open=-"),
        ("behind-expiry", text, &scene, Some(1001), "a=OWN open=-"),
        ("long-behind-expiry", text, &scene, Some(4_000_000_000_000), "a=OWN open=-"),
        ("time-unknown", text, &scene, None, "a=OWN open=i"),
        ("no-expiry", never, &without, Some(4_000_000_000_000), "a=OWN open=i"),
    ] {
        replay_one(topic, CONVERGENT, slug, req, text, scene, "", short, now);
    }
    let text = "i: a>a delegate until=1000 multi; C: a>c EDT ^o inv=i";
    let scene = Scene::new(topic, Suite::P256, "expired-and-redeemed", text);
    for (slug, order) in [("expired-and-redeemed", "i C"), ("expired-and-redeemed-order-2", "C i")] {
        replay_one(
            topic,
            CONVERGENT,
            slug,
            &["HALO-DELEG-009"],
            text,
            &scene,
            order,
            "a=OWN c=EDT open=-",
            Some(2000),
        );
    }
    made
}
