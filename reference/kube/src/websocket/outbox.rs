//! What waits to be written to one connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use dxos_reference::kube::signal::{CloseReason, Full};
use futures_util::task::AtomicWaker;

use super::frame;

/// Room of one queue.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes, with the headers of the frames.
    pub bytes: usize,
    /// Frames.
    pub frames: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: 1 << 20, frames: 4096 }
    }
}

/// The queue as one run of bytes: frames are appended as they will be written, and written all at once.
#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    frames: usize,
    closed: Option<CloseReason>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    reader: AtomicWaker,
    room: Room,
}

/// The way to one client: a bounded queue, which never waits.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Shared>);

/// What is to be written next.
#[derive(Debug)]
pub struct Batch {
    /// Frames, one after the other.
    pub bytes: Vec<u8>,
    /// How many they are.
    pub frames: usize,
    /// Why nothing follows.
    pub closed: Option<CloseReason>,
}

impl Outbox {
    /// With this much room.
    pub fn new(room: Room) -> Self {
        Self(Arc::new(Shared { room, ..Shared::default() }))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a binary message in.
    ///
    /// # Errors
    /// [`Full`] if it is closed or there is no room.
    pub fn binary(&self, payload: &[u8]) -> Result<(), Full> {
        self.put(payload, frame::write_binary)
    }

    /// Answers a ping.
    ///
    /// # Errors
    /// As [`binary`](Self::binary).
    pub fn pong(&self, payload: &[u8]) -> Result<(), Full> {
        self.put(payload, frame::write_pong)
    }

    fn put(&self, payload: &[u8], write: fn(&mut Vec<u8>, &[u8])) -> Result<(), Full> {
        let mut queue = self.queue();
        let room = self.0.room;
        if queue.closed.is_some()
            || queue.frames >= room.frames
            || queue.bytes.len().saturating_add(payload.len()) > room.bytes
        {
            return Err(Full);
        }
        write(&mut queue.bytes, payload);
        queue.frames += 1;
        if queue.frames == 1 {
            drop(queue);
            self.0.reader.wake();
        }
        Ok(())
    }

    /// Ends the connection; the first reason counts.
    pub fn end(&self, reason: CloseReason) {
        self.queue().closed.get_or_insert(reason);
        self.0.reader.wake();
    }

    /// Whether anything is to be written.
    pub fn waits(&self) -> bool {
        self.queue().frames > 0
    }

    /// Whether the connection is to end.
    pub fn is_closed(&self) -> bool {
        self.queue().closed.is_some()
    }

    /// Whether it was closed as it is not read.
    pub fn is_slow(&self) -> bool {
        self.queue().closed == Some(CloseReason::Slow)
    }

    /// Everything that waits.  `spare`, an empty buffer, takes its place, so that a busy connection allocates nothing.
    pub fn take(&self, spare: Vec<u8>) -> Batch {
        let mut queue = self.queue();
        let bytes = std::mem::replace(&mut queue.bytes, spare);
        let frames = std::mem::take(&mut queue.frames);
        Batch { bytes, frames, closed: queue.closed }
    }

    /// Who is woken when something is put in.
    pub fn register(&self, waker: &Waker) {
        self.0.reader.register(waker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_takes_nothing_and_an_empty_one_goes_on() {
        let outbox = Outbox::new(Room { bytes: 20, frames: 3 });
        for _ in 0..3 {
            outbox.binary(b"ab").unwrap();
        }
        assert_eq!(outbox.binary(b""), Err(Full), "frames");
        let batch = outbox.take(Vec::new());
        assert_eq!((batch.bytes.as_slice(), batch.frames), (b"\x82\x02ab\x82\x02ab\x82\x02ab".as_slice(), 3));
        assert_eq!(outbox.binary(&[0; 21]), Err(Full), "bytes");
        outbox.binary(&[0; 20]).unwrap();
        outbox.end(CloseReason::Slow);
        outbox.end(CloseReason::Dead);
        assert_eq!(outbox.binary(b""), Err(Full), "closed");
        assert_eq!(outbox.take(Vec::new()).closed, Some(CloseReason::Slow));
    }
}
