//! What the parser of the book takes, and what it says about the rest.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

use dxos_spec::{Book, Level, Profile, Requirement};
use proptest::prelude::*;

fn parse(text: &str) -> Vec<Requirement> {
    Book::parse([("a.md", text)]).unwrap().requirements().to_vec()
}

fn fault(text: &str) -> String {
    Book::parse([("halo/a.md", text)]).unwrap_err().to_string()
}

#[test]
fn a_requirement_with_its_remarks() {
    let found = parse(
        "# Title\n\n**[HALO-CRED-014]** A verifier MUST reject\na credential whose `proof.type` is *odd*.\n\n\
         > Deployed: accepts it,\n> since [0.8](x.md).\n\n> Excluded: no way to see it.\n\nMore text.\n",
    );
    insta::assert_debug_snapshot!(found, @r#"
    [
        Requirement {
            id: "HALO-CRED-014",
            level: Must,
            text: "A verifier MUST reject a credential whose `proof.type` is odd.",
            deployed: Some(
                "accepts it, since 0.8.",
            ),
            excluded: Some(
                "no way to see it.",
            ),
            chapter: "a.md",
            line: 3,
        },
    ]
    "#);
}

#[test]
fn remarks_may_share_a_quotation_or_follow_without_a_blank_line() {
    let found = parse(
        "**[A-B-001]** It MAY.\n> Deployed: does.\n>\n> Excluded: because\n> of this.\n\n> A quotation.\n",
    );
    assert_eq!(found[0].text, "It MAY.");
    assert_eq!(found[0].deployed.as_deref(), Some("does."));
    assert_eq!(found[0].excluded.as_deref(), Some("because of this."));
}

#[test]
fn the_order_is_that_of_the_summary() {
    let book = Book::parse([
        ("a.md", "# A\n\n**[A-A-001]** MAY"),
        ("SUMMARY.md", "# Summary\n\n- [Z](./z/z.md)\n- [A](a.md)\n"),
        ("b.md", "**[B-B-001]** SHOULD"),
        ("z/z.md", "**[Z-Z-001]** MUST"),
    ])
    .unwrap();
    let ids: Vec<(&str, Level)> = book.requirements().iter().map(|r| (r.id.as_str(), r.level)).collect();
    assert_eq!(ids, [("Z-Z-001", Level::Must), ("A-A-001", Level::May), ("B-B-001", Level::Should)]);
    let titles: Vec<&str> = book.chapters().iter().map(|chapter| chapter.title.as_str()).collect();
    assert_eq!(titles, ["z/z.md", "A", "b.md"]);
}

#[test]
fn an_empty_book_is_a_book() {
    assert!(Book::parse::<&str, &str>([]).unwrap().requirements().is_empty());
}

#[test]
fn code_comments_and_plain_bold_make_no_requirement() {
    let text = "```text\n**[A-B-001]** MUST\n```\n\n<!--\n**[A-B-002]** MUST\n-->\n\n**[link](x.md)** text\n\n\
                **bold** MUST\n\n[A-B-003] is elsewhere.\n\n- see A-B-004\n";
    assert_eq!(parse(text), []);
}

#[test]
fn faults_name_the_place_and_what_to_do() {
    let faults = [
        "\n**[HALO-CRED-14]** It MUST.",
        "**HALO-CRED-014** It MUST.",
        "**[HALO-CRED-014** It MUST.",
        "Text\n**[HALO-CRED-014]** It MUST.",
        "- **[HALO-CRED-014]** It MUST.",
        "* **[HALO-CRED-014]** It MUST.",
        "**[HALO-CRED-014]** It must.",
        "**[HALO-CRED-014]** It MUST.\n\n**[HALO-CRED-014]** It MAY.",
        "Text.\n\n> Deployed: nothing.",
        "**[HALO-CRED-014]** It MUST.\n\nText.\n\n> Excluded: nothing.",
        "**[HALO-CRED-014]** It MUST.\n\n> Deployed: a.\n\n> Deployed: b.",
    ];
    let lines: Vec<String> = faults.iter().map(|text| fault(text)).collect();
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn faults_of_profiles_name_the_file_and_what_to_do() {
    let faults = [
        "name = 'halo'",
        "name = 'echo'\nabout = 'x'\nfeatures_any = []\nrequirements = []",
        "name = 'halo'\nabout = ''\nfeatures_any = []\nrequirements = []",
        "name = 'halo'\nabout = 'x'\nfeatures_any = []\nrequirements = ['HALO-KEY-*']",
        "name = 'halo'\nabout = 'x'\nfeatures_any = []\nrequirements = ['A-B-002', 'A-B-001']",
        "name = 'halo'\nabout = 'x'\nfeatures_any = []\nrequirements = ['A-B-002', 'A-B-002']",
        "name = 'halo'\nabout = 'x'\nfeature_any = []\nrequirements = []",
    ];
    let lines: Vec<String> =
        faults.iter().map(|text| Profile::parse("halo.toml", text).unwrap_err().to_string()).collect();
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in r"([\[\]*>`\\()#! \n-]|\*\*\[A-B-00[1-9]\]\*\*|MUST|Deployed:|é){0,60}") {
        let _ = Book::parse([("a.md", text)]);
    }

    #[test]
    fn every_written_requirement_is_found(numbers in proptest::collection::btree_set(0u32..1000, 0..20)) {
        let text: String = numbers.iter().map(|n| format!("**[A-B-{n:03}]** It MUST.\n\n> Deployed: {n}.\n\n")).collect();
        let found = parse(&text);
        prop_assert_eq!(found.len(), numbers.len());
        for (requirement, number) in found.iter().zip(numbers) {
            prop_assert_eq!(requirement.deployed.clone(), Some(format!("{number}.")));
        }
    }
}
