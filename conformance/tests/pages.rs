//! The reports that are files: HTML, Markdown, badge, and the comparison.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::collections::BTreeSet;

use dxos_conformance::event::{CaseEvent, Event, Exchange, RunEvent};
use dxos_conformance::implementation::Implementation;
use dxos_conformance::null::Null;
use dxos_conformance::report::annotation::{Annotation, Annotator, Problem, Unannotated};
use dxos_conformance::report::compare::{self, Comparison, Source};
use dxos_conformance::report::html::{self, Sources, comparison};
use dxos_conformance::report::{badge, markdown};
use dxos_conformance::summary::Summary;
use dxos_conformance::verdict::Verdict;
use dxos_vectors::{VectorFile, lock};
use serde_json::{Value, json};
use toy::{Faults, Settings, Toy, book, events, files, toy};

const FAULTS: Faults = Faults {
    wrong_class: true,
    panics_on_sign: true,
    makes_nonsense: true,
    ignores_range: false,
    drops_zeros: false,
    stage_only: false,
    no_make: false,
    unsupported_make: false,
    rejects_leading_zeros: false,
};

fn page(events: &[Event], vectors: &[VectorFile], annotator: &dyn Annotator) -> String {
    let (summary, book) = (Summary::of(events), book());
    html::render(&Sources { summary: &summary, book: &book, vectors, annotator })
}

/// Without the style sheet.
fn body(page: &str) -> &str {
    &page[page.find("<body>").unwrap()..]
}

/// The values of an attribute, in order.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let pattern = format!(" {attribute}=\"");
    page.split(pattern.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Each element is closed in its place, ids are unique, links lead somewhere, and nothing comes from outside.
fn check(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if ["!DOCTYPE", "meta", "br"].contains(&name) => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, [] as [&str; 0]);
    let ids = values(page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    for target in values(page, "href") {
        assert!(unique.contains(target.strip_prefix('#').unwrap()), "{target}");
    }
    for outside in
        ["<script", "<link", "<img", "<iframe", " src=", "url(", "@import", "http:", "https:", " onclick"]
    {
        let text =
            if outside == " on" { values(page, "onclick").is_empty() } else { !page.contains(outside) };
        assert!(text, "{outside}");
    }
    assert!(page.contains("name=\"viewport\"") && page.contains("prefers-color-scheme: dark"));
    let seen = |c: char| c == '\n' || !c.is_control();
    assert!(page.chars().all(seen), "{:?}", page.chars().find(|c| !seen(*c)));
}

#[test]
fn a_page_of_failures() {
    let page = page(&toy(FAULTS), &files(), &Unannotated);
    check(&page);
    insta::assert_snapshot!(body(&page));
}

#[test]
fn a_page_of_success_has_nothing_to_explain() {
    let page = page(&toy(Faults::default()), &files(), &Unannotated);
    check(&page);
    assert!(page.contains("Conformant</p>"), "{page}");
}

#[test]
fn the_same_record_gives_the_same_page() {
    let one = || page(&toy(FAULTS), &files(), &Unannotated);
    assert_eq!(one(), one());
}

#[test]
fn records_that_end_early_make_pages_too() {
    let events = toy(FAULTS);
    for length in 0..=events.len() {
        check(&page(&events[..length], &files(), &Unannotated));
    }
    let probe = events_of(|| Box::new(Null::Constant));
    let page = page(&probe, &files(), &Unannotated);
    check(&page);
    assert!(page.contains("unsupported failed</strong>"), "{page}");
}

#[test]
fn a_sibling_that_is_not_reported_is_named_without_a_link() {
    let chosen = Settings { patterns: &["toy/number/parse/too-big"], ..Settings::default() };
    let page = page(&events(&|| Box::new(Toy(FAULTS)), &chosen), &files(), &Unannotated);
    check(&page);
    assert!(page.contains("<dd>toy/number/parse/plain passes"), "{page}");
}

fn events_of(make: impl Fn() -> Box<dyn Implementation> + Sync) -> Vec<Event> {
    events(&make, &Settings::default())
}

/// What a testee may say to do harm.
const HOSTILE: &str = "<script>alert(1)</script>\"'&\u{1b}[31m\0\u{202e}`` ````\n```\n<script>|@all\r\n# x";

/// A record in which every text from outside is hostile.
fn hostile() -> Vec<Event> {
    let mut events = toy(FAULTS);
    for event in &mut events {
        match event {
            Event::Testee(testee) => {
                testee.implementation.name = HOSTILE.to_owned();
                testee.coarse = vec![HOSTILE.to_owned()];
                testee.features.push(HOSTILE.to_owned());
            }
            Event::Run(run) => run.testee = HOSTILE.to_owned(),
            Event::Case(case) => {
                for text in [&mut case.why, &mut case.got, &mut case.want, &mut case.log] {
                    *text = HOSTILE.to_owned();
                }
                for frame in &mut case.frames {
                    frame.answer = Some(HOSTILE.to_owned());
                }
            }
            _ => {}
        }
    }
    events
}

#[test]
fn what_a_testee_says_is_only_text() {
    let events = hostile();
    let page = page(&events, &files(), &Unannotated);
    check(&page);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;'&amp;␛[31m␀\u{fffd}"), "{page}");

    let text = markdown::render(&Summary::of(&events), &book());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    // Outside of the fenced blocks nothing of it is markup, and no block ends early.
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        match fence {
            Some(end) if line == end => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
            None => {
                assert!(!line.contains("<script") && !line.contains('@') && !line.contains("# x"), "{line}")
            }
        }
    }
    assert_eq!(fence, None);
}

/// Bytes in halves.
struct Halves;

impl Annotator for Halves {
    fn annotate(&self, op: &str, member: &str, bytes: &[u8]) -> Option<Annotation> {
        assert_eq!((op, member), ("toy.read", "bytes"));
        let half = bytes.len() / 2;
        let part = |name: &str, range: std::ops::Range<usize>| Annotation {
            body: range.start + 1..range.end,
            range,
            name: name.to_owned(),
            ty: "toy.Half".to_owned(),
            value: "\u{1}<b>".to_owned(),
            problems: vec![Problem { at: 1, what: "odd".to_owned(), remark: false }],
            ..Annotation::default()
        };
        let children = vec![part("left", 0..half), part("right", half..bytes.len())];
        Some(Annotation { ty: "toy.Whole".to_owned(), children, ..Annotation::plain(bytes.len()) })
    }
}

/// The record of a run in which the case at this index of a file failed, and no other was run.
fn failed(file: &VectorFile, index: usize, with: impl Fn(&mut CaseEvent)) -> Vec<Event> {
    let mut record: Vec<Event> = toy(Faults::default());
    record.retain(|event| !matches!(event, Event::Case(case) if case.id != "toy/number/parse/plain"));
    for event in &mut record {
        let Event::Case(case) = event else { continue };
        case.verdict = Verdict::Fail;
        case.id.clone_from(&file.cases[index].id);
        case.group.clone_from(&file.group);
        case.hash = lock::hash(&file.op, &file.cases[index]);
        with(case);
    }
    record
}

/// A case of bytes that failed, and its sibling.
fn bytes() -> (VectorFile, Vec<Event>) {
    let group = "toy/bytes/read";
    let base: String = (0..120).map(|byte| format!("{byte:02x}")).collect();
    let mut changed = base.clone();
    changed.replace_range(20..22, "ff");
    changed.replace_range(200..204, "");
    let file: VectorFile = serde_json::from_value(json!({
        "$schema": "s", "format": 1, "group": group, "op": "toy.read", "about": "Bytes.",
        "source": { "generator": "hand", "seed": group }, "flags": { "Odd": { "about": "a reader that looks away" } },
        "cases": [
            { "id": format!("{group}/plain"), "req": ["TOY-NUM-001"], "level": "must", "in": { "bytes": base },
              "want": { "ok": {} }, "origin": "hand", "witness": ["other 1"] },
            { "id": format!("{group}/changed"), "req": ["TOY-NUM-002"], "level": "must", "flags": ["Odd"],
              "derive": { "from": format!("{group}/plain"), "patch": [] },
              "in": { "bytes": changed, "now": "7" }, "want": { "reject": "schema.range" }, "origin": "hand",
              "witness": ["other 1"], "dissent": [{ "witness": "third 1", "got": "ok" }] },
        ]
    }))
    .unwrap();
    let record = failed(&file, 1, |case| case.req = vec!["TOY-NUM-002".to_owned()]);
    (file, record)
}

#[test]
fn differing_bytes_are_marked_and_named() {
    let (file, events) = bytes();
    let files = [file];
    let page = page(&events, &files, &Halves);
    check(&page);
    let start = page.find("<div class=\"input\">").unwrap();
    insta::assert_snapshot!(&page[start..start + page[start..].find("</div>").unwrap()]);
}

/// A space of which the testee says something else, and how its answer was recorded.
fn space(answer: &str) -> (VectorFile, Vec<Event>) {
    let group = "halo/space/toy";
    let path = format!("{}/tests/scene/linear.json", env!("CARGO_MANIFEST_DIR"));
    let step: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let file: VectorFile = serde_json::from_value(json!({
        "$schema": "s", "format": 1, "group": group, "op": step["op"], "about": "A space.",
        "source": { "generator": "hand", "seed": group },
        "cases": [{ "id": format!("{group}/linear"), "req": ["TOY-NUM-001"], "level": "must", "in": step["in"],
                    "want": step["want"], "origin": "hand", "witness": ["other 1"] }]
    }))
    .unwrap();
    let record = failed(&file, 0, |case| {
        let answer = Some(answer.to_owned());
        case.frames = vec![Exchange { by: "testee".to_owned(), request: "{}".to_owned(), answer }];
    });
    (file, record)
}

#[test]
fn a_space_is_drawn_with_what_was_answered() {
    let words =
        json!(["accepted", "accepted", "void<b>\u{1b}", "accepted", "accepted", "accepted", "accepted"]);
    let answer = json!({ "ok": { "results": words, "members": [] } }).to_string();
    let (file, events) = space(&answer);
    let drawn = page(&events, &[file], &Unannotated);
    check(&drawn);
    assert_eq!(drawn.matches("<svg").count(), 1);
    assert_eq!(drawn.matches("<g class=\"differs\"").count(), 1);
    assert!(
        drawn.contains(r"wanted accepted, got void&lt;b&gt;\u{1b}")
            && drawn.contains("a ADMIN by #1 (got nothing)")
    );
    // Seven entries of two members each, the key of the space and the rule: nobody reads that.
    assert!(drawn.contains("The input is left out") && !drawn.contains("entries/0"));

    let (file, events) = space(&answer[..60]);
    let cut = page(&events, &[file], &Unannotated);
    check(&cut);
    assert!(cut.contains("The recorded answer is cut") && !cut.contains("<g class=\"differs\""));

    let (mut file, mut events) = space("{\"bug\":{}}");
    file.cases[0].input.as_mut().unwrap().insert("rule".to_owned(), json!(7));
    for event in &mut events {
        let Event::Case(case) = event else { continue };
        case.hash = lock::hash(&file.op, &file.cases[0]);
    }
    let none = page(&events, &[file], &Unannotated);
    check(&none);
    assert!(none.contains("There is no drawing: `rule` is not as the operation wants it."));
}

/// A page of large spaces must still open: some are drawn, the others named.
#[test]
fn so_many_spaces_are_drawn_in_a_page() {
    let (mut file, mut events) = space("{}");
    let template = file.cases[0].clone();
    let place = events.iter().position(|event| matches!(event, Event::Case(_))).unwrap();
    let Event::Case(event) = events.remove(place) else { panic!() };
    file.cases.clear();
    for number in 0..18 {
        let mut case = template.clone();
        case.id = format!("halo/space/toy/{number}");
        let entries = case.input.as_mut().unwrap()["entries"].as_array_mut().unwrap();
        *entries = vec![entries[0].clone(); 250];
        let mut event = event.clone();
        event.id.clone_from(&case.id);
        event.hash = lock::hash(&file.op, &case);
        events.insert(place, Event::Case(event));
        file.cases.push(case);
    }
    let page = page(&events, &[file], &Unannotated);
    check(&page);
    assert_eq!(page.matches("<svg").count(), 16);
    assert_eq!(page.matches("so that this one is not drawn; <code>dxspec show halo/space/toy/").count(), 2);
    assert!(page.len() < 8 << 20, "{}", page.len());
}

#[test]
fn another_case_of_the_same_id_is_not_taken_for_it() {
    let (mut file, events) = bytes();
    assert!(page(&events, &[], &Halves).contains("do not have this case"));
    file.cases[1].input.as_mut().unwrap().insert("now".to_owned(), json!("8"));
    let page = page(&events, &[file], &Halves);
    assert!(page.contains("have another case of this id") && !page.contains("class=\"input\""));
}

#[test]
fn markdown_for_a_comment() {
    insta::assert_snapshot!(markdown::render(&Summary::of(&toy(FAULTS)), &book()));
}

#[test]
fn markdown_has_room_for_other_comments() {
    let mut events = toy(FAULTS);
    let failed = events
        .iter()
        .position(|event| matches!(event, Event::Case(case) if case.scored && case.verdict.is_failure()));
    let failed = events[failed.unwrap()].clone();
    events.splice(4..4, std::iter::repeat_n(failed, 500));
    let text = markdown::render(&Summary::of(&events), &book());
    assert!(text.len() <= markdown::MAX_BYTES, "{}", text.len());
    let shown = text.matches("<details>").count();
    assert!(shown > 20 && text.contains(&format!("{} of them are cut", 503 - shown)), "{shown}");
}

#[test]
fn a_badge_is_red_unless_all_is_well() {
    let of = |events: &[Event]| {
        let badge = badge::render(&Summary::of(events));
        format!(
            "{} {} {}",
            badge["label"].as_str().unwrap(),
            badge["message"].as_str().unwrap(),
            badge["color"].as_str().unwrap()
        )
    };
    assert_eq!(of(&toy(Faults::default())), "toy-core 85.7 % brightgreen", "Ed25519 is not claimed");
    assert_eq!(of(&toy(FAULTS)), "toy-core 42.8 % red");
    let chosen = events(
        &|| Box::new(Toy::default()),
        &Settings { patterns: &["toy/number/parse/plain"], ..Settings::default() },
    );
    assert_eq!(of(&chosen), "toy-core no result red", "a choice of cases is no conformance result");
    assert_eq!(of(&[]), "conformance no result red");
    assert_eq!(of(&toy(FAULTS)[..3]), "toy-core no result red");
    let partial = Settings { partial: true, ..Settings::default() };
    let partial = events(&|| Box::new(Toy(Faults { no_make: true, ..Faults::default() })), &partial);
    assert_eq!(of(&partial), "toy-core 71.4 % red", "of the whole profile, and that is not conformant");
}

fn compared(records: &[(&str, &[Event])], see: impl FnOnce(Comparison<'_>)) {
    let sources: Vec<Source<'_>> = records.iter().map(|(file, events)| Source { file, events }).collect();
    see(Comparison::new(&sources, &book()).unwrap());
}

#[test]
fn testees_side_by_side() {
    let (right, wrong) = (toy(Faults::default()), toy(FAULTS));
    let part = toy(Faults { no_make: true, ..Faults::default() });
    let null = events(&|| Box::new(Null::AcceptAll), &Settings { probes: false, ..Settings::default() });
    compared(
        &[("a/one.jsonl", &right), ("b/one.jsonl", &wrong), ("c/part.jsonl", &part), ("null.jsonl", &null)],
        |comparison| {
            let text = compare::render(&comparison);
            assert!(text.lines().all(|line| line.chars().count() <= compare::WIDTH), "{text}");
            insta::assert_snapshot!("comparison_text", text);
            let page = comparison::render(&comparison);
            check(&page);
            insta::assert_snapshot!("comparison_page", body(&page));
            let document = comparison.to_json();
            assert_eq!(document["testees"][1]["must"]["passed"], 3);
            assert_eq!(
                document["requirements"][1]["cells"][1],
                json!({ "is": "not all passed", "passed": 1, "applicable": 3 })
            );
            assert_eq!(document["requirements"][3]["cells"][2], json!({ "is": "not claimed" }));
        },
    );
}

/// A record with another head.
fn with_run(events: &[Event], change: impl Fn(&mut RunEvent)) -> Vec<Event> {
    let mut events = events.to_vec();
    for event in &mut events {
        if let Event::Run(run) = event {
            change(run);
        }
    }
    events
}

#[test]
fn what_cannot_be_compared_is_refused_or_said() {
    let first = toy(Faults::default());
    let other = with_run(&first, |run| run.profile = "toy-old".into());
    let sources = [Source { file: "a", events: &first }, Source { file: "b", events: &other }];
    let refused = Comparison::new(&sources, &book()).unwrap_err().to_string();
    assert!(refused.contains("a was run against the profile toy-core and b against toy-old"), "{refused}");
    let headless = [Source { file: "c", events: &first[1..] }];
    assert!(Comparison::new(&headless, &book()).unwrap_err().to_string().starts_with("c does not say"));

    let older = with_run(&first, |run| run.suite = "dxspec 0.0.1".into());
    let short = &first[..first.len() - 1];
    compared(&[("a", &first), ("b", &older), ("c", short)], |comparison| {
        assert_eq!(
            comparison.warnings,
            [
                "a and b differ in the suite: dxspec test and dxspec 0.0.1",
                "c is not complete: what was not run does not count as passed",
            ]
        );
        assert!(compare::render(&comparison).contains("warning: a and b differ in the suite"));
    });
}

#[test]
fn each_verdict_has_a_sign_of_its_own() {
    let signs: BTreeSet<char> = Verdict::ALL.iter().map(|verdict| verdict.sign()).collect();
    assert_eq!(signs.len(), 9);
}
