//! Subjects of the bus.

use sha2::{Digest as _, Sha256};

use crate::Reject;

/// Bytes of a host id.
pub const HOST_BYTES: usize = 16;

/// Names a server from its start to its end.
pub type Host = [u8; HOST_BYTES];

const PREFIX: &str = "dxos.signal.1";

/// The first 16 bytes of the SHA-256 of a topic or a key.
pub(super) type Name = [u8; 16];

/// A subject, without the sender at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Who is in a topic: `SwarmEvent`.
    Swarm(Name),
    /// Messages for a peer: `PeerEvent`.
    Peer(Name),
    /// Answers to one server: `HostEvent`.
    Host {
        /// The server.
        to: Host,
        /// Its question; any of them in a subscription.
        round: Option<u64>,
    },
    /// Signs of life of the sender: nothing.
    Alive,
    /// Those of one server, in a subscription.
    AliveOf(Host),
}

impl Subject {
    pub(super) fn of_topic(topic: &[u8]) -> Self {
        Self::Swarm(name(topic))
    }

    pub(super) fn of_peer(peer: &[u8]) -> Self {
        Self::Peer(name(peer))
    }

    /// As a server publishes on it.
    pub(super) fn write(&self, from: Host) -> String {
        format!("{}.{}", self.stem(), hex(&from))
    }

    /// As it is subscribed to.
    pub(super) fn pattern(&self) -> String {
        match self {
            Self::AliveOf(host) => Self::Alive.write(*host),
            other => format!("{}.*", other.stem()),
        }
    }

    fn stem(&self) -> String {
        match self {
            Self::Swarm(name) => {
                let name = alter!(KUBE_FED_002, hex(name), "a topic is named by half of its hash" => hex(&name[..8]));
                format!("{PREFIX}.swarm.{name}")
            }
            Self::Peer(name) => {
                let kind =
                    alter!(KUBE_FED_003, "peer", "messages are published as swarm events are" => "swarm");
                format!("{PREFIX}.{kind}.{}", hex(name))
            }
            Self::Host { to, round: Some(round) } => {
                let round = alter!(KUBE_FED_004, hex(&round.to_be_bytes()),
                    "the question is written as it is counted" => round.to_string());
                format!("{PREFIX}.host.{}.{round}", hex(to))
            }
            Self::Host { to, round: None } => format!("{PREFIX}.host.{}.*", hex(to)),
            Self::Alive | Self::AliveOf(_) => {
                let kind =
                    alter!(KUBE_FED_005, "alive", "a sign of life goes to an unknown subject" => "host");
                format!("{PREFIX}.{kind}")
            }
        }
    }

    /// A subject, and its sender.
    ///
    /// # Errors
    /// It has another form (KUBE-FED-007).
    pub(super) fn read(text: &str) -> Result<(Self, Host), Reject> {
        let read = Self::parse(text);
        require!(KUBE_FED_007, read.is_some(), CanonForm, "the subject has another form")?;
        Ok(read.unwrap_or((Self::Alive, [0; HOST_BYTES])))
    }

    fn parse(text: &str) -> Option<(Self, Host)> {
        let (stem, from) = text.strip_prefix(PREFIX)?.strip_prefix('.')?.rsplit_once('.').or(None)?;
        let from = unhex(from)?;
        let mut tokens = stem.split('.');
        let subject = match (tokens.next()?, tokens.next(), tokens.next()) {
            ("swarm", Some(name), None) => Self::Swarm(unhex(name)?),
            ("peer", Some(name), None) => Self::Peer(unhex(name)?),
            ("host", Some(to), Some(round)) => {
                Self::Host { to: unhex(to)?, round: Some(u64::from_be_bytes(unhex(round)?)) }
            }
            ("alive", None, None) => Self::Alive,
            _ => return None,
        };
        tokens.next().is_none().then_some((subject, from))
    }
}

fn name(bytes: &[u8]) -> Name {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let mut name = [0; 16];
    name.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    name
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let (host, to) = ([7; 16], [8; 16]);
        for subject in [
            Subject::of_topic(b"topic"),
            Subject::of_peer(b"peer"),
            Subject::Host { to, round: Some(300) },
            Subject::Alive,
        ] {
            let written = subject.write(host);
            assert_eq!(Subject::read(&written), Ok((subject, host)), "{written}");
            assert!(Subject::read(&written.to_uppercase()).is_err());
            assert!(Subject::read(&format!("{written}.x")).is_err());
        }
        assert_eq!(
            Subject::Host { to, round: Some(300) }.write(host),
            "dxos.signal.1.host.08080808080808080808080808080808.000000000000012c.07070707070707070707070707070707"
        );
        assert_eq!(
            Subject::of_topic(&[]).pattern(),
            "dxos.signal.1.swarm.e3b0c44298fc1c149afbf4c8996fb924.*"
        );
        assert!(Subject::read("").is_err());
    }
}
