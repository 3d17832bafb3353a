//! Epochs of a space.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, replay_one, replays, topic};
use super::scene::Scene;

pub(super) fn epochs() -> Topic {
    let mut topic = topic("epochs", REPLAY, "How epochs follow one another.");
    let number = &["HALO-SPACE-017"][..];
    let held = &["HALO-SPACE-018"][..];
    let force = &["HALO-SPACE-020"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("first", force, "e: S>S epoch n=0", &[], "a=OWN epoch=e"),
        ("by-owner", force, "e: a>S epoch n=0", &[], "a=OWN epoch=e"),
        ("second", force, "e: S>S epoch n=0; d: a>S epoch n=1 prev=e", &["e d", "d e"], "a=OWN epoch=d"),
        (
            "third",
            force,
            "e: S>S epoch n=0; d: a>S epoch n=1 prev=e; c: a>S epoch n=2 prev=d",
            &["e d c", "c d e", "d c e"],
            "a=OWN epoch=c",
        ),
        (
            "earlier-date",
            force,
            "e: S>S epoch n=0 @100; d: a>S epoch n=1 prev=e @-100",
            &["e d", "d e"],
            "a=OWN epoch=d",
        ),
        ("gap", number, "e: S>S epoch n=0; d: a>S epoch n=2 prev=e", &["e d", "d e"], "d:void a=OWN epoch=e"),
        (
            "same-number",
            number,
            "e: S>S epoch n=0; d: a>S epoch n=0 prev=e",
            &["e d", "d e"],
            "d:void a=OWN epoch=e",
        ),
        ("no-previous", number, "e: S>S epoch n=1", &[], "e:void a=OWN"),
        (
            "high-number",
            number,
            "e: S>S epoch n=0; d: a>S epoch n=4294967295",
            &["e d", "d e"],
            "d:void a=OWN epoch=e",
        ),
        (
            "behind-a-gap",
            number,
            "e: S>S epoch n=0; d: a>S epoch n=5 prev=e; c: a>S epoch n=6 prev=d",
            &["e d c", "c d e"],
            "d:void c:? ? a=OWN epoch=e",
        ),
        (
            "previous-unknown",
            held,
            "e: S>S epoch n=0; d: a>S epoch n=1 prev=zzz",
            &["e d", "d e"],
            "d:held a=OWN epoch=e",
        ),
        ("previous-is-a-member", held, "d: a>S epoch n=1 prev=o", &[], "d:held a=OWN"),
        (
            "previous-late",
            held,
            "e: S>S epoch n=0; d: a>S epoch n=1 prev=e; c: a>S epoch n=2 prev=d",
            &["c d", "d c"],
            "c:held d:held a=OWN",
        ),
        ("other-space", &["HALO-SPACE-005"], "e: a>K epoch n=0", &[], "e:refused a=OWN"),
        ("about-member", &["HALO-SPACE-005"], "e: a>a epoch n=0", &[], "e:refused a=OWN"),
        (
            "twice",
            &["HALO-SPACE-001"],
            "e: S>S epoch n=0; d: a>S epoch n=1 prev=e",
            &["e d e", "d e d"],
            "a=OWN epoch=d",
        ),
    ];
    replays(&mut topic, CONVERGENT, scenarios);
    several(&mut topic);
    topic
}

/// Several epochs of one number.
fn several(topic: &mut Topic) {
    let text = "e: S>S epoch n=0; c: a>S epoch n=1 prev=e; d: a>S epoch n=1 prev=e @7";
    let scene = Scene::new(topic, Suite::P256, "fork", text);
    let wins = scene.smallest(&["c", "d"]);
    let loses = if wins == "c" { "d" } else { "c" };
    for (slug, order) in [("fork", "e c d"), ("fork-order-2", "d c e")] {
        let short = format!("{loses}:void a=OWN epoch={wins}");
        let req = &["HALO-SPACE-020", "HALO-SPACE-021"];
        replay_one(topic, CONVERGENT, slug, req, text, &scene, order, &short, None);
    }
    let text = "e: S>S epoch n=0; c: a>S epoch n=1 prev=e; d: a>S epoch n=1 prev=e @7; x: a>S epoch n=2 prev=c; y: a>S epoch n=2 prev=d";
    let scene = Scene::new(topic, Suite::P256, "fork-followed", text);
    // The branch with the larger id is followed, and the longer.
    let (wins, next, loses) =
        if scene.smallest(&["c", "d"]) == "c" { ("d", "y", "c") } else { ("c", "x", "d") };
    for (slug, order) in [
        ("fork-followed", format!("e {wins} {loses} {next}")),
        ("fork-followed-order-2", format!("{next} {loses} {wins} e")),
    ] {
        let short = format!("{loses}:void a=OWN epoch={next}");
        let req = &["HALO-SPACE-020", "HALO-SPACE-021"];
        replay_one(topic, CONVERGENT, slug, req, text, &scene, &order, &short, None);
    }
}

pub(super) fn issuers() -> Topic {
    let mut topic = topic("epoch-issuers", REPLAY, "Whose epochs count.");
    let may = &["HALO-SPACE-019"][..];
    let now = &["HALO-SPACE-020", "HALO-SPACE-021"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("admin", may, "B: a>b ADM ^o; e: b>S epoch n=0", &["B e", "e B"], "a=OWN b=ADM epoch=e"),
        ("editor", may, "B: a>b EDT ^o; e: b>S epoch n=0", &["B e", "e B"], "e:void a=OWN b=EDT"),
        ("reader", may, "B: a>b RDR ^o; e: b>S epoch n=0", &["B e", "e B"], "e:void a=OWN b=RDR"),
        ("stranger", may, "e: x>S epoch n=0", &[], "e:void a=OWN"),
        (
            "stranger-behind",
            may,
            "e: S>S epoch n=0; d: x>S epoch n=1 prev=e",
            &["e d", "d e"],
            "d:void a=OWN epoch=e",
        ),
        (
            "built-on-a-stranger",
            may,
            "e: S>S epoch n=0; d: x>S epoch n=1 prev=e; c: a>S epoch n=2 prev=d",
            &["e d c", "c d e"],
            "d:void c:void a=OWN epoch=e",
        ),
        ("void-member", may, "B: x>b ADM ^o; e: b>S epoch n=0", &["B e", "e B"], "B:void e:void a=OWN"),
        (
            "lost-member",
            may,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; d: e>S epoch n=0",
            &["B X Y d", "B Y d X"],
            "Y:void d:void a=OWN b=REM",
        ),
        ("held-member", may, "B: a>b ADM ^zzz; e: b>S epoch n=0", &["B e", "e B"], "B:held e:void a=OWN"),
        ("device", may, "e: a>S epoch n=0 by=y", &[], "a=OWN epoch=e"),
        (
            "removed",
            now,
            "B: a>b ADM ^o; e: S>S epoch n=0; d: b>S epoch n=1 prev=e; R: a>b REM ^B",
            &["B e d R", "R d e B"],
            "d:void a=OWN b=REM epoch=e",
        ),
        (
            "demoted",
            now,
            "B: a>b ADM ^o; e: S>S epoch n=0; d: b>S epoch n=1 prev=e; R: a>b EDT ^B",
            &["B e d R", "R d e B"],
            "d:void a=OWN b=EDT epoch=e",
        ),
        (
            "removed-and-built-on",
            now,
            "B: a>b ADM ^o; e: S>S epoch n=0; d: b>S epoch n=1 prev=e; c: a>S epoch n=2 prev=d; R: a>b REM ^B",
            &["B e d c R", "R c d e B"],
            "a=OWN b=REM epoch=c",
        ),
        (
            "removed-first",
            now,
            "B: a>b ADM ^o; e: b>S epoch n=0; R: a>b REM ^B",
            &["B e R", "R e B"],
            "e:void a=OWN b=REM",
        ),
        (
            "regained",
            now,
            "B: a>b ADM ^o; e: b>S epoch n=0; R: a>b REM ^B; D: a>b ADM ^R",
            &["B e R D", "D R e B"],
            "a=OWN b=ADM epoch=e",
        ),
        (
            "space-key-after-all",
            now,
            "X: S>a REM ^o; e: S>S epoch n=0; d: a>S epoch n=1 prev=e",
            &["X e d", "d e X"],
            "d:void a=REM epoch=e",
        ),
        (
            "higher-by-removed",
            now,
            "B: a>b ADM ^o; e: S>S epoch n=0; d: b>S epoch n=1 prev=e; c: b>S epoch n=2 prev=d; k: a>S epoch n=1 prev=e; R: a>b REM ^B",
            &["B e d c k R", "R k c d e B"],
            "d:void c:void a=OWN b=REM epoch=k",
        ),
    ];
    replays(&mut topic, CONVERGENT, scenarios);
    topic
}
