//! `halo.device.replay` by the convergent rule: what is derived.

use dxos_reference::keys::Suite;

use super::super::super::assertion::some;
use super::super::super::forge::Forge;
use super::super::super::topic::{P256, Topic, suite_of};
use super::super::super::verify::flipped;
use super::super::wanted::accept_as;
use super::ids;
use super::scene::{SPACES, Scene, chain, later};

pub(super) const OP: &str = "halo.device.replay";

/// A case in which nothing is changed after signing.
#[allow(clippy::too_many_arguments)] // Each is a part of the case.
fn plain(
    topic: &mut Topic,
    s: &Scene,
    slug: &str,
    req: &[&str],
    about: &str,
    forges: &[&Forge],
    short: &str,
    own: Option<&Forge>,
) {
    let credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
    let expected = s.wanted(short, own.and_then(chain));
    accept_as(topic, slug, req, about, s.input(&credentials), &expected);
}

pub(super) fn authorized() -> Topic {
    let about = "Which keys are devices of an identity, and the chain of the own device.";
    let mut topic = Topic::new("halo/device/replay/authorized", OP, &[P256], about);
    topic.flag("Strangers", "a device counts, whoever authorises it");
    for suite in [Suite::P256, Suite::Ed25519] {
        let (name, feature) = suite_of(suite);
        topic.features(&[feature]);
        let s = Scene::new(&topic, suite, name);
        let slug = |rest: &str| format!("{name}-{rest}");
        let (d1, d2) = (s.admits(&s.d1), s.admits_by(&s.d1, &s.d2));
        let d3 = {
            let inner = d2.build();
            super::super::super::chain::delegated(&s.admits(&s.d3), &s.d2, inner)
        };
        let set = &["HALO-DEV-012"][..];
        plain(&mut topic, &s, &slug("none"), set, "nothing is known", &[], "", None);
        plain(
            &mut topic,
            &s,
            &slug("one"),
            &["HALO-DEV-012", "HALO-DEV-017"],
            "",
            &[&d1],
            "accepted devices=d1",
            Some(&d1),
        );
        let by = &["HALO-DEV-005", "HALO-DEV-012"][..];
        plain(
            &mut topic,
            &s,
            &slug("two"),
            by,
            "the first device admits the second",
            &[&d1, &d2],
            "accepted accepted devices=d1,d2",
            Some(&d1),
        );
        plain(
            &mut topic,
            &s,
            &slug("three"),
            by,
            "the second device admits the third",
            &[&d1, &d2, &d3],
            "accepted accepted accepted devices=d1,d2,d3",
            Some(&d1),
        );
        plain(
            &mut topic,
            &s,
            &slug("second-alone"),
            by,
            "the credential of the first device came along in the chain only",
            &[&d2],
            "accepted devices=d2",
            None,
        );
    }
    topic.features(&[P256]);
    let s = Scene::of(&topic, "own");
    let (d1, d2) = (s.admits(&s.d1), s.admits_by(&s.d1, &s.d2));
    let own = &["HALO-DEV-017"][..];
    let both = "accepted accepted devices=d1,d2";
    plain(&mut topic, &s.read_by(Some(&s.d2)), "own-second", own, "", &[&d1, &d2], both, Some(&d2));
    plain(
        &mut topic,
        &s.read_by(Some(&s.d3)),
        "own-unknown",
        own,
        "the own device is not authorised",
        &[&d1, &d2],
        both,
        None,
    );
    plain(&mut topic, &s.read_by(None), "own-none", own, "the reader has no device", &[&d1, &d2], both, None);

    let s = Scene::of(&topic, "strangers");
    let d1 = s.admits(&s.d1);
    let stranger = s.admits(&s.d2).with(|f| {
        f.issuer = Some(s.other.public_key());
        f.signer = Some(s.other.public_key());
        f.key = s.other.clone();
    });
    let foreign = super::super::super::chain::link(&s.other, &s.d2);
    let named = foreign.with(|f| {
        f.issuer = Some(s.identity.public_key());
        f.signer = Some(s.identity.public_key());
        f.key = s.identity.clone();
    });
    let subject = s.admits(&s.d2).with(|f| f.subject = Some(s.d3.public_key()));
    let alone = "accepted refused devices=d1";
    for (slug, req, about, forge) in [
        ("stranger", "HALO-DEV-002", "somebody else names the identity", &stranger),
        ("other-identity", "HALO-DEV-002", "another identity and its device", &foreign),
        ("for-other-identity", "HALO-DEV-003", "the identity names another one", &named),
        ("other-subject", "HALO-DEV-004", "the subject is a third key", &subject),
    ] {
        plain(&mut topic, &s, slug, &[req], about, &[&d1, forge], alone, Some(&d1));
        if let Some(case) = topic.last() {
            case.flags = vec!["Strangers".to_owned()];
        }
    }
    plain(
        &mut topic,
        &s,
        "stranger-own",
        &["HALO-DEV-002"],
        "a stranger names the own device",
        &[&stranger.with(|f| {
            f.subject = Some(s.d1.public_key());
            f.value = s.admits(&s.d1).value;
        })],
        "refused",
        None,
    );
    let others: Vec<Vec<u8>> =
        some(&["kube-access", "key-info", "halo-space", "identity-recovery", "space-member-admin"])
            .into_iter()
            .map(|assertion| {
                Forge::new(&s.identity, &s.d1.public_key(), assertion.type_name, assertion.value).build()
            })
            .collect();
    accept_as(
        &mut topic,
        "other-types",
        &["HALO-DEV-011"],
        "credentials that are no matter of devices",
        s.input(&others),
        &s.wanted("accepted accepted accepted accepted accepted", None),
    );
    let unknown = Forge::new(&s.identity, &s.d1.public_key(), "example.Unknown", vec![8, 1]);
    plain(
        &mut topic,
        &s,
        "unknown-type",
        &["HALO-DEV-011"],
        "",
        &[&unknown, &d1],
        "accepted accepted devices=d1",
        Some(&d1),
    );

    ids::verified(&mut topic);
    ids::ids(&mut topic);
    topic
}

pub(super) fn profiles() -> Topic {
    let about = "The profiles of devices.";
    let mut topic = Topic::new("halo/device/replay/profiles", OP, &[P256], about);
    topic.flag("Anybody", "a profile counts, whoever issues it");
    let s = Scene::of(&topic, "profiles");
    let (d1, d2) = (s.admits(&s.d1), s.admits_by(&s.d1, &s.d2));
    let by_identity = s.labels(&s.identity, &s.d1, Some("Laptop"));
    let by_device = s.labels(&s.d1, &s.d1, Some("Phone"));
    let written = s.by(&s.d1, &by_identity);
    let author = &["HALO-DEV-006", "HALO-DEV-012"][..];
    let one = |label: &str| format!("accepted accepted devices=d1 labels=d1:{label}");
    plain(&mut topic, &s, "by-identity", author, "", &[&d1, &by_identity], &one("Laptop"), Some(&d1));
    plain(&mut topic, &s, "by-device", author, "", &[&d1, &by_device], &one("Phone"), Some(&d1));
    plain(
        &mut topic,
        &s,
        "by-chain",
        author,
        "the device signs for the identity",
        &[&d1, &written],
        &one("Laptop"),
        Some(&d1),
    );
    let about_second = s.labels(&s.identity, &s.d2, Some("Tablet"));
    plain(
        &mut topic,
        &s,
        "two-devices",
        author,
        "",
        &[&d1, &d2, &by_device, &about_second],
        "accepted accepted accepted accepted devices=d1,d2 labels=d1:Phone,d2:Tablet",
        Some(&d1),
    );
    let no_label = s.labels(&s.identity, &s.d1, None);
    plain(
        &mut topic,
        &s,
        "no-label",
        &["HALO-DEV-014"],
        "the profile has no label",
        &[&d1, &no_label],
        "accepted accepted devices=d1",
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "label-dropped",
        &["HALO-DEV-014"],
        "a later profile has no label",
        &[&d1, &by_identity, &later(&no_label, 1)],
        "accepted accepted accepted devices=d1",
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "label-regained",
        &["HALO-DEV-014"],
        "",
        &[&d1, &no_label, &later(&by_identity, 1)],
        "accepted accepted accepted devices=d1 labels=d1:Laptop",
        Some(&d1),
    );
    let strangers = [
        ("stranger", "", s.labels(&s.other, &s.d1, Some("Mine"))),
        ("other-device", "one device names another", s.labels(&s.d2, &s.d1, Some("Mine"))),
    ];
    for (slug, about, forge) in strangers {
        plain(
            &mut topic,
            &s,
            slug,
            &["HALO-DEV-006"],
            about,
            &[&d1, &d2, &by_device, &later(&forge, 9)],
            "accepted accepted accepted refused devices=d1,d2 labels=d1:Phone",
            Some(&d1),
        );
        if let Some(case) = topic.last() {
            case.flags = vec!["Anybody".to_owned()];
        }
    }
    let held = &["HALO-DEV-007"][..];
    plain(
        &mut topic,
        &s,
        "unknown-device",
        held,
        "",
        &[&d1, &about_second],
        "accepted held devices=d1",
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "unknown-by-itself",
        held,
        "",
        &[&d1, &s.labels(&s.d2, &s.d2, Some("Tablet"))],
        "accepted held devices=d1",
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "about-identity",
        held,
        "the identity is no device",
        &[&d1, &s.labels(&s.identity, &s.identity, Some("Me"))],
        "accepted held devices=d1",
        Some(&d1),
    );
    plain(&mut topic, &s, "before-any", held, "no device is known at all", &[&by_device], "held", None);
    plain(
        &mut topic,
        &s,
        "before-its-device",
        held,
        "the device comes later",
        &[&by_device, &d1],
        &one("Phone"),
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "long-before",
        held,
        "",
        &[&about_second, &by_device, &d1, &d2],
        "accepted accepted accepted accepted devices=d1,d2 labels=d1:Phone,d2:Tablet",
        Some(&d1),
    );
    let forged = by_device.build_with(&flipped(by_device.signature(), 9, 1));
    accept_as(
        &mut topic,
        "signature",
        &["HALO-DEV-001"],
        "",
        s.input(&[d1.build(), forged]),
        &s.wanted("accepted refused devices=d1", chain(&d1)),
    );
    topic
}

pub(super) fn default_space() -> Topic {
    let about = "The space that an identity opens first.";
    let mut topic = Topic::new("halo/device/replay/default-space", OP, &[P256], about);
    let s = Scene::of(&topic, "default-space");
    let d1 = s.admits(&s.d1);
    let known = |number: usize| format!("accepted accepted devices=d1 default={number}");
    let author = &["HALO-DEV-010", "HALO-DEV-012"][..];
    for (number, space) in SPACES.into_iter().enumerate() {
        plain(
            &mut topic,
            &s,
            &format!("space-{number}"),
            &["HALO-DEV-009"],
            "",
            &[&d1, &s.opens(&s.d1, space)],
            &known(number),
            Some(&d1),
        );
    }
    plain(
        &mut topic,
        &s,
        "by-identity",
        author,
        "",
        &[&d1, &s.opens(&s.identity, SPACES[0])],
        &known(0),
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "by-chain",
        author,
        "the device signs for the identity",
        &[&d1, &s.by(&s.d1, &s.opens(&s.identity, SPACES[0]))],
        &known(0),
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "by-identity-alone",
        author,
        "no device is known",
        &[&s.opens(&s.identity, SPACES[1])],
        "accepted default=1",
        None,
    );
    let held = &["HALO-DEV-010"][..];
    plain(
        &mut topic,
        &s,
        "stranger",
        held,
        "",
        &[&d1, &s.opens(&s.other, SPACES[0])],
        "accepted held devices=d1",
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "unknown-device",
        held,
        "",
        &[&d1, &s.opens(&s.d2, SPACES[0])],
        "accepted held devices=d1",
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "before-its-device",
        held,
        "",
        &[&s.opens(&s.d1, SPACES[0]), &d1],
        &known(0),
        Some(&d1),
    );
    plain(
        &mut topic,
        &s,
        "stranger-outdates",
        held,
        "a stranger's of a later date",
        &[&d1, &s.opens(&s.d1, SPACES[0]), &later(&s.opens(&s.other, SPACES[1]), 9)],
        "accepted accepted held devices=d1 default=0",
        Some(&d1),
    );
    let about_other = s.opens(&s.d1, SPACES[0]).with(|f| f.subject = Some(s.other.public_key()));
    plain(
        &mut topic,
        &s,
        "about-other",
        &["HALO-DEV-008"],
        "",
        &[&d1, &about_other],
        "accepted refused devices=d1",
        Some(&d1),
    );
    let about_device = s.opens(&s.d1, SPACES[0]).with(|f| f.subject = Some(s.d1.public_key()));
    plain(
        &mut topic,
        &s,
        "about-device",
        &["HALO-DEV-008"],
        "the device instead of the identity",
        &[&d1, &about_device],
        "accepted refused devices=d1",
        Some(&d1),
    );
    for (slug, text) in [
        ("empty", String::new()),
        ("short", "BA25QRC2FEWCSAMRP4RZL65LWJ7352CK".to_owned()),
        ("long", "BA25QRC2FEWCSAMRP4RZL65LWJ7352CKEA".to_owned()),
        ("digit", "BA25QRC2FEWCSAMRP4RZL65LWJ7352CK0".to_owned()),
        ("lower", SPACES[0].to_lowercase()),
    ] {
        plain(
            &mut topic,
            &s,
            slug,
            &["HALO-DEV-009"],
            "no space id",
            &[&d1, &later(&s.opens(&s.d1, &text), 1)],
            "accepted refused devices=d1",
            Some(&d1),
        );
    }
    topic
}
