//! `halo.device.replay` by the convergent rule: several statements on one thing, in every order.

use super::super::super::forge::Forge;
use super::super::super::topic::{P256, Topic};
use super::super::wanted::accept_as;
use super::replay::OP;
use super::scene::{Scene, chain, id, later, space};

/// The same credentials in two orders, or more, with one result; all are accepted.
fn orders(
    topic: &mut Topic,
    s: &Scene,
    slug: &str,
    about: &str,
    forges: &[&Forge],
    short: &str,
    own: &Forge,
) {
    let req = &["HALO-DEV-013", "HALO-DEV-015"];
    let words = vec!["accepted"; forges.len()].join(" ");
    let expected = s.wanted(&format!("{words} {short}"), chain(own));
    let credentials: Vec<Vec<u8>> = forges.iter().map(|forge| forge.build()).collect();
    let mut turned = credentials.clone();
    turned.rotate_left(1);
    let reversed: Vec<Vec<u8>> = credentials.iter().rev().cloned().collect();
    let mut all = vec![("", credentials), ("-reversed", reversed)];
    all.extend((forges.len() > 2).then_some(("-turned", turned)));
    for (suffix, credentials) in all {
        let slug = format!("{slug}{suffix}");
        if let Some(case) = accept_as(topic, &slug, req, about, s.input(&credentials), &expected) {
            case.flags = vec!["order".to_owned()];
        }
    }
}

/// The one of two that has the smaller id.
fn smaller<'f>(a: &'f Forge, b: &'f Forge) -> &'f Forge {
    if id(a) < id(b) { a } else { b }
}

pub(super) fn order() -> Topic {
    let about = "Several statements on one thing: which one counts, in every order of arrival.";
    let mut topic = Topic::new("halo/device/replay/order", OP, &[P256], about);
    topic.flag("order", "the result depends on the order of arrival");
    let s = Scene::of(&topic, "order");
    let d1 = s.admits(&s.d1);
    let d2 = s.admits_by(&s.d1, &s.d2);
    let all = "devices=d1,d2";
    orders(&mut topic, &s, "devices", "", &[&d1, &d2], all, &d1);

    let label = |issuer, text: &str, by| later(&s.labels(issuer, &s.d1, Some(text)), by);
    let (phone, laptop) = (label(&s.d1, "Phone", 0), label(&s.identity, "Laptop", 1));
    orders(
        &mut topic,
        &s,
        "profile-later",
        "the later date counts",
        &[&d1, &phone, &laptop],
        "devices=d1 labels=d1:Laptop",
        &d1,
    );
    let (phone, laptop) = (label(&s.d1, "Phone", 1), label(&s.identity, "Laptop", 0));
    orders(
        &mut topic,
        &s,
        "profile-by-device",
        "the device's is the later one",
        &[&d1, &phone, &laptop],
        "devices=d1 labels=d1:Phone",
        &d1,
    );
    let (phone, laptop) = (label(&s.d1, "Phone", 5), label(&s.identity, "Laptop", 5));
    let winner = if id(&phone) < id(&laptop) { "Phone" } else { "Laptop" };
    let tie = "equal dates: the smaller id counts";
    orders(
        &mut topic,
        &s,
        "profile-tie",
        tie,
        &[&d1, &phone, &laptop],
        &format!("devices=d1 labels=d1:{winner}"),
        &d1,
    );
    let names: [String; 4] = ["A", "B", "C", "D"].map(|name| format!("Tie-{name}"));
    let ties: Vec<Forge> = names.iter().map(|name| label(&s.d1, name, 5)).collect();
    let winner = names.iter().zip(&ties).min_by_key(|(_, forge)| id(forge)).map(|(name, _)| name.clone());
    let listed: Vec<&Forge> = [&d1].into_iter().chain(&ties).collect();
    orders(
        &mut topic,
        &s,
        "profile-tie-of-four",
        tie,
        &listed,
        &format!("devices=d1 labels=d1:{}", winner.unwrap_or_default()),
        &d1,
    );
    let far = label(&s.identity, "Far", 4_000_000_000_000);
    orders(
        &mut topic,
        &s,
        "profile-far-future",
        "a date far ahead is a date",
        &[&d1, &phone, &far],
        "devices=d1 labels=d1:Far",
        &d1,
    );

    let again = later(&s.admits_by(&s.d2, &s.d1), 1);
    orders(
        &mut topic,
        &s,
        "chain-later",
        "the own device is authorised twice",
        &[&d1, &d2, &again],
        all,
        &again,
    );
    let early = later(&s.admits_by(&s.d2, &s.d1), -1);
    orders(&mut topic, &s, "chain-earlier", "", &[&d1, &d2, &early], all, &d1);
    // The same payload under another signer would be another proof, and the signer is part of the payload.
    let same = s.admits_by(&s.d2, &s.d1);
    orders(&mut topic, &s, "chain-tie", tie, &[&d1, &d2, &same], all, smaller(&d1, &same));

    let opens = |issuer, number: usize, by| later(&s.opens(issuer, space(number)), by);
    let (first, second) = (opens(&s.identity, 0, 0), opens(&s.d1, 1, 1));
    orders(&mut topic, &s, "default-later", "", &[&d1, &first, &second], "devices=d1 default=1", &d1);
    let (first, second) = (opens(&s.identity, 0, 1), opens(&s.d1, 1, 0));
    orders(&mut topic, &s, "default-by-identity", "", &[&d1, &first, &second], "devices=d1 default=0", &d1);
    let (first, second) = (opens(&s.identity, 0, 0), opens(&s.d1, 1, 0));
    let winner = usize::from(id(&second) < id(&first));
    orders(
        &mut topic,
        &s,
        "default-tie",
        tie,
        &[&d1, &first, &second],
        &format!("devices=d1 default={winner}"),
        &d1,
    );
    topic
}
