//! Laws of dxRPC: messages, and two peers over a transport that loses nothing and keeps the order.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use dxos_reference::mesh::rpc::{
    Any, Code, Content, Event, Limits, Message, Output, Payload, Peer, Request, RpcError, Settings,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || vec(any::<u8>(), 0..40);
    let text = || proptest::option::of("[A-Z_a-z.]{0,12}");
    prop_oneof![
        (any::<i32>(), "[a-zA-Z.]{0,30}", bytes(), bytes(), any::<bool>()).prop_map(
            |(id, method, url, value, stream)| {
                let payload = Any { type_url: &url, value: &value };
                Message::Request(Request { id, method: &method, payload, stream }).encode()
            }
        ),
        (any::<i32>(), bytes(), bytes()).prop_map(|(id, url, value)| {
            Message::Response { id, content: Content::Payload(Any { type_url: &url, value: &value }) }
                .encode()
        }),
        (any::<i32>(), text(), text()).prop_map(|(id, name, message)| {
            // Some codes are completed when they are written.
            let name = name.filter(|name| !Code::of(name).is_some_and(Code::needs_context));
            Message::Response { id, content: Content::Error(RpcError { name, message, context: None }) }
                .encode()
        }),
        any::<i32>().prop_map(|id| Message::Response { id, content: Content::Close }.encode()),
        any::<i32>().prop_map(|id| Message::Response { id, content: Content::Ready }.encode()),
        any::<i32>().prop_map(|id| Message::StreamClose { id }.encode()),
        Just(Message::Open.encode()),
        Just(Message::OpenAck.encode()),
        Just(Message::Bye.encode()),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(bytes in any_message()) {
        prop_assert_eq!(Message::decode(&bytes).unwrap().encode(), bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(message) = Message::decode(&bytes) {
            let once = message.encode();
            prop_assert_eq!(Message::decode(&once).unwrap().encode(), once);
        }
    }

    #[test]
    fn a_peer_takes_any_messages(
        handshake in any::<bool>(),
        messages in vec(prop_oneof![3 => any_message(), 1 => vec(any::<u8>(), 0..60)], 0..60),
    ) {
        let limits = Limits { requests: 8, streams: 8, message: 100 };
        let mut peer = Peer::new(Settings { handshake, timeout: 10, limits }, 0);
        let mut closed = false;
        for (now, message) in messages.iter().enumerate() {
            peer.receive(message, now as u64);
            peer.tick(now as u64);
            while let Some(output) = peer.poll() {
                prop_assert!(!closed, "something comes after the end: {output:?}");
                closed = matches!(output, Output::Event(Event::Closed));
            }
            prop_assert!(peer.serving().count() <= 16);
        }
    }
}

/// What can be done with two peers.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A message that is under way arrives.
    Deliver(bool),
    Call(bool),
    Stream(bool),
    Cancel(bool, usize),
    Answer(bool, usize),
    Fail(bool, usize),
    Item(bool, usize),
    End(bool, usize),
    Tick(u64),
    Close(bool),
    Abort(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let side = any::<bool>();
    let which = 0usize..8;
    prop_oneof![
        12 => side.prop_map(Step::Deliver),
        6 => side.prop_map(Step::Call),
        3 => side.prop_map(Step::Stream),
        1 => (side, which.clone()).prop_map(|(side, which)| Step::Cancel(side, which)),
        4 => (side, which.clone()).prop_map(|(side, which)| Step::Answer(side, which)),
        2 => (side, which.clone()).prop_map(|(side, which)| Step::Fail(side, which)),
        3 => (side, which.clone()).prop_map(|(side, which)| Step::Item(side, which)),
        2 => (side, which).prop_map(|(side, which)| Step::End(side, which)),
        2 => (1u64..2_000).prop_map(Step::Tick),
        1 => side.prop_map(Step::Close),
        1 => side.prop_map(Step::Abort),
    ]
}

/// One side with what its program knows.
struct Side {
    peer: Peer,
    /// What was asked for, whether it is a stream, and how often it has come to an end.
    asked: BTreeMap<i32, (bool, u32)>,
    cancelled: BTreeSet<i32>,
    /// What this side was asked for, the oldest first.
    serving: Vec<i32>,
    seen: BTreeSet<i32>,
    under_way: VecDeque<Vec<u8>>,
    /// Terminal responses that were sent, by number.
    terminal: BTreeMap<i32, u32>,
    heard_bye: bool,
    closed: bool,
}

impl Side {
    fn new(handshake: bool, now: u64) -> Self {
        let peer = Peer::new(Settings { handshake, ..Settings::default() }, now);
        Self {
            peer,
            asked: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            serving: Vec::new(),
            seen: BTreeSet::new(),
            under_way: VecDeque::new(),
            terminal: BTreeMap::new(),
            heard_bye: false,
            closed: false,
        }
    }

    fn ask(&mut self, stream: bool, now: u64) {
        let payload = Payload::new("a.B", vec![1]);
        let id = if stream {
            self.peer.stream("a.S.W", payload, now)
        } else {
            self.peer.call("a.S.M", payload, now)
        };
        if let Ok(id) = id {
            assert!(self.asked.insert(id, (stream, 0)).is_none(), "the number {id} is used twice");
        }
    }

    fn served(&self, which: usize) -> i32 {
        self.serving.get(which).or_else(|| self.serving.last()).copied().unwrap_or(-7)
    }

    fn drain(&mut self) {
        while let Some(output) = self.peer.poll() {
            assert!(!self.closed, "after the end: {output:?}");
            match output {
                Output::Send(bytes) => {
                    self.under_way.push_back(bytes);
                }
                Output::Event(Event::Request { id, .. }) => {
                    assert!(!self.heard_bye, "a request after bye");
                    assert!(self.seen.insert(id), "the request {id} comes twice");
                    self.serving.push(id);
                }
                Output::Event(Event::Cancelled { id }) => self.serving.retain(|served| *served != id),
                Output::Event(Event::Answer { id, .. }) => {
                    assert!(!self.asked[&id].0);
                    self.ended(id);
                }
                Output::Event(Event::Ended { id, .. }) => {
                    assert!(self.asked[&id].0);
                    self.ended(id);
                }
                Output::Event(Event::Item { id, .. } | Event::Ready { id }) => {
                    assert_eq!(self.asked[&id], (true, 0), "an item behind the end");
                    assert!(!self.cancelled.contains(&id));
                }
                Output::Event(Event::Malformed) => panic!("a peer sends what a peer does not take"),
                Output::Event(Event::Opened) => {}
                Output::Event(Event::Closed) => self.closed = true,
            }
        }
    }

    fn ended(&mut self, id: i32) {
        assert!(!self.cancelled.contains(&id), "{id} was cancelled");
        let ends = &mut self.asked.get_mut(&id).unwrap().1;
        *ends += 1;
        assert_eq!(*ends, 1, "{id} ends twice");
    }
}

fn count_terminal(side: &mut Side, streams: &BTreeMap<i32, (bool, u32)>, bytes: &[u8]) {
    let Ok(Message::Response { id, content }) = Message::decode(bytes) else { return };
    let stream = streams[&id].0;
    let terminal = match content {
        Content::Close | Content::Error(_) => true,
        Content::Payload(_) => !stream,
        Content::Ready | Content::Nothing => false,
    };
    if terminal {
        *side.terminal.entry(id).or_default() += 1;
        assert_eq!(side.terminal[&id], 1, "two terminal responses to {id}");
    } else {
        assert!(!side.terminal.contains_key(&id), "something behind the end of {id}");
    }
}

fn deliver(sides: &mut [Side; 2], to: usize, now: u64) {
    let Some(bytes) = sides[1 - to].under_way.pop_front() else { return };
    let streams = sides[to].asked.clone();
    count_terminal(&mut sides[1 - to], &streams, &bytes);
    let bye = Message::decode(&bytes) == Ok(Message::Bye);
    sides[to].peer.receive(&bytes, now);
    sides[to].drain();
    sides[to].heard_bye |= bye;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3_000 }))]

    /// Whatever is done in whatever order: no end is lost or doubled, and nothing comes after bye.
    #[test]
    fn every_request_ends_once(handshake in any::<bool>(), steps in vec(step(), 0..120)) {
        let mut now = 0;
        let mut sides = [Side::new(handshake, now), Side::new(handshake, now)];
        sides.iter_mut().for_each(Side::drain);
        for step in steps {
            match step {
                Step::Deliver(side) => deliver(&mut sides, usize::from(side), now),
                Step::Call(side) => sides[usize::from(side)].ask(false, now),
                Step::Stream(side) => sides[usize::from(side)].ask(true, now),
                Step::Cancel(side, which) => {
                    let side = &mut sides[usize::from(side)];
                    let running = side.asked.iter().filter(|(id, (stream, ends))| *stream && *ends == 0 && !side.cancelled.contains(id));
                    let id = running.map(|(id, _)| *id).nth(which);
                    if let Some(id) = id {
                        side.cancelled.insert(id);
                        side.peer.cancel(id);
                    }
                }
                Step::Answer(side, which) => {
                    let side = &mut sides[usize::from(side)];
                    let id = side.served(which);
                    side.peer.answer(id, Ok(Payload::empty()));
                }
                Step::Fail(side, which) => {
                    let side = &mut sides[usize::from(side)];
                    let id = side.served(which);
                    side.peer.answer(id, Err(RpcError::code(Code::Cancelled, "no")));
                }
                Step::Item(side, which) => {
                    let side = &mut sides[usize::from(side)];
                    let id = side.served(which);
                    side.peer.item(id, Payload::new("a.C", vec![2]));
                }
                Step::End(side, which) => {
                    let side = &mut sides[usize::from(side)];
                    let id = side.served(which);
                    side.peer.end(id, Ok(()));
                }
                Step::Tick(ms) => {
                    now += ms;
                    sides.iter_mut().for_each(|side| side.peer.tick(now));
                }
                Step::Close(side) => sides[usize::from(side)].peer.close(now),
                Step::Abort(side) => sides[usize::from(side)].peer.abort(),
            }
            sides.iter_mut().for_each(Side::drain);
        }
        // All that is under way arrives, all that is asked for is answered, and time passes.
        for _ in 0..2 {
            while sides.iter().any(|side| !side.under_way.is_empty()) {
                deliver(&mut sides, 0, now);
                deliver(&mut sides, 1, now);
            }
            for side in &mut sides {
                for (id, stream) in side.peer.serving().collect::<Vec<_>>() {
                    let taken = if stream { side.peer.end(id, Ok(())) } else { side.peer.answer(id, Ok(Payload::empty())) };
                    prop_assert!(taken);
                }
                side.drain();
            }
        }
        for side in &mut sides {
            side.peer.tick(now + 1_000_000);
            side.drain();
        }
        let someone_left = sides.iter().any(|side| side.closed);
        for side in &mut sides {
            if someone_left {
                // The transport ends with the connection.
                side.peer.abort();
                side.drain();
            }
            for (id, (_, ends)) in &side.asked {
                prop_assert_eq!(*ends == 1, !side.cancelled.contains(id), "{} has no end", id);
            }
        }
    }
}
