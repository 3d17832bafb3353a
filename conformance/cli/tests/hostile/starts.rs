//! Testees that are none, and testees that end.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio, abort, exit};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, raise};
use nix::unistd::{Pid, close};
use serde_json::json;

use crate::behaviours::{Behaviour, MANY};
use crate::stage::{answer, hang, hello, say};

/// In the order of the table.
pub(crate) fn behaviours() -> Vec<Behaviour> {
    let b = Behaviour::new;
    vec![
        // Before there is a testee.
        b("exits 0 at once", 3, |_| exit(0)),
        b("exits 1 at once", 3, |_| {
            eprintln!("cannot find my library");
            exit(1)
        }),
        b("says nothing", 3, |_| hang()).hasty_start(),
        b("writes to standard error only", 3, |_| {
            eprintln!("TP1 {{\"id\":0,\"ok\":{}}}", hello());
            hang()
        })
        .less_hasty(),
        b("closes its output at once", 3, |_| {
            let _ = close(1);
            hang()
        }),
        b("drips its hello", 3, |mut stage| {
            stage.request();
            for byte in format!("TP1 {{\"id\":0,\"ok\":{}}}\n", hello()).bytes() {
                say([byte]);
                thread::sleep(Duration::from_millis(100));
            }
        })
        .less_hasty(),
        b("prefix in lower case", 3, |_| say("tp1 {\"id\":0,\"ok\":{}}\n")),
        b("prefix of another version", 3, |_| say("TP2 {\"id\":0,\"ok\":{}}\n")),
        b("prefix without a space", 3, |_| say("TP1{\"id\":0,\"ok\":{}}\n")),
        b("byte order mark", 3, |_| say("\u{feff}TP1 {\"id\":0,\"ok\":{}}\n")),
        b("JSON without a prefix", 3, |_| {
            say("{\"id\":0,\"ok\":{}}\n");
            hang()
        })
        .less_hasty(),
        b("rejects hello", 3, |_| {
            answer(0, "\"reject\":{\"class\":\"auth.key\",\"message\":\"\\u001b[2J\\nno\"}")
        }),
        b("hello in version 2", 3, |mut stage| stage.hello_with("tp", json!(2))),
        b("hello in a long version", 3, |mut stage| stage.hello_with("tp", json!("2".repeat(1 << 20)))),
        b("ops is no list", 3, |mut stage| stage.hello_with("ops", json!("halo.*"))),
        b("ops of a mebibyte of text", 3, |mut stage| stage.hello_with("ops", json!("x".repeat(1 << 20)))),
        b("a million ops", 3, |mut stage| {
            stage.request();
            say(format!("TP1 {{\"id\":0,\"ok\":{{\"ops\":[{}0]}}}}\n", "\"\",".repeat(1_000_000)));
        }),
        b("50,000 ops", 3, |mut stage| stage.hello_with("ops", json!(vec!["x"; 50_000]))),
        b("asterisk inside of a pattern", 3, |mut stage| stage.hello_with("ops", json!(["halo.*.parse"]))),
        b("pattern with terminal escapes", 3, |mut stage| {
            stage.hello_with("ops", json!(["\u{1b}]0;owned\u{7}*x"]));
        }),
        b("name with terminal escapes", 3, |mut stage| {
            stage.hello_with("implementation", named("\u{1b}[2J\u{1b}[32mconformant\u{9b}0m"));
        }),
        b("name with line feeds", 3, |mut stage| {
            stage.hello_with(
                "implementation",
                named("x\n9 passed, 0 failed, 0 skipped\nconformant to halo-core (exit 0)"),
            );
        }),
        b("name written from right to left", 3, |mut stage| {
            stage.hello_with("implementation", named("\u{202e}lived"));
        }),
        b("name of a mebibyte", 3, |mut stage| {
            stage.hello_with("implementation", named(&"n".repeat(1 << 20)));
        }),
        b("coarse of an unknown class", 3, |mut stage| stage.hello_with("coarse", json!(["auth.\u{1b}[7m"]))),
        b("answers hello twice", 1, |mut stage| {
            stage.request();
            let hello = format!("TP1 {{\"id\":0,\"ok\":{}}}\n", hello());
            say(format!("{hello}{hello}"));
            hang()
        }),
        b("the second process claims less", 3, |mut stage| {
            let seen = std::path::Path::new(&std::env::var_os("DXSPEC_HOSTILE").unwrap()).join("seen");
            if std::fs::File::create_new(seen).is_ok() {
                stage.hello();
                stage.request();
                exit(1)
            }
            stage.hello_with("ops", json!(["halo.key.parse"]));
            hang()
        })
        .on("halo/key/parse/hex"),
        // Ends.
        b("exits after hello", 1, |mut stage| {
            stage.hello();
            exit(0)
        }),
        b("exits 0 in the middle of a case", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            exit(0)
        }),
        b("exits in the middle of an answer", 1, |mut stage| {
            stage.after_one_request(|id| format!("TP1 {{\"id\":{id},\"ok\":"));
            exit(0)
        }),
        b("aborts", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            abort()
        }),
        b("segmentation fault", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            // The first is taken by the handler of Rust's own runtime.
            loop {
                let _ = raise(Signal::SIGSEGV);
            }
        }),
        b("kills its process group", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            let _ = kill(Pid::from_raw(0), Signal::SIGKILL);
            hang()
        }),
        b("exits and leaves a child with its output", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            own("idle child").stdin(Stdio::null()).spawn().unwrap();
            exit(7)
        }),
        b("exits and leaves a child in a session of its own", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            own("child in a session of its own").spawn().unwrap();
            exit(7)
        }),
        b("becomes another program", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            let _ = own("exits 1 at once").exec();
        }),
        b("crashes at each request", 3, |mut stage| {
            stage.after_one_request(|_| String::new());
            eprintln!("Traceback: \u{1b}[31mno such key\u{1b}[0m");
            exit(1)
        })
        .on(MANY),
    ]
}

fn named(name: &str) -> serde_json::Value {
    json!({ "name": name, "version": "1", "language": "rust" })
}

fn own(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--testee", name]);
    command
}
