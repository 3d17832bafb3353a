//! Messages of another server that are not as they must be.

use serde_json::json;

use super::super::super::topic::Topic;
use super::scene::{
    FEATURES, Play, answer, answer_subject, available, back, foreign_back, host, left, message, peer,
    peer_event, peer_subject, swarm_subject, topic,
};
use crate::class::Class::{self, CanonForm, DecodeWireType, ResourceCount, SchemaConstraint};

pub(super) fn refused() -> Topic {
    let about = "A server that is not one of ours says what it must not.";
    let mut cases = Topic::new("kube/federation/refused", "kube.federation.publish", FEATURES, about);
    let (t, p) = (topic(1), peer);
    let say = |subject: &str, payload: &[u8]| {
        Play::new(1).join(0, "a", &t, &p(1)).subscribe(0, "b", &p(1)).publish(subject, payload)
    };
    let subject = swarm_subject(&t);

    let good = available(&p(2), Some(60_000), None);
    cases.steps("announced", &["KUBE-FED-018", "KUBE-FED-008"], "", say(&subject, &good).asks());
    let mut reject = |slug: &str, from: &str, req: &str, class: Class, subject: &str, payload: &[u8]| {
        let play = say(subject, payload).rejected(class);
        cases.steps_reject(slug, from, &[req], "", play.asks());
    };
    let (stem, sender) = subject.rsplit_once('.').unwrap_or_default();
    let as_sender = |sender: &str| format!("{stem}.{sender}");
    let form = "KUBE-FED-007";
    reject("sender-in-capitals", "announced", form, CanonForm, &as_sender(&sender.to_uppercase()), &good);
    reject(
        "short-sender",
        "announced",
        form,
        CanonForm,
        &as_sender(sender.get(2..).unwrap_or_default()),
        &good,
    );
    reject("long-sender", "announced", form, CanonForm, &as_sender(&format!("{sender}f0")), &good);
    reject(
        "sender-of-other-letters",
        "announced",
        form,
        CanonForm,
        &as_sender(&sender.replace('f', "g")),
        &good,
    );
    let cut = good.get(..good.len() - 1).unwrap_or_default();
    reject("cut-short", "announced", form, DecodeWireType, &subject, cut);
    reject("empty", "announced", form, DecodeWireType, &subject, &[]);
    reject("no-event", "announced", form, DecodeWireType, &subject, &[0x18, 0x01]);
    let key = "KUBE-FED-008";
    reject("key-empty", "announced", key, SchemaConstraint, &subject, &available(&[], Some(60_000), None));
    reject(
        "key-of-129-bytes",
        "announced",
        key,
        SchemaConstraint,
        &subject,
        &available(&[4; 129], Some(60_000), None),
    );
    let empty = left(&[]);
    reject("left-key-empty", "announced", key, SchemaConstraint, &subject, &empty);
    cases.steps(
        "key-of-128-bytes",
        &[key],
        "",
        say(&subject, &available(&[4; 128], Some(60_000), None)).asks(),
    );

    let asking = |back: Vec<u8>| available(&p(2), Some(60_000), Some(back));
    cases.steps(
        "asked",
        &["KUBE-FED-007", "KUBE-FED-012", "KUBE-FED-013"],
        "",
        say(&subject, &asking(foreign_back(1))).asks(),
    );
    let mut reject = |slug: &str, from: &str, req: &str, class: Class, subject: &str, payload: &[u8]| {
        let play = say(subject, payload).rejected(class);
        cases.steps_reject(slug, from, &[req], "", play.asks());
    };
    let for_another = asking(back(&host(7), 1));
    reject("asked-for-another", "asked", "KUBE-FED-013", SchemaConstraint, &subject, &for_another);
    let for_us = asking(back(&host(0), 1));
    reject("asked-for-the-one-asked", "asked", "KUBE-FED-013", SchemaConstraint, &subject, &for_us);
    let short = foreign_back(1).get(..16).map(<[u8]>::to_vec).unwrap_or_default();
    reject("asked-without-a-number", "asked", form, SchemaConstraint, &subject, &asking(short));
    let long = [foreign_back(1), vec![0]].concat();
    reject("asked-with-a-longer-number", "asked", form, SchemaConstraint, &subject, &asking(long));

    let to_us = answer_subject(1);
    let told = answer(&t, &p(2));
    cases.steps("answered", &["KUBE-FED-014", "KUBE-FED-018"], "", say(&to_us, &told).asks());
    let mut reject = |slug: &str, from: &str, req: &str, class: Class, subject: &str, payload: &[u8]| {
        let play = say(subject, payload).rejected(class);
        cases.steps_reject(slug, from, &[req], "", play.asks());
    };
    reject("answer-empty", "answered", form, DecodeWireType, &to_us, &[]);
    let cut = told.get(..told.len() - 1).unwrap_or_default();
    reject("answer-cut-short", "answered", form, DecodeWireType, &to_us, cut);
    reject("answer-without-a-key", "answered", key, SchemaConstraint, &to_us, &answer(&t, &[]));
    let short_round = to_us.replace("0000000000000001", "01");
    reject("answer-to-a-short-number", "answered", form, CanonForm, &short_round, &told);

    let inbox = peer_subject(&p(1));
    let event = |recipient: &[u8]| peer_event(&message(&p(2), recipient, "hello"));
    cases.steps("message", &["KUBE-FED-033", "KUBE-FED-034"], "", say(&inbox, &event(&p(1))).asks());
    let mut reject = |slug: &str, from: &str, req: &str, class: Class, subject: &str, payload: &[u8]| {
        let play = say(subject, payload).rejected(class);
        cases.steps_reject(slug, from, &[req], "", play.asks());
    };
    reject("message-for-another", "message", "KUBE-FED-034", SchemaConstraint, &inbox, &event(&p(3)));
    let good = event(&p(1));
    let cut = good.get(..good.len() - 1).unwrap_or_default();
    reject("message-cut-short", "message", form, DecodeWireType, &inbox, cut);
    reject("message-empty", "message", form, DecodeWireType, &inbox, &[]);
    let long = [good, vec![0]].concat();
    reject("message-with-more", "message", form, DecodeWireType, &inbox, &long);

    let bounded = |last: u8| {
        let play = Play::with(1, json!({ "members": 2 })).join(0, "a", &t, &p(1));
        let known = |number: u8| available(&p(number), Some(60_000), None);
        play.publish(&subject, &known(2)).publish(&subject, &known(3)).publish(&subject, &known(last))
    };
    let req = ["KUBE-FED-022"];
    cases.steps("as-many-as-may-be", &req, "one of them is announced again", bounded(3).asks());
    let play = bounded(4).rejected(ResourceCount);
    cases.steps_reject("too-many", "as-many-as-may-be", &req, "", play.asks());
    cases
}
