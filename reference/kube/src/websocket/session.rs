//! The task of one connection: it reads, hands on what it reads, and writes what waits.
//!
//! One task does both, as most of what a client sends is answered.  What waits is written a turn later, once
//! everybody else who is ready had one: whatever came together by then goes out in one write.

use std::cell::RefCell;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use dxos_reference::kube::signal::CloseReason;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Duration, timeout};

use super::frame::{self, Incoming, Reader, Violation};
use super::outbox::Outbox;
use crate::kube::stopped;

/// Bytes read at once, by whichever connection of a thread is at work.
const SCRATCH: usize = 64 << 10;
/// A buffer that grew over this many bytes is given back once it is written.
const KEPT: usize = 2 << 10;
/// How long a close frame may take to be written.
const GOODBYE: Duration = Duration::from_secs(2);

thread_local! {
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH]);
}

/// Takes one message, and says whether more are wanted.
pub type Take<'a> = &'a mut dyn FnMut(Incoming<'_>) -> ControlFlow<()>;
/// Hands messages that were read at once to whoever takes them.
pub type Each<'a> = &'a mut dyn FnMut(Take<'_>) -> Result<(), Violation>;

/// What a connection is for.
pub trait Service: Send {
    /// Takes messages that were read at once: calls `each` with whom to give them to.  A lock is held for all of them.
    fn receive(&mut self, each: Each<'_>) -> Result<(), Violation>;
    /// The connection is gone.
    fn closed(&mut self);
}

/// Counts what is on the wire.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Bytes read.
    pub received: AtomicU64,
    /// Bytes written.
    pub sent: AtomicU64,
    /// Writes, each of one or more frames.
    pub writes: AtomicU64,
    /// Connections that were closed for breaking the protocol or a limit of it.
    pub violations: AtomicU64,
}

/// How a connection ends.
enum End {
    /// The other side is gone: nothing can be written.
    Gone,
    /// It gets a close frame with this code, or with none.
    Close(Option<u16>),
    /// It takes nothing more.
    Cut,
}

struct Session<T> {
    stream: T,
    reader: Reader,
    outbox: Outbox,
    /// What is being written, and how far.
    writing: Vec<u8>,
    written: usize,
    dirty: bool,
    /// Whether the others had their turn since something was found to wait.
    due: bool,
    traffic: Arc<Traffic>,
}

/// Serves a connection until it ends.  `early`: bytes that came with the upgrade.  `limit`: bytes of a message.
pub async fn run<T, S>(
    stream: T,
    mut early: Vec<u8>,
    limit: usize,
    outbox: Outbox,
    service: &mut S,
    traffic: Arc<Traffic>,
    mut stop: watch::Receiver<bool>,
) where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service + ?Sized,
{
    let reader = Reader::new(limit);
    let mut session = Session {
        stream,
        reader,
        outbox,
        writing: Vec::new(),
        written: 0,
        dirty: false,
        due: false,
        traffic,
    };
    let end = match session.take(&mut early, service) {
        Some(end) => end,
        None => tokio::select! {
            biased;
            end = poll_fn(|cx| session.poll(cx, service)) => end,
            () = stopped(&mut stop) => End::Close(Some(1001)),
        },
    };
    // Nobody waits for what this client has still to read.
    session.outbox.end(CloseReason::Closed);
    service.closed();
    if let End::Close(code) = end {
        let _ = timeout(GOODBYE, session.goodbye(code)).await;
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Session<T> {
    fn poll(&mut self, cx: &mut Context<'_>, service: &mut (impl Service + ?Sized)) -> Poll<End> {
        self.outbox.register(cx.waker());
        if (self.due || self.written < self.writing.len() || self.outbox.is_closed())
            && let Some(end) = self.write(cx)
        {
            return Poll::Ready(end);
        }
        self.due = false;
        let read = READ.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(_)) => Poll::Ready(Some(End::Gone)),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => Poll::Ready(Some(End::Gone)),
                Poll::Ready(Ok(())) => Poll::Ready(self.take(buffer.filled_mut(), service)),
            }
        });
        match read {
            Poll::Ready(Some(end)) => return Poll::Ready(end),
            // There may be more: it is read after what it is answered with was written.
            Poll::Ready(None) => self.due = true,
            Poll::Pending => self.due = self.written == self.writing.len() && self.outbox.waits(),
        }
        if self.due {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Writes until nothing waits or nothing more is taken.
    fn write(&mut self, cx: &mut Context<'_>) -> Option<End> {
        loop {
            if self.written == self.writing.len() {
                let mut spare = std::mem::take(&mut self.writing);
                if spare.capacity() > KEPT {
                    spare = Vec::new();
                }
                spare.clear();
                let batch = self.outbox.take(spare);
                (self.writing, self.written) = (batch.bytes, 0);
                match batch.closed {
                    Some(CloseReason::Slow) => return Some(End::Cut),
                    Some(reason) => return Some(End::Close(Some(code(reason)))),
                    None => {}
                }
                if self.writing.is_empty() {
                    if self.dirty {
                        match Pin::new(&mut self.stream).poll_flush(cx) {
                            Poll::Ready(Ok(())) => self.dirty = false,
                            Poll::Ready(Err(_)) => return Some(End::Gone),
                            Poll::Pending => {}
                        }
                    }
                    return None;
                }
            }
            let rest = self.writing.get(self.written..).unwrap_or_default();
            match Pin::new(&mut self.stream).poll_write(cx, rest) {
                Poll::Ready(Ok(0) | Err(_)) => return Some(End::Gone),
                Poll::Ready(Ok(count)) => {
                    self.written += count;
                    self.dirty = true;
                    self.traffic.sent.fetch_add(count as u64, Ordering::Relaxed);
                    self.traffic.writes.fetch_add(1, Ordering::Relaxed);
                }
                Poll::Pending => {
                    // A client that does not read is closed by its full queue, which nothing here would notice.
                    return self.outbox.is_slow().then_some(End::Cut);
                }
            }
        }
    }

    fn take(&mut self, bytes: &mut [u8], service: &mut (impl Service + ?Sized)) -> Option<End> {
        if bytes.is_empty() {
            return None;
        }
        self.traffic.received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let Self { reader, outbox, .. } = self;
        let mut closed = false;
        let read = service.receive(&mut |give| {
            reader.feed(bytes, &mut |incoming| match incoming {
                Incoming::Close => {
                    closed = true;
                    ControlFlow::Break(())
                }
                Incoming::Ping(payload) => {
                    // A client whose queue is full will be closed by what it asks for next.
                    let _ = outbox.pong(payload);
                    give(Incoming::Ping(payload))
                }
                other => give(other),
            })
        });
        match read {
            Err(violation) => {
                self.traffic.violations.fetch_add(1, Ordering::Relaxed);
                Some(End::Close(Some(violation.code())))
            }
            Ok(()) => closed.then_some(End::Close(None)),
        }
    }

    async fn goodbye(&mut self, code: Option<u16>) -> std::io::Result<()> {
        // What was begun must be whole, or the close frame would be in its middle.
        let mut last = self.writing.split_off(self.written.min(self.writing.len()));
        last.extend_from_slice(&self.outbox.take(Vec::new()).bytes);
        frame::write_close(&mut last, code);
        self.stream.write_all(&last).await?;
        self.stream.shutdown().await
    }
}

const fn code(reason: CloseReason) -> u16 {
    match reason {
        CloseReason::Malformed => 1002,
        CloseReason::Slow => 1008,
        // Gone, or never there: whoever still listens should try again.
        CloseReason::Dead | CloseReason::Closed => 1001,
    }
}
