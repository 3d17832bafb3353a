//! A stream of replication, driven by a clock and a pair of pipes.

use std::io;

use dxos_reference::echo::replication::{Event as Happened, Machine, ReplicationError, Transfer};
use dxos_reference::echo::storage::RandomAccess;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Duration, Instant};

use crate::peer::Change;
use crate::{DiscoveryKey, Event, Peer};

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;
/// Bytes of output that are gathered for one write, at most by one frame exceeded.
const GATHERED: usize = 64 << 10;

/// Why a stream ended before the remote closed it.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What the remote sent was refused, or storage here failed.
    #[error(transparent)]
    Replication(#[from] ReplicationError),
}

impl<S: RandomAccess> Peer<S> {
    /// Replicates feeds with the remote end of a stream until it closes the stream.
    ///
    /// # Errors
    /// See [`StreamError`].
    pub async fn replicate(
        &self,
        stream: impl AsyncRead + AsyncWrite,
        feeds: &[DiscoveryKey],
        transfer: Transfer,
    ) -> Result<(), StreamError> {
        // Before the feeds are opened, so that no block falls between.
        let mut changes = self.changes();
        let mut session = Session::new(self, feeds, transfer);
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut chunk = vec![0; CHUNK];
        let mut output = Vec::new();
        let ended = loop {
            if output.is_empty() {
                match session.output() {
                    Ok(bytes) => output = bytes,
                    Err(error) => break Err(error.into()),
                }
            }
            let stepped = tokio::select! {
                read = reader.read(&mut chunk) => match read {
                    Ok(0) => break Ok(()),
                    Ok(count) => session.receive(chunk.get(..count).unwrap_or_default()),
                    Err(error) => break Err(error.into()),
                },
                written = writer.write(&output), if !output.is_empty() => match written {
                    Ok(0) => break Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                    Ok(count) => {
                        output.drain(..count);
                        Ok(())
                    }
                    Err(error) => break Err(error.into()),
                },
                change = changes.recv() => {
                    match change {
                        Ok(change) => session.announce(&change),
                        Err(RecvError::Lagged(_)) => session.announce_all(),
                        // Not while this peer is here.
                        Err(RecvError::Closed) => {}
                    }
                    Ok(())
                }
                () = tokio::time::sleep_until(session.deadline()) => session.tick(),
            };
            if let Err(error) = stepped {
                break Err(error.into());
            }
        };
        session.tell();
        if let Err(StreamError::Replication(error)) = &ended {
            self.tell(Event::Failed(error.clone()));
        }
        // The remote may be gone already.
        let _ = writer.shutdown().await;
        ended
    }
}

/// The machine of a stream with its peer and its clock.
struct Session<'a, S> {
    peer: &'a Peer<S>,
    machine: Machine,
    feeds: Vec<DiscoveryKey>,
    stream: u64,
    began: Instant,
}

impl<'a, S: RandomAccess> Session<'a, S> {
    fn new(peer: &'a Peer<S>, feeds: &[DiscoveryKey], transfer: Transfer) -> Self {
        let mut machine = Machine::new(0);
        for feed in feeds {
            machine.open(*feed, transfer, 0);
        }
        let (feeds, stream, began) = (feeds.to_vec(), peer.next_stream(), Instant::now());
        Self { peer, machine, feeds, stream, began }
    }

    /// Milliseconds since the stream began.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn deadline(&self) -> Instant {
        self.began + Duration::from_millis(self.machine.deadline())
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<(), ReplicationError> {
        let now = self.now();
        let received = self.machine.receive(bytes, now, &mut *self.peer.feeds());
        self.tell();
        received
    }

    fn tick(&mut self) -> Result<(), ReplicationError> {
        self.machine.tick(self.now())
    }

    fn announce(&mut self, change: &Change) {
        if change.stream != Some(self.stream) {
            self.machine.announce(&change.feed, change.start, change.length, self.now());
        }
    }

    /// Some changes were missed: whatever is here is told of again.
    fn announce_all(&mut self) {
        for feed in &self.feeds {
            let mut runs: Vec<(u64, u64)> = Vec::new();
            self.peer.with(feed, |feed| {
                for index in (0..feed.length()).filter(|index| feed.has(*index)) {
                    match runs.last_mut() {
                        Some((start, length)) if *start + *length == index => *length += 1,
                        _ => runs.push((index, 1)),
                    }
                }
            });
            for (start, length) in runs {
                self.machine.announce(feed, start, length, self.began.elapsed().as_millis() as u64);
            }
        }
    }

    /// The next bytes to be written, after what they make room for.
    fn output(&mut self) -> Result<Vec<u8>, ReplicationError> {
        let mut output = Vec::new();
        loop {
            while output.len() < GATHERED
                && let Some(bytes) = self.machine.next_output()
            {
                output.extend_from_slice(&bytes);
            }
            let now = self.now();
            if !output.is_empty() {
                self.machine.resume(now, &mut *self.peer.feeds())?;
                return Ok(output);
            }
            self.machine.resume(now, &mut *self.peer.feeds())?;
            match self.machine.next_output() {
                Some(bytes) => output.extend_from_slice(&bytes),
                None => return Ok(output),
            }
        }
    }

    /// Tells the peer, and by it the other streams, what has happened.
    fn tell(&mut self) {
        let mut grown = Vec::new();
        while let Some(event) = self.machine.next_event() {
            self.peer.tell(match event {
                Happened::Opened { feed } => Event::Opened { feed },
                Happened::Closed { feed } => Event::Closed { feed },
                Happened::Fork { feed, index } => Event::Fork { feed, index },
                Happened::Received { feed, index } => {
                    if !grown.contains(&feed) {
                        grown.push(feed);
                    }
                    self.peer.changed(Change { feed, start: index, length: 1, stream: Some(self.stream) });
                    Event::Received { feed, index }
                }
            });
        }
        for feed in grown {
            let synced = self.peer.with(&feed, |feed| (feed.held() == feed.length()).then(|| feed.length()));
            if let Some(Some(length)) = synced {
                self.peer.tell(Event::Synced { feed, length });
            }
        }
    }
}
