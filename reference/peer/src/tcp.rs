//! Streams of replication over TCP.

use std::io;

use dxos_reference::echo::replication::Transfer;
use dxos_reference::echo::storage::RandomAccess;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::task::JoinHandle;

use crate::{DiscoveryKey, Peer, StreamError};

impl<S: RandomAccess + Send + 'static> Peer<S> {
    /// Dials a remote and replicates feeds with it; the task ends with the stream, and aborting it hangs up.
    ///
    /// # Errors
    /// What dialling meets with.
    pub async fn dial(
        &self,
        remote: impl ToSocketAddrs,
        feeds: &[DiscoveryKey],
        transfer: Transfer,
    ) -> io::Result<JoinHandle<Result<(), StreamError>>> {
        let stream = TcpStream::connect(remote).await?;
        Ok(self.carry(stream, feeds.to_vec(), transfer))
    }

    /// Answers one remote that dials.
    ///
    /// # Errors
    /// What accepting meets with.
    pub async fn accept(
        &self,
        listener: &TcpListener,
        feeds: &[DiscoveryKey],
        transfer: Transfer,
    ) -> io::Result<JoinHandle<Result<(), StreamError>>> {
        let (stream, _) = listener.accept().await?;
        Ok(self.carry(stream, feeds.to_vec(), transfer))
    }

    fn carry(
        &self,
        stream: TcpStream,
        feeds: Vec<DiscoveryKey>,
        transfer: Transfer,
    ) -> JoinHandle<Result<(), StreamError>> {
        let peer = self.clone();
        tokio::spawn(async move {
            // Frames are small and each may be waited for.
            stream.set_nodelay(true)?;
            peer.replicate(stream, &feeds, transfer).await
        })
    }
}
