//! Decisions at the same time on one member, and what follows them.

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, Scenario, parts, replays, topic};

/// The less of two roles by their short names.
fn less(one: &'static str, two: &'static str) -> &'static str {
    let rank = |role: &str| ["REM", "RDR", "EDT", "ADM", "OWN"].iter().position(|known| *known == role);
    if rank(one) < rank(two) { one } else { two }
}

/// A scenario whose scene is put together.
type Written<'a> = (&'a str, &'a [&'a str], String, &'a [&'a str], &'a str);

/// Two administrators beside the owner, and an editor.
const FOUR: &str = "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C";

/// Two administrators decide on one member.
pub(super) fn pairs() -> Topic {
    let mut topic = topic("two-decisions", REPLAY, "Two decisions on one member: which one decides.");
    for (at, one) in ["ADM", "EDT", "RDR", "REM"].into_iter().enumerate() {
        for two in ["ADM", "EDT", "RDR", "REM"].into_iter().skip(at) {
            let (slug, text) = (
                format!("{}-{}", one.to_lowercase(), two.to_lowercase()),
                format!("{FOUR}; P: b>d {one} ^D @100; Q: c>d {two} ^D @200"),
            );
            let short = format!("a=OWN b=ADM c=ADM d={}", less(one, two));
            replays(
                &mut topic,
                CONVERGENT,
                &[(&slug, &["HALO-MEMBER-012"], &text, &["B C D P Q", "B C D Q P"], &short)],
            );
        }
    }
    topic
}

pub(super) fn decisions() -> Vec<Topic> {
    let about = "Which of several decisions on one member decides.";
    let dates = &["HALO-MEMBER-012", "HALO-MEMBER-013"][..];
    let three = format!("{FOUR}; E: a>e ADM ^D");
    let texts: [Written<'_>; 11] = [
        (
            "later-admin",
            dates,
            format!("{FOUR}; P: b>d ADM ^D @900; Q: c>d REM ^D @100"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=REM",
        ),
        (
            "later-removal",
            dates,
            format!("{FOUR}; P: b>d ADM ^D @100; Q: c>d REM ^D @900"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=REM",
        ),
        (
            "far-future",
            dates,
            format!("{FOUR}; P: b>d ADM ^D @4000000000000; Q: c>d RDR ^D"),
            &["B C D P Q", "Q P D C B"],
            "a=OWN b=ADM c=ADM d=RDR",
        ),
        (
            "more-issuers",
            dates,
            format!("{FOUR}; P: b>d REM ^D @200; Q: c>e ADM ^D @100; R: e>d RDR ^Q @101"),
            &["B C D P Q R", "B C D Q R P"],
            "a=OWN b=ADM c=ADM d=REM e=ADM",
        ),
        (
            "three-branches",
            &["HALO-MEMBER-012"],
            format!("{three}; P: b>d ADM ^E; Q: c>d EDT ^E; R: e>d RDR ^E"),
            &["B C D E P Q R", "R Q P E D C B"],
            "a=OWN b=ADM c=ADM d=RDR e=ADM",
        ),
        (
            "owner-and-admin",
            &["HALO-MEMBER-010"],
            format!("{FOUR}; P: a>d ADM ^D @100; Q: b>d REM ^D @200"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=ADM",
        ),
        (
            "space-key-and-owner",
            &["HALO-MEMBER-010"],
            format!("{FOUR}; P: S>d ADM ^D @100; Q: a>d REM ^D @200"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=ADM",
        ),
        (
            "space-key-and-admin",
            &["HALO-MEMBER-010"],
            format!("{FOUR}; P: S>d RDR ^D; Q: b>d ADM ^D"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=RDR",
        ),
        (
            "owner-followed-by-admin",
            &["HALO-MEMBER-010"],
            format!("{FOUR}; P: a>d ADM ^D; Q: b>d REM ^P"),
            &["B C D P Q", "Q P D C B"],
            "a=OWN b=ADM c=ADM d=REM",
        ),
        (
            "owner-made-and-removed",
            &["HALO-MEMBER-010"],
            format!("{FOUR}; P: S>d OWN ^D; Q: b>d REM ^D"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=OWN",
        ),
        (
            "space-key-twice",
            &["HALO-MEMBER-012"],
            format!("{FOUR}; P: S>d OWN ^D; Q: S>d RDR ^D"),
            &["B C D P Q", "B C D Q P"],
            "a=OWN b=ADM c=ADM d=RDR",
        ),
    ];
    let more: &[Scenario<'_>] = &[
        (
            "two-owners",
            &["HALO-MEMBER-012"],
            "C: S>c OWN ^o; D: a>d EDT ^C; P: a>d ADM ^D; Q: c>d RDR ^D",
            &["C D P Q", "Q P D C"],
            "a=OWN c=OWN d=RDR",
        ),
        (
            "first-admissions",
            &["HALO-MEMBER-012"],
            "B: a>b ADM ^o; C: a>c ADM ^B; P: b>d ADM ^C; Q: c>d EDT ^C",
            &["B C P Q", "B C Q P"],
            "a=OWN b=ADM c=ADM d=EDT",
        ),
    ];
    let texts =
        texts.iter().map(|(slug, req, text, orders, short)| (*slug, *req, text.as_str(), *orders, *short));
    let scenarios: Vec<Scenario<'_>> = texts.chain(more.iter().copied()).collect();
    parts("several-decisions", about, &scenarios, 7)
}

pub(super) fn merges() -> Vec<Topic> {
    let later = &["HALO-MEMBER-011"][..];
    let with = |rest: &str| format!("{FOUR}; {rest}");
    let texts: [Written<'_>; 12] = [
        (
            "merge-decides",
            later,
            with("P: b>d ADM ^D; Q: c>d REM ^D; M: a>d RDR ^P,Q @50"),
            &["B C D P Q M", "M Q P D C B"],
            "a=OWN b=ADM c=ADM d=RDR heads=M",
        ),
        (
            "merge-gives-more",
            later,
            with("P: b>d RDR ^D; Q: c>d REM ^D; M: b>d ADM ^P,Q"),
            &["B C D P Q M", "M Q P D C B"],
            "a=OWN b=ADM c=ADM d=ADM heads=M",
        ),
        (
            "merge-about-another",
            &["HALO-MEMBER-012"],
            with("P: b>d ADM ^D; Q: c>d REM ^D; M: a>e EDT ^P,Q"),
            &["B C D P Q M", "M P Q B C D"],
            "a=OWN b=ADM c=ADM d=REM e=EDT heads=M",
        ),
        (
            "one-branch-followed",
            later,
            with("P: b>d ADM ^D; Q: c>d RDR ^D; N: b>d EDT ^P"),
            &["B C D P Q N", "N Q P D C B"],
            "a=OWN b=ADM c=ADM d=RDR",
        ),
        (
            "other-branch-followed",
            later,
            with("P: b>d ADM ^D; Q: c>d REM ^D; N: c>d EDT ^Q"),
            &["B C D P Q N", "N Q P D C B"],
            "a=OWN b=ADM c=ADM d=EDT",
        ),
        (
            "two-merges",
            &["HALO-MEMBER-012"],
            with("P: b>d ADM ^D; Q: c>d REM ^D; M: b>d ADM ^P,Q; N: c>d RDR ^P,Q"),
            &["B C D P Q M N", "N M Q P D C B"],
            "a=OWN b=ADM c=ADM d=RDR heads=M,N",
        ),
        (
            "merge-of-merges",
            later,
            with("P: b>d ADM ^D; Q: c>d REM ^D; M: b>d ADM ^P,Q; N: c>d RDR ^P,Q; Z: b>d EDT ^M,N"),
            &["B C D P Q M N Z", "Z N M Q P D C B"],
            "a=OWN b=ADM c=ADM d=EDT heads=Z",
        ),
        (
            "crossed",
            &["HALO-MEMBER-011", "HALO-MEMBER-012"],
            with("P: b>d ADM ^D; Q: c>d RDR ^D; M: b>e EDT ^P,Q; N: c>h EDT ^P,Q; Z: a>d EDT ^M,N"),
            &["B C D P Q M N Z", "Z M N P Q D C B"],
            "a=OWN b=ADM c=ADM d=EDT e=EDT h=EDT heads=Z",
        ),
        (
            "admission-used-behind-merge",
            later,
            with("P: b>e ADM ^D; Q: c>d RDR ^D; M: e>h EDT ^P,Q"),
            &["B C D P Q M", "M Q P D C B"],
            "a=OWN b=ADM c=ADM d=RDR e=ADM h=EDT heads=M",
        ),
        (
            "unequal-branches",
            later,
            with("P: b>e EDT ^D; Q: c>h EDT ^P; R: b>e RDR ^Q; T: c>e REM ^D; M: a>e EDT ^R,T"),
            &["B C D P Q R T M", "M T R Q P D C B"],
            "a=OWN b=ADM c=ADM d=EDT e=EDT h=EDT heads=M",
        ),
        (
            "ladder",
            later,
            with(
                "P: b>e EDT ^D; Q: c>e RDR ^D; R: b>e ADM ^P,Q; T: c>h EDT ^Q; U: b>h RDR ^R,T; V: c>h EDT ^T",
            ),
            &["B C D P Q R T U V", "V U T R Q P D C B"],
            "a=OWN b=ADM c=ADM d=EDT e=ADM h=RDR heads=U,V",
        ),
        (
            "role-at-merge",
            &["HALO-MEMBER-008", "HALO-MEMBER-012"],
            with("P: b>e ADM ^D; Q: c>e EDT ^D; M: e>h EDT ^P,Q"),
            &["B C D P Q M", "M Q P D C B"],
            "M:void a=OWN b=ADM c=ADM d=EDT e=EDT heads=P,Q",
        ),
    ];
    let scenarios: Vec<Scenario<'_>> = texts
        .iter()
        .map(|(slug, req, text, orders, short)| (*slug, *req, text.as_str(), *orders, *short))
        .collect();
    parts("merges", "What comes behind several branches.", &scenarios, 6)
}
