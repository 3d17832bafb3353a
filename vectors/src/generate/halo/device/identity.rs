//! `halo.profile.*` by the convergent rule.

use super::super::super::forge::{CarriedId, Forge};
use super::super::super::topic::{P256, Topic};
use super::super::super::verify::flipped;
use super::super::wanted::accept_as;
use super::scene::{Scene, id, later};
use crate::class::Class::{AuthChain, AuthRole, AuthSignature, SchemaConstraint};

fn plain(
    topic: &mut Topic,
    s: &Scene,
    slug: &str,
    req: &[&str],
    about: &str,
    forges: &[&Forge],
    short: &str,
) {
    let credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
    accept_as(topic, slug, req, about, s.input(&credentials), &s.named(short));
}

pub(super) fn replay() -> Topic {
    let about = "The profile of an identity, in every order of arrival.";
    let mut topic = Topic::new("halo/profile/replay/profile", "halo.profile.replay", &[P256], about);
    topic.flag("order", "the result depends on the order of arrival");
    let s = Scene::of(&topic, "profile");
    let name = |name: &str, by| later(&s.names(&s.identity, &s.identity, Some(name)), by);
    let (bob, rob) = (name("Bob", 0), name("Rob", 1));
    let who = &["HALO-PROF-001", "HALO-PROF-002"][..];
    plain(&mut topic, &s, "none", who, "", &[], "");
    plain(&mut topic, &s, "one", who, "", &[&bob], "accepted name=Bob");
    plain(
        &mut topic,
        &s,
        "by-chain",
        who,
        "a device signs for the identity",
        &[&s.by(&s.d1, &bob)],
        "accepted name=Bob",
    );
    plain(
        &mut topic,
        &s,
        "other-type",
        who,
        "a profile of a device is none of the identity",
        &[&s.admits(&s.d1), &s.labels(&s.identity, &s.d1, Some("Phone"))],
        "accepted accepted",
    );
    let stranger = later(&s.names(&s.other, &s.identity, Some("Mallory")), 9);
    plain(
        &mut topic,
        &s,
        "stranger",
        &["HALO-PROF-001"],
        "",
        &[&bob, &stranger],
        "accepted refused name=Bob",
    );
    plain(
        &mut topic,
        &s,
        "by-device",
        &["HALO-PROF-001"],
        "a device in its own name",
        &[&s.admits(&s.d1), &s.names(&s.d1, &s.identity, Some("Phone"))],
        "accepted refused",
    );
    let about_other = later(&s.names(&s.identity, &s.other, Some("Other")), 9);
    plain(
        &mut topic,
        &s,
        "about-other",
        &["HALO-PROF-002"],
        "",
        &[&bob, &about_other],
        "accepted refused name=Bob",
    );
    let forged = rob.build_with(&flipped(rob.signature(), 1, 1));
    accept_as(
        &mut topic,
        "signature",
        &["HALO-DEV-001"],
        "",
        s.input(&[bob.build(), forged]),
        &s.named("accepted refused name=Bob"),
    );
    let none = s.names(&s.identity, &s.identity, None);
    let whole = &["HALO-PROF-004"][..];
    plain(&mut topic, &s, "no-name", whole, "", &[&none], "accepted");
    plain(
        &mut topic,
        &s,
        "name-dropped",
        whole,
        "a later profile has no name",
        &[&bob, &later(&none, 1)],
        "accepted accepted",
    );
    plain(&mut topic, &s, "name-regained", whole, "", &[&none, &rob], "accepted accepted name=Rob");
    plain(&mut topic, &s, "twice", &["HALO-DEV-015"], "", &[&bob, &bob], "accepted accepted name=Bob");
    let same_id = rob.with(|f| f.id = CarriedId::Bytes(id(&bob).to_vec()));
    plain(
        &mut topic,
        &s,
        "same-id",
        &["HALO-DEV-016"],
        "two credentials carry one id",
        &[&bob, &same_id],
        "accepted accepted name=Rob",
    );

    let (eve, ada) = (name("Eve", 7), name("Ada", 7));
    let first = if id(&eve) < id(&ada) { "Eve" } else { "Ada" };
    let ties: Vec<(String, Forge)> =
        (0..5).map(|n| format!("N{n}")).map(|text| (text.clone(), name(&text, 3))).collect();
    let winner =
        ties.iter().min_by_key(|(_, forge)| id(forge)).map(|(text, _)| text.clone()).unwrap_or_default();
    let series: Vec<&Forge> = ties.iter().map(|(_, forge)| forge).collect();
    let cases: Vec<(&str, &str, Vec<&Forge>, String)> = vec![
        ("later", "the later date counts", vec![&bob, &rob], "Rob".to_owned()),
        ("tie", "equal dates: the smaller id counts", vec![&eve, &ada], first.to_owned()),
        ("tie-among-three", "", vec![&bob, &eve, &ada], first.to_owned()),
        ("tie-of-five", "", series, winner),
    ];
    for (slug, about, forges, wins) in cases {
        let words = vec!["accepted"; forges.len()].join(" ");
        for (suffix, reverse) in [("", false), ("-reversed", true)] {
            let mut credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
            if reverse {
                credentials.reverse();
            }
            let expected = s.named(&format!("{words} name={wins}"));
            let slug = format!("{slug}{suffix}");
            if let Some(case) =
                accept_as(&mut topic, &slug, &["HALO-PROF-003"], about, s.input(&credentials), &expected)
            {
                case.flags = vec!["order".to_owned()];
            }
        }
    }
    topic
}

pub(super) fn process() -> Topic {
    let about = "A profile of an identity: what is refused.";
    let mut topic = Topic::new("halo/profile/process/profile", "halo.profile.process", &[P256], about);
    let s = Scene::of(&topic, "profile");
    let before = [s.admits(&s.d1).build()];
    let plain = s.names(&s.identity, &s.identity, Some("Bob"));
    let who = &["HALO-PROF-001", "HALO-PROF-002"];
    topic.accept("plain", who, "", s.asking(&before, &plain.build()));
    let chained = s.by(&s.d1, &plain);
    topic.accept("by-chain", who, "", s.asking(&before, &chained.build()));
    for (slug, from, req, class, about, bytes) in [
        (
            "stranger",
            "plain",
            "HALO-PROF-001",
            AuthRole,
            "",
            s.names(&s.other, &s.identity, Some("Bob")).build(),
        ),
        (
            "by-device",
            "plain",
            "HALO-PROF-001",
            AuthRole,
            "",
            s.names(&s.d1, &s.identity, Some("Bob")).build(),
        ),
        (
            "about-other",
            "plain",
            "HALO-PROF-002",
            SchemaConstraint,
            "",
            s.names(&s.identity, &s.other, Some("Bob")).build(),
        ),
        (
            "about-device",
            "plain",
            "HALO-PROF-002",
            SchemaConstraint,
            "",
            s.names(&s.identity, &s.d1, Some("Bob")).build(),
        ),
        (
            "signature",
            "plain",
            "HALO-DEV-001",
            AuthSignature,
            "",
            plain.build_with(&flipped(plain.signature(), 40, 1)),
        ),
        ("name-changed", "plain", "HALO-DEV-001", AuthSignature, "after signing", {
            plain.tampered(|f| f.value = s.names(&s.identity, &s.identity, Some("Bot")).value)
        }),
        ("no-chain", "by-chain", "HALO-DEV-001", AuthChain, "", chained.with(|f| f.chain = None).build()),
    ] {
        topic.reject(slug, from, &[req], class, about, s.asking(&before, &bytes));
    }
    topic
}
