//! Feed messages, timeframes, order of delivery, metadata, batches of the older data plane.

mod decode;
mod encode;
mod faults;
mod metadata;
mod object;
mod order;
mod order_write;
mod timeframe;

use dxos_reference::halo::{Issue, issue};
use dxos_reference::keys::{Suite, to_hex};
use dxos_reference::wire::Writer;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        encode::messages(),
        encode::several(),
        decode::frames(),
        decode::payload(),
        faults::faults(),
        faults::cut(),
        timeframe::construct(),
        timeframe::merge(),
        timeframe::dependencies(),
        timeframe::total(),
        timeframe::new(),
        timeframe::equals(),
        timeframe::without(),
        order::independent(),
        order::causal(),
        order::stalled(),
        order::late(),
        order::cursor(),
        order::processing(),
        order::drawn(),
        order_write::written(),
        metadata::encode(),
        metadata::echo(),
        metadata::large(),
        metadata::damage(),
        metadata::every_byte(),
        object::objects(),
        object::faults(),
    ]
}

/// A message of fields.
fn made(fill: impl FnOnce(&mut Writer) -> &mut Writer) -> Vec<u8> {
    let mut writer = Writer::default();
    fill(&mut writer);
    writer.finish()
}

/// A frame of a timeframe.
fn frame(feed: &[u8], seq: i64) -> Vec<u8> {
    made(|writer| writer.bytes(1, feed).int(3, seq))
}

/// A `TimeframeVector` of frames.
fn vector(frames: &[Vec<u8>]) -> Vec<u8> {
    made(|writer| frames.iter().fold(writer, |writer, frame| writer.bytes(1, frame)))
}

/// A `FeedMessage` of an encoded timeframe and an encoded payload.
fn message(timeframe: &[u8], payload: &[u8]) -> Vec<u8> {
    made(|writer| writer.bytes(1, timeframe).bytes(2, payload))
}

/// A SpaceGenesis credential of a key that the case has for itself.
fn credential(topic: &Topic, slug: &str) -> Vec<u8> {
    let key = topic.key(Suite::P256, slug, "space");
    let space = key.public_key();
    let what = Issue {
        issuer: &space,
        subject: &space,
        assertion_type: "dxos.halo.credentials.SpaceGenesis",
        assertion: &made(|writer| writer.key(1, &space)),
        date: 1_700_000_000_000,
        expiration: None,
        nonce: None,
        parents: Vec::new(),
        chain: None,
    };
    // The generator fails loudly where the case is made: an empty credential is refused.
    issue(&key, &what).unwrap_or_default()
}

/// A payload of a credential.
fn payload_of(credential: &[u8]) -> Vec<u8> {
    made(|writer| writer.bytes(10, &made(|inner| inner.bytes(1, credential))))
}

fn hex(bytes: &[u8]) -> String {
    to_hex(bytes)
}
