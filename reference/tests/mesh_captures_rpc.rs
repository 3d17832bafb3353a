//! Calls and streams between two deployed peers: every message is read and written as they write it, and a peer whose
//! handlers do the same sends the same.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod capture;

use std::collections::BTreeMap;

use capture::lines;
use dxos_reference::mesh::rpc::{Content, Event, Message, Output, Payload, Peer, Settings};

/// A message that was sent, if the line has one.
fn sent(line: &serde_json::Value) -> Option<(&str, Vec<u8>)> {
    Some((line["dir"].as_str()?, hex::decode(line["hex"].as_str()?).unwrap()))
}

#[test]
fn every_message_is_read_and_written_the_same() {
    let (mut read, mut unreadable) = (0, 0);
    for line in lines("rpc.jsonl.gz") {
        let Some((_, bytes)) = sent(&line) else { continue };
        let place = format!("{} {}", line["session"], line["n"]);
        let Ok(message) = Message::decode(&bytes) else {
            unreadable += 1;
            continue;
        };
        read += 1;
        // Stacks are not kept, and garbage may be readable.
        if !matches!(message, Message::Response { content: Content::Error(_), .. }) {
            assert_eq!(hex::encode(message.encode()), hex::encode(&bytes), "{place}");
        }
    }
    println!("{read} messages, {unreadable} that nobody reads");
    assert!(read > 200);
}

/// What a peer sends while its remote says what was captured of the client, and its handlers do what those of the
/// server did.
#[test]
fn a_peer_sends_what_the_deployed_server_sent() {
    let mut sessions: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for line in lines("rpc.jsonl.gz") {
        sessions.entry(line["session"].as_str().unwrap().to_owned()).or_default().push(line);
    }
    for (session, lines) in sessions {
        let handshake = lines[0]["config"]["handshake"].as_bool().unwrap();
        let mut server = Peer::new(Settings { handshake, ..Settings::default() }, 0);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut requests = 0;
        for line in &lines {
            let Some((direction, bytes)) = sent(line) else { continue };
            let Ok(message) = Message::decode(&bytes) else { continue };
            match (direction, &message) {
                ("A>B", _) => {
                    requests += usize::from(matches!(message, Message::Request(_)));
                    server.receive(&bytes, 0);
                }
                // Deployed peers answer even behind the farewell.
                (_, Message::Response { .. }) if server.is_closed() => {}
                // Some answers to nobody were put in by hand.
                (_, Message::Response { id: 9_999, .. }) => {}
                (_, Message::Response { id, content }) => {
                    theirs.push(message.encode());
                    let id = *id;
                    match content {
                        Content::Payload(any) => {
                            let name = std::str::from_utf8(any.type_url).unwrap();
                            let payload =
                                Payload::new(name.strip_prefix('.').unwrap_or(name), any.value.to_vec());
                            if !server.item(id, payload.clone()) {
                                server.answer(id, Ok(payload));
                            }
                        }
                        Content::Error(error) => drop(server.end(id, Err(error.clone()))),
                        Content::Close => drop(server.end(id, Ok(()))),
                        Content::Ready => drop(server.ready(id)),
                        Content::Nothing => {}
                    }
                }
                _ => {}
            }
            while let Some(output) = server.poll() {
                match output {
                    Output::Send(bytes) => {
                        if matches!(Message::decode(&bytes), Ok(Message::Response { .. })) {
                            ours.push(bytes);
                        }
                    }
                    Output::Event(Event::Request { .. }) => requests -= 1,
                    Output::Event(_) => {}
                }
            }
        }
        assert_eq!(requests, 0, "{session}: a request was not handed to its handler");
        // Who has been told of the end of a stream answers at once, and not after what was being sent.
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{session}");
    }
}
