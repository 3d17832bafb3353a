//! Ids, signatures and repetition.

use super::super::super::topic::Topic;
use super::play::{Scenario, parts};

pub(super) fn ids() -> Vec<Topic> {
    let about = "Credentials that carry other ids, do not verify, or come again.";
    let id = &["HALO-SPACE-003"][..];
    let again = &["HALO-SPACE-001"][..];
    let forged = &["HALO-SPACE-002", "HALO-SPACE-004"][..];
    let scenarios: &[Scenario<'_>] = &[
        ("none", id, "B: a>b ADM ^o id=none", &[], "a=OWN b=ADM heads=B"),
        ("none-twice", id, "B: a>b ADM ^o id=none", &["B B"], "a=OWN b=ADM heads=B"),
        ("other", id, "B: a>b ADM ^o id=zzz; C: b>c EDT ^B", &["B C", "C B"], "a=OWN b=ADM c=EDT heads=C"),
        ("two-ids", id, "B: a>b ADM ^o; C: as=B id=zzz", &["B C", "C B"], "a=OWN b=ADM heads=B"),
        (
            "two-credentials",
            id,
            "B: a>b ADM ^o; C: a>c EDT ^o id=B",
            &["B C", "C B"],
            "a=OWN b=ADM c=EDT heads=B,C",
        ),
        ("of-a-note", id, "B: a>b ADM ^o; n: x>x note id=B", &["n B", "B n"], "a=OWN b=ADM heads=B"),
        ("of-an-epoch", id, "B: a>b ADM ^o; e: x>S epoch n=0 id=B", &["e B", "B e"], "e:void a=OWN b=ADM"),
        ("of-the-genesis", id, "!g: S>S genesis; n: x>x note id=g; o: S>a OWN", &["n g o", "g n o"], "a=OWN"),
        ("of-the-first-member", id, "n: x>x note id=o", &["g n o", "n g o"], "a=OWN"),
        (
            "unknown-parent-carried",
            id,
            "B: a>b ADM ^o id=zzz; C: b>c EDT ^zzz",
            &["B C", "C B"],
            "C:held a=OWN b=ADM heads=B",
        ),
        (
            "forged-first",
            forged,
            "B: a>b ADM ^o; x: as=B forged",
            &["x B", "B x"],
            "x:refused a=OWN b=ADM heads=B",
        ),
        (
            "forged-between",
            forged,
            "B: a>b ADM ^o; C: b>c EDT ^B; x: as=B forged",
            &["C x B", "x C B", "B x C"],
            "x:refused a=OWN b=ADM c=EDT heads=C",
        ),
        (
            "forged-removal",
            forged,
            "B: a>b ADM ^o; X: a>b REM ^B forged; Y: b>c EDT ^B",
            &["B X Y", "X Y B"],
            "X:refused a=OWN b=ADM c=EDT heads=Y",
        ),
        ("forged-feed", forged, "q: a>f1 feed forged; r: as=q", &["q r", "r q"], "q:refused a=OWN feeds=f1"),
        ("twice", again, "B: a>b ADM ^o", &["B B", "o B o B"], "a=OWN b=ADM heads=B"),
        (
            "removal-again",
            again,
            "B: a>b ADM ^o; R: a>b REM ^B; D: a>b EDT ^R",
            &["B R D", "B R D R", "R D B B R"],
            "a=OWN b=EDT heads=D",
        ),
        (
            "all-twice",
            again,
            "B: a>b ADM ^o; C: b>c EDT ^B; p: c>c profile name=Cat; q: c>f1 feed",
            &["B C p q g o B C p q", "q p C B q p C B"],
            "a=OWN b=ADM c=EDT names=c:Cat feeds=f1",
        ),
        ("other-space", &["HALO-SPACE-005"], "X: a>x ADM ^o space=K", &[], "X:refused a=OWN heads=o"),
        (
            "other-space-as-parent",
            &["HALO-SPACE-005", "HALO-MEMBER-002"],
            "X: a>x ADM ^o space=K; C: a>c EDT ^X",
            &["X C", "C X"],
            "X:refused C:held a=OWN heads=o",
        ),
        (
            "other-types",
            &["HALO-SPACE-006"],
            "n: a>a note; d: a>b device; B: a>b ADM ^o",
            &["n d B", "B d n"],
            "a=OWN b=ADM",
        ),
        (
            "note-as-parent",
            &["HALO-MEMBER-002"],
            "n: a>a note; B: a>b ADM ^n",
            &["n B", "B n"],
            "B:held a=OWN",
        ),
        (
            "by-a-device",
            &["HALO-SPACE-002"],
            "B: a>b ADM ^o by=y; C: b>c EDT ^B by=z",
            &["B C", "C B"],
            "a=OWN b=ADM c=EDT",
        ),
    ];
    parts("ids", about, scenarios, 11)
}
