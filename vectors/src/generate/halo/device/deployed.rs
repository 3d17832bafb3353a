//! `halo.device.*` and `halo.profile.replay` by the rule of deployed peers.

use super::super::super::assertion::halo;
use super::super::super::chain::link;
use super::super::super::forge::{CarriedId, Forge};
use super::super::super::topic::{P256, Topic};
use super::super::super::verify::flipped;
use super::super::wanted::accept_as;
use super::scene::{Scene, chain, id, later, space};
use crate::class::Class::StateConflict;

/// The same credential with another issuer, who signs.
fn issued_by(forge: &Forge, key: &dxos_reference::keys::SigningKey) -> Forge {
    forge.with(|f| {
        f.issuer = Some(key.public_key());
        f.signer = Some(key.public_key());
        f.key = key.clone();
    })
}

fn with_id(forge: &Forge, id: &[u8]) -> Forge {
    forge.with(|f| f.id = CarriedId::Bytes(id.to_vec()))
}

pub(super) fn devices() -> Topic {
    let about = "What deployed peers derive about devices, with what it depends on.";
    let mut topic = Topic::new("halo/device/replay/deployed", "halo.device.replay", &[P256], about);
    let s = Scene::deployed(&topic, "deployed");
    let mut add =
        |slug: &str, req: &[&str], about: &str, forges: &[&Forge], short: &str, own: Option<String>| {
            let credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
            accept_as(&mut topic, slug, req, about, s.input(&credentials), &s.wanted(short, own));
        };
    let (d1, d2) = (s.admits(&s.d1), s.admits_by(&s.d1, &s.d2));
    let devices = &["HALO-DEV-021"][..];
    let chains = &["HALO-DEV-022"][..];
    let own = || chain(&d1);
    add("one", devices, "", &[&d1], "accepted devices=d1", own());
    add("two", devices, "", &[&d1, &d2], "accepted accepted devices=d1,d2", own());
    let stranger = issued_by(&s.admits(&s.d2), &s.other);
    let foreign = link(&s.other, &s.d2);
    let subject = s.admits(&s.d2).with(|f| f.subject = Some(s.d3.public_key()));
    add(
        "stranger",
        devices,
        "a stranger's device counts",
        &[&d1, &stranger],
        "accepted accepted devices=d1,d2",
        own(),
    );
    add("other-identity", devices, "", &[&d1, &foreign], "accepted accepted devices=d1,d2", own());
    let named = issued_by(&foreign, &s.identity);
    add("for-other-identity", devices, "", &[&d1, &named], "accepted accepted devices=d1,d2", own());
    add(
        "other-subject",
        devices,
        "the device that is named counts",
        &[&d1, &subject],
        "accepted accepted devices=d1,d2",
        own(),
    );
    let own_by_stranger = issued_by(&d1, &s.other);
    add(
        "chain-of-stranger",
        chains,
        "the own device counts and has no chain",
        &[&own_by_stranger],
        "accepted devices=d1",
        None,
    );
    add(
        "chain-kept-beside-a-stranger",
        chains,
        "",
        &[&d1, &own_by_stranger],
        "accepted accepted devices=d1",
        own(),
    );
    let again = s.admits_by(&s.d2, &s.d1);
    let earlier = later(&again, -1000);
    add(
        "chain-last",
        chains,
        "",
        &[&d1, &d2, &again],
        "accepted accepted accepted devices=d1,d2",
        chain(&again),
    );
    add(
        "chain-last-other-order",
        chains,
        "",
        &[&again, &d2, &d1],
        "accepted accepted accepted devices=d1,d2",
        own(),
    );
    add(
        "chain-earlier-date",
        chains,
        "dates do not matter",
        &[&d1, &d2, &earlier],
        "accepted accepted accepted devices=d1,d2",
        chain(&earlier),
    );

    let profile = &["HALO-DEV-023"][..];
    let label = |issuer, text: &str, by| later(&s.labels(issuer, &s.d1, Some(text)), by);
    let phone = label(&s.d1, "Phone", 1);
    let laptop = label(&s.identity, "Laptop", 0);
    add("profile", profile, "", &[&d1, &phone], "accepted accepted devices=d1 labels=d1:Phone", own());
    add(
        "profile-last",
        profile,
        "",
        &[&d1, &phone, &laptop],
        "accepted accepted accepted devices=d1 labels=d1:Laptop",
        own(),
    );
    add(
        "profile-last-other-order",
        profile,
        "",
        &[&d1, &laptop, &phone],
        "accepted accepted accepted devices=d1 labels=d1:Phone",
        own(),
    );
    add(
        "profile-stranger",
        profile,
        "anybody names a device",
        &[&d1, &phone, &label(&s.other, "Mine", 0)],
        "accepted accepted accepted devices=d1 labels=d1:Mine",
        own(),
    );
    add(
        "profile-dropped",
        profile,
        "",
        &[&d1, &phone, &s.labels(&s.d1, &s.d1, None)],
        "accepted accepted accepted devices=d1",
        own(),
    );
    add("profile-unknown", profile, "the process of a deployed peer ends", &[&phone], "failed", None);
    add(
        "profile-before",
        profile,
        "the profile is lost",
        &[&phone, &d1],
        "failed accepted devices=d1",
        own(),
    );
    add(
        "profile-after-another",
        profile,
        "",
        &[&d1, &s.labels(&s.d2, &s.d2, Some("Tablet")), &d2],
        "accepted failed accepted devices=d1,d2",
        own(),
    );
    add(
        "admitted-again",
        profile,
        "a device that is admitted again keeps its profile",
        &[&d1, &phone, &again],
        "accepted accepted accepted devices=d1 labels=d1:Phone",
        chain(&again),
    );

    let ids = &["HALO-DEV-020"][..];
    add("twice", ids, "", &[&d1, &d1], "accepted accepted devices=d1", own());
    add(
        "same-id",
        ids,
        "the second of two with one id has no effect",
        &[&d1, &with_id(&d2, &id(&d1))],
        "accepted accepted devices=d1",
        own(),
    );
    let note = Forge::new(&s.other, &s.d1.public_key(), halo!("KeyInfo"), vec![0x0a, 0x01, b'k']);
    add(
        "taken-id",
        ids,
        "a stranger's note keeps the device out",
        &[&with_id(&note, &id(&d1)), &d1],
        "accepted accepted",
        None,
    );
    add(
        "failed-again",
        ids,
        "what failed is not tried again",
        &[&phone, &d1, &phone],
        "failed accepted accepted devices=d1",
        own(),
    );
    let (first, last) = (with_id(&d1, &[7; 32]), d1.clone());
    add(
        "two-ids",
        ids,
        "one credential under two ids",
        &[&last, &first],
        "accepted accepted devices=d1",
        Some("07".repeat(32)),
    );
    let absent = |forge: &Forge| forge.with(|f| f.id = CarriedId::Absent);
    add(
        "no-ids",
        ids,
        "each is processed",
        &[&d1, &absent(&phone), &absent(&laptop), &absent(&phone)],
        "accepted accepted accepted accepted devices=d1 labels=d1:Phone",
        own(),
    );
    let forged = d1.build_with(&flipped(d1.signature(), 3, 1));
    accept_as(
        &mut topic,
        "forged-first",
        ids,
        "a forgery keeps the genuine credential out",
        s.input(&[forged, d1.build()]),
        &s.wanted("refused accepted", None),
    );

    let mut opens = |slug: &str, about: &str, forges: &[&Forge], short: &str, own: Option<String>| {
        let credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
        accept_as(&mut topic, slug, &["HALO-DEV-024"], about, s.input(&credentials), &s.wanted(short, own));
    };
    let open = |issuer, number: usize, by| later(&s.opens(issuer, space(number)), by);
    opens("default", "", &[&d1, &open(&s.d1, 0, 0)], "accepted accepted devices=d1 default=0", own());
    opens(
        "default-last",
        "",
        &[&open(&s.identity, 0, 9), &open(&s.identity, 1, 0)],
        "accepted accepted default=1",
        None,
    );
    opens(
        "default-stranger",
        "anybody names it",
        &[&open(&s.identity, 0, 0), &open(&s.other, 1, 0)],
        "accepted accepted default=1",
        None,
    );
    let about_other = open(&s.identity, 1, 0).with(|f| f.subject = Some(s.other.public_key()));
    opens(
        "default-about-other",
        "",
        &[&open(&s.identity, 0, 0), &about_other],
        "accepted accepted default=0",
        None,
    );
    let text = |text: &str| s.opens(&s.identity, text);
    let lax = "B00000000000000000000000000000000";
    opens(
        "default-no-base32",
        "33 characters will do",
        &[&text(lax)],
        &format!("accepted default={lax}"),
        None,
    );
    opens(
        "default-short",
        "",
        &[&open(&s.identity, 0, 0), &text("BA25")],
        "accepted accepted default=0",
        None,
    );
    opens(
        "default-other-multibase",
        "",
        &[&open(&s.identity, 0, 0), &text("ZA25QRC2FEWCSAMRP4RZL65LWJ7352CKE")],
        "accepted accepted default=0",
        None,
    );
    topic
}

pub(super) fn refused() -> Topic {
    let about = "What fails with deployed peers.";
    let mut topic = Topic::new("halo/device/process/deployed", "halo.device.process", &[P256], about);
    let s = Scene::deployed(&topic, "deployed");
    let (d1, phone) = (s.admits(&s.d1).build(), s.labels(&s.d1, &s.d1, Some("Phone")).build());
    let tablet = s.labels(&s.d2, &s.d2, Some("Tablet")).build();
    let req = &["HALO-DEV-023"];
    topic.accept("profile", req, "", s.asking(std::slice::from_ref(&d1), &phone));
    topic.reject("profile-unknown", "profile", req, StateConflict, "", s.asking(&[d1], &tablet));
    topic.reject("profile-first", "profile", req, StateConflict, "", s.asking(&[], &phone));
    topic
}

pub(super) fn names() -> Topic {
    let about = "What deployed peers derive about the profile of an identity.";
    let mut topic = Topic::new("halo/profile/replay/deployed", "halo.profile.replay", &[P256], about);
    let s = Scene::deployed(&topic, "deployed");
    let name = |name: &str, by| later(&s.names(&s.identity, &s.identity, Some(name)), by);
    let (bob, rob) = (name("Bob", 0), name("Rob", 9));
    let stranger = s.names(&s.other, &s.identity, Some("Mallory"));
    let about_other = s.names(&s.identity, &s.other, Some("Other"));
    let none = s.names(&s.identity, &s.identity, None);
    let cases: Vec<(&str, &str, Vec<&Forge>, &str)> = vec![
        ("one", "", vec![&bob], "accepted name=Bob"),
        ("last", "", vec![&bob, &rob], "accepted accepted name=Rob"),
        ("last-other-order", "dates do not matter", vec![&rob, &bob], "accepted accepted name=Bob"),
        ("stranger", "left out of account", vec![&bob, &stranger], "accepted accepted name=Bob"),
        ("about-other", "", vec![&bob, &about_other], "accepted accepted name=Bob"),
        ("dropped", "", vec![&bob, &none], "accepted accepted"),
    ];
    for (slug, about, forges, short) in cases {
        let credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
        accept_as(&mut topic, slug, &["HALO-PROF-010"], about, s.input(&credentials), &s.named(short));
    }
    topic
}
