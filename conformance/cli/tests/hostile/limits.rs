//! Testees that hang, and testees that say too much.

use std::io::Write;
use std::process::exit;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal, raise};
use nix::unistd::close;

use crate::behaviours::{Behaviour, MANY};
use crate::stage::{answer, flood, hang, hello, right, say, with_value};

/// In the order of the table.
pub(crate) fn behaviours() -> Vec<Behaviour> {
    let b = Behaviour::new;
    vec![
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
        .less_hasty(),
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
        .less_hasty(),
        b("answers when it is too late", 3, |mut stage| {
            stage.hello();
            loop {
                let request = stage.request();
                thread::sleep(Duration::from_secs(1));
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
        .on("halo/key/parse/hex"),
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
        .on("halo/key/parse/hex")
        .reported_as_json(),
        b("answers that grow", 1, |mut stage| {
            let mut size = 1000;
            stage.answer_each(|_| {
                size += size / 4;
                format!("\"ok\":{{\"key\":\"{}\"}}", "x".repeat(size))
            })
        })
        .on("halo/key/parse/hex"),
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
    ]
}
