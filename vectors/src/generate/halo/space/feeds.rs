//! Feeds of a space.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, replay_one, replays, topic};
use super::scene::{Scene, feed_key};

pub(super) fn feeds() -> Topic {
    let mut topic = topic("feeds", REPLAY, "Which feeds belong to a space.");
    let author = &["HALO-SPACE-012"][..];
    let role = &["HALO-SPACE-013"][..];
    let stays = &["HALO-SPACE-014"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("by-owner", author, "q: a>f1 feed", &[], "a=OWN feeds=f1"),
        ("general", author, "q: a>f1 feed kind=0", &[], "a=OWN feeds=f1:F:0"),
        (
            "data",
            author,
            "q: a>f1 feed kind=2; r: a>f2 feed kind=1",
            &["q r", "r q"],
            "a=OWN feeds=f1:F:2,f2:F:1",
        ),
        ("by-admin", role, "B: a>b ADM ^o; q: b>f1 feed", &["B q", "q B"], "a=OWN b=ADM feeds=f1"),
        ("by-editor", role, "B: a>b EDT ^o; q: b>f1 feed", &["B q", "q B"], "a=OWN b=EDT feeds=f1"),
        ("by-reader", role, "B: a>b RDR ^o; q: b>f1 feed", &["B q", "q B"], "q:void a=OWN b=RDR"),
        ("by-removed", role, "B: a>b REM ^o; q: b>f1 feed", &["B q", "q B"], "q:void a=OWN b=REM"),
        ("by-stranger", role, "q: x>f1 feed", &[], "q:void a=OWN"),
        ("by-void-member", role, "B: x>b EDT ^o; q: b>f1 feed", &["B q", "q B"], "B:void q:void a=OWN"),
        ("by-held-member", role, "B: a>b EDT ^zzz; q: b>f1 feed", &["B q", "q B"], "B:held q:void a=OWN"),
        (
            "by-lost-member",
            role,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B; q: e>f1 feed",
            &["B X Y q", "B Y q X"],
            "Y:void q:void a=OWN b=REM",
        ),
        ("by-space-key", author, "q: S>f1 feed of=x", &[], "a=OWN feeds=f1"),
        ("for-another", author, "B: a>b EDT ^o; q: a>f1 feed of=b", &["B q", "q B"], "q:void a=OWN b=EDT"),
        ("for-a-stranger", author, "q: a>f1 feed of=x", &[], "q:void a=OWN"),
        ("by-device", author, "q: a>f1 feed by=y", &[], "a=OWN feeds=f1"),
        (
            "member-removed",
            stays,
            "B: a>b EDT ^o; q: b>f1 feed; R: a>b REM ^B",
            &["B q R", "B R q", "R q B"],
            "a=OWN b=REM feeds=f1",
        ),
        (
            "member-demoted",
            stays,
            "B: a>b ADM ^o; R: a>b RDR ^B; q: b>f1 feed",
            &["B q R", "R B q"],
            "a=OWN b=RDR feeds=f1",
        ),
        (
            "writer-at-last",
            role,
            "B: a>b RDR ^o; C: a>b EDT ^B; q: b>f1 feed",
            &["B C q", "q B C"],
            "a=OWN b=EDT feeds=f1",
        ),
        ("other-space", &["HALO-SPACE-005"], "q: a>f1 feed space=K", &[], "q:refused a=OWN"),
        (
            "parent",
            &["HALO-SPACE-016"],
            "q: a>f1 feed in=f7; r: a>f2 feed in=f1",
            &["q r", "r q"],
            "a=OWN feeds=f1:f7:1,f2:f1:1",
        ),
        (
            "void-and-good",
            &["HALO-SPACE-015"],
            "q: x>f1 feed; r: a>f1 feed in=f3",
            &["q r", "r q"],
            "q:void a=OWN feeds=f1:f3:1",
        ),
    ];
    replays(&mut topic, CONVERGENT, scenarios);
    topic
}

/// Several admissions of one feed, and one admission in several feeds.
pub(super) fn several() -> Topic {
    let about = "One feed that is admitted several times, and one admission in several feeds.";
    let mut made = topic("feeds-again", REPLAY, about);
    let topic = &mut made;
    let text = "B: a>b EDT ^o; q: a>f1 feed in=f3; r: b>f1 feed in=f4 kind=2";
    let scene = Scene::new(topic, Suite::P256, "two-admissions", text);
    let (wins, loses) = if scene.smallest(&["q", "r"]) == "q" { ("f3:1", "r") } else { ("f4:2", "q") };
    for (slug, order) in [("two-admissions", "B q r"), ("two-admissions-order-2", "r q B")] {
        let short = format!("{loses}:void a=OWN b=EDT feeds=f1:{wins}");
        replay_one(topic, CONVERGENT, slug, &["HALO-SPACE-015"], text, &scene, order, &short, None);
    }
    let text = "q: a>f1 feed in=f3; r: as=q in=f4; t: as=q in=f5";
    let scene = Scene::new(topic, Suite::P256, "in-several-feeds", text);
    let parent = ["f3", "f4", "f5"].into_iter().min_by_key(|name| feed_key(name)).unwrap_or_default();
    for (slug, order) in [
        ("in-several-feeds", "q r t"),
        ("in-several-feeds-order-2", "t r q"),
        ("in-several-feeds-order-3", "r t q"),
    ] {
        let short = format!("a=OWN feeds=f1:{parent}:1");
        replay_one(topic, CONVERGENT, slug, &["HALO-SPACE-016"], text, &scene, order, &short, None);
    }
    made
}
