//! Reading and changing the configuration.

use std::collections::VecDeque;

use dxos_proto::dxos::config::Config;
use dxos_proto::dxos::service::supervisor::{
    ConfigPair, GetConfigResponse, SetConfigRequest, SetConfigResponse,
};

use super::{SocketId, Supervisor};
use crate::kube::capability::{self, Capabilities};
use crate::kube::config::{self, When};
use crate::{Class, Reject, requirement as req};

/// So many changes may wait.
const WAITING: usize = 64;

/// A change that waits to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What is to be stored, so that a restart does not undo it.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The whole configuration after a change.  [`Supervisor::stored`] says how it went; until then no other change is
    /// handed out, and nobody sees this one.
    Store {
        /// Which change.
        ticket: Ticket,
        /// The configuration.
        document: Box<Config>,
        /// The key that changes.
        key: &'static str,
        /// When the change takes effect.
        when: When,
    },
    /// An identity has become an operator.
    Allowed {
        /// Its key.
        identity: Vec<u8>,
        /// What it may do.
        capabilities: Capabilities,
    },
    /// A token counts no longer.
    Revoked {
        /// Its id.
        id: String,
        /// When it would have expired, in Unix seconds: until then it must be remembered.
        expires: u64,
    },
}

/// A change that was asked for.
#[derive(Debug)]
struct Change {
    ticket: Ticket,
    key: &'static config::Key,
    value: String,
}

/// The configuration, and what is on its way into it.
#[derive(Debug)]
pub(super) struct Changes {
    document: Config,
    waiting: VecDeque<Change>,
    /// The change that is being stored, and what the configuration then is.
    storing: Option<(Change, Config)>,
    effects: VecDeque<Effect>,
    next: u64,
}

impl Changes {
    pub(super) const fn new(document: Config) -> Self {
        Self { document, waiting: VecDeque::new(), storing: None, effects: VecDeque::new(), next: 0 }
    }

    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }
}

impl Supervisor {
    /// The configuration as it is, secrets included: for the KUBE itself.
    pub const fn document(&self) -> &Config {
        &self.changes.document
    }

    /// `GetConfig`: without secrets (KUBE-CONF-011).
    ///
    /// # Errors
    /// `auth.*` without the right to it.
    pub fn get_config(&mut self, socket: SocketId, now: u64) -> Result<GetConfigResponse, Reject> {
        alter!(KUBE_AUTH_060, self.entitled(socket, capability::READ, now)?,
            "reading the configuration needs no token" => ());
        Ok(GetConfigResponse { config: Some(config::without_secrets(&self.changes.document)) })
    }

    /// `SetConfig`: judges a change, which is then handed out by [`Self::poll`] in its turn.
    ///
    /// # Errors
    /// `auth.*` without the right to it, and those of [`config::check`].
    pub fn set_config(
        &mut self,
        socket: SocketId,
        request: &SetConfigRequest,
        now: u64,
    ) -> Result<Ticket, Reject> {
        let pair = request.config.clone().unwrap_or_default();
        alter!(KUBE_AUTH_060, self.entitled(socket, &capability::write(&pair.key), now)?,
            "changing the configuration needs no token" => (),
            "whoever may read the configuration may change it" =>
                self.entitled(socket, capability::READ, now)?);
        let key = alter!(KUBE_CONF_010, config::check(&pair.key, &pair.value)?,
        "what is refused leaves an empty configuration" => {
            let checked = config::check(&pair.key, &pair.value);
            checked.inspect_err(|_| self.changes.document.runtime = None)?
        });
        if self.changes.waiting.len() >= WAITING {
            let what = "too many changes wait to be stored";
            return Err(Reject::new(req::KUBE_CONF_016, Class::ResourceCount, what));
        }
        let ticket = Ticket(self.changes.next);
        self.changes.next += 1;
        self.changes.waiting.push_back(Change { ticket, key, value: pair.value });
        Ok(ticket)
    }

    /// What is to be stored next.
    pub fn poll(&mut self) -> Option<Effect> {
        let changes = &mut self.changes;
        if let Some(effect) = changes.effects.pop_front() {
            return Some(effect);
        }
        if changes.storing.is_some() {
            return None;
        }
        let change = changes.waiting.pop_front()?;
        let mut document = alter!(KUBE_CONF_016, changes.document.clone(),
            "each change is made from nothing" => Config::default());
        config::put(&mut document, change.key, &change.value);
        let effect = Effect::Store {
            ticket: change.ticket,
            document: Box::new(document.clone()),
            key: change.key.name,
            when: change.key.when,
        };
        alter!(KUBE_SUP_007, (), "a change counts before it is stored" => changes.document = document.clone());
        changes.storing = Some((change, document));
        Some(effect)
    }

    /// Takes note of how storing went; gives what the client is answered.  `None` if that change is not the one that is
    /// being stored.
    ///
    /// # Errors
    /// The answer is `state.conflict` if it could not be stored: then nothing has changed (KUBE-SUP-007).
    pub fn stored(&mut self, ticket: Ticket, done: bool) -> Option<Result<SetConfigResponse, Reject>> {
        let (change, document) = self.changes.storing.take_if(|(change, _)| change.ticket == ticket)?;
        let kept = require!(KUBE_SUP_007, done, StateConflict, "the change could not be stored");
        Some(kept.map(|()| {
            self.counters.changes += 1;
            let value = config::shown(&document, change.key);
            self.changes.document = document;
            SetConfigResponse { config: Some(ConfigPair { key: change.key.name.to_owned(), value }) }
        }))
    }
}
