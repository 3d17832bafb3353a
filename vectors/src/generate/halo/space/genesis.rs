//! The beginning of a space.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, replay_one, replays, topic};
use super::scene::Scene;

/// One of everything that needs a genesis.
const EVERYTHING: &str = "!o: S>a OWN; B: a>b ADM ^o; p: b>b profile name=Bob; q: a>f1 feed; e: S>S epoch n=0; i: a>a delegate; c: a>a cancel inv=i";

pub(super) fn genesis() -> Topic {
    let mut topic = topic("genesis", REPLAY, "How a space begins.");
    let scenarios: &[super::play::Scenario<'_>] = &[
        ("plain", &["HALO-SPACE-008", "HALO-SPACE-009"], "", &[], "a=OWN heads=o"),
        ("alone", &["HALO-SPACE-008", "HALO-SPACE-009"], "!g: S>S genesis", &[], "heads=-"),
        ("nothing", &["HALO-SPACE-001"], "!", &[], "heads=-"),
        ("by-stranger", &["HALO-SPACE-008"], "!g: a>S genesis", &[], "g:refused genesis=- heads=-"),
        (
            "by-stranger-first",
            &["HALO-SPACE-008"],
            "!x: a>S genesis; g: S>S genesis; o: S>a OWN",
            &["x g o", "g o x", "o x g"],
            "x:refused a=OWN",
        ),
        ("about-member", &["HALO-SPACE-009"], "!g: S>a genesis", &[], "g:refused genesis=-"),
        (
            "about-member-first",
            &["HALO-SPACE-009"],
            "!x: S>a genesis; g: S>S genesis; o: S>a OWN",
            &["x g o", "g x o"],
            "x:refused a=OWN",
        ),
        ("other-space", &["HALO-SPACE-005"], "!g: S>S genesis space=K", &[], "g:refused genesis=-"),
        ("other-key", &["HALO-SPACE-008"], "!g: K>K genesis", &[], "g:refused genesis=-"),
        ("of-another-space", &["HALO-SPACE-005"], "x: K>K genesis space=K", &[], "x:refused a=OWN"),
        ("forged", &["HALO-SPACE-002"], "!g: S>S genesis forged", &[], "g:refused genesis=-"),
        (
            "forged-first",
            &["HALO-SPACE-002", "HALO-SPACE-004"],
            "!x: S>S genesis forged; g: as=x; o: S>a OWN",
            &["x g o", "x o g", "g x o"],
            "x:refused a=OWN",
        ),
        ("twice", &["HALO-SPACE-001"], "", &["g g o", "g o g", "o g o g"], "a=OWN"),
        (
            "nothing-before",
            &["HALO-SPACE-011"],
            EVERYTHING,
            &["", "c i e q p B o"],
            "o:held B:held p:held q:held e:held i:held c:held",
        ),
        ("other-types-before", &["HALO-SPACE-006"], "!n: a>a note; d: a>b device", &["", "d n"], ""),
        (
            "member-with-genesis-as-parent",
            &["HALO-MEMBER-001", "HALO-MEMBER-002"],
            "!g: S>S genesis; o: S>a OWN ^g; B: a>b EDT ^o",
            &["g o B", "B o g"],
            "a=OWN b=EDT",
        ),
        (
            "late",
            &["HALO-SPACE-007", "HALO-SPACE-011"],
            "!g: S>S genesis; o: S>a OWN; B: a>b ADM ^o",
            &["o g B", "o B g", "B o g", "B g o"],
            "a=OWN b=ADM",
        ),
    ];
    replays(&mut topic, CONVERGENT, scenarios);
    everything_late(&mut topic);
    several(&mut topic);
    topic
}

fn everything_late(topic: &mut Topic) {
    let text = format!("{EVERYTHING}; g: S>S genesis");
    let scene = Scene::new(topic, Suite::P256, "everything-late", &text);
    for (slug, order) in [
        ("everything-late", ""),
        ("everything-late-order-2", "c i e q p B o g"),
        ("everything-late-order-3", "g c i e q p B o"),
    ] {
        let req = &["HALO-SPACE-007", "HALO-SPACE-011"];
        let short = "a=OWN b=ADM names=b:Bob feeds=f1 epoch=e heads=B";
        replay_one(topic, CONVERGENT, slug, req, &text, &scene, order, short, None);
    }
}

/// Several geneses: the smallest id counts.
fn several(topic: &mut Topic) {
    let cases: &[(&str, &str, &[&str], &[&str])] = &[
        ("two", "h: S>S genesis @5", &["g", "h"], &["h", "h g o", "o h g"]),
        ("three", "h: S>S genesis @5; k: S>S genesis @6", &["g", "h", "k"], &["h k", "k h g o", "h o k g"]),
    ];
    for (slug, text, geneses, orders) in cases {
        let scene = Scene::new(topic, Suite::P256, slug, text);
        let counts = scene.smallest(geneses);
        let void: String =
            geneses.iter().filter(|name| **name != counts).map(|name| format!(" {name}:void")).collect();
        for (number, order) in orders.iter().enumerate() {
            let slug = if number == 0 { (*slug).to_owned() } else { format!("{slug}-order-{}", number + 1) };
            let short = format!("a=OWN genesis={counts}{void}");
            replay_one(topic, CONVERGENT, &slug, &["HALO-SPACE-010"], text, &scene, order, &short, None);
        }
    }
    let text = "h: S>S genesis @5; B: S>b ADM ^g; C: S>c ADM ^h";
    let scene = Scene::new(topic, Suite::P256, "two-as-parents", text);
    let counts = scene.smallest(&["g", "h"]);
    let void = if counts == "g" { "h" } else { "g" };
    for (slug, order) in [("two-as-parents", "h B C"), ("two-as-parents-order-2", "C B h g o")] {
        let short = format!("a=OWN b=ADM c=ADM genesis={counts} {void}:void");
        replay_one(
            topic,
            CONVERGENT,
            slug,
            &["HALO-MEMBER-002", "HALO-SPACE-010"],
            text,
            &scene,
            order,
            &short,
            None,
        );
    }
}
