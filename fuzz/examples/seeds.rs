//! Writes `corpus/<target>/` from the vectors: each credential for the targets that read credentials, each
//! presentation for the one that reads presentations, each block with its proof, feeds as they are stored, a space, and
//! each stream of frames and each bitfield.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dxos_fuzz::feeds::{proof_seed, storage_seed};
use dxos_reference::echo::replication::Message;
use dxos_reference::echo::{Data, Node};
use serde_json::Value;

const CREDENTIALS: &[&str] = &["credential_decode", "credential_payload", "credential_verify"];
const PRESENTATIONS: &[&str] = &["presentation_verify"];
const FRAMES: &[&str] = &["echo_frames", "echo_messages", "rpc_message"];
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
                    keep(here, target, &id.replace('/', "-"), &bytes)?;
                    seeds += 1;
                }
            }
            let input =
                |member: &str| case.get("in").and_then(|input| input.get(member)).and_then(Value::as_str);
            if let Some(token) = input("token") {
                keep(here, "kube_token", &id.replace('/', "-"), token.as_bytes())?;
                seeds += 1;
            }
            if let Some(code) = input("code") {
                keep(here, "invitation_code", &id.replace('/', "-"), code.as_bytes())?;
                seeds += 1;
            }
            let messages = invitation_seed(case);
            if messages.len() > 1 {
                keep(here, "invitation_messages", &id.replace('/', "-"), &messages)?;
                seeds += 1;
            }
            if let (Some(key), Some(value)) = (input("key"), input("value")) {
                let document = hex::decode(input("document").unwrap_or_default()).unwrap_or_default();
                let seed = [key.as_bytes(), b"\n", value.as_bytes(), b"\n", &document].concat();
                keep(here, "kube_config", &id.replace('/', "-"), &seed)?;
                seeds += 1;
            }
            for (number, input) in inputs(case).enumerate() {
                let Some(data) = input.get("data").and_then(data) else { continue };
                // The channel is written into the header and not into the body.
                let body = Message::Data(data).encode(1).body;
                keep(here, "echo_proof", &format!("{}-{number}", id.replace('/', "-")), &proof_seed(&body))?;
                seeds += 1;
            }
        }
    }
    for length in [0, 1, 2, 5, 8, 21] {
        keep(here, "echo_storage", &format!("blocks-{length}"), &storage_seed(length))?;
        seeds += 1;
    }
    keep(here, "space_replay", "removals", &dxos_fuzz::space::seed())?;
    seeds += 1;
    println!("{seeds} seeds from {cases} cases");
    Ok(())
}

fn keep(here: &Path, target: &str, name: &str, seed: &[u8]) -> Result<()> {
    let corpus = here.join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    Ok(fs::write(corpus.join(name), seed)?)
}

/// The input of a case, or those of its steps.
fn inputs(case: &Value) -> impl Iterator<Item = &Value> {
    let steps = case.get("steps").and_then(Value::as_array).into_iter().flatten();
    case.get("in").into_iter().chain(steps.filter_map(|step| step.get("in")))
}

/// The messages of a case of invitations, as the target reads them: the method of the invitation, then of each message its
/// method with its connection, its length and its bytes.
fn invitation_seed(case: &Value) -> Vec<u8> {
    let mut seed = Vec::new();
    for input in inputs(case) {
        if let Some(method) = input.pointer("/invitation/auth_method").and_then(Value::as_u64) {
            seed = vec![u8::try_from(method).unwrap_or_default()];
        }
        let Some(message) = input.get("message") else { continue };
        let methods = ["Options", "Introduce", "Authenticate", "Admit"];
        let method = methods.iter().position(|method| message.get("method") == Some(&Value::from(*method)));
        let content = ["request", "response"].iter().find_map(|member| message.get(*member)?.as_str());
        let content = hex::decode(content.unwrap_or_default()).unwrap_or_default();
        let connection = input.get("connection").and_then(Value::as_u64).unwrap_or_default();
        let control = method.unwrap_or_default() | usize::try_from(connection & 3).unwrap_or_default() << 6;
        if let (Ok(control), Ok(length)) = (u8::try_from(control), u8::try_from(content.len())) {
            seed.extend([control, length]);
            seed.extend(content);
        }
    }
    seed
}

/// A block with its proof; none where something is left out or is from an earlier answer.
fn data(value: &Value) -> Option<Data> {
    let bytes = |value: &Value| hex::decode(value.as_str()?).ok();
    let nodes = value.get("nodes")?.as_array()?.iter().map(|node| {
        Some(Node {
            index: node.get(0)?.as_u64()?,
            hash: bytes(node.get(1)?)?.try_into().ok()?,
            size: node.get(2)?.as_u64()?,
        })
    });
    Some(Data {
        index: value.get("index")?.as_u64()?,
        value: value.get("value").and_then(bytes),
        nodes: nodes.collect::<Option<_>>()?,
        signature: value.get("signature").and_then(bytes),
    })
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
