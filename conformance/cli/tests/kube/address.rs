//! By each kind of address, side by side, and where there is no KUBE.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::thread;

use dxos_reference::mutant::Switch;

use crate::server::{Kube, SEED};
use crate::support::{self, dxspec, run};

#[test]
fn our_kube_conforms_by_its_address() {
    let kube = Kube::start();
    let ran = run(&["run", &format!("kube:ws://{}?operator={SEED}", kube.address), "--only-profile"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    // Without the seed, administration is not tested, and nothing else is missing.
    let ran = run(&["run", &format!("kube:ws://{}", kube.address), "-k", "kube/signal", "--only-profile"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains(SEED) && !ran.stderr.contains(SEED));
}

#[test]
fn our_kube_conforms_by_each_of_its_addresses() {
    let kube = Kube::with(
        "version: 1\nruntime:\n  kube:\n    https:\n      enabled: true\nkube:\n  tls:\n    generate: true\n",
        Switch::Right,
    );
    let (plain, encrypted) = (kube.address, kube.https.unwrap());
    let trusted = format!("?ca={}&operator={SEED}", kube.certificate.display());
    for address in [
        format!("wss://{encrypted}{trusted}"),
        format!("grpc://{plain}?operator={SEED}"),
        format!("grpcs://{encrypted}{trusted}"),
    ] {
        let ran = run(&["run", &format!("kube:{address}"), "--only-profile", "--jobs", "4"]);
        assert_eq!(ran.code, Some(0), "{address}\n{}\n{}", ran.stdout, ran.stderr);
    }
    // Whom nobody vouches for is not talked to.
    let ran = run(&["run", &format!("kube:wss://{encrypted}"), "-k", "kube/signal"]);
    assert_eq!(ran.code, Some(3), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("use ?ca=FILE to trust"), "{}", ran.stderr);
}

#[test]
fn runs_go_side_by_side_and_again() {
    let kube = Kube::start();
    let carrier = format!("kube:ws://{}", kube.address);
    let runs: Vec<_> = (0..2)
        .map(|_| {
            dxspec(&["run", &carrier, "-k", "kube/signal", "--jobs", "4"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for ran in runs {
        let ran = support::ended(ran.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    }
}

#[test]
fn who_is_no_kube_is_told_apart() {
    let said = |carrier: &str| {
        // Of whatever profile.
        let ran = run(&["run", carrier, "--profile", "halo-core"]);
        assert_eq!(ran.code, Some(3), "{}\n{}", ran.stdout, ran.stderr);
        ran.stderr
    };
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = said(&format!("kube:ws://{free}"));
    assert!(nobody.contains(&format!("nobody listens at {free}; start the KUBE first")), "{nobody}");

    let web = answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let other = said(&format!("kube:ws://{web}"));
    assert!(other.contains("is no KUBE: it answers 404 at /.well-known/dx/signal"), "{other}");

    let ssh = answering(b"SSH-2.0-OpenSSH_9.2\r\n");
    let foreign = said(&format!("kube:ws://{ssh}"));
    assert!(foreign.contains("does not answer as a web server does"), "{foreign}");

    let plain = said(&format!("kube:wss://{web}?insecure"));
    assert!(plain.contains("no TLS with"), "{plain}");
}

/// A server that answers each connection so, and ends it.
fn answering(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Something is read, or the answer could be lost with the connection.
            drop(stream.read(&mut [0; 4096]));
            drop(stream.write_all(answer));
        }
    });
    address
}
