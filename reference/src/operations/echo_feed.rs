//! Identity, hashing, proofs and verification of feeds.

use std::convert::Infallible;

use serde_json::{Value, json};

use super::input::{Input, block, members, unhex, wrong};
use super::{Answer, Failure};
use crate::echo::{
    self, Data, Node, ProofError, RemoteTree, Replica, Tree, VerifyError, discovery_key, hypercore_key,
};
use crate::keys::{self, Suite, to_hex};

/// The most blocks of a feed that is made for one request.
const MAX_BLOCKS: u64 = 1 << 14;

/// Carries out an operation; `replica` is what its session holds of a feed.
pub(super) fn call(op: &str, input: &Input<'_>, replica: Option<&mut Option<Replica>>) -> Answer {
    let answer = match op {
        "echo.feed.identity" => {
            let key = feed_key(input)?;
            let hypercore = hypercore_key(&key);
            json!({ "hypercore_key": to_hex(&hypercore), "discovery_key": to_hex(&discovery_key(&hypercore)) })
        }
        "echo.tree.hash" => hash(input)?,
        "echo.tree.proof" => tree_proof(input)?,
        "echo.tree.digest" => {
            let known = closed(&input.numbers("known")?);
            let bits = known.nodes().last().map_or(0, |last| (last.index + 1).next_multiple_of(8));
            json!({ "digest": echo::digest(&known, bits, input.number("index")?) })
        }
        "echo.feed.proof" => {
            let feed = Feed::of(&input.object("feed")?)?;
            proof(input, &feed)?
        }
        "echo.feed.verify" => verify(input, replica.ok_or_else(|| wrong("session", "absent"))?)?,
        "echo.feed.reader" => {
            let replica = replica.and_then(|replica| replica.as_ref());
            let replica = replica.ok_or_else(|| wrong("session", "one in which nothing was received"))?;
            json!({
                "length": replica.length(),
                "byte_length": replica.byte_length(),
                "nodes": replica.tree().nodes().map(|node| node.index).collect::<Vec<_>>(),
                "blocks": replica.blocks().map(|(index, block)| json!([index, to_hex(block)])).collect::<Vec<_>>(),
                "signed": replica.signatures().map(|(slot, _)| slot).collect::<Vec<_>>(),
                "equivocation": replica.equivocation(),
            })
        }
        "echo.feed.audit" => {
            let feed = Feed::of(input)?;
            feed.audit()?;
            let size: u64 = feed.blocks.iter().map(|block| block.len() as u64).sum();
            json!({ "length": feed.blocks.len(), "byte_length": size })
        }
        _ => return Err(Failure::Unsupported),
    };
    Ok(members(answer))
}

fn feed_key(input: &Input<'_>) -> Result<Vec<u8>, Failure> {
    let key = input.bytes("key")?;
    require!(ECHO_FEED_001, Suite::of(&key).is_ok(), AuthKey, "the key is not one of a suite")?;
    Ok(key)
}

fn described(node: &Node) -> Value {
    json!([node.index, to_hex(&node.hash), node.size])
}

fn hash(input: &Input<'_>) -> Result<Value, Failure> {
    let tree = Tree::over(blocks(input)?);
    let length = tree.length();
    let roots = tree.roots(length).unwrap_or_default();
    Ok(json!({
        "nodes": tree.nodes().map(described).collect::<Vec<_>>(),
        "roots": roots.iter().map(|root| root.index).collect::<Vec<_>>(),
        "signable": tree.signable(length).as_ref().map(|signable| to_hex(signable)),
    }))
}

fn blocks(input: &Input<'_>) -> Result<Vec<Vec<u8>>, Failure> {
    input.items("blocks")?.iter().map(|item| block("blocks", item)).collect()
}

/// Nodes of which only the places matter; a parent is there where both its children are.
fn closed(indices: &[u64]) -> Tree {
    let mut known = RemoteTree::default();
    indices.iter().for_each(|index| known.insert(*index));
    let mut tree = Tree::default();
    known.nodes().for_each(|index| tree.insert(Node { index, hash: [0; 32], size: 0 }));
    tree
}

fn tree_proof(input: &Input<'_>) -> Result<Value, Failure> {
    let known = match input.optional("length", Input::number)? {
        Some(length) if length <= MAX_BLOCKS => (0..length).map(|index| 2 * index).collect(),
        Some(_) => return Err(wrong("length", "too large")),
        None => input.numbers("known")?,
    };
    let tree = closed(&known);
    let mut remote = RemoteTree::default();
    for earlier in input.optional("earlier", Input::items)?.unwrap_or_default() {
        let earlier = Input(earlier.as_object().ok_or_else(|| wrong("earlier", "not a list of objects"))?);
        echo::places(&tree, earlier.number("index")?, earlier.number("digest")?, false, &mut remote)?;
        alter!(ECHO_PROOF_015, (),
            "what a requester told is forgotten" => remote = RemoteTree::default());
    }
    let (index, digest, hash) = (input.number("index")?, input.number("digest")?, input.flag("hash")?);
    let proof = echo::places(&tree, index, digest, hash, &mut remote)?;
    Ok(json!({
        "nodes": proof.indices,
        "verified_by": proof.verified_by,
        "remote": remote.nodes().collect::<Vec<_>>(),
    }))
}

fn proven<T>(proof: Result<T, ProofError<Infallible>>) -> Result<T, Failure> {
    proof.map_err(|error| match error {
        ProofError::Reject(reject) => Failure::Reject(reject),
        ProofError::Tree(never) => match never {},
    })
}

/// A feed as a request gives it.
struct Feed {
    key: Vec<u8>,
    blocks: Vec<Vec<u8>>,
    /// The length after each append, and the signature made then.
    signed: Vec<(u64, Vec<u8>)>,
    tree: Tree,
}

impl Feed {
    fn of(input: &Input<'_>) -> Result<Self, Failure> {
        let blocks = blocks(input)?;
        let mut length: u64 = 0;
        let mut signed = Vec::new();
        let (appends, signatures) = (input.numbers("appends")?, input.list("signatures")?);
        if appends.len() != signatures.len() {
            return Err(wrong("signatures", "not one for each append"));
        }
        for (size, signature) in appends.into_iter().zip(signatures) {
            length = length.saturating_add(size);
            signed.push((length, signature));
        }
        if length != blocks.len() as u64 {
            return Err(wrong("appends", "not the number of blocks"));
        }
        let tree = Tree::over(&blocks);
        Ok(Self { key: input.bytes("key")?, blocks, signed, tree })
    }

    /// Verifies each signature.
    fn audit(&self) -> Result<(), Failure> {
        for (length, signature) in &self.signed {
            let verified = self
                .tree
                .signable(*length)
                .is_some_and(|signable| keys::verify(&self.key, &signable, signature).is_ok());
            require!(
                ECHO_VER_010,
                verified,
                AuthSignature,
                "a signature does not verify over roots and length"
            )?;
        }
        Ok(())
    }
}

fn proof(input: &Input<'_>, feed: &Feed) -> Result<Value, Failure> {
    let (index, digest, hash) = (input.number("index")?, input.number("digest")?, input.flag("hash")?);
    let proof = proven(echo::prove(&feed.tree, index, digest, hash, &mut RemoteTree::default()))?;
    let mut answer = json!({ "nodes": proof.nodes.iter().map(described).collect::<Vec<_>>() });
    let signature = feed.signed.iter().find(|(length, _)| 2 * length == proof.verified_by);
    if let (Some((_, signature)), Some(members)) = (signature, answer.as_object_mut()) {
        members.insert("signature".to_owned(), to_hex(signature).into());
    }
    Ok(answer)
}

/// `[index, hash, size]`.
fn node(value: &Value) -> Result<Node, Failure> {
    let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let [index, hash, size] = parts else { return Err(wrong("nodes", "not a list of index, hash, size")) };
    let number = |value: &Value| {
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.ok_or_else(|| wrong("nodes", "not a list of index, hash, size"))
    };
    let hash =
        unhex("nodes", hash)?.try_into().map_err(|_| wrong("nodes", "with a hash that is not 32 bytes"))?;
    Ok(Node { index: number(index)?, hash, size: number(size)? })
}

/// What a Data message holds, from its members.
pub(super) fn data(members: &Input<'_>) -> Result<Data, Failure> {
    Ok(Data {
        index: members.number("index")?,
        value: members.optional("value", |members, member| block(member, members.get(member)?))?,
        nodes: members.items("nodes")?.iter().map(node).collect::<Result<_, _>>()?,
        signature: members.optional("signature", Input::bytes)?,
    })
}

fn verify(input: &Input<'_>, replica: &mut Option<Replica>) -> Result<Value, Failure> {
    let replica = match replica {
        Some(replica) => replica,
        None => replica.insert(Replica::new(&feed_key(input)?)),
    };
    let data = data(&input.object("data")?)?;
    let verified = replica.receive(&data).map_err(|error| match error {
        VerifyError::Reject(reject) | VerifyError::Equivocation(reject) => Failure::Reject(reject),
        VerifyError::Tree(never) => match never {},
    })?;
    let mut stored: Vec<u64> = verified.nodes.iter().map(|node| node.index).collect();
    stored.sort_unstable();
    let mut answer = json!({
        "length": replica.length(),
        "byte_length": replica.byte_length(),
        "stored": stored,
    });
    if let Some(members) = answer.as_object_mut() {
        members.extend(verified.offset.map(|offset| ("offset".to_owned(), offset.into())));
        members.extend(verified.signature.map(|(slot, _)| ("slot".to_owned(), slot.into())));
    }
    Ok(answer)
}
