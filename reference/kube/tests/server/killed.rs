//! A server that is killed in the middle of a change has made it or not.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dxos_kube::control::{Answer, Request, ask};
use dxos_kube::store::Store;

/// How often it is killed.
const ROUNDS: u32 = 12;

fn start(directory: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kube"))
        .args(["daemon", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("kube serves at http://127.0.0.1:"), "{line}");
    child
}

async fn set(directory: &Path, value: &str) -> anyhow::Result<()> {
    let request = Request::Config { key: Some("gravity.name".to_owned()), value: Some(value.to_owned()) };
    ask(directory, &request, |_| Ok(())).await
}

async fn get(directory: &Path) -> String {
    let mut found = None;
    let request = Request::Config { key: Some("gravity.name".to_owned()), value: None };
    ask(directory, &request, |answer| {
        if let Answer::Config { entries, .. } = answer {
            found = entries.into_iter().next();
        }
        Ok(())
    })
    .await
    .unwrap();
    found.unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn after_each_kill_the_value_is_the_last_that_was_confirmed_or_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let mut confirmed = 0u32;
    let mut key = None;
    for round in 0..ROUNDS {
        let mut child = start(directory.path());
        let value = get(directory.path()).await;
        let value: u32 = if value.is_empty() { 0 } else { value.parse().unwrap() };
        assert!(value == confirmed || value == confirmed + 1, "{value} after {confirmed} was confirmed");
        confirmed = value;

        // Killed after some changes, at whatever the next one is doing then.
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        let killer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(u64::from(3 + 7 * round))).await;
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
        });
        while set(directory.path(), &(confirmed + 1).to_string()).await.is_ok() {
            confirmed += 1;
        }
        killer.await.unwrap();
        child.wait().unwrap();

        let store = Store::open(directory.path()).unwrap();
        let secret = store.secret("key", || panic!("the key is lost")).unwrap();
        assert_eq!(*key.get_or_insert_with(|| secret.clone()), secret);
    }
    assert!(confirmed > 0, "no change was ever confirmed");
}
