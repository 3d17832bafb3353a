//! What the deployed implementation does, step by step, with all that hangs on the order of arrival.
//!
//! ```text
//!  Entry ─► met before? ─► verified? ─► gate by type ─► feeds, profiles, invitations, epoch
//!                                            │
//!                                            └─► Graph::insert ─► one head: the current state is changed in place
//!                                                                 several:  Walk::run, over the whole graph
//! ```

mod arena;
mod graph;
mod invitations;
mod repeat;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use self::graph::{Graph, Member};
use self::invitations::Invitations;
use super::{Entry, Feed, Machine, Outcome, Stated, Statement, View};
use crate::{Class, Reject};

/// Why a credential is not recorded.
#[derive(Debug)]
enum Stop {
    Refused(Reject),
    Failed,
    Endless,
}

impl From<Reject> for Stop {
    fn from(reject: Reject) -> Self {
        Self::Refused(reject)
    }
}

/// What the deployed implementation does, step by step.
///
/// Ids are those that credentials carry.  Memory and time are bounded for each credential: a recomputation is given
/// up as endless when it comes back to where it was, or after 2^18 steps.
#[derive(Debug)]
pub struct Deployed {
    space: Vec<u8>,
    now: i64,
    met: BTreeSet<Vec<u8>>,
    /// The genesis credential, by the id that it carries.
    genesis: Option<Option<Vec<u8>>>,
    members: Graph,
    feeds: BTreeMap<Vec<u8>, Feed>,
    invitations: Invitations,
    epoch: Option<Vec<u8>>,
    outcomes: Vec<Outcome>,
    stuck: bool,
}

impl Deployed {
    /// A machine that has taken nothing in, for a space given by its key.
    pub fn new(space: &[u8]) -> Self {
        Self {
            space: space.to_vec(),
            now: 0,
            met: BTreeSet::new(),
            genesis: None,
            members: Graph::new(space),
            feeds: BTreeMap::new(),
            invitations: Invitations::default(),
            epoch: None,
            outcomes: Vec::new(),
            stuck: false,
        }
    }

    fn take(&mut self, entry: &Entry) -> Result<(), Stop> {
        if self.stuck {
            return Err(Stop::Endless);
        }
        let statement = &entry.statement;
        if self.was_met(statement) {
            return Ok(());
        }
        let verified = alter!(HALO_REPLAY_003, entry.verified.as_ref(), "nothing is verified" => Ok(&()));
        if let Err(reject) = verified {
            alter!(HALO_REPLAY_002, (),
                "an id counts as met only if the credential verifies" =>
                    if let Some(id) = &statement.carried_id { self.met.remove(id); });
            return Err(unverified(reject));
        }
        match &statement.stated {
            Stated::Genesis { .. } => self.genesis(statement)?,
            Stated::Member { space, role, profile, invitation } => {
                let ours = alter!(HALO_REPLAY_006, *space == self.space,
                    "a member of another space is taken for one of this" => true);
                if ours {
                    let profile = profile.as_ref();
                    self.member(statement, *role, profile, invitation.as_deref())?;
                }
            }
            Stated::Profile { profile } => {
                self.needs_genesis()?;
                alter!(HALO_REPLAY_013, (),
                    "a profile by somebody else is left out" =>
                        if statement.issuer != statement.subject { return Ok(()) });
                self.members.set_profile(&statement.subject, profile.clone().flatten());
            }
            Stated::Feed { space, designation, .. } => {
                self.needs_genesis()?;
                let foreign = alter!(HALO_REPLAY_008, *space != self.space,
                    "a feed of another space is admitted" => false);
                if foreign {
                    return Err(Stop::Failed);
                }
                self.admit(entry, *designation);
            }
            Stated::Delegate(delegation) => {
                self.needs_administrator(statement)?;
                self.invitations.delegate(statement.carried_id.as_deref(), delegation, self.now);
            }
            Stated::Cancel { credential } => {
                self.needs_administrator(statement)?;
                if statement.carried_id.is_some() {
                    self.invitations.cancel(credential);
                }
            }
            Stated::Epoch { .. } => self.epoch(statement),
            _ => {}
        }
        Ok(())
    }

    /// Whether the id was met before; now it is (HALO-REPLAY-001, HALO-REPLAY-002).
    fn was_met(&mut self, statement: &Statement) -> bool {
        let Some(id) = &statement.carried_id else { return false };
        let id = alter!(HALO_REPLAY_001, id.clone(),
            "a credential is known by the id of its payload" => statement.id.to_vec());
        !self.met.insert(id)
    }

    fn genesis(&mut self, statement: &Statement) -> Result<(), Stop> {
        require!(HALO_REPLAY_004, self.genesis.is_none(), StateDuplicate, "there is a genesis already")?;
        require!(
            HALO_REPLAY_004,
            statement.issuer == self.space,
            AuthRole,
            "a genesis that the space did not issue"
        )?;
        require!(
            HALO_REPLAY_004,
            statement.subject == self.space,
            SchemaConstraint,
            "a genesis about something else"
        )?;
        self.genesis = Some(statement.carried_id.clone());
        Ok(())
    }

    fn needs_genesis(&self) -> Result<(), Reject> {
        require!(HALO_REPLAY_005, self.genesis.is_some(), StateOrder, "there is no genesis yet")
    }

    /// The gate looks at the roles as they are at this moment, whatever the credential has before it.
    fn needs_administrator(&self, statement: &Statement) -> Result<(), Reject> {
        let issuer = &statement.issuer;
        let may = *issuer == self.space || self.members.role(issuer).administers();
        require!(HALO_REPLAY_007, may, AuthRole, "the issuer administers nothing at this moment")
    }

    fn member(
        &mut self,
        statement: &Statement,
        role: i64,
        profile: Option<&Option<String>>,
        invitation: Option<&[u8]>,
    ) -> Result<(), Stop> {
        self.needs_genesis()?;
        self.needs_administrator(statement)?;
        if let Some(profile) = profile {
            self.members.note_profile(&statement.subject, profile.clone());
        }
        let id = alter!(HALO_REPLAY_009, statement.carried_id.clone(),
            "a member without an id is known by that of its payload" =>
                statement.carried_id.clone().or_else(|| Some(statement.id.to_vec())));
        let Some(id) = id else { return Err(Stop::Failed) };
        self.members.insert(Member { id: &id, statement, role })?;
        if let Some(invitation) = invitation {
            self.invitations.redeem(invitation);
        }
        Ok(())
    }

    fn admit(&mut self, entry: &Entry, designation: i64) {
        let feed = Feed { parent: entry.source_feed.clone(), designation };
        alter!(HALO_REPLAY_012, (),
            "the first admission of a feed stands" =>
                if self.feeds.contains_key(&entry.statement.subject) { return },
            "a feed of which no member is known is not admitted" =>
                if !self.members.role(&entry.statement.issuer).writes() { return });
        self.feeds.insert(entry.statement.subject.clone(), feed);
    }

    fn epoch(&mut self, statement: &Statement) {
        alter!(HALO_REPLAY_010, (),
            "an epoch by somebody who administers nothing is left out" =>
                if self.needs_administrator(statement).is_err() { return });
        self.epoch.clone_from(&statement.carried_id);
    }
}

impl Machine for Deployed {
    fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    fn process(&mut self, entry: &Entry) -> Outcome {
        let outcome = match self.take(entry) {
            Ok(()) => Outcome::Accepted,
            Err(Stop::Refused(reject)) => Outcome::Refused(reject),
            Err(Stop::Failed) => Outcome::Failed,
            Err(Stop::Endless) => {
                self.stuck = true;
                Outcome::Endless
            }
        };
        self.outcomes.push(outcome.clone());
        outcome
    }

    fn view(&mut self) -> View {
        View {
            genesis: self.genesis.clone().flatten().and_then(|id| id.try_into().ok()),
            members: self.members.roles(),
            profiles: self.members.profiles(),
            heads: self.members.heads(),
            feeds: self.feeds.clone(),
            invitations: self.invitations.open(),
            epoch: self.epoch.clone(),
        }
    }

    fn outcomes(&mut self) -> Vec<Outcome> {
        self.outcomes.clone()
    }
}

/// What comes of a credential that does not verify (HALO-REPLAY-003).  Without an issuer or a proof the deployed verifier
/// throws (HALO-REPLAY-040).
fn unverified(reject: &Reject) -> Stop {
    let fails = alter!(HALO_REPLAY_040, reject.class == Class::DecodeMissing,
        "a credential without a proof is refused" => false);
    if fails { Stop::Failed } else { Stop::Refused(reject.clone()) }
}
