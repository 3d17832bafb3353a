//! As much of HTTP/1.1 as it takes to ask once on a connection, and to see everything that is answered, also where a
//! library would call it a mistake.

use std::fmt::Write as _;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::dial::Connection;

/// The most bytes of the head of an answer.
const HEAD: usize = 64 << 10;

/// The most bytes of a body.
const BODY: usize = 4 << 20;

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// The value of the first header with a name in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a request without a body; gives the head of the answer, and what has come after it.
pub(crate) async fn ask(
    connection: &mut (dyn Connection + '_),
    method: &str,
    path: &str,
    headers: &[(String, String)],
) -> io::Result<(Head, Vec<u8>)> {
    let lines = headers.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    if [method, path].into_iter().chain(lines).any(|part| part.contains(['\r', '\n'])) {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let mut request = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        // Writing to a text does not fail.
        let _ = write!(request, "{name}: {value}\r\n");
    }
    request.push_str("\r\n");
    connection.write_all(request.as_bytes()).await?;
    connection.flush().await?;
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((read_head(&bytes)?, rest));
        }
        if bytes.len() > HEAD || connection.read_buf(&mut bytes).await? == 0 {
            return Err(garbage());
        }
    }
}

/// The body of an answer; `bytes` is what has come already.
pub(crate) async fn body(
    connection: &mut (dyn Connection + '_),
    method: &str,
    head: &Head,
    mut bytes: Vec<u8>,
) -> io::Result<Vec<u8>> {
    if method == "HEAD" || matches!(head.status, 100..=199 | 204 | 304) {
        return Ok(Vec::new());
    }
    let length = head.get("content-length").and_then(|length| length.parse::<usize>().ok());
    let chunked = head.get("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    loop {
        let whole = match length {
            _ if chunked => unchunk(&bytes)?,
            Some(length) => bytes.get(..length).map(<[u8]>::to_vec),
            None => None,
        };
        if let Some(whole) = whole {
            return Ok(whole);
        }
        if bytes.len() > BODY {
            return Err(garbage());
        }
        if connection.read_buf(&mut bytes).await? == 0 {
            let cut = chunked || length.is_some();
            return if cut { Err(garbage()) } else { Ok(bytes) };
        }
    }
}

fn read_head(bytes: &[u8]) -> io::Result<Head> {
    let text = std::str::from_utf8(bytes).map_err(|_| garbage())?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok());
    let headers = lines.filter(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(':').ok_or_else(garbage)?;
        Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Ok(Head { status: status.ok_or_else(garbage)?, headers: headers.collect::<io::Result<_>>()? })
}

/// The chunks put together, if the last one is there.
fn unchunk(bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut whole = Vec::new();
    let mut rest = bytes;
    loop {
        let Some(end) = find(rest, b"\r\n") else { return Ok(None) };
        let (line, after) = rest.split_at(end);
        let size = std::str::from_utf8(line).ok().and_then(|line| line.split(';').next());
        let size = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let size = size.filter(|size| *size <= BODY).ok_or_else(garbage)?;
        if size == 0 {
            return Ok(Some(whole));
        }
        let after = after.get(2..).unwrap_or_default();
        let (Some(chunk), Some(next)) = (after.get(..size), after.get(size + 2..)) else { return Ok(None) };
        whole.extend_from_slice(chunk);
        rest = next;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn garbage() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_or_refused() {
        let head = read_head(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nx-Y:z\r\n\r\n").unwrap();
        assert_eq!((head.status, head.get("content-length"), head.get("x-y")), (404, Some("3"), Some("z")));
        for bad in ["SSH-2.0\r\n\r\n", "HTTP/1.1 4\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"] {
            assert!(read_head(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn chunks_are_put_together() {
        let whole = b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(unchunk(whole).unwrap(), Some(b"abc0123456789".to_vec()));
        for cut in 0..whole.len() - 4 {
            assert_eq!(unchunk(whole.get(..cut).unwrap()).unwrap(), None, "{cut}");
        }
        assert!(unchunk(b"ffffffff\r\n").is_err());
    }
}
