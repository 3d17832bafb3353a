//! Drawings of spaces.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

use dxos_conformance::protocol::Answer;
use dxos_conformance::scene::{MAX_ENTRIES, MAX_PARENTS, Scene, Signs, Undrawable, recorded};
use dxos_vectors::format::Step;
use dxos_vectors::{Class, Want};
use proptest::prelude::*;
use serde_json::{Value, json};

fn drawn(step: &Step, answer: Option<&Answer>) -> Result<Scene, Undrawable> {
    Scene::of(step, answer, &|_| None)
}

/// A replay of credentials that the deployed packages issued, with what they made of them.
fn deployed(name: &str) -> Step {
    let path = format!("{}/tests/scene/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A field of bytes.
fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(u32::try_from(bytes.len()).unwrap()), bytes.to_vec()].concat()
}

/// A field with an integer.
fn integer(number: u32, value: u32) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn varint(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn key(number: u32, key: &[u8]) -> Vec<u8> {
    field(number, &field(1, key))
}

const SPACE: &str = "S";

/// A key or an id for a name.
fn of(name: &str) -> Vec<u8> {
    name.bytes().chain([0xcc; 31]).collect()
}

fn stated(what: &str) -> (&'static str, Vec<u8>) {
    let member = |role| ("credentials.SpaceMember", [key(1, &of(SPACE)), integer(2, role)].concat());
    match what {
        "GENESIS" => ("credentials.SpaceGenesis", key(1, &of(SPACE))),
        "ADMIN" => member(1),
        "EDITOR" => member(2),
        "READER" => member(3),
        "OWNER" => member(4),
        "REMOVED" => member(5),
        "ELSEWHERE" => ("credentials.SpaceMember", [key(1, &of("x")), integer(2, 1)].concat()),
        "GUEST" => {
            ("credentials.SpaceMember", [key(1, &of(SPACE)), integer(2, 3), key(5, &of("V"))].concat())
        }
        "PROFILE" => ("credentials.MemberProfile", field(3, &field(1, "Łódź <b> \u{202e}x".as_bytes()))),
        "FEED" => ("credentials.AdmittedFeed", [key(1, &of(SPACE)), integer(4, 2)].concat()),
        "INVITE" => ("invitations.DelegateSpaceInvitation", integer(4, 3)),
        "CANCEL" => ("invitations.CancelDelegatedInvitation", key(1, &of("V"))),
        "EPOCH" => ("credentials.Epoch", integer(1, 7)),
        "NEXT" => ("credentials.Epoch", [integer(1, 8), key(2, &of("E"))].concat()),
        "LOST" => ("credentials.Epoch", [integer(1, 9), key(2, &of("?"))].concat()),
        "NAMED" => {
            let profile = field(3, &field(1, b"Bob"));
            ("credentials.SpaceMember", [key(1, &of(SPACE)), integer(2, 2), profile].concat())
        }
        _ => ("credentials.KubeAccess", Vec::new()),
    }
}

/// An entry from `id issuer>subject WHAT ^parents @seconds`.
fn entry(text: &str) -> Value {
    let mut words = text.split(' ');
    let (id, (issuer, subject)) = (words.next().unwrap(), words.next().unwrap().split_once('>').unwrap());
    let (name, value) = stated(words.next().unwrap());
    let mut parents = Vec::new();
    let mut date = 0;
    for word in words {
        match word.split_at(1) {
            ("^", names) => parents.extend(names.split(',').flat_map(|name| key(12, &of(name)))),
            (_, seconds) => date = seconds.parse().unwrap(),
        }
    }
    let any = [field(1, format!("dxos.halo.{name}").as_bytes()), field(2, &value)].concat();
    let claim = [key(1, &of(subject)), field(2, &any)].concat();
    let credential =
        [key(1, &of(id)), key(2, &of(issuer)), field(3, &integer(1, date)), field(10, &claim), parents];
    json!({ "credential": hex(&credential.concat()), "source_feed": hex(&of("feed")) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A replay with its words and members.
fn replay(entries: &[(&str, &str)], members: &[(&str, i64)], heads: &[&str]) -> Step {
    let given: Vec<Value> = entries.iter().map(|(text, _)| entry(text)).collect();
    let words: Vec<&str> = entries.iter().map(|(_, word)| *word).collect();
    let members: Vec<Value> = members.iter().map(|(name, role)| json!([hex(&of(name)), role])).collect();
    let heads: Vec<String> = heads.iter().map(|name| hex(&of(name))).collect();
    let value = json!({
        "op": "halo.space.replay",
        "in": { "space_key": hex(&of(SPACE)), "rule": "convergent", "entries": given },
        "want": { "ok": { "results": words, "members": members, "heads": heads } },
    });
    serde_json::from_value(value).unwrap()
}

/// A removes B, while B makes C a member.
fn fork() -> Step {
    let entries = [
        ("g S>S GENESIS", "accepted"),
        ("o S>a OWNER", "accepted"),
        ("B a>b ADMIN ^o @10", "accepted"),
        ("X a>b REMOVED ^B @20", "accepted"),
        ("Y b>c ADMIN ^B @30", "void"),
        ("Z c>d EDITOR ^Y @40", "void"),
    ];
    replay(&entries, &[("a", 4), ("b", 5)], &["X", "Z"])
}

/// Two branches, one of them long, meet; a third one does not.
fn merge() -> Step {
    let entries = [
        ("g S>S GENESIS", "accepted"),
        ("o S>a OWNER", "accepted"),
        ("F a>feed FEED", "accepted"),
        ("E a>S EPOCH", "accepted"),
        ("B a>b ADMIN ^o", "accepted"),
        ("P a>d READER ^B", "accepted"),
        ("Q b>e EDITOR ^B", "accepted"),
        ("R b>d EDITOR ^Q", "accepted"),
        ("M a>d ADMIN ^P,R", "accepted"),
        ("N b>f ADMIN ^o", "accepted"),
        ("V a>S INVITE", "accepted"),
        ("W a>h GUEST ^M,N", "accepted"),
        ("D d>d PROFILE", "accepted"),
        ("K k>k ACCESS", "accepted"),
    ];
    let members = [("a", 4), ("b", 1), ("d", 1), ("e", 2), ("f", 1), ("h", 3)];
    replay(&entries, &members, &["W"])
}

/// Parents that are not there, a copy, another space, two that name each other, and an entry that nobody can read.
fn held() -> Step {
    let entries = [
        ("g S>S GENESIS", "accepted"),
        ("o S>a OWNER", "accepted"),
        ("H a>b ADMIN ^o,1,2,3", "held"),
        ("I b>c EDITOR ^H", "held"),
        ("U a>q EDITOR ^9", "held"),
        ("o S>a OWNER", "accepted"),
        ("L a>a ELSEWHERE ^o", "refused"),
        ("C a>r EDITOR ^D", "held"),
        ("D a>s EDITOR ^C", "held"),
        ("T a>a CANCEL", "accepted"),
    ];
    let mut step = replay(&entries, &[("a", 4)], &["o"]);
    step.input["entries"].as_array_mut().unwrap().push(json!({ "credential": "00ff" }));
    step
}

fn texts(step: &Step, answer: Option<&Answer>) -> String {
    drawn(step, answer).unwrap().text(Signs::Unicode)
}

#[test]
fn a_linear_space() {
    insta::assert_snapshot!(texts(&deployed("linear"), None));
}

#[test]
fn branches_of_honest_members() {
    insta::assert_snapshot!(texts(&deployed("branches"), None));
}

#[test]
fn a_signature_that_does_not_verify() {
    insta::assert_snapshot!(texts(&deployed("refused"), None));
}

#[test]
fn a_fork_with_a_loss() {
    insta::assert_snapshot!("fork", texts(&fork(), None));
    insta::assert_snapshot!("fork_svg", drawn(&fork(), None).unwrap().svg_file());
}

#[test]
fn branches_that_meet() {
    insta::assert_snapshot!("merge", texts(&merge(), None));
    insta::assert_snapshot!("merge_svg", drawn(&merge(), None).unwrap().svg().into_string());
}

#[test]
fn what_cannot_be_placed() {
    insta::assert_snapshot!("held", texts(&held(), None));
    insta::assert_snapshot!("held_svg", drawn(&held(), None).unwrap().svg().into_string());
}

#[test]
fn a_terminal_without_unicode() {
    let text = drawn(&merge(), None).unwrap().text(Signs::Ascii);
    assert!(text.is_ascii());
    insta::assert_snapshot!(text);
}

#[test]
fn what_was_answered_stands_beside_what_is_wanted() {
    let words = ["accepted", "accepted", "accepted", "accepted", "accepted"];
    let members = [("a", 4), ("b", 1), ("c", 1)].map(|(name, role)| json!([hex(&of(name)), role]));
    let answer =
        json!({ "ok": { "results": words, "members": members, "heads": [hex(&of("X")), hex(&of("Z"))] } });
    let answer = recorded(&answer.to_string()).unwrap();
    insta::assert_snapshot!(texts(&fork(), Some(&answer)));
    let svg = drawn(&fork(), Some(&answer)).unwrap().svg().into_string();
    assert_eq!(svg.matches("<g class=\"differs\"").count(), 2, "{svg}");
}

/// The last one is not taken in, and another answer says otherwise.
#[test]
fn a_credential_that_is_processed() {
    let mut step = fork();
    "halo.space.process".clone_into(&mut step.op);
    let last = step.input["entries"].as_array_mut().unwrap().pop().unwrap();
    step.input.insert("entry".to_owned(), last);
    step.want = Want::Reject(Class::AuthRole);
    let alone = texts(&step, None);
    assert!(alone.contains("c>d EDITOR") && alone.contains("reject auth.role"), "{alone}");
    assert_eq!(
        texts(&step, Some(&Answer::reject(Class::AuthRole, ""))),
        alone.replace("convergent", "convergent, with what was answered where it differs")
    );
    let other = texts(&step, Some(&Answer::reject(Class::StateOrder, "")));
    assert!(other.contains("wanted reject auth.role, got reject state.order"), "{other}");
    let words =
        json!({ "results": ["accepted", "accepted", "accepted", "accepted", "accepted", "accepted"] });
    let taken = texts(&step, Some(&Answer::Ok(words.as_object().unwrap().clone())));
    assert!(taken.contains("wanted reject auth.role, got accepted"), "{taken}");
    assert_eq!(taken.matches("got accepted").count(), 1, "{taken}");
}

/// Epochs follow one another, and members have names.
#[test]
fn epochs_and_names() {
    let entries = [
        ("g S>S GENESIS", "accepted"),
        ("o S>a OWNER", "accepted"),
        ("B a>b NAMED ^o", "accepted"),
        ("E a>S EPOCH", "accepted"),
        ("N a>S NEXT", "accepted"),
        ("L b>S LOST", "held"),
    ];
    let mut step = replay(&entries, &[("a", 4), ("b", 2)], &["B"]);
    let Want::Ok(want) = &mut step.want else { panic!() };
    want.insert("epoch".to_owned(), hex(&of("N")).into());
    want.insert("profiles".to_owned(), json!([[hex(&of("b")), "Bob"]]));
    let answer = json!({ "results": [], "members": [], "epoch": hex(&of("E")), "profiles": [] });
    insta::assert_snapshot!(texts(&step, Some(&Answer::Ok(answer.as_object().unwrap().clone()))));
}

/// A later one that changes nothing does not hide the one that gives the role.
#[test]
fn the_one_that_gives_a_role_is_found() {
    let entries = [
        ("g S>S GENESIS", "accepted"),
        ("o S>a OWNER", "accepted"),
        ("B a>b EDITOR ^o", "accepted"),
        ("C a>b READER ^B", "accepted"),
        ("D a>b EDITOR ^C", "accepted"),
        ("E a>b OWNER ^D", "accepted"),
        ("F a>c EDITOR ^o", "accepted"),
        ("G a>c REMOVED ^F", "void"),
    ];
    let text = texts(&replay(&entries, &[("a", 4), ("b", 2), ("c", 2), ("d", 1)], &["E"]), None);
    assert!(text.contains("a OWNER by #1, b EDITOR by #4, c EDITOR by #6, 64cccc ADMIN\n"), "{text}");
}

#[test]
fn answers_are_read_as_they_were_recorded() {
    let answers = [
        Answer::reject(Class::AuthRole, "no"),
        Answer::Unsupported,
        Answer::Bug { message: "x".to_owned() },
        Answer::Ok(json!({ "results": [] }).as_object().unwrap().clone()),
    ];
    for answer in answers {
        assert_eq!(recorded(&Value::Object(answer.to_json()).to_string()), Some(answer));
    }
    assert_eq!(recorded("{\"ok\":{\"res… (7 more bytes; replay shows all)"), None);
}

/// With ids that are computed, a credential is found whatever it carries; the deployed rule goes by what it carries.
#[test]
fn ids_are_computed_where_somebody_can() {
    let entries =
        [("g S>S GENESIS", "accepted"), ("wrong S>a OWNER", "accepted"), ("B a>b ADMIN ^o", "accepted")];
    let mut step = replay(&entries, &[("a", 4), ("b", 1)], &["B"]);
    let computed = |credential: &[u8]| {
        let carries = |name: &str| credential.starts_with(&key(1, &of(name)));
        Some(if carries("wrong") {
            of("o")
        } else if carries("g") {
            of("g")
        } else {
            of("B")
        })
    };
    let text = |step: &Step| Scene::of(step, None, &computed).unwrap().text(Signs::Unicode);
    assert!(!text(&step).contains("not here"), "{}", text(&step));
    step.input.insert("rule".to_owned(), "deployed-0.8".into());
    assert!(text(&step).contains("after 6fcccc, not here"), "{}", text(&step));
}

#[test]
fn what_is_not_drawn_is_said() {
    let with = |name: &str, value: Value| {
        let mut step = fork();
        step.input.insert(name.to_owned(), value);
        drawn(&step, None).map(|_| ()).unwrap_err().to_string()
    };
    let many = vec![entry("g S>S GENESIS"); 10_000];
    let parents = format!("z a>b ADMIN ^{}", vec!["o"; MAX_PARENTS + 1].join(","));
    let texts = [
        with("space_key", json!("no hex")),
        with("rule", json!(7)),
        with("entries", json!({})),
        with("entries", json!(many)),
        with("entries", json!([entry(&parents)])),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r"
    `space_key` is not as the operation wants it
    `rule` is not as the operation wants it
    `entries` is not as the operation wants it
    10000 entries are too many, the most are 256
    1025 parents are too many, the most are 1024
    ");
    assert!(!Scene::shows(
        &serde_json::from_value(json!({ "op": "halo.key.parse", "in": {}, "want": { "ok": {} } })).unwrap()
    ));
}

/// Each entry has a box and a line of its own.
fn check(scene: &Scene, entries: usize) {
    for signs in [Signs::Unicode, Signs::Ascii] {
        let text = scene.text(signs);
        for line in text.lines() {
            assert!(line.chars().count() <= 100 && line.chars().all(|c| !c.is_control()), "{line}");
        }
        let drawing = text.split("\n\n").nth(1).unwrap_or_default();
        for number in 0..entries {
            let own = drawing.lines().filter(|line| {
                let mut words =
                    line.split(' ').skip_while(|word| !word.starts_with(|c: char| "●○◌✕*o-x!?".contains(c)));
                words.find(|word| !word.is_empty() && word.starts_with('#'))
                    == Some(format!("#{number}").as_str())
            });
            assert_eq!(own.count(), 1, "#{number}\n{text}");
        }
    }
    let svg = scene.svg_file();
    assert!(svg.chars().all(|c| c == '\n' || !c.is_control()));
    assert_eq!(svg.matches("<g ").count(), entries);
    for number in 0..entries {
        assert_eq!(svg.matches(&format!("<title>#{number} ")).count(), 1, "#{number}\n{svg}");
    }
    for unwanted in ["NaN", "inf", "<script", "url(", "onload"] {
        assert!(!svg.replace("information", "").contains(unwanted), "{unwanted}");
    }
}

#[test]
fn as_many_as_are_drawn_are_drawn_soon() {
    let fan: Vec<Value> = (0..MAX_ENTRIES).map(|number| entry(&format!("{number} a>b ADMIN ^0"))).collect();
    let chain: Vec<Value> =
        (0..MAX_ENTRIES).map(|number| entry(&format!("{} a>b ADMIN ^{number}", number + 1))).collect();
    for entries in [fan, chain] {
        let mut step = fork();
        step.input.insert("entries".to_owned(), entries.into());
        let scene = drawn(&step, None).unwrap();
        check(&scene, MAX_ENTRIES);
        assert!(scene.svg().into_string().len() < 400_000);
    }
}

fn any_entry() -> impl Strategy<Value = Value> {
    let name = || prop::sample::select(vec!["S", "a", "b", "c", "0", "1", "2", "3", "4"]);
    let what = prop::sample::select(vec![
        "GENESIS",
        "ADMIN",
        "REMOVED",
        "ELSEWHERE",
        "GUEST",
        "PROFILE",
        "FEED",
        "INVITE",
        "CANCEL",
        "EPOCH",
        "NEXT",
        "LOST",
        "NAMED",
        "OTHER",
    ]);
    let parents = prop::collection::vec(name(), 0..4);
    let whole = (name(), name(), name(), what, parents, 0_u32..3).prop_map(
        |(id, issuer, subject, what, parents, date)| {
            let parents = if parents.is_empty() { String::new() } else { format!(" ^{}", parents.join(",")) };
            entry(&format!("{id} {issuer}>{subject} {what}{parents} @{date}"))
        },
    );
    let bytes =
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| json!({ "credential": hex(&bytes) }));
    let damaged =
        (any_credential(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, value)| {
            let at = at.index(bytes.len());
            bytes[at] = value;
            json!({ "credential": hex(&bytes) })
        });
    let other = prop::sample::select(vec![
        json!(null),
        json!(7),
        json!({}),
        json!({ "credential": [] }),
        json!("00"),
    ]);
    prop_oneof![8 => whole, 1 => bytes, 2 => damaged, 1 => other]
}

fn any_credential() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec!["1 S>a OWNER ^0", "2 a>b GUEST ^1,2", "3 a>S CANCEL", "4 a>a PROFILE"])
        .prop_map(|text| {
            let entry = entry(text);
            let digits = entry["credential"].as_str().unwrap();
            (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect()
        })
}

fn any_words() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "accepted",
        "void",
        "refused",
        "held",
        "failed",
        "endless",
        "\u{1b}[31m<b>",
    ]);
    let member = (prop::sample::select(vec!["S", "a", "b", "zz"]), any::<i64>())
        .prop_map(|(name, role)| json!([hex(&of(name)), role % 7]));
    let odd = prop::sample::select(vec![json!(null), json!([1]), json!(["x", "y"])]);
    let members = prop::collection::vec(prop_oneof![4 => member, 1 => odd], 0..5);
    (prop::collection::vec(word, 0..20), members).prop_map(
        |(words, members)| json!({ "results": words, "members": members, "heads": [hex(&of("1"))] }),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_entries_are_drawn_each_once(
        entries in prop::collection::vec(any_entry(), 0..24),
        want in any_words(),
        got in any_words(),
        rule in prop::sample::select(vec!["convergent", "deployed-0.8", "\u{1b}c"]),
    ) {
        let count = entries.len();
        let step: Step = serde_json::from_value(json!({
            "op": "halo.space.replay",
            "in": { "space_key": hex(&of(SPACE)), "rule": rule, "entries": entries },
            "want": { "ok": want },
        })).unwrap();
        check(&drawn(&step, None).unwrap(), count);
        let answer = Answer::Ok(got.as_object().unwrap().clone());
        check(&drawn(&step, Some(&answer)).unwrap(), count);
    }
}
