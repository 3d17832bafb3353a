//! What deployed peers make of scenes, in the orders in which they differ.

/// A scene, with what comes of each order: slug, requirements, scene, orders.
pub(super) type Observed<'a> = (&'a str, &'a [&'a str], &'a str, &'a [(&'a str, &'a str)]);

pub(super) const ARRIVAL: &[Observed<'_>] = &[
    (
        "plain",
        &["HALO-REPLAY-004", "HALO-REPLAY-005"],
        "",
        &[("", "a=OWN heads=o"), ("o g", "o:refused heads=-"), ("o g o", "? heads=-")],
    ),
    (
        "genesis",
        &["HALO-REPLAY-004"],
        "!x: a>S genesis; y: S>a genesis; h: S>S genesis space=K @7; g: S>S genesis; o: S>a OWN",
        &[
            ("x y g h o", "x:refused y:refused h:refused a=OWN"),
            ("x h g o", "x:refused g:refused a=OWN genesis=h"),
        ],
    ),
    (
        "before-genesis",
        &["HALO-REPLAY-005"],
        "!p: a>a profile name=Ann; q: a>f1 feed; X: a>b ADM; n: a>a note; g: S>S genesis; o: S>a OWN",
        &[("p q X n g o", "p:refused q:refused X:refused a=OWN"), ("p q X n g o p q X", "? a=OWN")],
    ),
    (
        "other-space-before",
        &["HALO-REPLAY-006"],
        "!X: x>b ADM space=K; g: S>S genesis",
        &[("X g", "heads=-"), ("g X", "heads=-")],
    ),
    ("other-space", &["HALO-REPLAY-006"], "X: x>b ADM space=K", &[("", "a=OWN heads=o"), ("X g o", "a=OWN")]),
    (
        "twice",
        &["HALO-REPLAY-001"],
        "B: a>b ADM ^o; C: a>c EDT ^B",
        &[("B B C C B", "a=OWN b=ADM c=EDT heads=C")],
    ),
    (
        "same-under-another-id",
        &["HALO-REPLAY-001"],
        "B: a>b ADM ^o; C: as=B id=zzz",
        &[("B C", "a=OWN b=ADM heads=B,zzz"), ("C B", "a=OWN b=ADM heads=B,zzz")],
    ),
    (
        "two-with-one-id",
        &["HALO-REPLAY-001"],
        "B: a>b ADM ^o; C: a>c EDT ^o id=B",
        &[("B C", "a=OWN b=ADM heads=B"), ("C B", "a=OWN c=EDT heads=B")],
    ),
    (
        "id-of-a-note",
        &["HALO-REPLAY-001"],
        "B: a>b ADM ^o; n: x>x note id=B",
        &[("n B", "a=OWN heads=o"), ("B n", "a=OWN b=ADM heads=B")],
    ),
    (
        "forged-first",
        &["HALO-REPLAY-002", "HALO-REPLAY-003"],
        "B: a>b ADM ^o; x: as=B forged",
        &[("x B", "x:refused a=OWN heads=o"), ("B x", "a=OWN b=ADM heads=B")],
    ),
    (
        "forged",
        &["HALO-REPLAY-003"],
        "B: a>b ADM ^o forged; q: a>f1 feed forged; n: a>a note forged",
        &[("", "B:refused q:refused n:refused a=OWN")],
    ),
    ("no-id", &["HALO-REPLAY-009"], "B: a>b ADM ^o id=none", &[("", "B:failed a=OWN ?")]),
    (
        "no-id-of-others",
        &["HALO-REPLAY-009"],
        "q: a>f1 feed id=none; e: a>S epoch n=0; p: a>a profile name=Ann id=none",
        &[("q e p q p", "a=OWN names=a:Ann feeds=f1 epoch=e")],
    ),
    (
        "too-early",
        &["HALO-REPLAY-002", "HALO-REPLAY-007"],
        "B: a>b ADM ^o; C: b>c EDT ^B",
        &[("C B C", "? a=OWN b=ADM heads=B"), ("C B", "C:refused a=OWN b=ADM"), ("B C", "a=OWN b=ADM c=EDT")],
    ),
    (
        "unknown-types",
        &["HALO-REPLAY-010"],
        "n: x>x note; d: x>y device; e: x>S epoch n=7 prev=zzz",
        &[("", "a=OWN epoch=e"), ("e n d g o", "a=OWN epoch=e")],
    ),
];

pub(super) const PERMISSION: &[Observed<'_>] = &[
    (
        "line",
        &["HALO-REPLAY-007", "HALO-REPLAY-020"],
        "B: a>b ADM ^o; C: b>c EDT ^B; D: c>d RDR ^C; E: a>d RDR ^C",
        &[("", "D:refused a=OWN b=ADM c=EDT d=RDR")],
    ),
    (
        "removes-the-owner",
        &["HALO-REPLAY-007", "HALO-REPLAY-024"],
        "B: a>b ADM ^o; X: b>a REM ^B; Y: a>a REM ^X",
        &[("", "Y:refused a=REM b=ADM")],
    ),
    ("owner-by-member", &["HALO-REPLAY-022"], "B: a>b OWN ^o; C: S>c OWN ^B", &[("", "a=OWN c=OWN heads=C")]),
    (
        "re-admission",
        &["HALO-REPLAY-020"],
        "B: a>b EDT ^o; C: a>b REM ^B; D: a>b EDT ^C",
        &[("", "a=OWN b=EDT")],
    ),
    ("about-itself", &["HALO-REPLAY-023"], "B: a>b ADM ^o; C: b>b EDT ^B", &[("", "a=OWN b=ADM heads=C")]),
    ("owner-about-itself", &["HALO-REPLAY-023"], "X: a>a REM ^o", &[("", "a=OWN heads=X")]),
    (
        "by-others",
        &["HALO-REPLAY-007"],
        "B: a>b EDT ^o; C: a>c RDR ^B; D: a>d REM ^C; X: b>e EDT ^D; Y: c>e EDT ^D; Z: d>e EDT ^D; W: x>e EDT ^D",
        &[("", "X:refused Y:refused Z:refused W:refused a=OWN b=EDT c=RDR d=REM heads=D")],
    ),
    (
        "strange-roles",
        &["HALO-REPLAY-024"],
        "B: a>b role=0 ^o; C: a>c role=99 ^B; X: c>d EDT ^C",
        &[("", "X:refused a=OWN b=0 c=99")],
    ),
    (
        "space-key",
        &["HALO-REPLAY-024"],
        "B: S>b ADM ^o; C: S>a REM ^B; D: S>S EDT ^C",
        &[("", "a=REM b=ADM heads=D")],
    ),
    (
        "old-parents",
        &["HALO-REPLAY-007"],
        "B: a>b ADM ^o; C: a>c EDT ^B; X: b>d EDT ^o",
        &[("B C X", "? a=OWN b=ADM c=EDT d=?"), ("X B C", "X:refused a=OWN b=ADM c=EDT")],
    ),
];

pub(super) const BRANCHES: &[Observed<'_>] = &[
    (
        "allowed-on-one-way",
        &["HALO-REPLAY-030"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: a>e ADM ^D; Q: c>d REM ^D; M: e>d RDR ^P,Q; N: a>f RDR ^D",
        &[
            ("B C D P Q M N", "a=OWN b=ADM c=ADM d=RDR e=ADM f=RDR"),
            ("B C D Q P M N", "a=OWN b=ADM c=ADM d=RDR e=ADM f=RDR"),
        ],
    ),
    (
        "knew-the-other",
        &["HALO-REPLAY-031"],
        "B: a>b ADM ^o; R: a>c EDT ^B; X: a>d EDT ^B @10; Y: a>d RDR ^X @5; Z: a>e EDT ^X",
        &[("B R X Y Z", "a=OWN b=ADM c=EDT d=RDR e=EDT"), ("B X Z Y R", "a=OWN b=ADM c=EDT d=RDR e=EDT")],
    ),
    (
        "later-date",
        &["HALO-REPLAY-034"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D @100; Q: c>d REM ^D @101",
        &[("B C D P Q", "a=OWN b=ADM c=ADM d=REM"), ("B C D Q P", "a=OWN b=ADM c=ADM d=REM")],
    ),
    (
        "later-admin",
        &["HALO-REPLAY-034"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D @101; Q: c>d REM ^D @100",
        &[("B C D P Q", "a=OWN b=ADM c=ADM d=ADM"), ("B C D Q P", "a=OWN b=ADM c=ADM d=ADM")],
    ),
    (
        "equal-dates",
        &["HALO-REPLAY-035"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D; Q: c>d REM ^D",
        &[("B C D P Q", "a=OWN b=ADM c=ADM d=REM"), ("B C D Q P", "a=OWN b=ADM c=ADM d=ADM")],
    ),
    (
        "owner",
        &["HALO-REPLAY-032"],
        "B: a>b ADM ^o; D: a>d EDT ^B; P: a>d REM ^D @100; Q: b>d ADM ^D @200",
        &[("B D P Q", "a=OWN b=ADM d=REM"), ("B D Q P", "a=OWN b=ADM d=REM")],
    ),
    (
        "more-issuers",
        &["HALO-REPLAY-033"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d REM ^D @200; Q: c>e ADM ^D @100; R: e>d RDR ^Q @101",
        &[("B C D P Q R", "a=OWN b=ADM c=ADM d=RDR e=ADM"), ("B C D Q R P", "a=OWN b=ADM c=ADM d=RDR e=ADM")],
    ),
    (
        "merge",
        &["HALO-REPLAY-030"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D @100; Q: c>d REM ^D @101; M: a>d RDR ^P,Q @50",
        &[
            ("B C D P Q M", "a=OWN b=ADM c=ADM d=RDR heads=M"),
            ("B C D Q P M", "a=OWN b=ADM c=ADM d=RDR heads=M"),
        ],
    ),
    (
        "on-the-way",
        &["HALO-REPLAY-031"],
        "B: a>b ADM ^o; C: a>c EDT ^B; P: b>c RDR ^C; Q: a>d EDT ^C @9",
        &[("B C P Q", "a=OWN b=ADM c=RDR d=EDT"), ("B C Q P", "a=OWN b=ADM c=RDR d=EDT")],
    ),
];

pub(super) const EIGHT_ORDERS: &[Observed<'_>] = &[(
    "one-order-of-eight",
    &["HALO-REPLAY-021"],
    "B: a>b ADM ^o; C: a>c ADM ^B; P: b>d EDT ^C; N: b>e EDT ^P; T: c>e RDR ^P; Q: c>d RDR ^C",
    &[
        ("B C P N T Q", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C P T N Q", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C P N Q T", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C P T Q N", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C P Q N T", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C P Q T N", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C Q P N T", "a=OWN b=ADM c=ADM d=? e=?"),
        ("B C Q P T N", "a=OWN b=ADM c=ADM d=? e=?"),
    ],
)];

pub(super) const WALKS: &[Observed<'_>] = &[
    (
        "merge-by-a-demoted-admin",
        &["HALO-REPLAY-030"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; P: b>d ADM ^D; N: a>b ADM ^P; Q: c>b RDR ^D; T: c>d EDT ^Q @900; R: a>e EDT ^D; M: b>d RDR ^N,T",
        &[
            ("B C D P N Q T R M", "a=OWN b=ADM c=ADM d=RDR e=EDT"),
            ("B C D P N R Q T M", "a=OWN b=ADM c=ADM d=RDR e=EDT"),
        ],
    ),
    (
        "follows-the-other",
        &["HALO-REPLAY-031"],
        "B: a>b ADM ^o; C: a>c ADM ^B; P: b>d EDT ^C @900; Q: a>e EDT ^C; M: a>h EDT ^P,Q; N: c>d RDR ^P",
        &[
            ("B C P Q M N", "a=OWN b=ADM c=ADM d=RDR e=EDT h=EDT"),
            ("B C P Q N M", "a=OWN b=ADM c=ADM d=RDR e=EDT h=EDT"),
            ("B C Q P N M", "a=OWN b=ADM c=ADM d=RDR e=EDT h=EDT"),
        ],
    ),
    (
        "heads",
        &["HALO-REPLAY-019"],
        "B: a>b EDT ^o; C: a>c EDT ^o; M: a>d EDT ^B,C; N: a>e EDT ^C",
        &[
            ("B C M N", "a=OWN b=EDT c=EDT d=EDT e=EDT heads=M,N"),
            ("C B N M", "a=OWN b=EDT c=EDT d=EDT e=EDT heads=M,N"),
        ],
    ),
    (
        "last-child-first",
        &["HALO-REPLAY-025", "HALO-REPLAY-035"],
        "B: a>b ADM ^o; C: a>c ADM ^B; P: a>d EDT ^C; Q: a>d RDR ^C; R: a>d ADM ^C",
        &[
            ("B C P Q R", "a=OWN b=ADM c=ADM d=ADM"),
            ("B C R Q P", "a=OWN b=ADM c=ADM d=EDT"),
            ("B C P R Q", "a=OWN b=ADM c=ADM d=RDR"),
        ],
    ),
    (
        "since-the-parting",
        &["HALO-REPLAY-029"],
        "B: a>b ADM ^o; C: a>c ADM ^o; P: b>d EDT ^B; Q: c>d RDR ^C @5; M: a>e EDT ^P,Q; N: a>h EDT ^M; T: a>k EDT ^M",
        &[
            ("B C P Q M N T", "a=OWN b=ADM c=ADM d=RDR e=EDT h=EDT k=EDT"),
            ("C B Q P M T N", "a=OWN b=ADM c=ADM d=RDR e=EDT h=EDT k=EDT"),
        ],
    ),
    (
        "waits-for-all",
        &["HALO-REPLAY-028"],
        "B: a>b EDT ^o; C: a>c EDT ^o; D: a>d EDT ^o; M: a>e EDT ^B,C,D; N: a>h EDT ^o",
        &[
            ("B C D M N", "a=OWN b=EDT c=EDT d=EDT e=EDT h=EDT heads=M,N"),
            ("N D C B M", "a=OWN b=EDT c=EDT d=EDT e=EDT h=EDT heads=M,N"),
        ],
    ),
    (
        "no-parents",
        &["HALO-REPLAY-018", "HALO-REPLAY-027"],
        "B: a>b ADM; C: a>c EDT",
        &[("B C", "a=OWN b=ADM c=EDT heads=o,B,C")],
    ),
    (
        "parents-twice",
        &["HALO-REPLAY-018"],
        "B: a>b ADM ^o; C: b>c EDT ^B,B; D: a>d EDT ^C,C,C; E: a>e EDT ^D,zzz",
        &[("", "a=OWN b=ADM c=EDT d=EDT e=EDT heads=E")],
    ),
];

pub(super) const REMOVALS: &[Observed<'_>] = &[
    (
        "removed",
        &["HALO-REPLAY-036"],
        "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B",
        &[("B X Y", "Y:refused a=OWN b=REM heads=X"), ("B Y X", "a=OWN b=REM heads=X,Y")],
    ),
    (
        "demoted",
        &["HALO-REPLAY-036"],
        "B: a>b ADM ^o; X: a>b EDT ^B; Y: b>e EDT ^B",
        &[("B X Y", "Y:refused a=OWN b=EDT heads=X"), ("B Y X", "a=OWN b=EDT heads=X,Y")],
    ),
    (
        "made-a-reader",
        &["HALO-REPLAY-036"],
        "B: a>b ADM ^o; X: a>b RDR ^B; Y: b>e EDT ^B",
        &[("B X Y", "Y:refused a=OWN b=RDR"), ("B Y X", "a=OWN b=RDR e=EDT")],
    ),
    (
        "admitted-by-the-admitted",
        &["HALO-REPLAY-037"],
        "B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; Z: e>h EDT ^Y",
        &[
            ("B X Y Z", "Y:refused Z:refused a=OWN b=REM"),
            ("B Y X Z", "Z:refused a=OWN b=REM"),
            ("B Y Z X", "a=OWN b=REM h=EDT"),
        ],
    ),
    (
        "each-removes-the-other",
        &["HALO-REPLAY-007"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: b>c REM ^C; Y: c>b REM ^C",
        &[("B C X Y", "Y:refused a=OWN b=ADM c=REM"), ("B C Y X", "X:refused a=OWN b=REM c=ADM")],
    ),
    (
        "three-in-a-circle",
        &["HALO-REPLAY-036"],
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; P: b>c REM ^D; Q: c>d REM ^D; R: d>b REM ^D",
        &[
            ("B C D P Q R", "? a=OWN b=? c=? d=?"),
            ("B C D Q R P", "? a=OWN b=? c=? d=?"),
            ("B C D R P Q", "? a=OWN b=? c=? d=?"),
            ("B C D P R Q", "? a=OWN b=? c=? d=?"),
            ("B C D R Q P", "? a=OWN b=? c=? d=?"),
            ("B C D Q P R", "? a=OWN b=? c=? d=?"),
        ],
    ),
    (
        "without-parents",
        &["HALO-REPLAY-033"],
        "B: a>b ADM ^o; X: a>b REM @900; Y: b>e EDT ^B",
        &[("B X Y", "? a=OWN b=ADM e=?"), ("B Y X", "a=OWN b=ADM e=EDT"), ("X B Y", "? a=OWN b=ADM e=?")],
    ),
    (
        "known",
        &["HALO-REPLAY-020"],
        "B: a>b ADM ^o; Y: b>e EDT ^B; X: a>b REM ^Y; N: a>b ADM ^X",
        &[("B Y X", "a=OWN b=REM e=EDT"), ("B Y X N", "a=OWN b=ADM e=EDT")],
    ),
];

pub(super) const FAILURES: &[Observed<'_>] = &[
    (
        "behind-unknown",
        &["HALO-REPLAY-011", "HALO-REPLAY-018", "HALO-REPLAY-028", "HALO-REPLAY-038"],
        "B: a>b ADM ^o; C: a>c EDT ^B; M: a>d EDT ^C,B; N: a>e EDT ^B",
        &[
            ("C B", "C:failed B:failed a=OWN ?"),
            ("C B M", "C:failed B:failed a=OWN d=EDT"),
            ("C B N", "C:failed B:failed N:failed a=OWN"),
            ("B C M N", "a=OWN b=ADM c=EDT d=EDT e=EDT"),
        ],
    ),
    (
        "one-parent-known",
        &["HALO-REPLAY-018"],
        "B: a>b ADM ^o; M: b>h ADM ^B,zzz",
        &[("", "a=OWN b=ADM h=ADM heads=M")],
    ),
    (
        "no-parent-known",
        &["HALO-REPLAY-028", "HALO-REPLAY-038"],
        "B: a>b ADM ^o; M: b>h ADM ^zzz; C: a>c EDT ^B",
        &[("B M C", "M:failed C:failed a=OWN b=ADM"), ("B C M", "M:failed a=OWN b=ADM c=EDT")],
    ),
    (
        "honest",
        &["HALO-REPLAY-007", "HALO-REPLAY-024", "HALO-REPLAY-026", "HALO-REPLAY-038"],
        "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e EDT ^C; Z: c>h EDT ^Y; N: a>k EDT ^X",
        &[
            ("B C X Y Z N", "Y:refused Z:failed N:failed a=OWN b=REM c=ADM"),
            ("B C Y X Z N", "a=OWN b=REM c=ADM h=EDT k=EDT"),
        ],
    ),
    (
        "removal-lost",
        &["HALO-REPLAY-037", "HALO-REPLAY-038"],
        "B: a>b ADM ^o; C: a>c ADM ^o; M: a>d EDT ^B,C; Y: b>e EDT ^M; X: a>b REM ^M; N: a>h EDT ^Y,X",
        &[
            ("B C M Y X N", "X:failed a=OWN b=ADM c=ADM d=EDT e=EDT h=EDT"),
            ("B C M X Y", "Y:refused a=OWN b=REM c=ADM d=EDT"),
        ],
    ),
    (
        "merges",
        &["HALO-REPLAY-029", "HALO-REPLAY-038"],
        "s: a>h EDT ^o; x: a>b EDT ^o; y: a>c EDT ^o; m: a>d EDT ^x,y; t: a>e EDT ^m; u: a>k EDT ^m; z: a>l EDT ^t,u,s",
        &[("s x y m t u z", "u:failed a=OWN b=EDT c=EDT d=EDT e=EDT h=EDT l=EDT heads=z")],
    ),
    (
        "without-an-issuer",
        &["HALO-REPLAY-040"],
        "B: a>b ADM ^o anonymous; n: a>a note anonymous @7; C: a>c EDT ^o",
        &[("", "B:failed n:failed a=OWN c=EDT")],
    ),
    (
        "feed-of-another-space",
        &["HALO-REPLAY-008"],
        "q: a>f1 feed space=K; r: a>f2 feed",
        &[("q r q", "? a=OWN feeds=f2")],
    ),
    ("endless", &["HALO-REPLAY-039"], "B: a>b ADM; X: b>a REM", &[("", "X:endless")]),
    ("endless-demotion", &["HALO-REPLAY-039"], "B: a>b ADM; Y: b>e EDT; X: a>b REM", &[("", "X:endless")]),
    (
        "no-parents-reader",
        &["HALO-REPLAY-036"],
        "B: a>b ADM; Y: b>e EDT; X: a>b RDR",
        &[("", "? a=OWN b=? e=?")],
    ),
];

pub(super) const CLAIMS: &[Observed<'_>] = &[
    (
        "feeds",
        &["HALO-REPLAY-012"],
        "B: a>b RDR ^o; q: x>f1 feed; r: b>f2 feed kind=2; s: a>f3 feed of=b in=f1",
        &[("", "a=OWN b=RDR feeds=f1:F:1,f2:F:2,f3:f1:1")],
    ),
    (
        "feed-again",
        &["HALO-REPLAY-012"],
        "q: a>f1 feed in=f3; r: x>f1 feed in=f4 kind=2",
        &[("q r", "a=OWN feeds=f1:f4:2"), ("r q", "a=OWN feeds=f1:f3:1")],
    ),
    (
        "profiles",
        &["HALO-REPLAY-013"],
        "B: a>b ADM ^o name=Bob; p: b>b profile name=Rob; q: x>b profile name=Evil",
        &[
            ("B p q", "a=OWN b=ADM names=b:Evil"),
            ("B q p", "a=OWN b=ADM names=b:Rob"),
            ("p B", "a=OWN b=ADM names=b:Bob"),
        ],
    ),
    (
        "profile-before-member",
        &["HALO-REPLAY-013"],
        "B: a>b ADM ^o; p: x>b profile name=Evil",
        &[("p B", "a=OWN b=ADM names=b:Evil"), ("B p", "a=OWN b=ADM names=b:Evil")],
    ),
    (
        "profile-and-role",
        &["HALO-REPLAY-014"],
        "B: a>b ADM ^o name=Bob; C: a>b EDT ^B; D: a>c EDT ^B",
        &[
            ("B C", "a=OWN b=EDT names=b:Bob"),
            ("B C D", "a=OWN b=EDT c=EDT names=b:Bob"),
            ("B D C", "a=OWN b=EDT c=EDT names=b:Bob"),
        ],
    ),
    (
        "profile-without-effect",
        &["HALO-REPLAY-014", "HALO-REPLAY-020"],
        "B: a>b EDT ^o name=Bob; X: S>b OWN ^B name=Rob; Y: a>b OWN ^X name=Bert; Z: a>c EDT ^o",
        &[
            ("B X", "a=OWN b=OWN names=b:Rob"),
            ("B X Y", "a=OWN b=OWN names=?"),
            ("B X Y Z", "a=OWN b=OWN c=EDT names=?"),
        ],
    ),
    (
        "epochs",
        &["HALO-REPLAY-010"],
        "e: S>S epoch n=0; d: x>S epoch n=9; c: a>a epoch n=0 prev=zzz",
        &[
            ("e d c", "a=OWN epoch=c"),
            ("d c e", "a=OWN epoch=e"),
            ("c e d", "a=OWN epoch=d"),
            ("d g o", "a=OWN epoch=d"),
        ],
    ),
];
