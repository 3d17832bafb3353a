//! Laws of a signal server, under any interleaving of joins, leaves, losses and messages on several sockets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dxos_proto::dxos::mesh::signal::{JoinRequest, Message};
use dxos_proto::prost::Message as _;
use dxos_reference::kube::signal::{
    Board, CloseReason, Counters, Full, Item, Limits, Sink, SocketId, StreamId,
};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    Ready,
    Available(u8),
    Left(u8),
    Message(u8, u8, u32),
}

/// One stream of a client; `room` items fit in.
#[derive(Clone, Debug)]
struct Line {
    heard: Rc<RefCell<Vec<Heard>>>,
    closed: Rc<Cell<bool>>,
    room: usize,
}

impl Sink for Line {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        let mut heard = self.heard.borrow_mut();
        if heard.len() >= self.room {
            return Err(Full);
        }
        heard.push(match item {
            Item::Ready => Heard::Ready,
            Item::Available { peer, .. } => Heard::Available(peer[0]),
            Item::Left { peer } => Heard::Left(peer[0]),
            Item::Message(bytes) => {
                let message = Message::decode(bytes).unwrap();
                let value = message.payload.unwrap().value;
                let number = u32::from_be_bytes(value.try_into().unwrap());
                Heard::Message(message.author[0], message.recipient[0], number)
            }
        });
        Ok(())
    }

    fn close(&self, _: CloseReason) {
        self.closed.set(true);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Join { socket: usize, topic: u8, peer: u8 },
    Subscribe { socket: usize, peer: u8 },
    Leave { stream: usize },
    Drop { socket: usize },
    Send { socket: usize, author: u8, recipient: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let (socket, key) = (|| 0..4usize, || 1..5u8);
    prop_oneof![
        4 => (socket(), 1..3u8, key()).prop_map(|(socket, topic, peer)| Step::Join { socket, topic, peer }),
        3 => (socket(), key()).prop_map(|(socket, peer)| Step::Subscribe { socket, peer }),
        3 => (0..40usize).prop_map(|stream| Step::Leave { stream }),
        1 => socket().prop_map(|socket| Step::Drop { socket }),
        5 => (socket(), key(), key())
            .prop_map(|(socket, author, recipient)| Step::Send { socket, author, recipient }),
    ]
}

/// What a stream is for, and what a naive server would have let it hear.
#[derive(Debug)]
struct Stream {
    id: StreamId,
    socket: SocketId,
    line: Line,
    topic: Option<u8>,
    peer: u8,
    open: bool,
    /// The peers that are there, as told so far.
    known: BTreeSet<u8>,
    read: usize,
    messages: Vec<Heard>,
}

#[derive(Debug, Default)]
struct Model {
    streams: Vec<Stream>,
    /// How often a peer was said to have left, by topic and peer, against how often it has.
    sent: u32,
}

impl Model {
    fn present(&self, topic: u8) -> BTreeSet<u8> {
        self.streams.iter().filter(|one| one.open && one.topic == Some(topic)).map(|one| one.peer).collect()
    }

    /// Takes what each stream has heard, and compares the members of its swarm.
    fn check(&mut self) {
        let present: BTreeMap<u8, BTreeSet<u8>> = [1, 2].map(|topic| (topic, self.present(topic))).into();
        for stream in &mut self.streams {
            let heard = stream.line.heard.borrow();
            let news = &heard[stream.read..];
            assert!(stream.open || news.is_empty(), "a stream that has ended hears {news:?}");
            for item in news {
                match item {
                    Heard::Ready => assert_eq!(stream.read, 0, "ready comes once, and first"),
                    Heard::Available(peer) => {
                        assert!(
                            *peer != stream.peer && stream.known.insert(*peer),
                            "announced twice: {peer}"
                        );
                    }
                    Heard::Left(peer) => {
                        assert!(stream.known.remove(peer), "left, and was not there: {peer}")
                    }
                    Heard::Message(..) => {
                        assert_eq!(stream.topic, None, "a swarm gets no messages");
                        stream.messages.push(item.clone());
                    }
                }
                stream.read += 1;
            }
            if let (Some(topic), true) = (stream.topic, stream.open) {
                let mut others = present[&topic].clone();
                others.remove(&stream.peer);
                assert_eq!(stream.known, others, "topic {topic} as peer {} sees it", stream.peer);
            }
        }
    }
}

/// Messages that a subscription should have got, by its place.
type Expected = BTreeMap<usize, Vec<Heard>>;

fn run(steps: &[Step]) {
    let mut board: Board<Line> = Board::new(Limits::default());
    let mut sockets: Vec<SocketId> = (0..4).map(|_| board.open(0)).collect();
    let (mut model, mut expected) = (Model::default(), Expected::new());
    for (now, step) in steps.iter().enumerate() {
        let now = now as u64;
        let line = Line { heard: Rc::default(), closed: Rc::default(), room: usize::MAX };
        match *step {
            Step::Join { socket, topic, peer } => {
                let request = JoinRequest { swarm: vec![topic; 32], peer: vec![peer; 65], metadata: None };
                let socket = sockets[socket];
                let id = board.join(socket, &request, line.clone(), now).unwrap();
                model.streams.push(stream(id, socket, line, Some(topic), peer));
            }
            Step::Subscribe { socket, peer } => {
                let socket = sockets[socket];
                let id = board.subscribe(socket, &[peer; 65], line.clone(), now).unwrap();
                model.streams.push(stream(id, socket, line, None, peer));
            }
            Step::Leave { stream } => {
                let count = model.streams.len().max(1);
                if let Some(stream) = model.streams.get_mut(stream % count) {
                    // Again for one that has ended: nothing happens.
                    board.leave(stream.id);
                    stream.open = false;
                }
            }
            Step::Drop { socket } => {
                board.drop_socket(sockets[socket]);
                for stream in model.streams.iter_mut().filter(|stream| stream.socket == sockets[socket]) {
                    stream.open = false;
                    // Its streams may hear of each other's end: nobody is there to read it.
                    stream.read = stream.line.heard.borrow().len();
                }
                sockets[socket] = board.open(now);
            }
            Step::Send { socket, author, recipient } => {
                model.sent += 1;
                let value = model.sent.to_be_bytes().to_vec();
                let payload = dxos_proto::prost_types::Any { type_url: "t".to_owned(), value };
                let message = Message {
                    author: vec![author; 65],
                    recipient: vec![recipient; 65],
                    payload: Some(payload),
                    metadata: None,
                };
                board.send(sockets[socket], &message.encode_to_vec(), now).unwrap();
                for (place, stream) in model.streams.iter().enumerate() {
                    if stream.open && stream.topic.is_none() && stream.peer == recipient {
                        expected
                            .entry(place)
                            .or_default()
                            .push(Heard::Message(author, recipient, model.sent));
                    }
                }
            }
        }
        model.check();
    }
    for (place, stream) in model.streams.iter().enumerate() {
        assert_eq!(stream.messages, expected.remove(&place).unwrap_or_default(), "each once, and in order");
    }
    sockets.into_iter().for_each(|socket| board.drop_socket(socket));
    let Counters { sockets, swarms, members, joins, subscriptions, .. } = board.counters();
    assert_eq!([sockets, swarms, members, joins, subscriptions], [0; 5], "something is left");
}

fn stream(id: StreamId, socket: SocketId, line: Line, topic: Option<u8>, peer: u8) -> Stream {
    Stream {
        id,
        socket,
        line,
        topic,
        peer,
        open: true,
        known: BTreeSet::new(),
        read: 0,
        messages: Vec::new(),
    }
}

proptest! {
    #[test]
    fn everybody_knows_who_is_there_and_messages_arrive_once_and_in_order(steps in vec(step(), 0..80)) {
        run(&steps);
    }

    #[test]
    fn who_does_not_take_what_it_is_sent_costs_only_itself(room in 1..12usize, count in 1..30u32) {
        let mut board: Board<Line> = Board::new(Limits::default());
        let line = |room| Line { heard: Rc::default(), closed: Rc::default(), room };
        let (slow, quick, writer) = (line(room), line(usize::MAX), line(usize::MAX));
        let sockets = [board.open(0), board.open(0), board.open(0)];
        let join = |peer| JoinRequest { swarm: vec![1; 32], peer: vec![peer; 65], metadata: None };
        board.join(sockets[1], &join(2), quick.clone(), 0).unwrap();
        board.join(sockets[0], &join(1), line(usize::MAX), 0).unwrap();
        board.subscribe(sockets[0], &[9; 65], slow.clone(), 0).unwrap();
        board.subscribe(sockets[2], &[9; 65], writer.clone(), 0).unwrap();
        for number in 0..count {
            let payload = dxos_proto::prost_types::Any { type_url: "t".to_owned(), value: number.to_be_bytes().into() };
            let message = Message { author: vec![5], recipient: vec![9; 65], payload: Some(payload), metadata: None };
            board.send(sockets[1], &message.encode_to_vec(), 0).unwrap();
        }
        // Ready is an item, too.
        let full = count as usize + 1 > room;
        prop_assert_eq!(slow.closed.get(), full);
        prop_assert_eq!(board.is_open(sockets[0]), !full);
        prop_assert_eq!(writer.heard.borrow().len(), count as usize + 1);
        let told = [Heard::Ready, Heard::Available(1), Heard::Left(1)];
        prop_assert_eq!(&quick.heard.borrow()[..], &told[..if full { 3 } else { 2 }]);
    }

    #[test]
    fn any_bytes_are_a_message_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let mut board: Board<Line> = Board::new(Limits::default());
        let socket = board.open(0);
        if let Ok(message) = Message::decode(bytes.as_slice())
            && !message.author.is_empty() && !message.recipient.is_empty()
        {
            prop_assert!(board.send(socket, &bytes, 0).is_ok());
        } else {
            // What only the payload has wrong is passed on as it is.
            let _ = board.send(socket, &bytes, 0);
        }
    }
}
