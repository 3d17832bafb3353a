//! Writes `corpus/<target>/` from the vectors: each credential for the targets that read credentials, each
//! presentation for the one that reads presentations, each stream of frames and each bitfield.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

const CREDENTIALS: &[&str] = &["credential_decode", "credential_payload", "credential_verify"];
const PRESENTATIONS: &[&str] = &["presentation_verify"];
const FRAMES: &[&str] = &["echo_frames", "echo_messages"];
const BITFIELDS: &[&str] = &["echo_bitfield"];

fn main() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    find(&here.join("../vectors/data"), &mut files)?;
    let (mut cases, mut seeds) = (0, 0);
    for path in files {
        let file: Value = serde_json::from_slice(&fs::read(&path)?)?;
        for case in file.get("cases").and_then(Value::as_array).into_iter().flatten() {
            cases += 1;
            let Some(id) = case.get("id").and_then(Value::as_str) else { continue };
            let kinds = [
                ("credential", CREDENTIALS),
                ("presentation", PRESENTATIONS),
                ("bytes", FRAMES),
                ("bitfield", BITFIELDS),
            ];
            for (member, targets) in kinds {
                let input = case.get("in").and_then(|input| input.get(member));
                // Steps refer to answers of earlier ones: only inputs that are given have bytes.
                let Some(text) = input.and_then(Value::as_str) else { continue };
                let bytes = hex::decode(text).with_context(|| format!("{id}: {member}"))?;
                for target in targets {
                    let corpus = here.join("corpus").join(target);
                    fs::create_dir_all(&corpus)?;
                    fs::write(corpus.join(id.replace('/', "-")), &bytes)?;
                    seeds += 1;
                }
            }
        }
    }
    println!("{seeds} seeds from {cases} cases");
    Ok(())
}

/// All JSON files in a folder and those below it.
fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}
