//! Laws of access, configuration and programs that hold whatever is done, in whatever order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use dxos_proto::dxos::config::Config;
use dxos_proto::dxos::halo::credentials::{AuthorizedDevice, KubeAccess};
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::dxos::service::supervisor::service::Status;
use dxos_proto::dxos::service::supervisor::{ConfigPair, SetConfigRequest};
use dxos_proto::prost::Message as _;
use dxos_reference::halo::{Issue, issue, present};
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::kube::capability::Capabilities;
use dxos_reference::kube::process::{Command, FIRST_DELAY, GRACE, LONGEST_DELAY, Process};
use dxos_reference::kube::supervisor::{Authenticated, Effect, Settings, SocketId, Supervisor};
use dxos_reference::kube::token::{self, Claims};
use dxos_reference::kube::{access, config};
use dxos_reference::wire::Writer;
use proptest::prelude::*;

const NOW: u64 = 1_800_000_000_000;

fn key(number: u8) -> SigningKey {
    SigningKey::new(Suite::P256, &[number; 32]).unwrap()
}

fn public(key: &SigningKey) -> Option<PublicKey> {
    Some(PublicKey { data: key.public_key() })
}

fn credential(issuer: &SigningKey, subject: &SigningKey, ty: &str, assertion: &[u8]) -> Vec<u8> {
    let what = Issue {
        issuer: &issuer.public_key(),
        subject: &subject.public_key(),
        assertion_type: &format!("dxos.halo.credentials.{ty}"),
        assertion,
        date: 1_700_000_000_000,
        ..Issue::default()
    };
    issue(issuer, &what).unwrap()
}

fn device_of(identity: &SigningKey, device: &SigningKey) -> Vec<u8> {
    let assertion = AuthorizedDevice { identity_key: public(identity), device_key: public(device) };
    credential(identity, device, "AuthorizedDevice", &assertion.encode_to_vec())
}

fn access_for(issuer: &SigningKey, kube: &SigningKey, identity: &SigningKey) -> Vec<u8> {
    let assertion = KubeAccess {
        kube_key: public(kube),
        identity_key: public(identity),
        capabilities: vec!["*".to_owned()],
    };
    credential(issuer, identity, "KubeAccess", &assertion.encode_to_vec())
}

fn request(presentation: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.bytes(1, presentation);
    writer.finish()
}

/// The KUBE 1, the operator 2 with the device 3, the thief 4 with the device 5, another KUBE 6.
struct World {
    supervisor: Supervisor,
    sockets: [SocketId; 2],
    nonces: Vec<Vec<u8>>,
    /// All credentials that the thief could have got hold of.
    stolen: Vec<Vec<u8>>,
    /// All presentations that the operator has made.
    seen: Vec<Vec<u8>>,
    randoms: u8,
}

impl World {
    fn new() -> Self {
        let mut settings = Settings::new(key(1));
        settings.allowed = vec![(key(2).public_key(), Capabilities::everything())];
        settings.attempts = u32::MAX;
        let mut supervisor = Supervisor::new(settings);
        let sockets = [supervisor.open(None), supervisor.open(None)];
        let stolen = vec![
            device_of(&key(2), &key(3)),
            access::issue(&key(1), &key(2).public_key(), &Capabilities::everything(), NOW).unwrap(),
            device_of(&key(4), &key(5)),
            device_of(&key(4), &key(3)),
            access_for(&key(4), &key(1), &key(4)),
            access_for(&key(6), &key(1), &key(4)),
            access_for(&key(6), &key(6), &key(2)),
            device_of(&key(2), &key(2)),
        ];
        Self { supervisor, sockets, nonces: vec![vec![0; 32]], stolen, seen: Vec::new(), randoms: 0 }
    }

    fn random(&mut self) -> [u8; 32] {
        self.randoms = self.randoms.wrapping_add(1);
        [self.randoms; 32]
    }

    fn challenge(&mut self, socket: usize) -> Vec<u8> {
        let random = self.random();
        let nonce = self.supervisor.init_auth_sequence(self.sockets[socket], &random, NOW).nonce;
        self.nonces.push(nonce.clone());
        nonce
    }

    /// The operator gets a token, and the thief sees the presentation.
    fn operate(&mut self, socket: usize) {
        let nonce = self.challenge(socket);
        let (device, access) = (&self.stolen[0], &self.stolen[1]);
        let shown = present(&key(3), &[device, access], NOW as i64, Some(&nonce), Some(device)).unwrap();
        let answer = self.authenticate(socket, &shown);
        assert!(matches!(answer, Some(Authenticated::Token(_))), "the operator is let in");
        self.seen.push(shown);
    }

    fn authenticate(&mut self, socket: usize, presentation: &[u8]) -> Option<Authenticated> {
        let id = [self.random()[0]; 16];
        self.supervisor.authenticate(self.sockets[socket], &request(presentation), &id, NOW).ok()
    }
}

#[derive(Clone, Debug)]
enum Act {
    Challenge(usize),
    Operate(usize),
    Replay {
        socket: usize,
        which: prop::sample::Index,
    },
    Forge {
        socket: usize,
        nonce: prop::sample::Index,
        credentials: Vec<prop::sample::Index>,
        chain: Option<prop::sample::Index>,
        signer: u8,
    },
    /// The parts of what was seen, put together anew.
    Mix {
        socket: usize,
        which: prop::sample::Index,
        credentials: Vec<prop::sample::Index>,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (0..2_usize).prop_map(Act::Challenge),
        (0..2_usize).prop_map(Act::Operate),
        (0..2_usize, index()).prop_map(|(socket, which)| Act::Replay { socket, which }),
        (0..2_usize, index(), prop::collection::vec(index(), 0..4), prop::option::of(index()), 4..7_u8)
            .prop_map(|(socket, nonce, credentials, chain, signer)| Act::Forge {
                socket,
                nonce,
                credentials,
                chain,
                signer
            }),
        (0..2_usize, index(), prop::collection::vec(index(), 0..4))
            .prop_map(|(socket, which, credentials)| Act::Mix { socket, which, credentials }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a thief shows of what there is to steal, signed with keys that are not the operator's, gets nothing.
    #[test]
    fn nothing_that_is_stolen_replayed_or_mixed_gets_in(acts in prop::collection::vec(act(), 1..12)) {
        let mut world = World::new();
        for act in acts {
            match act {
                Act::Challenge(socket) => { world.challenge(socket); }
                Act::Operate(socket) => world.operate(socket),
                Act::Replay { socket, which } => {
                    if !world.seen.is_empty() {
                        let shown = which.get(&world.seen).clone();
                        prop_assert_eq!(world.authenticate(socket, &shown), None);
                    }
                }
                Act::Forge { socket, nonce, credentials, chain, signer } => {
                    let nonce = nonce.get(&world.nonces).clone();
                    let shown: Vec<Vec<u8>> =
                        credentials.iter().map(|index| index.get(&world.stolen).clone()).collect();
                    let shown: Vec<&[u8]> = shown.iter().map(Vec::as_slice).collect();
                    let chain = chain.map(|index| index.get(&world.stolen).clone());
                    let shown =
                        present(&key(signer), &shown, NOW as i64, Some(&nonce), chain.as_deref()).unwrap();
                    prop_assert_eq!(world.authenticate(socket, &shown), None);
                }
                Act::Mix { socket, which, credentials } => {
                    if !world.seen.is_empty() {
                        // The proof of what was seen is its last field.
                        let seen = which.get(&world.seen).clone();
                        let (device, access) = (&world.stolen[0], &world.stolen[1]);
                        let mut head = Writer::default();
                        head.bytes(1, device).bytes(1, access);
                        let proof = &seen[head.finish().len()..];
                        let mut mixed = Writer::default();
                        for index in &credentials {
                            mixed.bytes(1, index.get(&world.stolen).as_slice());
                        }
                        let shown = [&mixed.finish(), proof].concat();
                        prop_assert_eq!(world.authenticate(socket, &shown), None);
                    }
                }
            }
        }
        prop_assert!(world.supervisor.poll().is_none(), "nobody has become an operator");
    }

    #[test]
    fn requests_of_any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut world = World::new();
        world.challenge(0);
        let socket = world.sockets[0];
        prop_assert!(world.supervisor.authenticate(socket, &bytes, &[1; 16], NOW).is_err());
    }

    #[test]
    fn tokens_of_any_text_are_refused(text in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(token::verify(&text, &key(1).public_key(), NOW, |_| false).is_err());
    }

    /// What is issued verifies until it expires, whatever it says, and its base64 has no characters that deployed
    /// clients cannot send.
    #[test]
    fn issued_tokens_say_what_they_were_to_say(
        capabilities in prop::collection::vec("[ -~]{0,20}", 0..5),
        seconds in 1..100_000_u64,
        id in "[0-9a-f]{32}",
    ) {
        let issued = NOW / 1000;
        let claims = Claims {
            identity: key(2).public_key(),
            capabilities: Capabilities::new(capabilities),
            issued,
            expires: issued + seconds,
            id,
        };
        let text = token::issue(&key(1), &claims).unwrap();
        let kube = key(1).public_key();
        let last = (issued + seconds) * 1000 - 1;
        prop_assert_eq!(token::verify(&text, &kube, last, |_| false).unwrap(), claims);
        prop_assert!(token::verify(&text, &kube, last + 1, |_| false).is_err());
        prop_assert!(token::verify(&text, &key(6).public_key(), last, |_| false).is_err());
        let encoded = data_encoding::BASE64.encode(text.as_bytes());
        prop_assert!(!encoded.contains(['+', '/']));
    }

    #[test]
    fn keys_and_values_of_any_text_change_one_key_or_nothing(
        known in prop::option::of(0..config::KEYS.len()),
        key in ".{0,30}",
        value in prop_oneof![".{0,40}", "[0-9]{1,12}", "true|false", r#"\["[a-z=]{0,8}"\]"#],
    ) {
        let key = known.map_or(key, |at| config::KEYS[at].name.to_owned());
        let before = Config::default();
        let mut after = before.clone();
        if let Ok(checked) = config::check(&key, &value) {
            config::put(&mut after, checked, &value);
            let others = |document: &Config| {
                let all = config::entries(document);
                all.into_iter().filter(|(name, _)| *name != checked.name).collect::<Vec<_>>()
            };
            prop_assert_eq!(others(&before), others(&after));
            // What is shown can be set again, and changes nothing.
            if !checked.secret {
                let shown = config::shown(&after, checked);
                prop_assert!(config::check(checked.name, &shown).is_ok(), "{shown}");
                let mut again = after.clone();
                config::put(&mut again, checked, &shown);
                prop_assert_eq!(again, after);
            }
        }
    }

    /// However storing goes, every change is answered once, and what is there is what was stored last.
    #[test]
    fn changes_are_carried_out_in_order(stores in prop::collection::vec(any::<bool>(), 1..20)) {
        let mut world = World::new();
        world.operate(0);
        let socket = world.sockets[0];
        let mut tickets = BTreeSet::new();
        for port in 1..=stores.len() {
            let pair = ConfigPair { key: "port".to_owned(), value: port.to_string() };
            let change = SetConfigRequest { config: Some(pair) };
            tickets.insert(world.supervisor.set_config(socket, &change, NOW).unwrap());
        }
        let mut last = String::new();
        for (at, done) in stores.iter().enumerate() {
            let Some(Effect::Store { ticket, document, .. }) = world.supervisor.poll() else {
                return Err(TestCaseError::fail("a change is lost"));
            };
            prop_assert!(world.supervisor.poll().is_none(), "two changes at once");
            prop_assert!(tickets.remove(&ticket));
            let answer = world.supervisor.stored(ticket, *done).unwrap();
            prop_assert!(world.supervisor.stored(ticket, *done).is_none(), "answered twice");
            prop_assert_eq!(answer.is_ok(), *done);
            if *done {
                last = (at + 1).to_string();
                prop_assert_eq!(&*document, world.supervisor.document());
            }
        }
        prop_assert!(tickets.is_empty() && world.supervisor.poll().is_none());
        let runtime = world.supervisor.document().runtime.clone().unwrap_or_default();
        prop_assert_eq!(runtime.kube.unwrap_or_default().port, last);
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Start,
    Stop,
    Restart,
    Spawned,
    Exited,
    Checked(bool),
    Pass(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Start),
        Just(Event::Stop),
        Just(Event::Restart),
        Just(Event::Spawned),
        Just(Event::Exited),
        any::<bool>().prop_map(Event::Checked),
        (0..40_000_u64).prop_map(Event::Pass),
    ]
}

/// What runs.
#[derive(Default)]
struct System {
    /// A program was asked for, and is not there yet.
    asked: bool,
    alive: bool,
    /// It was asked to end.
    ending: bool,
}

impl System {
    fn obey(&mut self, process: &mut Process) {
        while let Some(command) = process.poll() {
            match command {
                Command::Spawn => {
                    assert!(!self.asked && !self.alive, "two at a time");
                    self.asked = true;
                }
                Command::Terminate => {
                    assert!(self.alive, "nobody to end");
                    self.ending = true;
                }
                Command::Kill => {}
            }
        }
    }

    fn spawn(&mut self, process: &mut Process, now: u64) {
        (self.asked, self.alive) = (false, true);
        process.spawned(now);
    }

    fn exit(&mut self, process: &mut Process, now: u64) {
        *self = Self::default();
        process.exited(now);
    }
}

proptest! {
    /// There is one program at a time; what is to run runs again within the longest delay, and what is stopped ends.
    #[test]
    fn programs_are_never_doubled_nor_lost(events in prop::collection::vec(event(), 1..60)) {
        let (mut process, mut now, mut wanted) = (Process::new(), 0_u64, false);
        let mut system = System::default();
        for event in events {
            match event {
                Event::Start => { process.start(); wanted = true; }
                Event::Stop => { process.stop(now); wanted = false; }
                Event::Restart => { process.restart(now); wanted = true; }
                // Only what was asked for can come, and only what runs can end.
                Event::Spawned if system.asked => system.spawn(&mut process, now),
                Event::Exited if system.asked || system.alive => system.exit(&mut process, now),
                Event::Checked(healthy) if system.alive => process.checked(healthy, now),
                Event::Pass(by) => { now += by; process.tick(now); }
                _ => {}
            }
            system.obey(&mut process);
            if process.status() == Status::Started {
                prop_assert!(system.alive, "a dead program is shown as started");
            }
            if let Some(deadline) = process.deadline() {
                prop_assert!(deadline <= now + LONGEST_DELAY.max(GRACE), "too late");
            }
        }
        // From here on the system does what it is asked to.
        for _ in 0..4 {
            if system.asked { system.spawn(&mut process, now); }
            system.obey(&mut process);
            if system.ending { system.exit(&mut process, now); }
            system.obey(&mut process);
            if let Some(deadline) = process.deadline() {
                now = now.max(deadline);
                process.tick(now);
                system.obey(&mut process);
            }
        }
        let alive = system.alive || system.asked;
        prop_assert_eq!(alive, wanted);
        prop_assert!(FIRST_DELAY <= LONGEST_DELAY);
    }
}
