//! Making the vectors: deterministic, from the reference, with the witnesses that were recorded.
//!
//! Each case has keys of its own, derived from its id, and signatures are deterministic: adding a case
//! changes no other, and the same sources give the same bytes everywhere.

mod assertion;
mod chain;
mod decode;
mod echo;
mod features;
mod forge;
mod found;
mod free;
mod halo;
mod issue;
mod keys;
mod kube;
mod mesh;
mod payload;
mod payload_free;
mod presentation;
mod scene;
mod signature;
mod steps;
mod topic;
mod verify;

use dxos_reference::keys::Suite;

use crate::format::VectorFile;
use crate::witness::Witness;

/// The reference does not do what the vectors say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cases cannot be made:\n{}", .0.len(), .0.join("\n"))]
pub struct GenerateError(pub Vec<String>);

/// Makes all vector files, by path, with the records of witnesses entered.
///
/// # Errors
/// All cases for which the reference gives another answer than the generator asks for.
pub fn files(witnesses: &[Witness]) -> Result<Vec<VectorFile>, GenerateError> {
    let mut topics = vec![
        keys::hex(),
        keys::multibase32(),
        keys::space_id(),
        keys::identity_did(),
        keys::space_id_parse(),
        keys::identity_did_parse(),
        payload::types(),
        payload::members(),
        payload::presence(),
        payload_free::numbers(),
        payload_free::text(),
        payload_free::order(),
        payload_free::structure(),
        payload_free::wire(),
        payload::dates(),
        payload::timeframes(),
        decode::types(),
        decode::form(),
        decode::faults(),
        decode::depth(),
        decode::id(),
        verify::types(Suite::P256),
        verify::types(Suite::Ed25519),
        verify::tampered(),
        verify::unsigned(),
        signature::signature(),
        signature::keys(),
        verify::missing(),
        verify::time(),
        verify::timeframe(),
        chain::links(Suite::P256),
        chain::links(Suite::Ed25519),
        chain::deep(),
        chain::authority(),
        presentation::payload(),
        presentation::verify(),
        presentation::several(),
        presentation::challenge(),
        issue::credential(),
        issue::members(),
        issue::form(),
        issue::presentation(),
        found::multibase32(),
        found::identity_did(),
        found::decode(),
        found::payload(),
        found::verify(),
        found::issue(),
        found::present(),
    ];
    topics.extend(halo::topics());
    topics.extend(echo::topics());
    topics.extend(mesh::topics());
    topics.extend(kube::topics());
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for topic in topics {
        match topic.finish() {
            Ok(file) => files.push(file),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(GenerateError(problems));
    }
    for file in &mut files {
        let op = file.op.clone();
        for case in &mut file.cases {
            for witness in witnesses {
                witness.enter(&op, case);
            }
        }
    }
    files.sort_by(|a, b| a.group.cmp(&b.group));
    Ok(files)
}
