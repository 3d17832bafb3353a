//! The carriers by which the implementation dials in: right ones, and those that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod waiting;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use dxos_conformance::protocol::Answer;
use dxos_reference::operations;
use tungstenite::{Message, WebSocket};
use waiting::client::Client;
use waiting::{Ended, Waiting};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dxspec");
const CARRIERS: [&str; 2] = ["tcp:0", "ws:0"];
/// One case.
const ONE: [&str; 4] = ["--no-probes", "-k", "halo/key/parse/hex/p256", "--timeout=100"];
/// Two cases.
const TWO: [&str; 5] = ["--no-probes", "-k", "halo/key/parse/hex/p256", "-k", "halo/key/parse/hex/ed25519"];
/// Long enough to dial, short enough to be waited for.
const SOON: &str = "--start-timeout=3";

fn start(carrier: &str, arguments: &[&str], more: &[&str]) -> Waiting {
    Waiting::start(carrier, &[arguments, more].concat())
}

/// What a person is told, in short.
fn told(ended: &Ended) -> String {
    let report = ended.stdout.lines().map(str::trim);
    let why = report.clone().filter(|line| line.starts_with("because") || line.starts_with("also"));
    let last = report.rev().take(2).collect::<Vec<_>>();
    // Said again or not, by how busy the machine is.
    let errors = ended.stderr.lines().filter(|line| !line.starts_with("dxspec: waiting for "));
    let lines: Vec<&str> = errors.chain(why).chain(last.into_iter().rev()).collect();
    assert!(ended.stdout.trim().ends_with(&format!("(exit {})", ended.code.unwrap())), "{}", ended.stdout);
    lines.join("\n")
}

/// What both carriers tell, if they tell the same.
fn both(act: impl Fn(&str) -> String) -> String {
    let [tcp, ws] = CARRIERS.map(act);
    let tcp = tcp.replace("tcp:HERE", "URL").replace("tcp:127.0.0.1:0", "CARRIER");
    let ws = ws.replace("ws://HERE/", "URL").replace("ws:127.0.0.1:0", "CARRIER");
    assert_eq!(tcp, ws);
    tcp
}

#[test]
fn the_reference_gets_the_same_verdicts_over_all_carriers() {
    let folder = tempfile::tempdir().unwrap();
    let record = |name: &str| folder.path().join(name).display().to_string();
    // Without times, and without what names the carrier.
    let verdicts = |path: &str| -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        let cut = |line: &str| line.rsplit_once("\"ms\":").unwrap().0.to_owned();
        text.lines().filter(|line| line.contains(r#""type":"case""#)).map(cut).collect()
    };
    let exec = record("exec");
    let program = format!("exec:'{PROGRAM}' serve reference");
    let ran = Command::new(PROGRAM).args(["run", &program, "--events", &exec, "-q"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0));
    let wanted = verdicts(&exec);
    assert!(wanted.len() > 1000);
    for carrier in CARRIERS {
        let events = record(&carrier[..2]);
        let waiting = Waiting::start(carrier, &["--events", &events, "-q"]);
        let served =
            Command::new(PROGRAM).args(["serve", "reference", "--dial", &waiting.url]).output().unwrap();
        assert_eq!((served.status.code(), waiting.end().code), (Some(0), Some(0)), "{carrier}");
        assert_eq!(verdicts(&events), wanted, "{carrier}");
    }
}

#[test]
fn several_jobs_want_several_implementations() {
    for carrier in CARRIERS {
        let waiting = Waiting::start(carrier, &["-k", "halo/key", "-q", "--jobs=2"]);
        let serve =
            || Command::new(PROGRAM).args(["serve", "reference", "--dial", &waiting.url]).spawn().unwrap();
        let served = [serve(), serve()].map(|mut child| child.wait().unwrap().code());
        assert_eq!((served, waiting.end().code), ([Some(0); 2], Some(0)), "{carrier}");
    }
}

#[test]
fn a_runner_that_does_not_wait_is_explained() {
    for target in ["tcp:127.0.0.1:1", "ws://127.0.0.1:1/"] {
        let output = Command::new(PROGRAM).args(["serve", "reference", "--dial", target]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains(&format!("cannot serve {target}; is there a runner that waits")), "{text}");
    }
}

#[test]
fn nobody_dials() {
    let said = both(|carrier| told(&start(carrier, &ONE, &["--start-timeout=0.2"]).end()));
    insta::assert_snapshot!(said);
}

#[test]
fn dials_and_says_nothing() {
    let said = both(|carrier| {
        let waiting = start(carrier, &ONE, &[SOON]);
        let mut client = Client::dial(&waiting);
        assert!(client.is_hung_up_on());
        told(&waiting.end())
    });
    insta::assert_snapshot!(said);
}

#[test]
fn hangs_in_a_case() {
    let said = both(|carrier| {
        let waiting = start(carrier, &ONE[..3], &["--timeout=0.2"]);
        let (mut client, _) = Client::in_a_case(&waiting);
        assert!(client.is_hung_up_on(), "a testee that hangs has its connection closed");
        told(&waiting.end())
    });
    insta::assert_snapshot!(said);
}

#[test]
fn closes_in_a_case_and_another_takes_its_place() {
    let said = both(|carrier| {
        let waiting = start(carrier, &TWO, &[]);
        drop(Client::in_a_case(&waiting));
        assert_eq!(Client::dial(&waiting).greet().serve(), 1);
        told(&waiting.end())
    });
    insta::assert_snapshot!(said);
}

#[test]
fn closes_in_a_case_and_nobody_takes_its_place() {
    let said = both(|carrier| {
        let waiting = start(carrier, &TWO, &[SOON]);
        drop(Client::in_a_case(&waiting));
        told(&waiting.end())
    });
    insta::assert_snapshot!(said);
}

#[test]
fn closes_in_the_middle_of_an_answer() {
    let waiting = start("tcp:0", &ONE, &[]);
    let (mut client, id) = Client::in_a_case(&waiting);
    write!(client.stream(), "TP1 {{\"id\":{id},").unwrap();
    drop(client);
    insta::assert_snapshot!("half_a_line", told(&waiting.end()));

    let waiting = start("ws:0", &ONE, &[]);
    let (mut client, _) = Client::in_a_case(&waiting);
    // A text frame of 100 bytes, of which 4 come.
    client.stream().write_all(b"\x81\xe4\0\0\0\0TP1 ").unwrap();
    drop(client);
    insta::assert_snapshot!("half_a_frame", told(&waiting.end()));
}

#[test]
fn dials_and_goes_again_and_again() {
    let said = both(|carrier| {
        let mut waiting = start(carrier, &ONE, &[]);
        while waiting.child.try_wait().unwrap().is_none() {
            drop(Client::try_dial(&waiting));
        }
        told(&waiting.end())
    });
    insta::assert_snapshot!(said);
}

#[test]
fn the_second_waits_for_its_turn_and_the_many_are_turned_away() {
    for carrier in CARRIERS {
        let waiting = start(carrier, &ONE, &[]);
        let first = Client::dial(&waiting).greet();
        let mut others: Vec<Client> = (0..16).map(|_| Client::dial(&waiting)).collect();
        match Client::try_dial(&waiting) {
            // A TCP connection has no other way to be refused.
            Some(mut client) => assert!(carrier == "tcp:0" && client.is_hung_up_on()),
            None => assert_eq!(carrier, "ws:0"),
        }
        assert_eq!(first.serve(), 1);
        assert!(others.iter_mut().all(Client::is_hung_up_on));
        assert_eq!(waiting.end().code, Some(0));
    }
}

#[test]
fn a_line_without_end_and_wrong_ids() {
    let waiting = start("tcp:0", &ONE, &[]);
    let (mut client, _) = Client::in_a_case(&waiting);
    let block = [b'a'; 1 << 16];
    while client.stream().write_all(&block).is_ok() {}
    assert!(told(&waiting.end()).contains("a line is longer than 4 MiB"));

    let said = both(|carrier| {
        let waiting = start(carrier, &ONE, &[]);
        let (mut client, id) = Client::in_a_case(&waiting);
        client.say("a line of the log");
        client.say(&Answer::Unsupported.to_line(id + 1));
        assert!(client.is_hung_up_on());
        told(&waiting.end())
    });
    insta::assert_snapshot!("wrong_id", said);
}

/// What is told of a client that does something with its WebSocket in a case.
fn in_a_websocket(act: impl FnOnce(&mut WebSocket<TcpStream>)) -> String {
    let waiting = start("ws:0", &ONE, &[]);
    let (mut client, _) = Client::in_a_case(&waiting);
    let Client::Ws(socket) = &mut client else { panic!() };
    act(socket);
    assert!(client.is_hung_up_on());
    told(&waiting.end())
}

#[test]
fn frames_that_are_not_allowed() {
    let raw = |bytes: &'static [u8]| in_a_websocket(|socket| socket.get_mut().write_all(bytes).unwrap());
    let texts = [
        ("binary", in_a_websocket(|socket| socket.send(Message::binary(&b"TP1 {}"[..])).unwrap())),
        ("1 GiB announced", raw(b"\x81\xff\0\0\0\0\x40\0\0\0\0\0\0\0TP1 ")),
        ("2^63 bytes announced", raw(b"\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0TP1 ")),
        ("text of 5 MiB", in_a_websocket(|socket| drop(socket.send(Message::text("x".repeat(5 << 20)))))),
        (
            "fragments of 5 MiB",
            in_a_websocket(|socket| {
                let mut piece = b"\x01\xff\0\0\0\0\0\x10\0\0\0\0\0\0".to_vec();
                piece.resize(piece.len() + (1 << 20), b'x');
                for _ in 0..5 {
                    drop(socket.get_mut().write_all(&piece));
                    piece[0] = 0;
                }
            }),
        ),
        ("no UTF-8", raw(b"\x81\x82\0\0\0\0\xff\xfe")),
        ("not masked", raw(b"\x81\x02{}")),
        ("reserved bits", raw(b"\xf1\x82\0\0\0\0{}")),
        ("an opcode that there is not", raw(b"\x83\x82\0\0\0\0{}")),
        (
            "a ping of 200 bytes",
            raw(&[[0x89, 0xfe, 0, 200, 0, 0, 0, 0].as_slice(), &[0; 200]].concat().leak()[..]),
        ),
        ("a close frame", in_a_websocket(|socket| socket.close(None).unwrap())),
    ];
    let text: String = texts.iter().map(|(name, said)| format!("{name}:\n{said}\n\n")).collect();
    insta::assert_snapshot!(text);
}

#[test]
fn a_ping_is_answered() {
    let waiting = start("ws:0", &ONE, &[]);
    let mut client = Client::dial(&waiting).greet();
    let request = client.request().unwrap();
    let Client::Ws(socket) = &mut client else { panic!() };
    socket.send(Message::Ping(b"still there?".to_vec().into())).unwrap();
    assert_eq!(socket.read().unwrap(), Message::Pong(b"still there?".to_vec().into()));
    let result = operations::call(&request.op, &request.input).ok().unwrap();
    client.say(&Answer::Ok(result).to_line(request.id));
    assert_eq!(client.serve(), 0);
    assert_eq!(waiting.end().code, Some(0));
}

/// What the port says to bytes that are no handshake.
fn port_says(waiting: &Waiting, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(waiting.address()).unwrap();
    stream.write_all(bytes).unwrap();
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn what_is_no_handshake_is_told_what_is_wanted_and_does_no_harm() {
    let waiting = start("ws:0", &ONE, &[]);
    let upgrade = |path: &str, version: u8| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
    };
    let says = |bytes: &str| port_says(&waiting, bytes.as_bytes());
    assert_eq!(says("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 426 Upgrade Required");
    assert_eq!(says(&upgrade("/", 12)), "HTTP/1.1 426 Upgrade Required");
    assert_eq!(says(&upgrade("/other", 13)), "HTTP/1.1 404 Not Found");
    assert_eq!(says("POST / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    assert_eq!(says("\x16\x03\x01\u{1}\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    assert_eq!(says(&format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(1 << 20))), "HTTP/1.1 400 Bad Request");
    // Of a handshake that stops in its middle the end is not heard; the runner gives it up.
    assert_eq!(says("GET / HTTP/1.1\r\n"), "");
    assert_eq!(Client::dial(&waiting).greet().serve(), 1);
    let ended = waiting.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_announced_is_not_allocated() {
    // In KiB, and of addresses, as what is allocated and not written to takes no memory yet.
    let most = |waiting: &Waiting| -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", waiting.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    };
    const ANNOUNCED: u64 = 1 << 22;
    let waiting = start("ws:0", &TWO, &[]);
    let (mut client, _) = Client::in_a_case(&waiting);
    // A text frame of 4 GiB.
    client.stream().write_all(b"\x81\xff\0\0\0\x01\0\0\0\0\0\0\0\0TP1 ").unwrap();
    assert!(client.is_hung_up_on());
    // The runner waits for the next one, and so can be looked at.
    let most = most(&waiting);
    assert!(most < ANNOUNCED / 2, "{most} KiB");
    assert_eq!(Client::dial(&waiting).greet().serve(), 1);
    assert_eq!(waiting.end().code, Some(1));
}
