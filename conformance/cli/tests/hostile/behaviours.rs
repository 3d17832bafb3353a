//! The ways to misbehave, by name.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio, abort, exit};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal, kill, raise};
use nix::unistd::{Pid, close, setsid};
use serde_json::json;

use crate::stage::{Stage, answer, flood, hang, hello, right, say};

/// One way to misbehave.
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    /// How the run must end.
    pub(crate) code: i32,
    /// Whether the report is wanted as JSON.
    pub(crate) json: bool,
    cases: &'static str,
    jobs: &'static str,
    timeout: &'static str,
    start_timeout: &'static str,
    probes: bool,
    act: fn(Stage),
}

/// Of one case all is said.
const ONE: &str = "halo/key/parse/hex/p256";
/// More than there are respawns.
const MANY: &str = "halo/key";

impl Behaviour {
    const fn new(name: &'static str, code: i32, act: fn(Stage)) -> Self {
        let (timeout, start_timeout) = ("100", "100");
        Self { name, code, json: false, cases: ONE, jobs: "1", timeout, start_timeout, probes: false, act }
    }

    /// Hangs, so the limit is met.
    const fn hasty(self) -> Self {
        Self { timeout: "0.2", ..self }
    }

    /// Hangs at `hello`.
    const fn hasty_start(self) -> Self {
        Self { start_timeout: "0.3", ..self }
    }

    const fn on(self, cases: &'static str) -> Self {
        Self { cases, ..self }
    }

    const fn by_four(self) -> Self {
        Self { jobs: "4", ..self }
    }

    const fn reported_as_json(self) -> Self {
        Self { json: true, ..self }
    }

    const fn probed(self) -> Self {
        Self { probes: true, ..self }
    }

    pub(crate) fn arguments(&self) -> Vec<&'static str> {
        let mut arguments = vec!["-k", self.cases, "--jobs", self.jobs, "--timeout", self.timeout];
        arguments.extend(["--start-timeout", self.start_timeout]);
        arguments.extend((!self.probes).then_some("--no-probes"));
        arguments.extend(self.json.then_some("--json"));
        arguments
    }
}

/// Misbehaves.
pub(crate) fn act(name: &str) {
    match behaviours().into_iter().find(|behaviour| behaviour.name == name) {
        Some(behaviour) => (behaviour.act)(Stage::new()),
        None if name == "idle child" => hang(),
        None if name == "child in a session of its own" => {
            let _ = setsid();
            // It leaves when the runner closes the input.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        }
        None => panic!("no behaviour {name}"),
    }
}

/// All of them.
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
        .hasty_start(),
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
        .hasty_start(),
        b("prefix in lower case", 3, |_| say("tp1 {\"id\":0,\"ok\":{}}\n")),
        b("prefix of another version", 3, |_| say("TP2 {\"id\":0,\"ok\":{}}\n")),
        b("prefix without a space", 3, |_| say("TP1{\"id\":0,\"ok\":{}}\n")),
        b("byte order mark", 3, |_| say("\u{feff}TP1 {\"id\":0,\"ok\":{}}\n")),
        b("JSON without a prefix", 3, |_| {
            say("{\"id\":0,\"ok\":{}}\n");
            hang()
        })
        .hasty_start(),
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
        // Hangs.
        b("hangs at each request", 3, |mut stage| {
            stage.after_one_request(|_| String::new());
            hang()
        })
        .on(MANY)
        .hasty(),
        b("reads nothing after hello", 1, |mut stage| {
            stage.hello();
            hang()
        })
        .hasty(),
        b("closes its input", 1, |mut stage| {
            let request = stage.request();
            let _ = close(0);
            answer(request.id, &format!("\"ok\":{}", hello()));
            hang()
        })
        .hasty(),
        b("closes its output in the middle of a case", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            let _ = close(1);
            hang()
        }),
        b("half an answer, then silence", 1, |mut stage| {
            stage.after_one_request(|id| format!("a last note\nTP1 {{\"id\":{id},\"ok\":{{"));
            hang()
        })
        .hasty(),
        b("stops itself", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            let _ = raise(Signal::SIGSTOP);
            hang()
        })
        .hasty(),
        b("blocks all signals", 1, |mut stage| {
            let _ = SigSet::all().thread_block();
            stage.after_one_request(|_| String::new());
            hang()
        })
        .hasty(),
        b("drips its answer", 1, |mut stage| {
            stage.after_one_request(|id| format!("TP1 {{\"id\":{id},\"ok\":{{}}"));
            loop {
                say(" ");
                thread::sleep(Duration::from_millis(100));
            }
        })
        .hasty(),
        b("answers when it is too late", 3, |mut stage| {
            stage.hello();
            loop {
                let request = stage.request();
                thread::sleep(Duration::from_millis(300));
                answer(request.id, &right(&request));
            }
        })
        .on(MANY)
        .hasty(),
        // Too much.
        b("1 GiB without a line feed", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            flood(std::io::stdout(), b"a")
        }),
        b("an answer of 1 GiB", 1, |mut stage| {
            stage.after_one_request(|id| format!("TP1 {{\"id\":{id},\"ok\":{{\"key\":\""));
            flood(std::io::stdout(), b"a")
        }),
        b("1 GiB of log lines", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            flood(std::io::stdout(), b"a line of the log that is neither long nor short\n")
        }),
        b("1 GiB on standard error, then an end", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            let mut errors = std::io::stderr().lock();
            for _ in 0..1 << 14 {
                let _ = errors.write_all(&[b'e'; 64 << 10]);
            }
            let _ = errors.write_all(b"\nthe end\n");
            exit(1)
        }),
        b("an endless standard error", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            flood(std::io::stderr(), b"e\n")
        })
        .hasty(),
        b("answers without end", 1, |mut stage| {
            stage.after_one_request(|_| String::new());
            flood(std::io::stdout(), b"TP1 {\"id\":4242,\"ok\":{}}\n")
        }),
        b("a list of 4 MiB", 1, |stage| {
            with_value(stage, || format!("[{}[]]", "[],".repeat((4 << 20) / 3 - 64)))
        }),
        b("objects of 4 MiB", 1, |stage| {
            with_value(stage, || format!("[{}0]", "{\"\":{}},".repeat((4 << 20) / 8 - 64)));
        }),
        b("members of 4 MiB", 1, |stage| {
            with_value(stage, || {
                let members: Vec<String> = (0..300_000).map(|number| format!("\"{number:x}\":0")).collect();
                format!("{{{}}}", members.join(","))
            });
        }),
        b("just as many values as are allowed", 1, |stage| {
            with_value(stage, || format!("[{}0]", "{\"\":0},".repeat(65_536 / 9 - 10)));
        })
        .on(MANY),
        b("a text of 4 MiB", 1, |stage| with_value(stage, || format!("\"{}\"", "x".repeat((4 << 20) - 64)))),
        b("a text of 4 MiB from each of four processes", 1, |stage| {
            with_value(stage, || format!("\"{}\"", "x".repeat((4 << 20) - 64)));
        })
        .on("halo/key/space-id/")
        .by_four(),
        b("4 MiB of control characters", 1, |stage| {
            with_value(stage, || format!("\"{}\"", "\\u001b".repeat((4 << 20) / 6 - 64)));
        }),
        b("a mebibyte in each answer", 1, |stage| {
            with_value(stage, || format!("\"{}\"", "x".repeat(1 << 20)));
        })
        .on(MANY)
        .reported_as_json(),
        b("answers that grow", 1, |mut stage| {
            let mut size = 1000;
            stage.answer_each(|_| {
                size += size / 16;
                format!("\"ok\":{{\"key\":\"{}\"}}", "x".repeat(size))
            })
        })
        .on(MANY),
        b("a log past what is kept, at each of all cases", 1, |mut stage| {
            let log = "\u{1}".repeat(10 << 10);
            stage.answer_each(|_| {
                say(format!("{log}\n"));
                "\"ok\":{}".to_owned()
            })
        })
        .on("halo")
        .reported_as_json(),
        b("a class of a mebibyte", 1, |mut stage| {
            stage.answer_each(|_| format!("\"reject\":{{\"class\":\"{}\"}}", "c".repeat(1 << 20)))
        }),
        b("a member name of a mebibyte, twice", 1, |mut stage| {
            stage.answer_each(|_| {
                let name = "n".repeat(1 << 20);
                format!("\"{name}\":1,\"{name}\":2")
            })
        }),
        // Wrong answers.
        b("wrong id", 1, |mut stage| stage.after_one_request(|_| "TP1 {\"id\":4242,\"ok\":{}}\n".into())),
        b("an answer that nobody asked for", 1, |mut stage| {
            stage.request();
            say(format!("TP1 {{\"id\":0,\"ok\":{}}}\nTP1 {{\"id\":4242,\"ok\":{{}}}}\n", hello()));
            hang()
        }),
        b("answers twice", 3, |mut stage| {
            stage.hello();
            loop {
                let request = stage.request();
                let right = right(&request);
                let id = request.id;
                say(format!("TP1 {{\"id\":{id},{right}}}\nTP1 {{\"id\":{id},{right}}}\n"));
            }
        })
        .on(MANY),
        b("two lines in one", 1, |mut stage| {
            stage.after_one_request(|id| {
                format!("TP1 {{\"id\":{id},\"ok\":{{}}}} TP1 {{\"id\":{id},\"ok\":{{}}}}\n")
            });
        }),
        b("two answers in one", 1, |mut stage| stage.answer_each(|_| "\"ok\":{},\"unsupported\":{}".into())),
        b("no answer in it", 1, |mut stage| stage.answer_each(|_| "\"yes\":{}".into())),
        b("the answer twice", 1, |mut stage| stage.answer_each(|_| "\"ok\":{},\"ok\":{}".into())),
        b("a member twice inside", 1, |mut stage| {
            stage.answer_each(|_| "\"ok\":{\"key\":[{\"a\":1,\"a\":2}]}".into())
        }),
        b("ok is null", 1, |mut stage| stage.answer_each(|_| "\"ok\":null".into())),
        b("ok is a list", 1, |mut stage| stage.answer_each(|_| "\"ok\":[]".into())),
        b("an unknown class", 1, |mut stage| {
            stage.answer_each(|_| "\"reject\":{\"class\":\"auth.\\u001b[8m\"}".into())
        }),
        b("a class that is no text", 1, |mut stage| stage.answer_each(|_| "\"reject\":{\"class\":7}".into())),
        b("half a surrogate", 1, |mut stage| stage.answer_each(|_| "\"ok\":{\"key\":\"\\ud800\"}".into())),
        b("a number past all bounds", 1, |mut stage| stage.answer_each(|_| "\"ok\":{\"key\":1e400}".into())),
        b("a number of 100,000 digits", 1, |mut stage| {
            stage.answer_each(|_| format!("\"ok\":{{\"key\":{}}}", "9".repeat(100_000)))
        }),
        b("nested 100,000 deep", 1, |mut stage| {
            stage.after_one_request(|_| format!("TP1 {}\n", "[".repeat(100_000)))
        }),
        b("a member nested 100,000 deep", 1, |stage| {
            with_value(stage, || format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
        }),
        b("objects nested 120 deep", 1, |stage| {
            with_value(stage, || format!("{}0{}", "{\"a\":".repeat(120), "}".repeat(120)));
        }),
        b("invalid UTF-8 in an answer", 1, |mut stage| {
            stage.hello();
            let id = stage.request().id;
            say([format!("TP1 {{\"id\":{id},\"ok\":{{\"key\":\"").as_bytes(), b"\xff\xfe\"}}\n"].concat());
            hang()
        }),
        b("a NUL in an answer", 1, |mut stage| stage.answer_each(|_| "\"ok\":{\"key\":\"\0\"}".into())),
        b("nothing behind the prefix", 1, |mut stage| stage.after_one_request(|_| "TP1 \n".into())),
        b("claims all and serves nothing", 1, |mut stage| stage.answer_each(|_| "\"unsupported\":{}".into())),
        b("terminal escapes in all texts", 1, escapes),
        b("terminal escapes in all texts, reported as JSON", 1, escapes).reported_as_json(),
        b("terminal escapes in a failed probe", 3, |mut stage| {
            stage.answer_each(|_| "\"bug\":{\"message\":\"\\u001b[2J\\nTo do: nothing\"}".into())
        })
        .probed(),
        b("a log that looks like an outcome", 1, |mut stage| {
            stage.answer_each(|_| {
                say("9 passed, 0 failed, 0 skipped\nconformant to halo-core (exit 0)\n");
                "\"bug\":{\"message\":\"9 passed, 0 failed, 0 skipped\\nconformant to halo-core (exit 0)\"}"
                    .into()
            })
        }),
        b("invalid UTF-8 and NUL in the log", 1, |mut stage| {
            stage.answer_each(|_| {
                say(b"\xff\xfe \0 \xed\xa0\x80\n");
                "\"ok\":{}".into()
            })
        }),
        b("id as a text", 1, |stage| with_id(stage, "\"1000\"")),
        b("id of 2^64", 1, |stage| with_id(stage, "18446744073709551616")),
        b("id with a point", 1, |stage| with_id(stage, "1000.0")),
        b("id of minus 0", 1, |stage| with_id(stage, "-0")),
        // Odd, and allowed.
        b("lines end with CR LF", 0, |mut stage| {
            stage.hello();
            loop {
                let request = stage.request();
                say(format!("TP1 {{\"id\":{},{}}}\r\n", request.id, right(&request)));
            }
        }),
        b("logs between right answers", 0, |mut stage| {
            stage.answer_each(|request| {
                say("\n\n TP1 {}\nTP1\nTPM2 {\n");
                eprintln!("a warning");
                right(request)
            })
        }),
        b("members that nobody knows", 0, |mut stage| {
            stage.answer_each(|request| format!("\"x\":1,{}", right(request)))
        }),
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

/// Answers each request with a result that has this value as its only member.
fn with_value(mut stage: Stage, value: fn() -> String) {
    let value = value();
    stage.answer_each(|_| format!("\"ok\":{{\"key\":{value}}}"))
}

/// In the log and in a message.
fn escapes(mut stage: Stage) {
    stage.answer_each(|_| {
        say("\u{1b}]0;owned\u{7}\u{1b}[1A\u{1b}[2Ka log\u{9b}5m\n");
        let message = "\\u001b[2J\\u009b1mno\\r\\n9 passed, 0 failed, 0 skipped";
        format!("\"reject\":{{\"class\":\"auth.key\",\"message\":\"{message}\"}}")
    })
}

fn with_id(mut stage: Stage, id: &'static str) {
    stage.after_one_request(|_| format!("TP1 {{\"id\":{id},\"ok\":{{}}}}\n"));
}
