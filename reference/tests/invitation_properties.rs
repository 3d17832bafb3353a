//! A host and a guest that anything may happen to.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::collections::BTreeSet;

use dxos_reference::halo::invitation::{
    Content, Guest, Host, Identity, Invitation, Keypair, MAX_CODES, Message, Method, Output, Place, Signer,
    State, accept, auth_method, decode, encode, kind,
};
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::wire::Writer;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

const NOW: i64 = 1_704_164_645_678;
const CODE: &str = "314159";
const ID: &str = "an invitation";

fn key(secret: u8) -> SigningKey {
    SigningKey::new(Suite::P256, &[secret; 32]).unwrap()
}

fn pair() -> SigningKey {
    SigningKey::new(Suite::Ed25519, &[9; 32]).unwrap()
}

fn feed(byte: u8) -> Vec<u8> {
    [&[4], [byte; 64].as_slice()].concat()
}

/// The members of an identity in a space: host 1, space 2, guests from 10 on.
fn invitation(method: i64, multi_use: bool) -> Invitation {
    Invitation {
        invitation_id: ID.to_owned(),
        kind: Some(kind::SPACE),
        auth_method: Some(method),
        swarm_key: vec![5; 32],
        timeout: Some(60_000),
        space_key: Some(key(2).public_key()),
        auth_code: (method == auth_method::SHARED_SECRET).then(|| CODE.to_owned()),
        created: Some(NOW),
        lifetime: Some(3_600),
        multi_use: Some(multi_use),
        guest_keypair: (method == auth_method::KNOWN_PUBLIC_KEY).then(|| {
            let public_key = pair().public_key();
            Keypair { private_key: Some([[9; 32].as_slice(), &public_key].concat()), public_key }
        }),
        ..Invitation::default()
    }
}

fn host(invitation: Invitation) -> Host {
    let signer = Signer { key: key(1), issuer: key(1).public_key(), chain: None };
    let place = Place::Space {
        space_key: key(2).public_key(),
        genesis_feed_key: feed(6),
        members: vec![(key(1).public_key(), 1)],
        heads: vec![vec![7; 32]],
        control_timeframe: None,
    };
    Host::new(invitation, signer, place, NOW)
}

fn identity(number: u8) -> Identity {
    Identity {
        identity: key(10 + number).public_key(),
        device: key(20 + number).public_key(),
        control_feed: feed(1),
        data_feed: feed(2),
        name: None,
    }
}

/// What may happen to a host.
#[derive(Clone, Debug)]
enum Event {
    Connect(u64),
    Disconnect(u64),
    Options(u64, i64),
    Introduce(u64, bool),
    /// The number of the code: 0 is right.
    Code(u64, u8),
    /// The number of the challenge that is signed, counted from the last.
    Sign(u64, usize),
    Admit(u64, u8),
    Bytes(u64, u8, Vec<u8>),
    Fail(u64),
    Tick(i64),
    Cancel,
}

fn event() -> impl Strategy<Value = Event> {
    let at = || 0u64..3;
    prop_oneof![
        6 => at().prop_map(Event::Connect),
        1 => at().prop_map(Event::Disconnect),
        6 => (at(), prop_oneof![8 => Just(0i64), 1 => Just(1), 1 => Just(7)]).prop_map(|(at, role)| Event::Options(at, role)),
        6 => (at(), prop::bool::weighted(0.9)).prop_map(|(at, right)| Event::Introduce(at, right)),
        6 => (at(), 0u8..3).prop_map(|(at, code)| Event::Code(at, code)),
        4 => (at(), 0usize..2).prop_map(|(at, which)| Event::Sign(at, which)),
        5 => (at(), 0u8..3).prop_map(|(at, guest)| Event::Admit(at, guest)),
        1 => (at(), 0u8..4, vec(any::<u8>(), 0..12)).prop_map(|(at, method, bytes)| Event::Bytes(at, method, bytes)),
        1 => at().prop_map(Event::Fail),
        1 => prop_oneof![Just(1_000i64), Just(10_000), Just(70_000), Just(4_000_000)].prop_map(Event::Tick),
        1 => prop::bool::weighted(0.05).prop_map(|cancel| if cancel { Event::Cancel } else { Event::Connect(0) }),
    ]
}

fn message(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.bytes(number, bytes);
    writer.finish()
}

fn request(guest: u8) -> Vec<u8> {
    let Identity { identity, device, control_feed, data_feed, .. } = identity(guest);
    let mut writer = Writer::default();
    writer.message(2, |space| {
        for (number, key) in (1..).zip([identity, device, control_feed, data_feed]) {
            space.key(number, &key);
        }
    });
    writer.finish()
}

/// What a watcher who sees only what goes over the connections knows.
#[derive(Default)]
struct Watcher {
    /// Connections whose guest was answered with the invitation's method.
    introduced: BTreeSet<u64>,
    /// Connections on which the last authentication was answered with OK, to what deserved it.
    proven: BTreeSet<u64>,
    challenges: Vec<(u64, Vec<u8>)>,
    wrong_codes: u32,
    admitted: usize,
}

impl Watcher {
    fn forget(&mut self, connection: u64) {
        self.introduced.remove(&connection);
        self.proven.remove(&connection);
    }
}

/// The one thing that is sent on a connection as an answer.
fn answer(host: &mut Host, connection: u64, method: Method) -> Option<Content> {
    let mut found = None;
    while let Some(output) = host.poll() {
        if let Output::Send { connection: at, message: Message { method: of, content } } = output
            && at == connection
            && of == method
            && !matches!(content, Content::Request(_))
        {
            assert!(found.is_none(), "two answers to one call");
            found = Some(content);
        }
    }
    found
}

fn status(content: Option<Content>) -> Option<u8> {
    match content {
        Some(Content::Response(bytes)) => Some(bytes[1]),
        _ => None,
    }
}

/// Checks the laws of a host; how many guests it has admitted.
fn run(method: i64, multi_use: bool, events: &[Event]) -> usize {
    let mut host = host(invitation(method, multi_use));
    let mut watcher = Watcher::default();
    let (mut now, mut drawn) = (NOW, 0u8);
    let mut ended = None;
    for event in events {
        let mut call = |host: &mut Host, at: u64, method: Method, bytes: &[u8]| {
            host.call(at, method, bytes, || {
                drawn += 1;
                [drawn; 32]
            });
            answer(host, at, method)
        };
        match event {
            Event::Connect(at) => host.connect(*at),
            Event::Disconnect(at) => {
                host.disconnect(*at);
                watcher.forget(*at);
            }
            Event::Options(at, role) => {
                let mut writer = Writer::default();
                writer.int(1, *role);
                call(&mut host, *at, Method::Options, &writer.finish());
            }
            Event::Introduce(at, right) => {
                let id = if *right { ID } else { "another" };
                let response = call(&mut host, *at, Method::Introduce, &message(2, id.as_bytes()));
                if let Some(Content::Response(bytes)) = response
                    && host.open().contains(at)
                {
                    assert!(*right, "a stranger is introduced");
                    watcher.introduced.insert(*at);
                    if bytes.len() == 36 {
                        let challenge = bytes[4..].to_vec();
                        assert!(
                            watcher.challenges.iter().all(|(_, known)| *known != challenge),
                            "a challenge twice"
                        );
                        watcher.challenges.push((*at, challenge));
                    }
                }
            }
            Event::Code(at, number) => {
                let code = if *number == 0 { CODE } else { "000000" };
                let status = status(call(&mut host, *at, Method::Authenticate, &message(1, code.as_bytes())));
                watcher.proven.remove(at);
                match status {
                    Some(0) if method != auth_method::NONE => {
                        assert_eq!((method, *number), (auth_method::SHARED_SECRET, 0), "what is wrong is OK");
                        watcher.proven.insert(*at);
                    }
                    Some(1 | 2) => watcher.wrong_codes += 1,
                    _ => {}
                }
            }
            Event::Sign(at, which) => {
                let challenge = watcher.challenges.iter().rev().nth(*which).cloned();
                let signed = challenge.as_ref().map_or(Vec::new(), |(_, challenge)| challenge.clone());
                let signature = pair().sign(&signed);
                let status = status(call(&mut host, *at, Method::Authenticate, &message(2, &signature)));
                watcher.proven.remove(at);
                match status {
                    Some(0) if method == auth_method::KNOWN_PUBLIC_KEY => {
                        let (of, _) = challenge.unwrap();
                        assert_eq!((of, *which), (*at, 0), "another challenge is taken");
                        // It is used up.
                        watcher.challenges.iter_mut().for_each(|(of, _)| *of = u64::MAX);
                        watcher.proven.insert(*at);
                    }
                    Some(1 | 2) => watcher.wrong_codes += 1,
                    _ => {}
                }
            }
            Event::Admit(at, guest) => {
                let response = call(&mut host, *at, Method::Admit, &request(*guest));
                if let Some(Content::Response(bytes)) = response {
                    assert!(watcher.introduced.contains(at), "a guest is admitted that is not introduced");
                    let proven = watcher.proven.contains(at);
                    assert!(
                        method == auth_method::NONE || proven,
                        "a guest is admitted that has not proven itself"
                    );
                    let Identity { identity, device, .. } = identity(*guest);
                    accept(&invitation(method, multi_use), &identity, &device, &bytes).unwrap();
                    assert_eq!(host.admission(), Some(bytes));
                    watcher.admitted += 1;
                }
            }
            Event::Bytes(at, method, bytes) => {
                let method = Method::ALL[usize::from(*method)].1;
                let response = call(&mut host, *at, method, bytes);
                if method == Method::Authenticate && matches!(status(response), Some(1 | 2)) {
                    watcher.wrong_codes += 1;
                }
                watcher.proven.remove(at);
            }
            Event::Fail(at) => host.failed(*at),
            Event::Tick(milliseconds) => {
                now += milliseconds;
                host.tick(now);
            }
            Event::Cancel => host.cancel(),
        }
        while host.poll().is_some() {}
        let open = host.open();
        for at in 0..3 {
            if !open.contains(&at) {
                watcher.forget(at);
            }
        }
        assert!(watcher.wrong_codes <= MAX_CODES, "more codes are tried than may be");
        assert!(watcher.wrong_codes < MAX_CODES || host.state() == State::Error);
        assert!(multi_use || watcher.admitted <= 1, "an invitation for one admits {}", watcher.admitted);
        if let Some(state) = ended {
            assert_eq!(host.state(), state, "what has ended goes on");
            assert!(open.is_empty());
        } else if host.has_ended() {
            ended = Some(host.state());
        }
    }
    watcher.admitted
}

/// What may happen to a guest.
#[derive(Clone, Debug)]
enum Happening {
    Connect(u64),
    Disconnect(u64),
    Options(u64, i64),
    /// Method, and what it is answered with; an error if there is nothing.
    Answer(u64, u8, Option<Vec<u8>>),
    Code(u8),
    Tick(i64),
    Cancel,
}

fn happening() -> impl Strategy<Value = Happening> {
    let at = || 0u64..3;
    let small = prop_oneof![
        Just(vec![8u8, 0]),
        Just(vec![8, 1]),
        Just(vec![8, 2]),
        Just([&[8, 2, 0x12, 32][..], &[3; 32]].concat()),
        vec(any::<u8>(), 0..12),
    ];
    prop_oneof![
        6 => at().prop_map(Happening::Connect),
        1 => at().prop_map(Happening::Disconnect),
        6 => (at(), 0i64..3).prop_map(|(at, role)| Happening::Options(at, role)),
        12 => (at(), 1u8..4, option::weighted(0.95, small)).prop_map(|(at, method, bytes)| Happening::Answer(at, method, bytes)),
        4 => (0u8..3).prop_map(Happening::Code),
        1 => prop_oneof![Just(1_000i64), Just(10_000), Just(70_000)].prop_map(Happening::Tick),
        1 => prop::bool::weighted(0.05).prop_map(|cancel| if cancel { Happening::Cancel } else { Happening::Code(0) }),
    ]
}

fn visit(method: i64, events: &[Happening]) {
    let mut guest = Guest::new(invitation(method, false), identity(0), &[], NOW).unwrap();
    let (mut now, mut codes, mut admits) = (NOW, 0, 0);
    let mut ended = None;
    for event in events {
        match event {
            Happening::Connect(at) => guest.connect(*at),
            Happening::Disconnect(at) => guest.disconnect(*at),
            Happening::Options(at, role) => {
                let mut writer = Writer::default();
                writer.int(1, *role);
                guest.call(*at, Method::Options, &writer.finish());
            }
            Happening::Answer(at, method, bytes) => {
                guest.answer(*at, Method::ALL[usize::from(*method)].1, bytes.as_deref());
            }
            Happening::Code(number) => guest.enter_code(&format!("{number}00000")),
            Happening::Tick(milliseconds) => {
                now += milliseconds;
                guest.tick(now);
            }
            Happening::Cancel => guest.cancel(),
        }
        while let Some(output) = guest.poll() {
            if let Output::Send {
                message: Message { method: called, content: Content::Request(_) }, ..
            } = output
            {
                codes += u32::from(called == Method::Authenticate);
                admits += u32::from(called == Method::Admit);
            }
        }
        assert!(codes <= MAX_CODES, "more codes are tried than may be");
        assert!(admits == 0 || method == auth_method::NONE || codes > 0, "admission without authentication");
        assert_ne!(guest.state(), State::Success, "nobody has admitted it");
        assert!(guest.admitted().is_none());
        if let Some(state) = ended {
            assert_eq!(guest.state(), state, "what has ended goes on");
            assert!(guest.open().is_empty());
        } else if guest.has_ended() {
            ended = Some(guest.state());
        }
    }
}

/// A host and a guest, and what they say to each other; the guest's user enters these codes.
fn meet(method: i64, codes: &[&str]) -> (State, State) {
    let mut host = host(invitation(method, false));
    let mut guest = Guest::new(invitation(method, false), identity(0), &[], NOW).unwrap();
    let mut codes = codes.iter();
    host.connect(0);
    guest.connect(0);
    for _ in 0..40 {
        while let Some(output) = host.poll() {
            if let Output::Send { message: Message { method, content }, .. } = output {
                match content {
                    Content::Request(bytes) => guest.call(0, method, &bytes),
                    Content::Response(bytes) => guest.answer(0, method, Some(&bytes)),
                    Content::Error => guest.answer(0, method, None),
                }
            } else {
                guest.disconnect(0);
            }
        }
        while let Some(output) = guest.poll() {
            if let Output::Send { message: Message { method, content: Content::Request(bytes) }, .. } = output
            {
                host.call(0, method, &bytes, || [42; 32]);
            }
        }
        if guest.state() == State::ReadyForAuthentication
            && let Some(code) = codes.next()
        {
            guest.enter_code(code);
        }
    }
    (host.state(), guest.state())
}

/// Laws about admission say nothing where nobody is ever admitted.
#[test]
fn random_events_lead_to_admissions() {
    let mut runner = TestRunner::deterministic();
    for method in 0..3 {
        let events = vec(event(), 40);
        let mut sample = || events.new_tree(&mut runner).unwrap().current();
        let admitted: usize = (0..200).map(|_| run(method, true, &sample())).sum();
        assert!(admitted > 0, "nobody is admitted by the method {method}");
    }
}

#[test]
fn host_and_guest_come_together() {
    let done = (State::Success, State::Success);
    assert_eq!(meet(auth_method::NONE, &[]), done);
    assert_eq!(meet(auth_method::KNOWN_PUBLIC_KEY, &[]), done);
    assert_eq!(meet(auth_method::SHARED_SECRET, &[CODE]), done);
    assert_eq!(meet(auth_method::SHARED_SECRET, &["0", "1", CODE]), done);
    assert_eq!(meet(auth_method::SHARED_SECRET, &["0", "1", "2", CODE]), (State::Error, State::Error));
}

fn field<T: std::fmt::Debug + Clone>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    option::of(of)
}

fn shared() -> impl Strategy<Value = Invitation> {
    let numbers = (field(0i64..2), field(0i64..2), field(0i64..3), field(0i64..10), field(any::<i32>()));
    let texts = ("[a-z0-9]{1,64}", field("\\PC{1,20}"), field("[A-Z]{1,33}"));
    let bytes = (vec(any::<u8>(), 1..40), field(vec(any::<u8>(), 1..70)), field(vec(any::<u8>(), 0..70)));
    let times = (field(0i64..4_000_000_000_000), field(any::<i32>()));
    (numbers, texts, bytes, times).prop_map(|(numbers, texts, bytes, times)| Invitation {
        invitation_id: texts.0,
        form: numbers.0,
        kind: numbers.1,
        auth_method: numbers.2,
        swarm_key: bytes.0,
        state: numbers.3,
        timeout: numbers.4.map(i64::from),
        space_key: bytes.1,
        target: texts.1,
        created: times.0,
        lifetime: times.1.map(i64::from),
        guest_keypair: bytes.2.map(|key| Keypair { public_key: key.clone(), private_key: Some(key) }),
        space_id: texts.2,
        ..Invitation::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_host_admits_nobody_who_has_not_proven_itself(
        method in 0i64..3,
        multi_use: bool,
        events in vec(event(), 0..=40),
    ) {
        run(method, multi_use, &events);
    }

    #[test]
    fn a_guest_is_admitted_by_nobody_who_cannot(method in 0i64..3, events in vec(happening(), 0..=40)) {
        visit(method, &events);
    }

    #[test]
    fn a_code_holds_what_is_shared(invitation in shared()) {
        let code = encode(&invitation).unwrap();
        prop_assert_eq!(decode(&code), Ok(invitation));
    }

    #[test]
    fn a_code_tells_no_secret_of_the_host(invitation in shared(), secret in "[0-9]{6}") {
        let more = Invitation { auth_code: Some(secret), role: Some(3), multi_use: Some(true), ..invitation.clone() };
        prop_assert_eq!(encode(&more), encode(&invitation));
    }

    #[test]
    fn any_text_is_a_code_or_none(text in "[0-9a-zA-Z]{0,80}|\\PC{0,20}") {
        if let Ok(invitation) = decode(&text) {
            let again = encode(&invitation).unwrap();
            prop_assert!(decode(&again).is_ok());
        }
    }
}
