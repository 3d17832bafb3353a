//! The lock only grows.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

mod fixture;

use dxos_vectors::VectorFile;
use dxos_vectors::lock::{Entry, Lock, LockError, hash};
use fixture::{FILE, file};

fn parsed() -> VectorFile {
    serde_json::from_value(file()).unwrap()
}

fn locked() -> Lock {
    let mut lock = Lock::default();
    assert_eq!(lock.update([&parsed()]), Ok(6));
    lock
}

#[test]
fn the_hash_is_that_of_the_sorted_json_without_what_people_write_beside_it() {
    let mut file = parsed();
    let case = &mut file.cases[4];
    let before = hash(&file.op, case);
    // Were serde_json built with `preserve_order`, keys would keep the order of the types, and all hashes change.
    assert_eq!(before, "d32de4599c126528fb197b1e647719fc288394b828ead071dbb8c809c1544c82");
    case.about = Some("New words.".to_owned());
    case.witness.push("other 1.0".to_owned());
    case.dissent.push(dxos_vectors::Dissent { witness: "third 1.0".to_owned(), got: "bug".to_owned() });
    assert_eq!(hash(&file.op, case), before);
    assert_ne!(hash("halo.credential.decode", case), before);
    case.req.push("HALO-CRED-001".to_owned());
    assert_ne!(hash(&file.op, case), before);
}

#[test]
fn keys_are_sorted() {
    let value: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":{"d":1,"c":2}}"#).unwrap();
    assert_eq!(value.to_string(), r#"{"a":{"c":2,"d":1},"b":1}"#);
}

#[test]
fn a_lock_reads_what_it_writes() {
    let mut lock = locked();
    lock.retire(&lock.entries[2].id.clone()).unwrap();
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock));
    assert_eq!(Lock::parse(""), Ok(Lock::default()));
}

#[test]
fn update_appends_and_never_changes() {
    let mut lock = locked();
    let before = lock.clone();
    let mut file = parsed();
    assert_eq!(lock.update([&file]), Ok(0));
    let mut new = file.cases[0].clone();
    new.id = "halo/credential/verify/basic/new".to_owned();
    file.cases.insert(0, new);
    assert_eq!(lock.update([&file]), Ok(1));
    assert_eq!(lock.entries[..6], before.entries);
    assert_eq!(lock.entries[6].id, file.cases[0].id);

    let after = lock.clone();
    file.cases[1].level = dxos_vectors::Level::May;
    assert_eq!(lock.update([&file]), Err(LockError::Changed { id: file.cases[1].id.clone() }));
    assert_eq!(lock, after);
}

#[test]
fn a_retired_id_is_not_given_out_again() {
    let mut lock = locked();
    let mut file = parsed();
    let id = file.cases[5].id.clone();
    lock.retire(&id).unwrap();
    assert_eq!(lock.retire(&id), Err(LockError::Unknown { id: id.clone() }));
    assert_eq!(lock.update([&file]), Err(LockError::Retired { id }));
    assert_eq!(lock.check([(FILE, &file)]).len(), 1);
    file.cases.pop();
    assert_eq!(lock.check([(FILE, &file)]), []);
}

#[test]
fn check_says_what_is_new_changed_gone_and_retired() {
    let mut lock = locked();
    lock.retire("halo/credential/verify/basic/flipped").unwrap();
    let mut file = parsed();
    file.cases[0].id = "halo/credential/verify/basic/renamed".to_owned();
    file.cases[4].level = dxos_vectors::Level::Must;
    let lines: Vec<String> = lock.check([(FILE, &file)]).iter().map(ToString::to_string).collect();
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn broken_lines_are_named() {
    let good = locked().to_string();
    let lines: Vec<&str> = good.lines().collect();
    let faults = [
        good.replacen(' ', "  ", 1),
        good.replacen('\n', "\n\n", 1),
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        format!("{good}x\n"),
        format!("{good}{}\n", lines[0]),
        format!("{}{} gone\n", good, lines[0].replace("accepted", "other")),
        good.replacen(char::is_numeric, "G", 1),
    ];
    let lines: Vec<String> = faults.iter().map(|text| Lock::parse(text).unwrap_err().to_string()).collect();
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
    let entry = Entry { id: "a/b".to_owned(), hash: "0".repeat(64), retired: true };
    assert_eq!(Lock { entries: vec![entry] }.to_string(), format!("a/b {} retired\n", "0".repeat(64)));
}
