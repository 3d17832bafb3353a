//! Every issuer, every role of the subject, and every role that is given.

use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, Fault, PROCESS, REPLAY, accepted, faults, replay_one, topic};
use super::scene::Scene;
use crate::class::Class::{AuthRole, SchemaRange};

const ROLES: [&str; 5] = ["OWN", "ADM", "EDT", "RDR", "REM"];

/// Whose credentials are tried: slug, who it is, how it got its role, the last credential of that, and what it is.
type Issuer = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ISSUERS: [Issuer; 7] = [
    ("space-key", "S", "", "o", ""),
    ("owner", "a", "", "o", ""),
    ("admin", "i", "I: a>i ADM ^o; ", "I", " i=ADM"),
    ("editor", "i", "I: a>i EDT ^o; ", "I", " i=EDT"),
    ("reader", "i", "I: a>i RDR ^o; ", "I", " i=RDR"),
    ("removed", "i", "J: a>i ADM ^o; I: a>i REM ^J; ", "I", " i=REM"),
    ("stranger", "i", "", "o", ""),
];

/// Whether an issuer may give a role to somebody who has one, and if not, which requirement says so.
fn refused(issuer: &str, has: &str, given: &str) -> Option<&'static str> {
    match (issuer, given) {
        ("space-key", _) => None,
        (_, "OWN") => Some("HALO-MEMBER-007"),
        ("owner" | "admin", _) => (has == "OWN").then_some("HALO-MEMBER-009"),
        _ => Some("HALO-MEMBER-008"),
    }
}

/// Five members of one role, of whom each is given another one.
fn table(topic: &mut Topic, (slug, issuer, how, last, is): Issuer, has: &str) {
    let mut text = how.to_owned();
    let mut parent = last.to_owned();
    let mut short = format!("a=OWN{is}");
    let (mut trials, mut req) = (String::new(), vec!["HALO-MEMBER-008"]);
    for (subject, given) in ["p", "q", "r", "s", "t"].into_iter().zip(ROLES) {
        let first = subject.to_uppercase();
        text += &format!("{first}: S>{subject} {has} ^{parent}; ");
        parent.clone_from(&first);
        trials += &format!("{first}{first}: {issuer}>{subject} {given} ^LAST; ");
        match refused(slug, has, given) {
            Some(why) => {
                short += &format!(" {first}{first}:void {subject}={has}");
                req.push(why);
            }
            None => short += &format!(" {subject}={given}"),
        }
    }
    text += &trials.replace("LAST", &parent);
    req.sort_unstable();
    req.dedup();
    let slug = format!("{slug}-to-{}", has.to_lowercase());
    let scene = Scene::new(topic, Suite::P256, &slug, &text);
    let text = text.trim_end_matches("; ");
    replay_one(topic, CONVERGENT, &slug, &req, text, &scene, "", &short, None);
}

/// A member of one role, to whom the space key gives one, and others try.
fn one_by_one(topic: &mut Topic, (slug, issuer, how, last, _): Issuer, has: &str) {
    let before = format!("{how}P: S>p {has} ^{last}");
    let from = format!("to-{}", has.to_lowercase());
    accepted(topic, CONVERGENT, &from, &["HALO-MEMBER-008"], &before, "X: S>p RDR ^P");
    let tried: Vec<(String, &str, String)> = ROLES
        .into_iter()
        .filter_map(|given| {
            let why = refused(slug, has, given)?;
            Some((given.to_lowercase(), why, format!("X: {issuer}>p {given} ^P")))
        })
        .collect();
    for (given, why, last) in &tried {
        let fault: Fault<'_> = (given, &[why], AuthRole, last);
        faults(topic, CONVERGENT, &from, &before, &[fault]);
    }
    // The same for whoever tries.
    let unknown = if slug == "owner" { &[(0, "role-0"), (6, "role-6"), (255, "role-255")][..] } else { &[] };
    for (role, name) in unknown {
        let last = format!("X: S>p role={role} ^P");
        faults(topic, CONVERGENT, &from, &before, &[(name, &["HALO-MEMBER-004"], SchemaRange, &last)]);
    }
}

pub(super) fn topics() -> Vec<Topic> {
    let about = "Every role that an issuer gives, to members of every role.";
    let mut topics = Vec::new();
    for (part, issuers) in
        [&ISSUERS[..2], &ISSUERS[2..4], &ISSUERS[4..6], &ISSUERS[6..]].into_iter().enumerate()
    {
        let mut topic = topic(&format!("roles-{}", part + 1), REPLAY, about);
        for issuer in issuers {
            for has in ROLES {
                table(&mut topic, *issuer, has);
            }
        }
        topics.push(topic);
    }
    for issuer in &ISSUERS[1..] {
        let about = "A role that may not be given, beside the space key that gives it.";
        let mut topic = topic(&format!("roles-by-{}", issuer.0), PROCESS, about);
        // What brought the issuer there takes the place of one of them.
        let roles = if issuer.0 == "removed" { &ROLES[..4] } else { &ROLES[..] };
        for has in roles {
            one_by_one(&mut topic, *issuer, has);
        }
        topics.push(topic);
    }
    topics
}
