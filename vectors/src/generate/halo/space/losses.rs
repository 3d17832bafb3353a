//! Administrators who lose their right, and what they write at the same time.

use super::super::super::topic::Topic;
use super::play::{Scenario, parts};

pub(super) fn losses() -> Vec<Topic> {
    let above = &["HALO-MEMBER-014"][..];
    let rests = &["HALO-MEMBER-016"][..];
    let loss = &["HALO-MEMBER-017"][..];
    let scenarios: &[Scenario<'_>] = &[
        (
            "removed",
            above,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B",
            &["B X Y", "B Y X", "Y X B"],
            "Y:void a=OWN b=REM",
        ),
        (
            "demoted-to-editor",
            above,
            "B: a>b ADM ^o; X: a>b EDT ^B; Y: b>e EDT ^B",
            &["B X Y", "B Y X"],
            "Y:void a=OWN b=EDT",
        ),
        (
            "demoted-to-reader",
            above,
            "B: a>b ADM ^o; X: a>b RDR ^B; Y: b>e EDT ^B",
            &["B X Y", "B Y X"],
            "Y:void a=OWN b=RDR",
        ),
        (
            "confirmed",
            above,
            "B: a>b ADM ^o; X: a>b ADM ^B; Y: b>e EDT ^B",
            &["B X Y", "B Y X"],
            "a=OWN b=ADM e=EDT",
        ),
        (
            "known",
            above,
            "B: a>b ADM ^o; Y: b>e EDT ^B; X: a>b REM ^Y",
            &["B Y X", "X Y B"],
            "a=OWN b=REM e=EDT heads=X",
        ),
        (
            "long-after",
            above,
            "B: a>b ADM ^o; X: a>b REM ^B; C: a>c EDT ^X; D: a>d EDT ^C; Y: b>e EDT ^B @900000",
            &["B X C D Y", "Y D C X B"],
            "Y:void a=OWN b=REM c=EDT d=EDT",
        ),
        (
            "early-date",
            above,
            "B: a>b ADM ^o; X: a>b REM ^B @1000; Y: b>e EDT ^B @-1000",
            &["B X Y", "B Y X"],
            "Y:void a=OWN b=REM",
        ),
        (
            "by-space-key",
            above,
            "X: S>a REM ^o; Y: a>b ADM ^o; Z: b>c EDT ^Y",
            &["X Y Z", "Y Z X", "Z Y X"],
            "Y:void Z:void a=REM",
        ),
        ("owner-to-editor", above, "X: S>a EDT ^o; Y: a>b ADM ^o", &["X Y", "Y X"], "Y:void a=EDT"),
        ("owner-to-admin", above, "X: S>a ADM ^o; Y: a>b ADM ^o", &["X Y", "Y X"], "Y:void a=ADM"),
        (
            "by-space-key-of-an-admin",
            above,
            "B: a>b ADM ^o; X: S>b RDR ^B; Y: b>e EDT ^B",
            &["B X Y", "B Y X"],
            "Y:void a=OWN b=RDR",
        ),
        (
            "editors-removal",
            above,
            "B: a>b EDT ^o; X: a>b REM ^B; q: b>f1 feed",
            &["B X q", "q X B"],
            "a=OWN b=REM feeds=f1",
        ),
        (
            "by-an-admin",
            &["HALO-MEMBER-015"],
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>e EDT ^C",
            &["B C X Y", "B C Y X"],
            "Y:void a=OWN b=ADM c=REM",
        ),
        (
            "to-reader-by-an-admin",
            &["HALO-MEMBER-015"],
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c RDR ^C; Y: c>e EDT ^C; Z: c>h EDT ^Y",
            &["B C X Y Z", "Z Y X C B"],
            "Y:void Z:void a=OWN b=ADM c=RDR",
        ),
        (
            "promotion-by-a-loser",
            &["HALO-MEMBER-015"],
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>e ADM ^C; Z: e>h EDT ^Y",
            &["B C X Y Z", "Y Z X B C"],
            "Y:void Z:void a=OWN b=ADM c=REM",
        ),
        (
            "transitive",
            rests,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; Z: e>h EDT ^Y",
            &["B X Y Z", "B Y X Z", "B Y Z X"],
            "Y:void Z:void a=OWN b=REM",
        ),
        (
            "transitive-of-three",
            rests,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; Z: e>h ADM ^Y; W: h>k EDT ^Z",
            &["B X Y Z W", "W Z Y X B"],
            "Y:void Z:void W:void a=OWN b=REM",
        ),
        (
            "transitive-behind-merge",
            rests,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; M: e>h EDT ^X,Y",
            &["B X Y M", "M Y X B"],
            "Y:void M:void a=OWN b=REM",
        ),
        (
            "others-behind-void",
            rests,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e EDT ^C; Z: c>h EDT ^Y; N: a>k EDT ^X",
            &["B C X Y Z N", "B C Y X Z N", "N Z Y X C B"],
            "Y:void a=OWN b=REM c=ADM h=EDT k=EDT",
        ),
        (
            "two-grants",
            rests,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e ADM ^C; Z: c>e ADM ^C; W: e>h EDT ^Y,Z",
            &["B C X Y Z W", "W Z Y X C B"],
            "Y:void a=OWN b=REM c=ADM e=ADM h=EDT",
        ),
        (
            "regained",
            above,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B; N: a>b ADM ^X,Y; Z: b>h EDT ^N",
            &["B X Y N Z", "Z N Y X B"],
            "Y:void a=OWN b=ADM h=EDT",
        ),
        (
            "regained-without-old-branch",
            above,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B; N: a>b ADM ^X; Z: b>h EDT ^N",
            &["B X Y N Z", "Z N Y X B"],
            "Y:void a=OWN b=ADM h=EDT",
        ),
        (
            "admitted-by-another",
            above,
            "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B; N: a>e EDT ^X,Y",
            &["B X Y N", "N Y X B"],
            "Y:void a=OWN b=REM e=EDT",
        ),
        (
            "behind-merge",
            &["HALO-MEMBER-014"],
            "B: a>b ADM ^o; C: a>c ADM ^o; M: a>d EDT ^B,C; Y: b>e EDT ^M; X: a>b REM ^M; N: a>h EDT ^Y,X",
            &["B C M Y X N", "N X Y M C B"],
            "Y:void a=OWN b=REM c=ADM d=EDT h=EDT",
        ),
        (
            "loss-void-by-a-higher-one",
            loss,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>c REM ^C; Z: c>d EDT ^C",
            &["B C X Y Z", "Z Y X C B"],
            "Y:void a=OWN b=REM c=ADM d=EDT",
        ),
        (
            "loss-that-rests-on-void",
            loss,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e ADM ^C; L: e>c REM ^Y",
            &["B C X Y L", "L Y X C B"],
            "Y:void L:void a=OWN b=REM c=ADM",
        ),
        (
            "loss-of-the-one-who-admits",
            loss,
            "B: a>b ADM ^o; C: b>c ADM ^B; X: a>b REM ^C; Y: c>d EDT ^C",
            &["B C X Y", "Y X C B"],
            "a=OWN b=REM c=ADM d=EDT",
        ),
        (
            "demotion-by-a-loser",
            loss,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b RDR ^C; Y: b>c EDT ^C; Z: c>d EDT ^C",
            &["B C X Y Z", "Y Z X B C"],
            "Y:void a=OWN b=RDR c=ADM d=EDT",
        ),
    ];
    parts("losses", "A right is lost while its holder goes on writing.", scenarios, 10)
}

pub(super) fn mutual() -> Vec<Topic> {
    let req = &["HALO-MEMBER-017"][..];
    let scenarios: &[Scenario<'_>] = &[
        (
            "two",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^C",
            &["B C X Y", "B C Y X", "Y X C B"],
            "a=OWN b=REM c=REM",
        ),
        (
            "two-with-dates",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C @100; Y: c>b REM ^C @200",
            &["B C X Y", "B C Y X"],
            "a=OWN b=REM c=REM",
        ),
        (
            "removal-and-demotion",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b RDR ^C",
            &["B C X Y", "B C Y X"],
            "a=OWN b=RDR c=REM",
        ),
        (
            "two-demotions",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c EDT ^C; Y: c>b EDT ^C",
            &["B C X Y", "B C Y X"],
            "a=OWN b=EDT c=EDT",
        ),
        (
            "one-knew",
            &["HALO-MEMBER-008"],
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^X",
            &["B C X Y", "Y X C B"],
            "Y:void a=OWN b=ADM c=REM",
        ),
        (
            "three",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; P: b>c REM ^D; Q: c>d REM ^D; R: d>b REM ^D",
            &["B C D P Q R", "B C D Q R P", "B C D R P Q", "B C D R Q P"],
            "a=OWN b=REM c=REM d=REM",
        ),
        (
            "two-against-one",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; P: b>c REM ^D; Q: d>c EDT ^D; R: c>b REM ^D",
            &["B C D P Q R", "R Q P D C B"],
            "a=OWN b=REM c=REM d=ADM",
        ),
        (
            "chain",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; P: b>c REM ^D; Q: c>d REM ^D; Y: d>e EDT ^D",
            &["B C D P Q Y", "Y Q P D C B"],
            "Y:void a=OWN b=ADM c=REM d=REM",
        ),
        (
            "with-grants",
            &["HALO-MEMBER-015", "HALO-MEMBER-017"],
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^C; V: b>e EDT ^C; W: c>h EDT ^C",
            &["B C X Y V W", "W V Y X C B"],
            "V:void W:void a=OWN b=REM c=REM",
        ),
        (
            "owner-steps-in",
            &["HALO-MEMBER-014", "HALO-MEMBER-017"],
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^C; Z: a>b REM ^C",
            &["B C X Y Z", "Z Y X C B"],
            "X:void a=OWN b=REM c=ADM",
        ),
        (
            "owner-repairs",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^C; N: a>c ADM ^X,Y",
            &["B C X Y N", "N Y X C B"],
            "a=OWN b=REM c=ADM heads=N",
        ),
        (
            "owners",
            req,
            "C: S>c OWN ^o; X: a>c REM ^C; Y: c>a REM ^C",
            &["C X Y", "Y X C"],
            "X:void Y:void a=OWN c=OWN",
        ),
        (
            "old-parents",
            req,
            "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; E: c>b REM ^D; Y: b>c REM ^C; H: a>h EDT ^E",
            &["B C D E H Y", "Y H E D C B"],
            "a=OWN b=REM c=REM d=EDT h=EDT",
        ),
    ];
    parts("mutual", "Administrators who take each other's right.", scenarios, 7)
}
