//! Small scenarios in which the rule of deployed peers depends on the order, fails, forgets or never returns.

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, replays, topic};

/// The scenarios in parts that fit into a file.
pub(super) fn topics() -> Vec<Topic> {
    let parts: [(&str, &[Scenario<'_>]); 3] =
        [("order-of-arrival-1", FIRST), ("order-of-arrival-2", SECOND), ("order-of-arrival-3", THIRD)];
    let about = "Scenarios for which deployed peers depend on the order of arrival, fail, or never return.";
    let part = |(name, scenarios): (&str, &[Scenario<'_>])| {
        let mut topic = topic(name, REPLAY, about);
        replays(&mut topic, CONVERGENT, scenarios);
        topic
    };
    parts.into_iter().map(part).collect()
}

const ONE_VIEW: &[&str] = &["HALO-SPACE-001"];

const FIRST: &[Scenario<'_>] = &[
    ("member-before-genesis", &["HALO-SPACE-001", "HALO-SPACE-007"], "", &["o g", "o g o", "g o"], "a=OWN"),
    (
        "several-rights",
        &["HALO-MEMBER-008"],
        "B: a>b ADM ^o; C: b>c EDT ^B; D: c>d RDR ^C; E: a>d RDR ^C",
        &["B C D E", "E D C B"],
        "D:void a=OWN b=ADM c=EDT d=RDR",
    ),
    (
        "admin-removes-owner",
        &["HALO-MEMBER-005", "HALO-MEMBER-009"],
        "B: a>b ADM ^o; X: b>a REM ^B; Y: a>a REM ^X",
        &["B X Y", "Y X B"],
        "X:void Y:void a=OWN b=ADM",
    ),
    (
        "owner-by-member",
        &["HALO-MEMBER-007"],
        "B: a>b OWN ^o; C: S>c OWN ^B",
        &["B C", "C B"],
        "B:void a=OWN c=OWN",
    ),
    (
        "re-admission",
        ONE_VIEW,
        "B: a>b EDT ^o; C: a>b REM ^B; D: a>b EDT ^C",
        &["B C D", "D C B", "C D B"],
        "a=OWN b=EDT",
    ),
    (
        "too-early-and-again",
        &["HALO-SPACE-007"],
        "B: a>b ADM ^o; C: b>c EDT ^B",
        &["C B C", "C B", "B C"],
        "a=OWN b=ADM c=EDT",
    ),
    (
        "behind-too-early",
        &["HALO-SPACE-001", "HALO-SPACE-007"],
        "B: a>b ADM ^o; C: a>c EDT ^B; M: a>d EDT ^C,B; N: b>e EDT ^o; Q: a>h EDT ^M",
        &["C B M N Q", "Q N M C B"],
        "N:void a=OWN b=ADM c=EDT d=EDT h=EDT",
    ),
    (
        "unknown-parent",
        &["HALO-MEMBER-002"],
        "B: a>b ADM ^o; M: b>h ADM ^zzz; C: a>c EDT ^B",
        &["B M C", "M C B"],
        "M:held a=OWN b=ADM c=EDT",
    ),
    (
        "equal-dates",
        &["HALO-MEMBER-012"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D; Q: c>d REM ^D",
        &["B C D P Q", "B C D Q P", "Q P D C B"],
        "a=OWN b=ADM c=ADM d=REM",
    ),
    (
        "owner-against-later-date",
        &["HALO-MEMBER-010"],
        "B: a>b ADM ^o; D: a>d EDT ^B; P: a>d REM ^D @100; Q: b>d ADM ^D @200",
        &["B D P Q", "B D Q P"],
        "a=OWN b=ADM d=REM",
    ),
];

const SECOND: &[Scenario<'_>] = &[
    (
        "branch-with-more-issuers",
        &["HALO-MEMBER-013"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d REM ^D @200; Q: c>e ADM ^D @100; R: e>d RDR ^Q @101",
        &["B C D P Q R", "B C D Q R P", "R Q P D C B"],
        "a=OWN b=ADM c=ADM d=REM e=ADM",
    ),
    (
        "heads-differ",
        &["HALO-MEMBER-014", "HALO-MEMBER-018"],
        "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B",
        &["B X Y", "B Y X"],
        "Y:void a=OWN b=REM heads=X,Y",
    ),
    (
        "reader-is-no-loss",
        &["HALO-MEMBER-014"],
        "B: a>b ADM ^o; X: a>b RDR ^B; Y: b>e EDT ^B",
        &["B X Y", "B Y X"],
        "Y:void a=OWN b=RDR",
    ),
    (
        "admitted-by-the-admitted",
        &["HALO-MEMBER-016"],
        "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; Z: e>h EDT ^Y",
        &["B X Y Z", "B Y X Z", "B Y Z X"],
        "Y:void Z:void a=OWN b=REM",
    ),
    (
        "each-removes-the-other",
        &["HALO-MEMBER-017"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^C",
        &["B C X Y", "B C Y X"],
        "a=OWN b=REM c=REM",
    ),
    (
        "three-in-a-circle",
        &["HALO-MEMBER-017"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; P: b>c REM ^D; Q: c>d REM ^D; R: d>b REM ^D",
        &["B C D P Q R", "B C D Q R P", "B C D R P Q", "B C D P R Q"],
        "a=OWN b=REM c=REM d=REM",
    ),
    (
        "merge-with-early-date",
        &["HALO-MEMBER-011"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D @100; Q: c>d REM ^D @101; M: a>d RDR ^P,Q @50",
        &["B C D P Q M", "B C D Q P M", "M Q P D C B"],
        "a=OWN b=ADM c=ADM d=RDR",
    ),
    (
        "one-order-of-eight",
        &["HALO-MEMBER-012"],
        "B: a>b ADM ^o; C: a>c ADM ^B; P: b>d EDT ^C; N: b>e EDT ^P; T: c>e RDR ^P; Q: c>d RDR ^C",
        &["B C P N T Q", "B C Q P T N", "B C P T Q N", "B C P Q N T"],
        "a=OWN b=ADM c=ADM d=RDR e=RDR",
    ),
];

const THIRD: &[Scenario<'_>] = &[
    (
        "honest-and-stuck",
        &["HALO-MEMBER-014"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e EDT ^C; Z: c>h EDT ^Y; N: a>k EDT ^X",
        &["B C X Y Z N", "B C Y X Z N", "N Z Y X C B"],
        "Y:void a=OWN b=REM c=ADM h=EDT k=EDT",
    ),
    (
        "removal-behind-a-merge",
        &["HALO-MEMBER-014"],
        "B: a>b ADM ^o; C: a>c ADM ^o; M: a>d EDT ^B,C; Y: b>e EDT ^M; X: a>b REM ^M; N: a>h EDT ^Y,X",
        &["B C M Y X N", "B C M X Y N", "N X Y M C B"],
        "Y:void a=OWN b=REM c=ADM d=EDT h=EDT",
    ),
    (
        "merges-that-fail",
        ONE_VIEW,
        "s: a>h EDT ^o; x: a>b EDT ^o; y: a>c EDT ^o; m: a>d EDT ^x,y; t: a>e EDT ^m; u: a>k EDT ^m; z: a>l EDT ^t,u,s",
        &["s x y m t u z", "z u t m y x s"],
        "a=OWN b=EDT c=EDT d=EDT e=EDT h=EDT k=EDT l=EDT heads=z",
    ),
    (
        "endless",
        &["HALO-MEMBER-001", "HALO-SPACE-001"],
        "B: S>b ADM; X: b>a REM; Y: a>b REM",
        &["B X", "B X Y", "Y X B"],
        "X:void Y:void a=OWN b=ADM",
    ),
    (
        "forged-copy-first",
        &["HALO-SPACE-003", "HALO-SPACE-004"],
        "B: a>b ADM ^o; x: as=B forged; n: x>x note id=B",
        &["x B", "n B", "x n B"],
        "x:refused a=OWN b=ADM",
    ),
    (
        "same-under-another-id",
        &["HALO-SPACE-003"],
        "B: a>b ADM ^o; C: as=B id=zzz",
        &["B C", "C B", "C"],
        "a=OWN b=ADM heads=B",
    ),
    (
        "no-id",
        &["HALO-SPACE-003"],
        "B: a>b ADM ^o id=none; C: b>c EDT ^B",
        &["B C", "C B"],
        "a=OWN b=ADM c=EDT",
    ),
    (
        "profile-by-a-stranger",
        &["HALO-SPACE-022"],
        "B: a>b ADM ^o name=Bob; p: b>b profile name=Rob; q: c>b profile name=Evil",
        &["B p q", "q p B"],
        "q:void a=OWN b=ADM names=b:Rob",
    ),
    (
        "removal-without-parents",
        &["HALO-MEMBER-001"],
        "B: a>b ADM ^o; X: a>b REM @900; Y: b>e EDT ^B",
        &["B X Y", "B Y X", "X B Y"],
        "X:void a=OWN b=ADM e=EDT",
    ),
];
