//! Testees that answer wrongly or oddly.

use crate::behaviours::{Behaviour, MANY};
use crate::stage::{Stage, hang, hello, right, say, with_value};

/// In the order of the table.
pub(crate) fn behaviours() -> Vec<Behaviour> {
    let b = Behaviour::new;
    vec![
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
