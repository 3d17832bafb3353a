//! Members without anything at the same time: permission, places in the graph, heads.

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, parts, replays, topic};

pub(super) fn permission() -> Vec<Topic> {
    let scenarios: &[Scenario<'_>] = &[
        (
            "by-owner",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; C: a>c EDT ^B; D: a>d RDR ^C",
            &[],
            "a=OWN b=ADM c=EDT d=RDR heads=D",
        ),
        (
            "by-admin",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; C: b>c ADM ^B; D: c>d EDT ^C; E: d>e EDT ^D",
            &[],
            "E:void a=OWN b=ADM c=ADM d=EDT heads=D",
        ),
        (
            "by-editor",
            &["HALO-MEMBER-008"],
            "B: a>b EDT ^o; X: b>c RDR ^B",
            &["B X", "X B"],
            "X:void a=OWN b=EDT",
        ),
        (
            "by-reader",
            &["HALO-MEMBER-008"],
            "B: a>b RDR ^o; X: b>c RDR ^B",
            &["B X", "X B"],
            "X:void a=OWN b=RDR",
        ),
        (
            "by-removed",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; R: a>b REM ^B; X: b>c EDT ^R",
            &["B R X", "X R B"],
            "X:void a=OWN b=REM",
        ),
        (
            "by-demoted",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; R: a>b EDT ^B; X: b>c EDT ^R",
            &["B R X", "X R B"],
            "X:void a=OWN b=EDT",
        ),
        ("by-stranger", &["HALO-MEMBER-008"], "X: x>c EDT ^o", &[], "X:void a=OWN heads=o"),
        (
            "by-later-admin",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; X: b>c EDT ^o",
            &["B X", "X B"],
            "X:void a=OWN b=ADM heads=B",
        ),
        (
            "by-admin-before-its-removal",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; C: b>c EDT ^B; R: a>b REM ^C",
            &["B C R", "R C B"],
            "a=OWN b=REM c=EDT heads=R",
        ),
        (
            "by-space-key",
            &["HALO-MEMBER-008"],
            "B: S>b ADM ^o; C: S>c OWN ^B; D: S>a REM ^C",
            &["B C D", "D C B"],
            "a=REM b=ADM c=OWN heads=D",
        ),
        ("by-nobody-known", &["HALO-MEMBER-008"], "!g: S>S genesis; X: a>b ADM", &[], "X:void heads=-"),
        (
            "self",
            &["HALO-MEMBER-005"],
            "B: a>b ADM ^o; C: b>b EDT ^B",
            &["B C", "C B"],
            "C:void a=OWN b=ADM heads=B",
        ),
        (
            "self-removal",
            &["HALO-MEMBER-005"],
            "B: a>b ADM ^o; C: b>b REM ^B",
            &["B C", "C B"],
            "C:void a=OWN b=ADM heads=B",
        ),
        ("self-by-owner", &["HALO-MEMBER-005"], "X: a>a REM ^o", &[], "X:void a=OWN heads=o"),
        ("self-by-stranger", &["HALO-MEMBER-005"], "X: x>x ADM ^o", &[], "X:void a=OWN"),
        ("about-space-key", &["HALO-MEMBER-006"], "X: a>S ADM ^o", &[], "X:void a=OWN"),
        ("about-space-key-by-itself", &["HALO-MEMBER-005"], "X: S>S OWN ^o", &[], "X:void a=OWN"),
        (
            "space-key-removed",
            &["HALO-MEMBER-006"],
            "X: a>S REM ^o; B: S>b ADM ^X",
            &["X B", "B X"],
            "X:void a=OWN b=ADM",
        ),
        ("owner-by-owner", &["HALO-MEMBER-007"], "X: a>b OWN ^o", &[], "X:void a=OWN heads=o"),
        (
            "owner-by-admin",
            &["HALO-MEMBER-007"],
            "B: a>b ADM ^o; X: b>c OWN ^B",
            &["B X", "X B"],
            "X:void a=OWN b=ADM",
        ),
        (
            "owner-by-space-key",
            &["HALO-MEMBER-007"],
            "B: a>b OWN ^o; C: S>c OWN ^B",
            &["B C", "C B"],
            "B:void a=OWN c=OWN heads=C",
        ),
        (
            "owner-grants-nothing",
            &["HALO-MEMBER-007"],
            "X: a>b OWN ^o; Y: b>c EDT ^X",
            &["X Y", "Y X"],
            "X:void Y:void a=OWN",
        ),
        (
            "owner-removed-by-admin",
            &["HALO-MEMBER-009"],
            "B: a>b ADM ^o; X: b>a REM ^B",
            &["B X", "X B"],
            "X:void a=OWN b=ADM heads=B",
        ),
        (
            "owner-demoted-by-admin",
            &["HALO-MEMBER-009"],
            "B: a>b ADM ^o; X: b>a ADM ^B",
            &["B X", "X B"],
            "X:void a=OWN b=ADM heads=B",
        ),
        (
            "owner-removed-by-owner",
            &["HALO-MEMBER-009"],
            "C: S>c OWN ^o; X: a>c REM ^C",
            &["C X", "X C"],
            "X:void a=OWN c=OWN heads=C",
        ),
        (
            "owner-removed-by-space-key",
            &["HALO-MEMBER-009"],
            "X: S>a REM ^o; Y: a>b EDT ^X",
            &["X Y", "Y X"],
            "Y:void a=REM heads=X",
        ),
        (
            "owner-no-more",
            &["HALO-MEMBER-009"],
            "B: a>b ADM ^o; X: S>a ADM ^B; Y: b>a REM ^X",
            &["B X Y", "Y X B"],
            "a=REM b=ADM heads=Y",
        ),
        ("role-0", &["HALO-MEMBER-004"], "X: a>b role=0 ^o", &[], "X:void a=OWN heads=o"),
        ("role-6", &["HALO-MEMBER-004"], "X: a>b role=6 ^o", &[], "X:void a=OWN"),
        (
            "role-99",
            &["HALO-MEMBER-004"],
            "B: a>b EDT ^o; X: a>b role=99 ^B",
            &["B X", "X B"],
            "X:void a=OWN b=EDT heads=B",
        ),
        (
            "role-of-space-key",
            &["HALO-MEMBER-004"],
            "X: S>b role=7 ^o; Y: b>c EDT ^X",
            &["X Y", "Y X"],
            "X:void Y:void a=OWN",
        ),
    ];
    parts("permission", "Who may give which role to whom.", scenarios, 16)
}

pub(super) fn graph() -> Vec<Topic> {
    let held = &["HALO-MEMBER-002"][..];
    let place = &["HALO-MEMBER-003"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("unknown", held, "B: a>b ADM ^zzz", &[], "B:held a=OWN heads=o"),
        (
            "unknown-beside-known",
            held,
            "B: a>b ADM ^o; M: b>f ADM ^B,zzz",
            &["B M", "M B"],
            "M:held a=OWN b=ADM heads=B",
        ),
        (
            "unknown-behind-unknown",
            held,
            "B: a>b ADM ^zzz; C: b>c EDT ^B",
            &["B C", "C B"],
            "B:held C:held a=OWN",
        ),
        (
            "unknown-and-others",
            held,
            "B: a>b ADM ^zzz; C: a>c EDT ^o",
            &["B C", "C B"],
            "B:held a=OWN c=EDT heads=C",
        ),
        (
            "late",
            &["HALO-MEMBER-002", "HALO-SPACE-007"],
            "B: a>b ADM ^o; C: a>c EDT ^B",
            &["C B", "B C"],
            "a=OWN b=ADM c=EDT heads=C",
        ),
        (
            "late-and-again",
            &["HALO-SPACE-007"],
            "B: a>b ADM ^o; C: b>c EDT ^B",
            &["C B C", "C C B"],
            "a=OWN b=ADM c=EDT",
        ),
        (
            "late-chain",
            &["HALO-MEMBER-002", "HALO-SPACE-007"],
            "B: a>b ADM ^o; C: b>c ADM ^B; D: c>d ADM ^C; E: d>e EDT ^D",
            &["E D C B", "D B E C", "C E B D"],
            "a=OWN b=ADM c=ADM d=ADM e=EDT heads=E",
        ),
        ("feed-as-parent", held, "q: a>f1 feed; B: a>b ADM ^q", &["q B", "B q"], "B:held a=OWN feeds=f1"),
        (
            "forged-as-parent",
            held,
            "x: a>b ADM ^o forged; C: a>c EDT ^x",
            &["x C", "C x"],
            "x:refused C:held a=OWN",
        ),
        (
            "void-as-parent",
            place,
            "X: x>y EDT ^o; D: a>d EDT ^X",
            &["X D", "D X"],
            "X:void a=OWN d=EDT heads=D",
        ),
        (
            "through-void",
            place,
            "B: a>b ADM ^o; X: b>b EDT ^B; D: b>d EDT ^X",
            &["B X D", "D X B"],
            "X:void a=OWN b=ADM d=EDT heads=D",
        ),
        (
            "void-then-merge",
            place,
            "B: a>b ADM ^o; X: x>b REM ^B; D: b>d EDT ^X,B",
            &["B X D", "D X B"],
            "X:void a=OWN b=ADM d=EDT heads=D",
        ),
        ("no-parents", &["HALO-MEMBER-001"], "B: S>b ADM", &["B", "B o"], "a=OWN b=ADM"),
        (
            "no-parents-then-more",
            &["HALO-MEMBER-001"],
            "B: S>b ADM; C: b>c EDT ^B",
            &["B C", "C B"],
            "a=OWN b=ADM c=EDT heads=o,C",
        ),
        ("no-parents-by-member", &["HALO-MEMBER-001"], "B: a>b ADM", &[], "B:void a=OWN heads=o"),
        (
            "no-parents-removal",
            &["HALO-MEMBER-001"],
            "B: a>b ADM ^o; X: a>b REM; Y: b>e EDT ^B",
            &["B X Y", "X Y B"],
            "X:void a=OWN b=ADM e=EDT",
        ),
        (
            "no-parents-endless",
            &["HALO-MEMBER-001"],
            "B: a>b ADM; X: b>a REM",
            &["B X", "X B"],
            "B:void X:void a=OWN heads=o",
        ),
        (
            "no-parents-endless-editor",
            &["HALO-MEMBER-001"],
            "B: a>b ADM; Y: b>e EDT; X: a>b EDT",
            &["B Y X", "X Y B"],
            "B:void Y:void X:void a=OWN",
        ),
        (
            "parents-twice",
            &["HALO-MEMBER-001"],
            "B: a>b ADM ^o; C: b>c EDT ^B,B; D: a>d EDT ^C,C,C",
            &["B C D", "D C B"],
            "a=OWN b=ADM c=EDT d=EDT heads=D",
        ),
        (
            "parents-twice-at-merge",
            &["HALO-MEMBER-001"],
            "B: a>b ADM ^o; C: a>c EDT ^o; M: a>d EDT ^B,C,B",
            &["B C M", "M C B"],
            "a=OWN b=ADM c=EDT d=EDT heads=M",
        ),
        (
            "parent-and-its-parent",
            &["HALO-MEMBER-011"],
            "B: a>b ADM ^o; C: b>c EDT ^B,o; D: b>c RDR ^C,B,o",
            &["B C D", "D C B"],
            "a=OWN b=ADM c=RDR heads=D",
        ),
    ];
    parts("graph", "Parents that are unknown, void, repeated or not listed.", scenarios, 11)
}

pub(super) fn heads() -> Topic {
    let mut topic = topic("heads", REPLAY, "The parents of a new credential.");
    let heads = &["HALO-MEMBER-018"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("line", heads, "B: a>b ADM ^o; C: a>c EDT ^B", &["B C", "C B"], "a=OWN b=ADM c=EDT heads=C"),
        ("fork", heads, "B: a>b ADM ^o; C: a>c EDT ^o", &["B C", "C B"], "a=OWN b=ADM c=EDT heads=B,C"),
        (
            "fork-of-four",
            heads,
            "B: a>b EDT ^o; C: a>c EDT ^o; D: a>d EDT ^o; E: a>e EDT ^o",
            &["B C D E", "E C D B"],
            "a=OWN b=EDT c=EDT d=EDT e=EDT heads=B,C,D,E",
        ),
        (
            "merge",
            heads,
            "B: a>b ADM ^o; C: a>c EDT ^o; M: a>d EDT ^B,C",
            &["B C M", "M C B"],
            "a=OWN b=ADM c=EDT d=EDT heads=M",
        ),
        (
            "merge-of-some",
            heads,
            "B: a>b EDT ^o; C: a>c EDT ^o; D: a>d EDT ^o; M: a>e EDT ^B,C",
            &["B C D M", "M D C B"],
            "a=OWN b=EDT c=EDT d=EDT e=EDT heads=D,M",
        ),
        (
            "void-left-out",
            heads,
            "B: a>b EDT ^o; X: b>c EDT ^B; Y: x>y EDT ^X",
            &["B X Y", "Y X B"],
            "X:void Y:void a=OWN b=EDT heads=B",
        ),
        (
            "void-between",
            heads,
            "X: x>y EDT ^o; B: a>b EDT ^X",
            &["X B", "B X"],
            "X:void a=OWN b=EDT heads=B",
        ),
        (
            "lost-stays",
            heads,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B",
            &["B X Y", "Y X B"],
            "Y:void a=OWN b=REM heads=X,Y",
        ),
        (
            "held-left-out",
            heads,
            "B: a>b EDT ^o; X: a>c EDT ^B,zzz",
            &["B X", "X B"],
            "X:held a=OWN b=EDT heads=B",
        ),
        (
            "other-types-left-out",
            heads,
            "q: a>f1 feed; p: a>a profile name=Ann; e: a>S epoch n=0",
            &["q p e", "e p q"],
            "a=OWN names=a:Ann feeds=f1 epoch=e heads=o",
        ),
    ];
    replays(&mut topic, CONVERGENT, scenarios);
    topic
}
