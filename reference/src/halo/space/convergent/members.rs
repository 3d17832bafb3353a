//! Which `SpaceMember` credentials are permitted, which of them are void, and the roles that follow.

use super::super::Role;
use super::claims::rank;
use super::graph::{Fact, Graph, Ix, Key, Level, Standing};
use super::world::{Scope, World};
use crate::Reject;

/// The number of the space key.
pub(super) const SPACE: Key = 0;

/// The graph with all that follows from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    /// The graph.
    pub(super) graph: Graph,
    /// Roles by all permitted credentials.
    permitted: World,
    judged: Judged,
}

/// What losses make void.
#[derive(Clone, Debug, Default)]
enum Judged {
    /// Nothing: the roles are those by all permitted credentials.
    #[default]
    Nothing,
    /// These.
    These(Box<Verdicts>),
    /// It must be worked out anew.
    Stale,
}

#[derive(Clone, Debug, Default)]
struct Verdicts {
    /// Which stand when losses of level 1 take nothing away.
    firm: Vec<bool>,
    /// Roles by these.
    firmly: World,
    /// Which stand, or why they do not.
    results: Vec<Result<(), Reject>>,
    /// Roles by these.
    finally: World,
}

impl Members {
    /// Places a credential, whose parents are placed.
    pub(super) fn place(&mut self, fact: Fact) -> Ix {
        let scope = self.permitted.among(&fact.parents, &self.graph);
        let permitted = self.permission(&fact, &scope);
        let is_loss = permitted.is_ok() && self.is_loss(&fact, &scope);
        let ix = self.graph.push(fact, Standing { permitted, is_loss }, scope.set.clone());
        let is_permitted = self.graph.level(ix).is_some();
        self.permitted.push(ix, scope, is_permitted, &self.graph);
        let takes = is_loss && self.takes_away(ix);
        match &mut self.judged {
            Judged::Nothing if takes || self.graph.is_lost(ix, |_| true) => self.judged = Judged::Stale,
            Judged::These(_) if takes => self.judged = Judged::Stale,
            Judged::These(verdicts) => verdicts.push(ix, &self.graph),
            Judged::Nothing | Judged::Stale => {}
        }
        ix
    }

    /// By what right a credential is issued.
    fn permission(&self, fact: &Fact, scope: &Scope) -> Result<Level, Reject> {
        let is_space = fact.issuer == SPACE;
        let role = fact.role;
        require!(HALO_MEMBER_004, (1..=5).contains(&role.0), SchemaRange, "a role that does not exist")?;
        require!(HALO_MEMBER_005, fact.issuer != fact.subject, AuthRole, "issued about oneself")?;
        require!(HALO_MEMBER_006, fact.subject != SPACE, SchemaConstraint, "the space key is no member")?;
        require!(
            HALO_MEMBER_007,
            role != Role::OWNER || is_space,
            AuthRole,
            "only the space key makes somebody OWNER"
        )?;
        if is_space {
            return Ok(Level::Space);
        }
        let right = alter!(HALO_MEMBER_008, scope.role(fact.issuer),
            "the role at the time of arrival decides" => self.permitted.role(fact.issuer, &self.graph));
        require!(HALO_MEMBER_008, right.administers(), AuthRole, "the issuer does not administer")?;
        require!(
            HALO_MEMBER_009,
            scope.role(fact.subject) != Role::OWNER,
            AuthRole,
            "only the space key changes an OWNER"
        )?;
        Ok(if right == Role::OWNER { Level::Owner } else { Level::Admin })
    }

    fn is_loss(&self, fact: &Fact, scope: &Scope) -> bool {
        let before = scope.role(fact.subject);
        let is_loss = fact.role == Role::REMOVED || rank(fact.role) < rank(before);
        alter!(HALO_MEMBER_014, is_loss,
            "a demotion to READER takes nothing away" => is_loss && fact.role != Role::READER)
    }

    /// Whether a loss is concurrent with something that its subject issued.
    fn takes_away(&self, loss: Ix) -> bool {
        let subject = self.graph.fact(loss).map_or(SPACE, |fact| fact.subject);
        !self.graph.is_latest(loss)
            && self
                .graph
                .issued(subject)
                .iter()
                .rev()
                .any(|ix| *ix != loss && !self.graph.is_ancestor(*ix, loss))
    }

    /// Works out what is void, if that is not known.
    pub(super) fn settle(&mut self) {
        if matches!(self.judged, Judged::Stale) {
            self.judged = Judged::These(Box::new(Verdicts::of(&self.graph)));
        }
    }

    /// Whether a credential stands, or why it is void; before [`Self::settle`] as far as that is known.
    pub(super) fn result(&self, ix: Ix) -> Result<(), Reject> {
        if let Some(Standing { permitted: Err(reject), .. }) = self.graph.standing(ix) {
            return Err(reject.clone());
        }
        match &self.judged {
            Judged::These(verdicts) => verdicts.results.get(ix as usize).cloned().unwrap_or(Ok(())),
            Judged::Nothing | Judged::Stale => Ok(()),
        }
    }

    /// The role of a member now; before [`Self::settle`] as far as that is known.
    pub(super) fn role(&self, key: Key) -> Role {
        match &self.judged {
            Judged::These(verdicts) => verdicts.finally.role(key, &self.graph),
            Judged::Nothing | Judged::Stale => self.permitted.role(key, &self.graph),
        }
    }

    /// What a credential gives, if it stands.
    fn given(&self, ix: Ix) -> Role {
        match &self.judged {
            Judged::These(verdicts) => verdicts.finally.given(&self.graph).role(ix),
            Judged::Nothing | Judged::Stale => self.graph.role(ix),
        }
    }

    /// The credentials about somebody that stand.
    pub(super) fn standing_about(&self, key: Key) -> impl DoubleEndedIterator<Item = Ix> {
        self.graph.about(key).iter().copied().filter(|ix| self.result(*ix).is_ok())
    }

    /// Whether a credential that stands gives somebody such a role.
    pub(super) fn was_given(&self, key: Key, is_meant: impl Fn(Role) -> bool) -> bool {
        self.standing_about(key).rev().any(|ix| is_meant(self.given(ix)))
    }
}

impl Graph {
    /// Whether the issuer of a credential is the subject of such a loss that is concurrent with it.
    fn is_lost(&self, ix: Ix, is_meant: impl Fn(Ix) -> bool) -> bool {
        if self.is_latest(ix) {
            return false;
        }
        let losses = self.fact(ix).map(|fact| self.losses(fact.issuer)).unwrap_or_default();
        losses.iter().any(|loss| is_meant(*loss) && self.are_concurrent(*loss, ix))
    }
}

impl Verdicts {
    /// Goes through the whole graph.
    fn of(graph: &Graph) -> Self {
        let mut verdicts = Self {
            // What level 2 did stands or falls with losses of level 3, wherever they are.
            firm: graph.all().map(|ix| lost_above(ix, graph, &[]).is_ok()).collect(),
            ..Self::default()
        };
        for ix in graph.all() {
            verdicts.firm(ix, graph);
        }
        for ix in graph.all() {
            verdicts.finish(ix, graph);
        }
        verdicts
    }

    /// Judges the credential that was placed last, which takes nothing away from others.
    fn push(&mut self, ix: Ix, graph: &Graph) {
        self.firm.push(lost_above(ix, graph, &[]).is_ok());
        self.firm(ix, graph);
        self.finish(ix, graph);
    }

    fn firm(&mut self, ix: Ix, graph: &Graph) {
        let scope = self.firmly.among(graph.parents(ix), graph);
        let stands = match graph.level(ix) {
            Some(Level::Admin) => {
                lost_above(ix, graph, &self.firm).is_ok() && administers(ix, graph, &scope).is_ok()
            }
            Some(_) => self.is_firm(ix),
            None => false,
        };
        if let Some(place) = self.firm.get_mut(ix as usize) {
            *place = stands;
        }
        self.firmly.push(ix, scope, stands, graph);
    }

    fn finish(&mut self, ix: Ix, graph: &Graph) {
        let scope = self.finally.among(graph.parents(ix), graph);
        let (result, less) = match self.judge(ix, graph, &scope) {
            Ok(less) => (Ok(()), less),
            Err(reject) => (Err(reject), None),
        };
        if let Some(role) = less {
            self.finally.give_less(ix, role);
        }
        self.finally.push(ix, scope, result.is_ok(), graph);
        self.results.push(result);
    }

    /// Whether a credential stands, and what it gives if that is less than it says.
    fn judge(&self, ix: Ix, graph: &Graph, scope: &Scope) -> Result<Option<Role>, Reject> {
        let Some(standing) = graph.standing(ix) else { return Ok(None) };
        let level = *standing.permitted.as_ref().map_err(Clone::clone)?;
        lost_above(ix, graph, &self.firm)?;
        if level != Level::Admin {
            return Ok(None);
        }
        let may_give = self.may_give(ix, graph, scope);
        let is_loss = alter!(HALO_MEMBER_017, standing.is_loss,
            "administrators that remove each other both stay" => false);
        if !is_loss {
            return may_give.map(|()| None);
        }
        require!(HALO_MEMBER_017, self.is_firm(ix), AuthRole, "the issuer rests on what a higher loss took")?;
        if may_give.is_ok() {
            return Ok(None);
        }
        let has = scope.role(graph.fact(ix).map_or(SPACE, |fact| fact.subject));
        let least = if rank(has) < rank(graph.role(ix)) { has } else { graph.role(ix) };
        Ok(alter!(HALO_MEMBER_019, Some(least), "a lesser role is given by whoever may take" => None))
    }

    /// That an administrator gives a role with the right to do so.
    fn may_give(&self, ix: Ix, graph: &Graph, scope: &Scope) -> Result<(), Reject> {
        let is_lost = graph.is_lost(ix, |loss| graph.level(loss) == Some(Level::Admin) && self.is_firm(loss));
        require!(HALO_MEMBER_015, !is_lost, AuthRole, "the issuer was losing its right")?;
        administers(ix, graph, scope)
    }

    fn is_firm(&self, ix: Ix) -> bool {
        self.firm.get(ix as usize).is_some_and(|stands| *stands)
    }
}

/// That no higher loss takes the right of the issuer; `firm` says which losses of level 2 stand.
fn lost_above(ix: Ix, graph: &Graph, firm: &[bool]) -> Result<(), Reject> {
    let level = graph.level(ix);
    let is_higher = |loss: Ix| {
        let above = graph.level(loss);
        above > level
            && (above == Some(Level::Space) || firm.get(loss as usize).is_some_and(|stands| *stands))
    };
    require!(
        HALO_MEMBER_014,
        !graph.is_lost(ix, is_higher),
        AuthRole,
        "a higher loss took the issuer's right"
    )
}

/// That the issuer has its right from something that stands.
fn administers(ix: Ix, graph: &Graph, scope: &Scope) -> Result<(), Reject> {
    let issuer = graph.fact(ix).map_or(SPACE, |fact| fact.issuer);
    require!(
        HALO_MEMBER_016,
        scope.role(issuer).administers(),
        AuthRole,
        "the issuer's right rests on what is void"
    )
}
