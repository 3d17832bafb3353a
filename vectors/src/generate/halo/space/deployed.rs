//! Spaces by the rule of deployed peers, in the orders in which they differ.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::observed::{
    ARRIVAL, BRANCHES, CLAIMS, EIGHT_ORDERS, FAILURES, Observed, PERMISSION, REMOVALS, WALKS,
};
use super::play::{DEPLOYED, Fault, PROCESS, REPLAY, accepted, faults, replay_one, topic};
use super::scene::Scene;
use crate::class::Class::{AuthRole, AuthSignature, StateConflict, StateDuplicate, StateOrder};

fn play(name: &str, about: &str, observed: &[Observed<'_>]) -> Topic {
    let mut topic = topic(&format!("deployed-{name}"), REPLAY, about);
    for (slug, req, text, orders) in observed {
        let scene = Scene::new(&topic, Suite::P256, slug, text);
        for (number, (order, short)) in orders.iter().enumerate() {
            let slug = if number == 0 { (*slug).to_owned() } else { format!("{slug}-order-{}", number + 1) };
            replay_one(&mut topic, DEPLOYED, &slug, req, text, &scene, order, short, None);
        }
    }
    topic
}

pub(super) fn topics() -> Vec<Topic> {
    vec![
        play("arrival", "How deployed peers take credentials in.", ARRIVAL),
        play("permission", "Whose members deployed peers take.", PERMISSION),
        play("branches", "What deployed peers make of credentials at the same time.", BRANCHES),
        play("eight-orders", "One graph in all its orders, with deployed peers.", EIGHT_ORDERS),
        play("walks", "How deployed peers go through the graph.", WALKS),
        play("removals", "What deployed peers make of removals at the same time.", REMOVALS),
        play("failures", "Where deployed peers fail, or do not return.", FAILURES),
        play("claims", "Feeds, profiles and epochs with deployed peers.", CLAIMS),
        invitations(),
        process(),
    ]
}

fn invitations() -> Topic {
    let observed: &[Observed<'_>] = &[
        (
            "delegated",
            &["HALO-REPLAY-007"],
            "B: a>b ADM ^o; C: a>c EDT ^B; i: a>a delegate; j: b>b delegate gives=4; k: c>c delegate; l: S>S delegate multi",
            &[("", "k:refused a=OWN b=ADM c=EDT open=i,j,l"), ("l g o", "a=OWN open=l")],
        ),
        (
            "cancelled",
            &["HALO-REPLAY-015", "HALO-REPLAY-016"],
            "B: a>b ADM ^o; i: a>a delegate multi; c: b>b cancel inv=i",
            &[
                ("B i c", "a=OWN b=ADM open=-"),
                ("B c i", "a=OWN b=ADM open=-"),
                ("i c B", "c:refused a=OWN b=ADM open=i"),
            ],
        ),
        (
            "redeemed",
            &["HALO-REPLAY-015", "HALO-REPLAY-016"],
            "i: a>a delegate; C: a>c EDT ^o inv=i",
            &[("i C", "a=OWN c=EDT open=-"), ("C i", "a=OWN c=EDT open=-")],
        ),
        (
            "multi-use",
            &["HALO-REPLAY-015", "HALO-REPLAY-016"],
            "i: a>a delegate multi; C: a>c EDT ^o inv=i",
            &[("i C", "a=OWN c=EDT open=i"), ("C i", "a=OWN c=EDT open=i")],
        ),
        (
            "redeemed-without-effect",
            &["HALO-REPLAY-016"],
            "i: a>a delegate; C: a>c OWN ^o inv=i",
            &[("i C", "a=OWN open=-")],
        ),
        (
            "issuer-removed",
            &["HALO-REPLAY-016"],
            "B: a>b ADM ^o; i: b>b delegate; R: a>b REM ^B",
            &[("B i R", "a=OWN b=REM open=i"), ("B R i", "i:refused a=OWN b=REM open=-")],
        ),
    ];
    let mut topic = play("invitations", "Delegated invitations with deployed peers.", observed);
    let text = "i: a>a delegate until=1000";
    let scene = Scene::new(&topic, Suite::P256, "expiry", text);
    for (slug, now, short) in [
        ("before-expiry", Some(999), "a=OWN open=i"),
        ("at-expiry", Some(1000), "a=OWN open=i"),
        ("behind-expiry", Some(1001), "a=OWN open=-"),
        ("time-unknown", None, "a=OWN open=i"),
    ] {
        replay_one(&mut topic, DEPLOYED, slug, &["HALO-REPLAY-017"], text, &scene, "", short, now);
    }
    topic
}

/// What is refused, and what fails.
fn process() -> Topic {
    type Group<'a> = (&'a str, &'a [&'a str], &'a str, &'a str, &'a [Fault<'a>]);
    let groups: &[Group<'_>] = &[
        (
            "member",
            &["HALO-REPLAY-007"],
            "B: a>b EDT ^o",
            "X: a>c EDT ^B",
            &[
                ("by-editor", &["HALO-REPLAY-007"], AuthRole, "X: b>c EDT ^B"),
                ("by-stranger", &["HALO-REPLAY-007"], AuthRole, "X: x>c EDT ^B"),
                ("signature", &["HALO-REPLAY-003"], AuthSignature, "X: a>c EDT ^B forged"),
                ("no-id", &["HALO-REPLAY-009"], StateConflict, "X: a>c EDT ^B id=none"),
                ("no-issuer", &["HALO-REPLAY-040"], StateConflict, "X: a>c EDT ^B anonymous"),
                (
                    "no-parent-known",
                    &["HALO-REPLAY-028", "HALO-REPLAY-038"],
                    StateConflict,
                    "X: a>c EDT ^zzz",
                ),
            ],
        ),
        (
            "removed",
            &["HALO-REPLAY-007"],
            "B: a>b ADM ^o; X: a>b REM ^B",
            "Y: a>c EDT ^B",
            &[
                ("grant", &["HALO-REPLAY-007"], AuthRole, "Y: b>c EDT ^B"),
                ("behind", &["HALO-REPLAY-007"], AuthRole, "Y: b>c EDT ^X"),
            ],
        ),
        (
            "genesis",
            &["HALO-REPLAY-010"],
            "B: a>b ADM ^o",
            "n: S>S note",
            &[("again", &["HALO-REPLAY-004"], StateDuplicate, "n: S>S genesis @7")],
        ),
        (
            "feed",
            &["HALO-REPLAY-012"],
            "B: a>b EDT ^o",
            "q: b>f1 feed",
            &[
                ("other-space", &["HALO-REPLAY-008"], StateConflict, "q: b>f1 feed space=K"),
                ("signature", &["HALO-REPLAY-003"], AuthSignature, "q: b>f1 feed forged"),
            ],
        ),
        (
            "invitation",
            &["HALO-REPLAY-007"],
            "B: a>b EDT ^o",
            "i: a>a delegate",
            &[
                ("by-editor", &["HALO-REPLAY-007"], AuthRole, "i: b>b delegate"),
                ("cancelled-by-editor", &["HALO-REPLAY-007"], AuthRole, "i: b>b cancel inv=zzz"),
            ],
        ),
        (
            "before-genesis",
            &["HALO-REPLAY-010"],
            "!n: a>a note",
            "d: a>a device",
            &[
                ("member", &["HALO-REPLAY-005"], StateOrder, "d: S>a OWN"),
                ("profile", &["HALO-REPLAY-005"], StateOrder, "d: a>a profile name=Ann"),
                ("feed", &["HALO-REPLAY-005"], StateOrder, "d: a>f1 feed"),
            ],
        ),
        (
            "endless",
            &["HALO-REPLAY-027"],
            "B: a>b ADM",
            "X: a>c EDT",
            &[("removal", &["HALO-REPLAY-039"], StateConflict, "X: b>a REM")],
        ),
    ];
    let mut topic = topic("deployed", PROCESS, "What deployed peers refuse, and where they fail.");
    for (slug, req, before, last, wrong) in groups {
        accepted(&mut topic, DEPLOYED, slug, req, before, last);
        faults(&mut topic, DEPLOYED, slug, before, wrong);
    }
    topic
}
