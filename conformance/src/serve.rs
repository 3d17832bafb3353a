//! The testee's side of the protocol: a loop that reads requests and prints answers.

use std::io::{self, BufRead, Write};

use crate::implementation::{Implementation, Service};
use crate::line::{Cut, read_line};
use crate::null::Null;
use crate::protocol::{LINE_LIMIT, PREFIX, Request};

/// Turns the line of a request into that of its answer.
pub struct Server {
    service: Service,
    /// Whether this is `null-empty`, the only testee that an [`Answer`](crate::protocol::Answer) cannot express:
    /// all that it says, after `hello`, is an empty object.
    says_nothing: bool,
}

impl Server {
    /// Serves an implementation.
    pub fn new(implementation: Box<dyn Implementation>) -> Self {
        Self { service: Service::new(implementation), says_nothing: false }
    }

    /// Serves a null testee.
    pub fn null(null: Null) -> Self {
        Self { service: Service::new(Box::new(null)), says_nothing: null == Null::Empty }
    }

    /// Answers one line, both without line feeds.  A line that is no request cannot be answered, as it has no id;
    /// what comes back then is a line of the log.
    pub fn answer(&mut self, line: &[u8]) -> String {
        let request = std::str::from_utf8(line)
            .map_err(|error| error.to_string())
            .and_then(|line| Request::parse(line).map_err(|error| error.to_string()));
        match request {
            Ok(request) if self.says_nothing && request.op != "hello" => format!("{PREFIX}{{}}"),
            Ok(request) => self.service.call(&request.op, &request.input).to_line(request.id),
            // The same frame rules hold on both ways, and the errors are worded for answers.
            Err(why) => format!("not a request: {}", why.replacen("the answer", "the line", 1)),
        }
    }

    /// Answers line by line until the input ends.
    ///
    /// # Errors
    ///
    /// Those of reading and writing.  A runner that is gone is not an error.
    pub fn serve_lines(&mut self, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
        let mut buffer = Vec::new();
        loop {
            match read_line(&mut input, LINE_LIMIT, &mut buffer)? {
                Cut::Line => {}
                Cut::End => return Ok(()),
                Cut::TooLong => return Err(io::Error::other("a request is longer than 4 MiB")),
            }
            let mut line = self.answer(&buffer);
            line.push('\n');
            match output.write_all(line.as_bytes()).and_then(|()| output.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                other => other?,
            }
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
        Server::null(Null::Echo).serve_lines(input.as_bytes(), &mut output).unwrap();
        let lines: Vec<String> = String::from_utf8(output).unwrap().lines().map(str::to_owned).collect();
        assert!(lines[0].starts_with("TP1 {\"id\":0,\"ok\":{"));
        assert!(lines[1].starts_with("not a request: "));
        assert_eq!(lines[2], "TP1 {\"id\":5,\"ok\":{\"text\":\"x\"}}");
    }

    #[test]
    fn null_empty_says_nothing() {
        let mut output = Vec::new();
        let input = &b"{\"id\":5,\"op\":\"x\",\"in\":{}}\n"[..];
        Server::null(Null::Empty).serve_lines(input, &mut output).unwrap();
        assert_eq!(output, b"TP1 {}\n");
    }
}
