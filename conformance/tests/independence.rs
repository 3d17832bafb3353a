//! The judge shares no code with the judged.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

use std::process::Command;

#[test]
fn the_suite_links_no_protocol_code() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "dxos-conformance",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && tree.contains("dxos-vectors"), "{tree}");
    let forbidden = ["dxos-reference", "dxos-proto", "prost", "p256", "ring", "ed25519-dalek", "ecdsa"];
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap();
        assert!(!forbidden.contains(&name), "dxos-conformance depends on {name}");
    }
}
