//! Each rule of lint, broken once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

mod fixture;

use std::fs;

use fixture::{FILE, file, findings, folder, replace};
use serde_json::{Value, json};

type Spoil = (&'static str, fn(&mut Value));

/// What lint says about the fixture's file after each of these changes.
fn spoiled(changes: &[Spoil]) -> String {
    let mut out = String::new();
    for (name, change) in changes {
        let mut value = file();
        change(&mut value);
        let found = findings(folder(&value).path());
        assert!(!found.is_empty(), "{name} is not found");
        out.push_str(&format!("# {name}\n{found}\n"));
    }
    out
}

#[test]
fn the_fixture_is_clean() {
    assert_eq!(findings(folder(&file()).path()), "");
}

#[test]
fn files() {
    let found = spoiled(&[
        ("format", |v| v["format"] = json!(2)),
        ("unknown key", |v| v["grupp"] = json!("x")),
        ("unknown key of a case", |v| v["cases"][0]["expect"] = json!("x")),
        ("unknown class", |v| v["cases"][1]["want"]["reject"] = json!("auth.sig")),
        ("two answers", |v| v["cases"][1]["want"]["ok"] = json!({ "issuer": "00" })),
        ("group", |v| v["group"] = json!("halo/credential/verify/other")),
        ("schema path", |v| v["$schema"] = json!("../schema/vectors-1.schema.json")),
        ("operation", |v| v["op"] = json!("halo.credential.verifies")),
        ("operation of a step", |v| v["cases"][2]["steps"][0]["op"] = json!("halo.credential.isue")),
        ("about", |v| v["about"] = json!(" ")),
        ("seed", |v| v["source"]["seed"] = json!("")),
        ("unused flag", |v| v["flags"]["Other"] = json!({ "about": "x" })),
        ("unexplained flag", |v| v["flags"]["WrongSigner"]["about"] = json!("")),
        ("no cases", |v| v["cases"] = json!([])),
    ]);
    insta::assert_snapshot!(found);
}

#[test]
fn cases() {
    let found = spoiled(&[
        ("id of another group", |v| v["cases"][0]["id"] = json!("halo/credential/accepted")),
        ("slug", |v| v["cases"][4]["id"] = json!("halo/credential/verify/basic/Twice_x")),
        ("id twice", |v| v["cases"][5]["id"] = v["cases"][4]["id"].clone()),
        ("no requirement", |v| v["cases"][0]["req"] = json!([])),
        ("unknown requirement", |v| v["cases"][0]["req"] = json!(["HALO-CRED-009"])),
        ("requirement twice", |v| v["cases"][0]["req"] = json!(["HALO-CRED-001", "HALO-CRED-001"])),
        ("level", |v| v["cases"][0]["level"] = json!("should")),
        ("feature", |v| v["cases"][4]["features"] = json!(["suite.rsa"])),
        ("flag", |v| v["cases"][4]["flags"] = json!(["Unheard"])),
        ("origin", |v| v["cases"][4]["origin"] = json!("guess")),
        ("empty about", |v| v["cases"][4]["about"] = json!("")),
        ("no witness", |v| v["cases"][4]["witness"] = json!([])),
        ("empty witness", |v| v["cases"][4]["witness"] = json!([""])),
        ("unexplained dissent", |v| {
            v["cases"][0]["dissent"] = json!([{ "witness": "other 1.0", "got": "bug" }])
        }),
        ("dissent of a witness", |v| v["cases"][1]["dissent"][0]["witness"] = json!("dxos-reference")),
        ("form of a dissent", |v| v["cases"][1]["dissent"][0]["got"] = json!("reject auth.sig")),
    ]);
    insta::assert_snapshot!(found);
}

#[test]
fn answers() {
    let found = spoiled(&[
        ("input and steps", |v| v["cases"][0]["steps"] = v["cases"][2]["steps"].clone()),
        ("no answer", |v| drop(v["cases"][0].as_object_mut().unwrap().remove("want"))),
        ("empty ok", |v| v["cases"][0]["want"]["ok"] = json!({})),
        ("reference to a later step", |v| v["cases"][2]["steps"][1]["in"]["credential"]["$step"] = json!(1)),
        ("one alternative", |v| drop(v["cases"][4]["want"]["one_of"].as_array_mut().unwrap().pop())),
        ("same behavior", |v| v["cases"][4]["want"]["one_of"][1]["behavior"] = json!("first-wins")),
        ("alternative without answer", |v| {
            drop(v["cases"][4]["want"]["one_of"][1].as_object_mut().unwrap().remove("reject"))
        }),
        ("alternative with two", |v| v["cases"][4]["want"]["one_of"][1]["ok"] = json!({ "issuer": "00" })),
        ("empty alternative", |v| v["cases"][4]["want"]["one_of"][0]["ok"] = json!({})),
        ("unknown requirement", |v| v["cases"][4]["want"]["one_of"][0]["req"] = json!("HALO-CRED-009")),
        ("underived without reason", |v| drop(v["cases"][5].as_object_mut().unwrap().remove("underived"))),
        ("derived and not", |v| v["cases"][1]["underived"] = json!("because")),
        ("underived accept", |v| v["cases"][0]["underived"] = json!("because")),
        ("sibling later", |v| v["cases"][1]["derive"]["from"] = v["cases"][2]["id"].clone()),
        ("sibling rejected", |v| v["cases"][3]["derive"]["from"] = v["cases"][1]["id"].clone()),
        ("sibling with a feature", |v| drop(v["cases"][1].as_object_mut().unwrap().remove("features"))),
        ("wrong patch", |v| v["cases"][1]["derive"]["patch"][0]["at"] = json!(34)),
        ("patch outside", |v| v["cases"][1]["derive"]["patch"][0]["at"] = json!(340)),
        ("patch of nothing", |v| v["cases"][1]["derive"]["patch"][0]["field"] = json!("credentail")),
        ("shapeless patch", |v| v["cases"][1]["derive"]["patch"][0]["del"] = json!(1)),
        ("no patch", |v| v["cases"][1]["derive"]["patch"] = json!([])),
        ("wrong input", |v| v["cases"][1]["in"]["credential"] = json!("00")),
        ("other steps", |v| v["cases"][3]["steps"][1]["op"] = json!("halo.credential.id")),
    ]);
    insta::assert_snapshot!(found);
}

#[test]
fn scalars() {
    let found = spoiled(&[
        ("upper case", |v| v["cases"][0]["in"]["credential"] = json!("AA")),
        ("odd", |v| v["cases"][4]["in"]["credential"] = json!("aab")),
        ("in a list", |v| v["cases"][4]["in"]["parents"] = json!(["aa", "xy"])),
        ("in an answer", |v| v["cases"][0]["want"]["ok"]["issuer"] = json!("0x04")),
        ("in an alternative", |v| v["cases"][4]["want"]["one_of"][0]["ok"]["issuer"] = json!("0")),
        ("in a step", |v| v["cases"][2]["steps"][1]["want"]["ok"]["issuer"] = json!("q")),
        ("null", |v| v["cases"][4]["in"]["now"] = json!(null)),
        ("float", |v| v["cases"][4]["in"]["proof"] = json!(1.5)),
        ("large", |v| v["cases"][4]["in"]["proof"] = json!(9_007_199_254_740_992_u64)),
        ("time", |v| v["cases"][4]["in"]["now"] = json!("01")),
        ("placeholder", |v| v["cases"][4]["in"]["x"] = json!({ "$any": "text" })),
    ]);
    insta::assert_snapshot!(found);
}

#[test]
fn an_empty_answer_closes_a_session() {
    let mut value = file();
    let steps = value["cases"][2]["steps"].as_array_mut().unwrap();
    steps.push(json!({ "op": "session.close", "in": { "session": "s" }, "want": { "ok": {} } }));
    value["cases"].as_array_mut().unwrap().remove(3);
    assert_eq!(findings(folder(&value).path()), "");
}

#[test]
fn other_forms_and_strange_files() {
    let changes: &[(&str, &str, &str)] = &[
        (FILE, "  \"format\": 1,", "  \"format\":1,"),
        (FILE, "\n", "\r\n"),
        (FILE, "{ \"WrongSigner\"", "{\"WrongSigner\""),
        (FILE, "\"format\": 1,", "\"format\": 1"),
        (FILE, "\"in\": {", "\"in\": { \"credential\": \"00\","),
    ];
    let mut out = String::new();
    for (name, from, to) in changes {
        let folder = folder(&file());
        replace(folder.path(), name, from, to);
        out.push_str(&findings(folder.path()));
    }
    let folder = folder(&file());
    fs::write(folder.path().join("data/.hidden"), "").unwrap();
    fs::write(folder.path().join("data/halo/notes.md"), "").unwrap();
    fs::write(folder.path().join("data/halo/binary.json"), [0xff]).unwrap();
    out.push_str(&findings(folder.path()));
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    fs::remove_dir_all(folder.path().join("schema")).unwrap();
    insta::assert_snapshot!(out);
    let found = findings(folder.path());
    assert!(found.contains("\nschema/vectors-1.schema.json: ") && found.starts_with("data: "), "{found}");
}

#[test]
fn large_files() {
    let mut value = file();
    let mut case = value["cases"][4].clone();
    for number in 0..200 {
        case["id"] = json!(format!("halo/credential/verify/basic/{number}"));
        case["in"]["credential"] = json!("00".repeat(800));
        value["cases"].as_array_mut().unwrap().push(case.clone());
    }
    let found = findings(folder(&value).path());
    assert!(
        found.contains("206 cases; a file has 1 to 200") && found.contains("are more than 262144"),
        "{found}"
    );
}
