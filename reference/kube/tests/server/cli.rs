//! What people read at the command line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

fn kube(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kube"))
        .args(arguments)
        .arg("--data-dir")
        .arg(directory)
        .env("COLUMNS", "100")
        .env_remove("KUBE_DATA_DIR")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap().replace(&directory.display().to_string(), "DIR");
    format!("{}{text}", if output.status.success() { "" } else { "failed: " })
}

#[test]
fn help() {
    let directory = tempfile::tempdir().unwrap();
    let mut text = kube(directory.path(), &["--help"]);
    for command in ["daemon", "status", "config", "logs", "auth", "stop"] {
        text.push_str(&format!(
            "\n$ kube {command} --help\n{}",
            kube(directory.path(), &[command, "--help"])
        ));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn without_a_server_the_commands_say_so() {
    let directory = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(kube(directory.path(), &["status"]), @"failed: kube: no kube runs on DIR: No such file or directory (os error 2)");
}

#[test]
fn a_wrong_configuration_is_named_by_its_line() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("kube.yml"), "runtime:\n  kube:\n    hosts: x\n").unwrap();
    insta::assert_snapshot!(kube(directory.path(), &["daemon"]), @"failed: kube: DIR/kube.yml:3: no key `hosts` in `runtime.kube`; did you mean `host`?");
}

#[test]
fn commands_speak_to_the_running_server() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_kube"))
        .args(["daemon", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("kube serves at http://").unwrap().to_owned();

    let run = |arguments: &[&str]| kube(directory.path(), arguments).replace(&address, "ADDRESS");
    let status = run(&["status"]);
    let key = status.lines().find_map(|line| line.strip_prefix("key ")).unwrap().to_owned();
    assert_eq!(key.len(), 130);
    let uptime = status.lines().next().unwrap().split(", ").nth(1).unwrap().to_owned();
    let transcript = [
        ("kube status", status.replace(&key, "KEY").replace(&uptime, "up SOME")),
        ("kube config host kube.example", run(&["config", "host", "kube.example"])),
        ("kube config https.port 8443", run(&["config", "https.port", "8443"])),
        ("kube config https.prot 1", run(&["config", "https.prot", "1"])),
        ("kube config port abc", run(&["config", "port", "abc"])),
        ("kube config host", run(&["config", "host"])),
        ("kube config --json", run(&["config", "--json"])),
        ("kube auth --identity zz", run(&["auth", "--identity", "zz"])),
        ("kube auth --token 1h --capability /", run(&["auth", "--token", "1h", "--capability", "/"])),
        ("kube logs nobody", run(&["logs", "nobody"])),
    ]
    .map(|(command, output)| format!("$ {command}\n{output}"))
    .join("\n");
    insta::assert_snapshot!(transcript);

    let token = run(&["auth", "--token", "1h"]);
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
    assert!(run(&["logs"]).contains("serving"), "the log says where it serves");
    let second = kube(directory.path(), &["daemon", "--listen", "127.0.0.1:0"]);
    insta::assert_snapshot!(second.lines().last().unwrap_or_default(), @"kube: DIR/kube.redb is in use: is another kube running on this directory?");
    assert_eq!(run(&["stop"]), "");
    assert!(child.wait().unwrap().success());
}
