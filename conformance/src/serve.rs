//! The exec side of the protocol: a loop that reads requests and prints answers.

use std::io::{self, BufRead, Write};

use crate::implementation::{Implementation, Service};
use crate::line::{Cut, read_line};
use crate::null::Null;
use crate::protocol::{Answer, LINE_LIMIT, PREFIX, Request};

/// Serves an implementation until the input ends.  A line that is no request cannot be answered, as it has no
/// id; it is reported on the output as a log line, and the next one is read.
///
/// # Errors
///
/// Those of reading and writing.  A runner that is gone is not an error.
pub fn serve(
    implementation: Box<dyn Implementation>,
    input: impl BufRead,
    output: impl Write,
) -> io::Result<()> {
    serve_as(implementation, input, output, |request, answer| answer.to_line(request.id))
}

/// Serves a null testee.  Of these, `null-empty` is the only one that an [`Answer`] cannot express: all that
/// it says, after `hello`, is an empty object.
///
/// # Errors
///
/// As [`serve`].
pub fn serve_null(null: Null, input: impl BufRead, output: impl Write) -> io::Result<()> {
    serve_as(Box::new(null), input, output, |request, answer| match null {
        Null::Empty if request.op != "hello" => format!("{PREFIX}{{}}"),
        _ => answer.to_line(request.id),
    })
}

fn serve_as(
    implementation: Box<dyn Implementation>,
    mut input: impl BufRead,
    mut output: impl Write,
    print: impl Fn(&Request, &Answer) -> String,
) -> io::Result<()> {
    let mut service = Service::new(implementation);
    let mut buffer = Vec::new();
    loop {
        match read_line(&mut input, LINE_LIMIT, &mut buffer)? {
            Cut::Line => {}
            Cut::End => return Ok(()),
            Cut::TooLong => return Err(io::Error::other("a request is longer than 16 MiB")),
        }
        let request = std::str::from_utf8(&buffer)
            .map_err(|error| error.to_string())
            .and_then(|line| Request::parse(line).map_err(|error| error.to_string()));
        let line = match request {
            Ok(request) => print(&request, &service.call(&request.op, &request.input)),
            // The same frame rules hold on both ways, and the errors are worded for answers.
            Err(why) => format!("not a request: {}", why.replacen("the answer", "the line", 1)),
        };
        match writeln!(output, "{line}").and_then(|()| output.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            other => other?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_answered_line_by_line() {
        let input = concat!(
            "{\"id\":0,\"op\":\"hello\",\"in\":{\"tp\":1},\"later\":true}\n",
            "what\n",
            "{\"id\":5,\"op\":\"halo.key.parse\",\"in\":{\"text\":\"x\"}}\n",
        );
        let mut output = Vec::new();
        serve(Box::new(Null::Echo), input.as_bytes(), &mut output).unwrap();
        let lines: Vec<String> = String::from_utf8(output).unwrap().lines().map(str::to_owned).collect();
        assert!(lines[0].starts_with("TP1 {\"id\":0,\"ok\":{"));
        assert!(lines[1].starts_with("not a request: "));
        assert_eq!(lines[2], "TP1 {\"id\":5,\"ok\":{\"text\":\"x\"}}");
    }

    #[test]
    fn null_empty_says_nothing() {
        let mut output = Vec::new();
        serve_null(Null::Empty, &b"{\"id\":5,\"op\":\"x\",\"in\":{}}\n"[..], &mut output).unwrap();
        assert_eq!(output, b"TP1 {}\n");
    }
}
