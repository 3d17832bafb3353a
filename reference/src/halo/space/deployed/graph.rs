//! The graph of credentials that give roles, and the roles that are in force.

use std::collections::{BTreeMap, BTreeSet};

use super::Stop;
use super::walk::Walk;
use crate::halo::space::{Role, Statement};

/// Index of a vertex; those of credentials ascend in the order of arrival.
pub(super) type Place = usize;
/// Index of a key.
pub(super) type Key = usize;
/// The credential in force for each subject.
pub(super) type State = BTreeMap<Key, Place>;

/// Above all credentials without parents.
pub(super) const ROOT: Place = 0;
/// Beneath all heads.
pub(super) const END: Place = 1;

/// A credential that gives a role.
pub(super) struct Member<'a> {
    pub(super) id: &'a [u8],
    pub(super) statement: &'a Statement,
    pub(super) role: i64,
}

/// A vertex.  Root and end stand for no credential; what else they hold means nothing.
#[derive(Debug, Default)]
pub(super) struct Vertex {
    id: Vec<u8>,
    pub(super) issuer: Key,
    pub(super) subject: Key,
    pub(super) role: i64,
    /// Unix milliseconds.
    pub(super) date: i64,
    /// In the order in which they are named, as often as they are.
    pub(super) parents: Vec<Place>,
    /// In the order of arrival.
    pub(super) children: Vec<Place>,
}

/// The graph, and what is in force.
#[derive(Debug)]
pub(super) struct Graph {
    vertices: Vec<Vertex>,
    places: BTreeMap<Vec<u8>, Place>,
    keys: Vec<Vec<u8>>,
    indices: BTreeMap<Vec<u8>, Key>,
    state: State,
    /// Profiles as they were last heard of.
    heard: BTreeMap<Key, Option<String>>,
    /// Profiles of those who have a role: what was heard when the role was set, or since then by a `MemberProfile`.
    shown: BTreeMap<Key, Option<String>>,
}

/// The index of the space key.
const SPACE: Key = 0;

/// What stands where nothing is.
static NOWHERE: Vertex = Vertex {
    id: Vec::new(),
    issuer: SPACE,
    subject: SPACE,
    role: 0,
    date: 0,
    parents: Vec::new(),
    children: Vec::new(),
};

impl Graph {
    pub(super) fn new(space: &[u8]) -> Self {
        Self {
            vertices: vec![Vertex::default(), Vertex::default()],
            places: BTreeMap::new(),
            keys: vec![space.to_vec()],
            indices: [(space.to_vec(), SPACE)].into(),
            state: State::new(),
            heard: BTreeMap::new(),
            shown: BTreeMap::new(),
        }
    }

    fn key(&mut self, key: &[u8]) -> Key {
        if let Some(index) = self.indices.get(key) {
            return *index;
        }
        self.keys.push(key.to_vec());
        self.indices.insert(key.to_vec(), self.keys.len() - 1);
        self.keys.len() - 1
    }

    /// A vertex; places come from this graph alone.
    pub(super) fn vertex(&self, place: Place) -> &Vertex {
        self.vertices.get(place).unwrap_or(&NOWHERE)
    }

    fn vertex_mut(&mut self, place: Place) -> Option<&mut Vertex> {
        self.vertices.get_mut(place)
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Notes a profile that came with a role: it shows once a role of the subject is set (HALO-REPLAY-014).
    pub(super) fn note_profile(&mut self, subject: &[u8], name: Option<String>) {
        alter!(HALO_REPLAY_014, (), "a profile that comes with a role shows at once" =>
            return self.set_profile(subject, name));
        let subject = self.key(subject);
        self.heard.insert(subject, name);
    }

    /// Sets a profile; of somebody who has no role yet it is remembered (HALO-REPLAY-013).
    pub(super) fn set_profile(&mut self, subject: &[u8], name: Option<String>) {
        let subject = self.key(subject);
        if self.state.contains_key(&subject) {
            self.shown.insert(subject, name.clone());
        }
        let remembered = alter!(HALO_REPLAY_013, true,
            "the profile of somebody who has no role yet is forgotten" => self.state.contains_key(&subject));
        if remembered {
            self.heard.insert(subject, name);
        }
    }

    /// The role in force.
    pub(super) fn role(&self, key: &[u8]) -> Role {
        self.indices.get(key).map_or(Role::REMOVED, |key| self.role_in(&self.state, None, *key))
    }

    /// The role of a key: an override before what the state says; without both it has none.
    pub(super) fn role_in(&self, state: &State, overrides: Option<&State>, key: Key) -> Role {
        let place = overrides.and_then(|overrides| overrides.get(&key)).or_else(|| state.get(&key));
        place.map_or(Role::REMOVED, |place| Role(self.vertex(*place).role))
    }

    /// Whether a credential may have its effect, by the roles in a scope (HALO-REPLAY-022 to HALO-REPLAY-024).
    pub(super) fn is_allowed(&self, place: Place, state: &State, overrides: Option<&State>) -> bool {
        let Vertex { issuer, subject, role, .. } = *self.vertex(place);
        let by_space = issuer == SPACE;
        let owner = alter!(HALO_REPLAY_022, Role(role) == Role::OWNER,
            "an administrator may give the role OWNER" => false);
        let about_itself = alter!(HALO_REPLAY_023, issuer == subject,
            "members may change their own role" => false);
        let administers = self.role_in(state, overrides, issuer).administers();
        let administers = alter!(HALO_REPLAY_024, administers,
            "whoever is a member may give roles" => state.contains_key(&issuer));
        if owner { by_space } else { !about_itself && (by_space || administers) }
    }

    /// Takes a credential in and brings the roles up to date.  If that fails the credential stays in the graph, and
    /// the roles stay as they were (HALO-REPLAY-011).
    pub(super) fn insert(&mut self, member: Member<'_>) -> Result<(), Stop> {
        let place = self.connect(&member);
        // The only head: nothing was concurrent, and what is in force is changed in place.
        let only = self.vertex(END).parents.len() == 1;
        let only = alter!(HALO_REPLAY_020, only, "roles are derived from the root every time" => false);
        let only = alter!(HALO_REPLAY_021, only, "roles are changed in place beside other heads" => true);
        if only {
            if self.is_allowed(place, &self.state, None) {
                let subject = self.vertex(place).subject;
                self.state.insert(subject, place);
                self.show(subject);
            }
            return Ok(());
        }
        let derived = Walk::new(self).run();
        alter!(HALO_REPLAY_011, (), "a credential that failed leaves the graph" =>
            if derived.is_err() { self.is_no_head(place); });
        self.state = derived?;
        let subjects: Vec<Key> = self.state.keys().copied().collect();
        self.shown.clear();
        subjects.into_iter().for_each(|subject| self.show(subject));
        Ok(())
    }

    fn show(&mut self, subject: Key) {
        let name = self.heard.get(&subject).cloned().flatten();
        self.shown.insert(subject, name);
    }

    /// Adds the vertex and its edges (HALO-REPLAY-018, HALO-REPLAY-019).
    fn connect(&mut self, member: &Member<'_>) -> Place {
        let statement = member.statement;
        let (issuer, subject) = (self.key(&statement.issuer), self.key(&statement.subject));
        let place = self.vertices.len();
        self.vertices.push(Vertex {
            id: member.id.to_vec(),
            issuer,
            subject,
            role: member.role,
            date: statement.date,
            ..Vertex::default()
        });
        // Known before its parents are looked for, so that it may name itself.
        self.places.insert(member.id.to_vec(), place);
        if statement.parents.is_empty() {
            self.edge(ROOT, place);
        }
        for parent in &statement.parents {
            let known = self.places.get(parent).copied();
            let known = alter!(HALO_REPLAY_018, known,
                "an unknown parent is taken for the root" => known.or(Some(ROOT)));
            let Some(parent) = known else { continue };
            self.edge(parent, place);
            alter!(HALO_REPLAY_019, self.is_no_head(parent), "whoever has children stays a head" => ());
        }
        self.edge(place, END);
        place
    }

    fn edge(&mut self, parent: Place, child: Place) {
        if let Some(parent) = self.vertex_mut(parent) {
            parent.children.push(child);
        }
        if let Some(child) = self.vertex_mut(child) {
            child.parents.push(parent);
        }
    }

    fn is_no_head(&mut self, place: Place) {
        let remove = |list: &mut Vec<Place>, place| {
            if let Some(at) = list.iter().position(|other| *other == place) {
                list.remove(at);
            }
        };
        if let Some(vertex) = self.vertex_mut(place) {
            remove(&mut vertex.children, END);
        }
        if let Some(end) = self.vertex_mut(END) {
            remove(&mut end.parents, place);
        }
    }

    pub(super) fn heads(&self) -> BTreeSet<Vec<u8>> {
        self.vertex(END).parents.iter().map(|head| self.vertex(*head).id.clone()).collect()
    }

    pub(super) fn roles(&self) -> BTreeMap<Vec<u8>, i64> {
        let role =
            |(key, place): (&Key, &Place)| Some((self.keys.get(*key)?.clone(), self.vertex(*place).role));
        self.state.iter().filter_map(role).collect()
    }

    pub(super) fn profiles(&self) -> BTreeMap<Vec<u8>, String> {
        let named =
            |(key, name): (&Key, &Option<String>)| Some((self.keys.get(*key)?.clone(), name.clone()?));
        self.shown.iter().filter_map(named).collect()
    }
}
