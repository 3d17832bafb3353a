//! `dxspec inspect`: what people read about bytes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod support;

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;
use support::{dxspec, ended, run};

/// A claim that holds a bool in a string's place, a key that passes its end, and an unknown field.
const BROKEN: &str = "12030a090752020801fa0602beef";

fn said(arguments: &[&str]) -> String {
    let ran = run(&[&["inspect"], arguments].concat());
    format!("exit {}\n{}{}", ran.code.unwrap(), ran.stdout, ran.stderr)
}

#[test]
fn help_teaches() {
    let mut command = dxspec(&["inspect", "--help"]);
    insta::assert_snapshot!("help", ended(command.env("COLUMNS", "100").output().unwrap()).stdout);
}

#[test]
fn a_credential_that_is_right() {
    insta::assert_snapshot!(said(&["halo/credential/verify/signature/p256-direct"]));
}

#[test]
fn bytes_with_faults() {
    insta::assert_snapshot!(said(&[BROKEN, "--kind", "credential"]));
}

/// A keep-alive, a Have, a Request, a Data without an index, and a frame that is cut short.
const FRAMES: &str = "000313080509170803100018002006041912016109170803";

#[test]
fn frames_of_replication() {
    insta::assert_snapshot!(said(&[FRAMES, "--kind", "frames"]));
}

/// A frame with the number 0, one without a number, and empty data.
const MESSAGE: &str = "0a0c0a050a010418000a030a010412025a00";

#[test]
fn a_feed_message() {
    insta::assert_snapshot!(said(&[MESSAGE, "--kind", "feed-message"]));
}

#[test]
fn a_case_beside_its_sibling() {
    insta::assert_snapshot!("case_of_bytes", said(&["halo/credential/decode/faults/type-as-varint"]));
    insta::assert_snapshot!("case_of_text", said(&["halo/key/parse/hex/prefix-only"]));
}

#[test]
fn mistakes_are_explained() {
    let texts = [
        said(&["zz"]),
        said(&["abc"]),
        said(&[""]),
        said(&["ab", "--kind", "PublicKey"]),
        said(&["ab", "--kind", "nothing-like-it"]),
        said(&["halo/key/parse/hex/prefix-onl"]),
        said(&["no-such-file.bin"]),
        said(&["/dev/null/credential.bin"]),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_file_of_bytes_a_file_of_hex_and_standard_input_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (binary, text) = (folder.path().join("binary"), folder.path().join("text"));
    let bytes: Vec<u8> = BROKEN
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    std::fs::write(&binary, bytes).unwrap();
    std::fs::write(&text, format!("{}\n{}\n", &BROKEN[..10].to_uppercase(), &BROKEN[10..])).unwrap();
    let wanted = said(&[BROKEN]);
    assert_eq!(said(&[binary.to_str().unwrap()]), wanted);
    assert_eq!(said(&[text.to_str().unwrap()]), wanted);

    let mut child = dxspec(&["inspect", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(BROKEN.as_bytes()).unwrap();
    let ran = ended(child.wait_with_output().unwrap());
    assert_eq!(format!("exit {}\n{}", ran.code.unwrap(), ran.stdout), wanted);
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&run(&[&["inspect", "--json"], arguments].concat()).stdout).unwrap()
}

#[test]
fn programs_get_json() {
    let document = json(&[BROKEN, "--kind", "credential"]);
    assert_eq!(document["kind"], "credential");
    assert_eq!(document["problems"][0]["at"], 3);
    assert_eq!(document["tree"]["fields"][0]["name"], "issuer");
    assert_eq!(document["reference"][0]["reject"]["class"], "decode.length");
    assert_eq!(document["reference"][0]["reject"]["requirement"], "HALO-ENC-011");
    assert_eq!(document["reference"][0]["reject"]["at"], 4);

    let document = json(&["halo/credential/decode/faults/type-as-varint"]);
    assert_eq!(document["sibling"], "halo/credential/decode/faults/plain");
    let content = &document["members"][0]["content"];
    assert_eq!(content["type"], "dxos.halo.credentials.Credential");
    // The id differs, and a field is missing where it was.
    assert_eq!(content["differs"][0], serde_json::json!([4, 36]));
    assert_eq!(content["differs"][1], serde_json::json!([303, 303]));
    let whole = json(&["0a021234", "--kind", "dxos.keys.PublicKey"]);
    assert_eq!((&whole["tree"]["value"], &whole["kind"]), (&"1234".into(), &Value::Null));
}

#[test]
fn the_kind_is_found_out() {
    for id in ["halo/credential/verify/signature/p256-direct", "halo/presentation/verify/challenge/answered"]
    {
        let case = json(&[id]);
        let content =
            case["members"].as_array().unwrap().iter().find(|member| member.get("content").is_some());
        let content = &content.unwrap()["content"];
        let found = json(&[content["bytes"].as_str().unwrap()]);
        assert_eq!(found["type"], content["type"]);
        assert!(found["reference"].as_array().unwrap().iter().all(|answer| answer.get("ok").is_some()));
    }
}
