//! Profiles of members.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, parts, replay_one, topic};
use super::scene::Scene;

pub(super) fn profiles() -> Vec<Topic> {
    let own = &["HALO-SPACE-022"][..];
    let latest = &["HALO-SPACE-024"][..];
    let initial = &["HALO-SPACE-025"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("initial", initial, "B: a>b EDT ^o name=Bob", &[], "a=OWN b=EDT names=b:Bob"),
        (
            "initial-of-owner",
            initial,
            "!g: S>S genesis; o: S>a OWN name=Ann",
            &["g o", "o g"],
            "a=OWN names=a:Ann",
        ),
        ("own", own, "B: a>b EDT ^o; p: b>b profile name=Bob", &["B p", "p B"], "a=OWN b=EDT names=b:Bob"),
        (
            "own-beats-initial",
            initial,
            "B: a>b EDT ^o name=Bob @900; p: b>b profile name=Rob",
            &["B p", "p B"],
            "a=OWN b=EDT names=b:Rob",
        ),
        (
            "by-stranger",
            own,
            "B: a>b EDT ^o name=Bob; p: x>b profile name=Evil @900",
            &["B p", "p B"],
            "p:void a=OWN b=EDT names=b:Bob",
        ),
        ("by-owner", own, "B: a>b EDT ^o; p: a>b profile name=Bob", &["B p", "p B"], "p:void a=OWN b=EDT"),
        (
            "by-space-key",
            own,
            "B: a>b EDT ^o; p: S>b profile name=Bob",
            &["B p", "p B"],
            "p:void a=OWN b=EDT",
        ),
        ("of-stranger", &["HALO-SPACE-023"], "p: x>x profile name=X", &[], "p:void a=OWN"),
        (
            "of-void-member",
            &["HALO-SPACE-023"],
            "B: x>b EDT ^o name=Bob; p: b>b profile name=Bob",
            &["B p", "p B"],
            "B:void p:void a=OWN",
        ),
        (
            "of-held-member",
            &["HALO-SPACE-023"],
            "B: a>b EDT ^zzz name=Bob; p: b>b profile name=Rob",
            &["B p", "p B"],
            "B:held p:void a=OWN",
        ),
        (
            "of-lost-member",
            &["HALO-SPACE-023"],
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B name=Eve; p: e>e profile name=Eve",
            &["B X Y p", "p Y B X"],
            "Y:void p:void a=OWN b=REM",
        ),
        (
            "later",
            latest,
            "B: a>b EDT ^o; p: b>b profile name=Bob; q: b>b profile name=Rob @1",
            &["B p q", "q p B"],
            "a=OWN b=EDT names=b:Rob",
        ),
        (
            "later-of-three",
            latest,
            "B: a>b EDT ^o; p: b>b profile name=Bob @5; q: b>b profile name=Rob @9; r: b>b profile name=Bert @7",
            &["B p q r", "r q p B", "q B r p"],
            "a=OWN b=EDT names=b:Rob",
        ),
        (
            "name-taken-away",
            initial,
            "B: a>b EDT ^o name=Bob; p: b>b profile name=",
            &["B p", "p B"],
            "a=OWN b=EDT names=-",
        ),
        (
            "no-profile",
            initial,
            "B: a>b EDT ^o name=Bob; p: b>b profile",
            &["B p", "p B"],
            "a=OWN b=EDT names=-",
        ),
        (
            "name-taken-away-later",
            latest,
            "B: a>b EDT ^o; p: b>b profile name=Bob; q: b>b profile name= @1",
            &["B p q", "q p B"],
            "a=OWN b=EDT names=-",
        ),
        (
            "kept-by-new-role",
            initial,
            "B: a>b EDT ^o name=Bob; C: a>b RDR ^B",
            &["B C", "C B"],
            "a=OWN b=RDR names=b:Bob",
        ),
        (
            "changed-with-role",
            initial,
            "B: a>b EDT ^o name=Bob; C: a>b RDR ^B name=Rob",
            &["B C", "C B"],
            "a=OWN b=RDR names=b:Rob",
        ),
        (
            "taken-away-with-role",
            initial,
            "B: a>b EDT ^o name=Bob; C: a>b RDR ^B name=",
            &["B C", "C B"],
            "a=OWN b=RDR names=-",
        ),
        (
            "own-kept-by-new-role",
            initial,
            "B: a>b EDT ^o; p: b>b profile name=Rob; C: a>b RDR ^B name=Bob @900",
            &["B p C", "C p B"],
            "a=OWN b=RDR names=b:Rob",
        ),
        (
            "void-role",
            initial,
            "B: a>b EDT ^o name=Bob; C: x>b RDR ^B name=Evil",
            &["B C", "C B"],
            "C:void a=OWN b=EDT names=b:Bob",
        ),
        (
            "two-members",
            own,
            "B: a>b EDT ^o name=Bob; C: a>c EDT ^B name=Cat; p: a>a profile name=Ann",
            &["B C p", "p C B"],
            "a=OWN b=EDT c=EDT names=a:Ann,b:Bob,c:Cat",
        ),
        (
            "by-device",
            own,
            "B: a>b EDT ^o; p: b>b profile name=Bob by=y",
            &["B p", "p B"],
            "a=OWN b=EDT names=b:Bob",
        ),
    ];
    parts("profiles", "What members are called.", scenarios, 12)
}

pub(super) fn ties() -> Topic {
    let about = "Of two profiles that nothing else tells apart, the one with the smaller id counts.";
    let mut topic = topic("profiles-tied", REPLAY, about);
    let tie = "B: a>b EDT ^o; p: b>b profile name=Bob; q: b>b profile name=Rob";
    tied(&mut topic, "tie", &["HALO-SPACE-024"], tie, ["p", "q"], ["B p q", "q p B"], "a=OWN b=EDT");
    let roles = "B: a>b EDT ^o; p: a>b EDT ^B name=Bob; q: S>b EDT ^B name=Rob";
    tied(
        &mut topic,
        "initial-at-the-same-time",
        &["HALO-SPACE-025"],
        roles,
        ["p", "q"],
        ["B p q", "q p B"],
        "a=OWN b=EDT",
    );
    topic
}

/// The name in that one of two credentials, `name=Bob` and `name=Rob`, that has the smaller id.
fn tied(
    topic: &mut Topic,
    slug: &str,
    req: &[&str],
    text: &str,
    names: [&str; 2],
    orders: [&str; 2],
    short: &str,
) {
    let scene = Scene::new(topic, Suite::P256, slug, text);
    let name = if scene.smallest(&names) == names[0] { "Bob" } else { "Rob" };
    for (suffix, order) in ["", "-order-2"].into_iter().zip(orders) {
        let short = format!("{short} names=b:{name}");
        replay_one(topic, CONVERGENT, &format!("{slug}{suffix}"), req, text, &scene, order, &short, None);
    }
}
