//! `halo.space.process` by the convergent rule: one credential behind others, with one fault.

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, Fault, PROCESS, accepted, faults, topic};
use crate::class::Class::{
    AuthRole, AuthSignature, SchemaConstraint, SchemaRange, StateConflict, StateOrder, StateUnknownRef,
};

/// A credential that is accepted behind others, and others in its place: slug, requirements, those before, the last
/// one, and the faults.
type Group<'a> = (&'a str, &'a [&'a str], &'a str, &'a str, &'a [Fault<'a>]);

fn play(name: &str, about: &str, groups: &[Group<'_>]) -> Topic {
    let mut topic = topic(name, PROCESS, about);
    for (slug, req, before, last, wrong) in groups {
        accepted(&mut topic, CONVERGENT, slug, req, before, last);
        faults(&mut topic, CONVERGENT, slug, before, wrong);
    }
    topic
}

pub(super) fn topics() -> Vec<Topic> {
    vec![
        play("members", "Members: what is refused, void or held.", MEMBERS),
        play("losses", "What those write who lose their right at the same time.", LOSSES),
        play("feeds-and-profiles", "Feeds and profiles: what is refused or void.", FEEDS),
        play("epochs", "Epochs: what is refused, void or held.", EPOCHS),
        play("invitations", "Delegated invitations: what is void.", INVITATIONS),
    ]
}

const MEMBERS: &[Group<'_>] = &[
    (
        "by-owner",
        &["HALO-MEMBER-008"],
        "B: a>b EDT ^o",
        "X: a>c EDT ^B",
        &[
            ("signature", &["HALO-SPACE-002"], AuthSignature, "X: a>c EDT ^B forged"),
            ("other-space", &["HALO-SPACE-005"], SchemaConstraint, "X: a>c EDT ^B space=K"),
            ("role-0", &["HALO-MEMBER-004"], SchemaRange, "X: a>c role=0 ^B"),
            ("role-9", &["HALO-MEMBER-004"], SchemaRange, "X: a>c role=9 ^B"),
            ("owner", &["HALO-MEMBER-007"], AuthRole, "X: a>c OWN ^B"),
            ("about-itself", &["HALO-MEMBER-005"], AuthRole, "X: a>a EDT ^B"),
            ("about-space-key", &["HALO-MEMBER-006"], SchemaConstraint, "X: a>S EDT ^B"),
            ("by-editor", &["HALO-MEMBER-008"], AuthRole, "X: b>c EDT ^B"),
            ("by-stranger", &["HALO-MEMBER-008"], AuthRole, "X: x>c EDT ^B"),
            ("parent-unknown", &["HALO-MEMBER-002"], StateUnknownRef, "X: a>c EDT ^zzz"),
            ("one-parent-unknown", &["HALO-MEMBER-002"], StateUnknownRef, "X: a>c EDT ^B,zzz"),
            ("no-parents", &["HALO-MEMBER-001"], AuthRole, "X: a>c EDT"),
        ],
    ),
    (
        "by-admin",
        &["HALO-MEMBER-008"],
        "B: a>b ADM ^o; C: a>c EDT ^B",
        "X: b>c RDR ^C",
        &[
            ("of-old-parents", &["HALO-MEMBER-008"], AuthRole, "X: b>c RDR ^o"),
            ("owner", &["HALO-MEMBER-007"], AuthRole, "X: b>c OWN ^C"),
            ("removes-owner", &["HALO-MEMBER-009"], AuthRole, "X: b>a REM ^C"),
            ("demotes-owner", &["HALO-MEMBER-009"], AuthRole, "X: b>a ADM ^C"),
            ("about-itself", &["HALO-MEMBER-005"], AuthRole, "X: b>b RDR ^C"),
            ("removes-itself", &["HALO-MEMBER-005"], AuthRole, "X: b>b REM ^C"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "X: b>c RDR ^C forged"),
            ("parent-unknown", &["HALO-MEMBER-002"], StateUnknownRef, "X: b>c RDR ^C,zzz"),
        ],
    ),
    (
        "removed-and-back",
        &["HALO-MEMBER-008"],
        "B: a>b ADM ^o; R: a>b REM ^B; D: a>b ADM ^R",
        "X: b>c EDT ^D",
        &[
            ("too-early", &["HALO-MEMBER-008"], AuthRole, "X: b>c EDT ^R"),
            ("beside-removal", &["HALO-MEMBER-014"], AuthRole, "X: b>c EDT ^B"),
            ("before-all", &["HALO-MEMBER-008"], AuthRole, "X: b>c EDT ^o"),
        ],
    ),
    (
        "genesis",
        &["HALO-SPACE-008", "HALO-SPACE-009"],
        "!n: a>a note",
        "g: S>S genesis",
        &[
            ("by-member", &["HALO-SPACE-008"], AuthRole, "g: a>S genesis"),
            ("about-member", &["HALO-SPACE-009"], SchemaConstraint, "g: S>a genesis"),
            ("other-space", &["HALO-SPACE-005"], SchemaConstraint, "g: S>S genesis space=K"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "g: S>S genesis forged"),
            ("member", &["HALO-SPACE-011"], StateUnknownRef, "g: S>a OWN"),
            ("epoch", &["HALO-SPACE-011"], StateUnknownRef, "g: S>S epoch n=0"),
            ("invitation", &["HALO-SPACE-011"], StateUnknownRef, "g: S>S delegate"),
        ],
    ),
];

const LOSSES: &[Group<'_>] = &[
    (
        "removed",
        &["HALO-MEMBER-008"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C",
        "Y: c>e EDT ^C",
        &[
            ("grant", &["HALO-MEMBER-014"], AuthRole, "Y: b>e EDT ^C"),
            ("promotion", &["HALO-MEMBER-014"], AuthRole, "Y: b>e ADM ^C"),
            ("removal", &["HALO-MEMBER-014"], AuthRole, "Y: b>c REM ^C"),
            ("demotion", &["HALO-MEMBER-014"], AuthRole, "Y: b>c RDR ^C"),
            ("early-date", &["HALO-MEMBER-014"], AuthRole, "Y: b>e EDT ^C @-900000"),
            ("older-parents", &["HALO-MEMBER-014"], AuthRole, "Y: b>e EDT ^B"),
            ("behind", &["HALO-MEMBER-008"], AuthRole, "Y: b>e EDT ^X"),
        ],
    ),
    (
        "made-a-reader",
        &["HALO-MEMBER-008"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b RDR ^C",
        "Y: c>e EDT ^C",
        &[
            ("grant", &["HALO-MEMBER-014"], AuthRole, "Y: b>e EDT ^C"),
            ("removal", &["HALO-MEMBER-014"], AuthRole, "Y: b>c REM ^C"),
            ("behind", &["HALO-MEMBER-008"], AuthRole, "Y: b>e EDT ^X"),
        ],
    ),
    (
        "removed-by-an-admin",
        &["HALO-MEMBER-017"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C",
        "Y: c>b REM ^C",
        &[
            ("grant", &["HALO-MEMBER-015"], AuthRole, "Y: c>e EDT ^C"),
            ("promotion", &["HALO-MEMBER-015"], AuthRole, "Y: c>e ADM ^C"),
            ("confirmation", &["HALO-MEMBER-015"], AuthRole, "Y: c>b ADM ^C"),
            ("behind", &["HALO-MEMBER-008"], AuthRole, "Y: c>b REM ^X"),
            ("older-parents", &["HALO-MEMBER-008"], AuthRole, "Y: c>b REM ^B"),
        ],
    ),
    (
        "admitted-by-a-loser",
        &["HALO-MEMBER-008"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e ADM ^C",
        "Z: c>h EDT ^Y",
        &[
            ("grant", &["HALO-MEMBER-016"], AuthRole, "Z: e>h EDT ^Y"),
            ("promotion", &["HALO-MEMBER-016"], AuthRole, "Z: e>h ADM ^Y"),
            ("behind-merge", &["HALO-MEMBER-016"], AuthRole, "Z: e>h EDT ^X,Y"),
            ("removal", &["HALO-MEMBER-017"], AuthRole, "Z: e>c REM ^Y"),
        ],
    ),
    (
        "owner-removed",
        &["HALO-MEMBER-008"],
        "X: S>a REM ^o",
        "Y: S>b ADM ^o",
        &[
            ("grant", &["HALO-MEMBER-014"], AuthRole, "Y: a>b ADM ^o"),
            ("behind", &["HALO-MEMBER-008"], AuthRole, "Y: a>b ADM ^X"),
            ("back-by-itself", &["HALO-MEMBER-005"], AuthRole, "Y: a>a ADM ^X"),
        ],
    ),
];

const FEEDS: &[Group<'_>] = &[
    (
        "feed",
        &["HALO-SPACE-012", "HALO-SPACE-013"],
        "B: a>b EDT ^o; C: a>c RDR ^B",
        "q: b>f1 feed",
        &[
            ("by-reader", &["HALO-SPACE-013"], AuthRole, "q: c>f1 feed"),
            ("by-stranger", &["HALO-SPACE-013"], AuthRole, "q: x>f1 feed"),
            ("for-another", &["HALO-SPACE-012"], AuthRole, "q: a>f1 feed of=b"),
            ("by-another", &["HALO-SPACE-012"], AuthRole, "q: x>f1 feed of=b"),
            ("other-space", &["HALO-SPACE-005"], SchemaConstraint, "q: b>f1 feed space=K"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "q: b>f1 feed forged"),
        ],
    ),
    (
        "profile",
        &["HALO-SPACE-022", "HALO-SPACE-023"],
        "B: a>b EDT ^o name=Bob",
        "p: b>b profile name=Rob",
        &[
            ("by-stranger", &["HALO-SPACE-022"], AuthRole, "p: x>b profile name=Rob"),
            ("by-owner", &["HALO-SPACE-022"], AuthRole, "p: a>b profile name=Rob"),
            ("by-space-key", &["HALO-SPACE-022"], AuthRole, "p: S>b profile name=Rob"),
            ("of-stranger", &["HALO-SPACE-023"], StateOrder, "p: x>x profile name=Rob"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "p: b>b profile name=Rob forged"),
        ],
    ),
];

const EPOCHS: &[Group<'_>] = &[
    (
        "first",
        &["HALO-SPACE-017", "HALO-SPACE-019"],
        "B: a>b EDT ^o",
        "e: a>S epoch n=0",
        &[
            ("by-editor", &["HALO-SPACE-019"], AuthRole, "e: b>S epoch n=0"),
            ("by-stranger", &["HALO-SPACE-019"], AuthRole, "e: x>S epoch n=0"),
            ("number-1", &["HALO-SPACE-017"], SchemaConstraint, "e: a>S epoch n=1"),
            ("previous-unknown", &["HALO-SPACE-018"], StateUnknownRef, "e: a>S epoch n=1 prev=zzz"),
            ("other-space", &["HALO-SPACE-005"], SchemaConstraint, "e: a>K epoch n=0"),
            ("about-member", &["HALO-SPACE-005"], SchemaConstraint, "e: a>a epoch n=0"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "e: a>S epoch n=0 forged"),
        ],
    ),
    (
        "second",
        &["HALO-SPACE-017"],
        "e: S>S epoch n=0",
        "d: a>S epoch n=1 prev=e",
        &[
            ("gap", &["HALO-SPACE-017"], SchemaConstraint, "d: a>S epoch n=2 prev=e"),
            ("same-number", &["HALO-SPACE-017"], SchemaConstraint, "d: a>S epoch n=0 prev=e"),
            ("no-previous", &["HALO-SPACE-017"], SchemaConstraint, "d: a>S epoch n=1"),
            ("by-stranger", &["HALO-SPACE-019"], AuthRole, "d: x>S epoch n=1 prev=e"),
            ("previous-is-a-member", &["HALO-SPACE-018"], StateUnknownRef, "d: a>S epoch n=1 prev=o"),
        ],
    ),
    (
        "third",
        &["HALO-SPACE-020"],
        "B: a>b ADM ^o; R: a>b REM ^B; e: S>S epoch n=0; d: a>S epoch n=1 prev=e; x: x>S epoch n=2 prev=d",
        "c: a>S epoch n=2 prev=d",
        &[
            ("by-removed", &["HALO-SPACE-020", "HALO-SPACE-021"], AuthRole, "c: b>S epoch n=2 prev=d"),
            ("on-a-void-one", &["HALO-SPACE-030"], StateConflict, "c: a>S epoch n=3 prev=x"),
        ],
    ),
];

const INVITATIONS: &[Group<'_>] = &[
    (
        "delegated",
        &["HALO-DELEG-001", "HALO-DELEG-002"],
        "B: a>b EDT ^o; C: a>c ADM ^B; R: a>c REM ^C",
        "i: a>a delegate",
        &[
            ("by-editor", &["HALO-DELEG-001"], AuthRole, "i: b>b delegate"),
            ("by-removed", &["HALO-DELEG-001"], AuthRole, "i: c>c delegate"),
            ("by-stranger", &["HALO-DELEG-001"], AuthRole, "i: x>x delegate"),
            ("for-owners", &["HALO-DELEG-002"], AuthRole, "i: a>a delegate gives=4"),
            ("for-removed", &["HALO-DELEG-002"], SchemaRange, "i: a>a delegate gives=5"),
            ("for-role-0", &["HALO-DELEG-002"], SchemaRange, "i: a>a delegate gives=0"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "i: a>a delegate forged"),
        ],
    ),
    (
        "cancelled",
        &["HALO-DELEG-004"],
        "B: a>b EDT ^o; C: a>c ADM ^B; R: a>c REM ^C; i: a>a delegate",
        "c: a>a cancel inv=i",
        &[
            ("by-editor", &["HALO-DELEG-004"], AuthRole, "c: b>b cancel inv=i"),
            ("by-removed", &["HALO-DELEG-004"], AuthRole, "c: c>c cancel inv=i"),
            ("by-stranger", &["HALO-DELEG-004"], AuthRole, "c: x>x cancel inv=i"),
            ("signature", &["HALO-SPACE-002"], AuthSignature, "c: a>a cancel inv=i forged"),
        ],
    ),
];
