//! A space drawn: the credentials of a case of `halo.space.replay` or `halo.space.process`, what stands before what,
//! what became of each, and the roles that follow.
//!
//! The words and roles are those of the vectors and, if there is one, of an answer beside them: nothing is derived
//! here.  Credentials are read only as far as they are drawn.

mod canvas;
mod credential;
mod graph;
mod layout;
mod names;
mod node;
mod outcome;
mod printed;
mod protobuf;
mod said;
mod svg;
mod text;

use std::collections::HashMap;

use dxos_vectors::format::{Actor, Step, Want};
use serde_json::Value;

use crate::printable::shorten;
use crate::protocol::Answer;
use graph::{Edge, Graph};
use names::Names;
use node::{Entry, Node};
use said::{Said, bytes};

pub use svg::STYLE;
pub use text::Signs;

/// More entries are not drawn: nobody would see anything.
pub const MAX_ENTRIES: usize = 256;

/// More parents are not drawn, of all entries together.
pub const MAX_PARENTS: usize = 1024;

/// The operations of which there are drawings.
const OPERATIONS: [&str; 2] = ["halo.space.replay", "halo.space.process"];

/// Tells the id of a credential, which is a hash of what it states; none if nobody can tell.
pub type Identify<'a> = &'a dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// Why something is not drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undrawable {
    /// A member of the request is absent or has another form.
    #[error("`{0}` is not as the operation wants it")]
    Member(&'static str),
    /// Too many credentials.
    #[error("{0} entries are too many, the most are {MAX_ENTRIES}")]
    Entries(usize),
    /// Too many parents.
    #[error("{0} parents are too many, the most are {MAX_PARENTS}")]
    Parents(usize),
}

/// A space with its credentials.
#[derive(Clone, Debug)]
pub struct Scene {
    rule: String,
    names: Names,
    nodes: Vec<Node>,
    graph: Graph,
    /// What becomes of the space, in lines of a name and its words.
    outcome: Vec<(&'static str, Vec<String>)>,
    /// Whether an answer stands beside what is wanted.
    beside: bool,
}

impl Scene {
    /// Whether there are drawings of a step.
    pub fn shows(step: &Step) -> bool {
        step.by == Actor::Testee && OPERATIONS.contains(&step.op.as_str())
    }

    /// The scene of a step, with the answer of a testee beside what is wanted.  A credential to which `identify`
    /// gives no id is known by the id that it carries.
    ///
    /// # Errors
    ///
    /// [`Undrawable`].  An entry that cannot be read is drawn as such.
    pub fn of(step: &Step, answer: Option<&Answer>, identify: Identify<'_>) -> Result<Self, Undrawable> {
        let input = &step.input;
        let space = input.get("space_key").and_then(bytes).ok_or(Undrawable::Member("space_key"))?;
        let rule = input.get("rule").and_then(Value::as_str).ok_or(Undrawable::Member("rule"))?;
        let list = input.get("entries").and_then(Value::as_array).ok_or(Undrawable::Member("entries"))?;
        let given: Vec<&Value> = list.iter().chain(input.get("entry")).collect();
        if given.len() > MAX_ENTRIES {
            return Err(Undrawable::Entries(given.len()));
        }
        // The deployed rule goes by the ids that are carried.
        let by_hash = !rule.starts_with("deployed");
        let entries: Vec<Entry> = given
            .iter()
            .map(|entry| Entry::read(entry, |credential| identify(credential).filter(|_| by_hash)))
            .collect();
        let parents = entries.iter().map(|entry| entry.parents().len()).sum();
        if parents > MAX_PARENTS {
            return Err(Undrawable::Parents(parents));
        }
        let want = wanted(&step.want);
        let got = answer.and_then(said);
        Ok(Self::new(&space, rule, &entries, &want, got.as_ref()))
    }

    fn new(space: &[u8], rule: &str, entries: &[Entry], want: &Said, got: Option<&Said>) -> Self {
        let mut names = Names::new(space);
        let known = known(entries, want);
        let graph = graph(space, entries, &known, want);
        let mut nodes: Vec<Node> = entries
            .iter()
            .enumerate()
            .map(|(number, entry)| Node::new(number, entry, space, &mut names, &known))
            .collect();
        for node in &mut nodes {
            let got = got.and_then(|got| got.given(node.number, entries.len()));
            node.say(want.word(node.number, entries.len()), got);
        }
        node::date(&mut nodes, entries);
        for edge in &graph.dropped {
            if let Some(node) = nodes.get_mut(edge.child) {
                node.notes.push(format!("#{} would close a circle", edge.parent));
            }
        }
        let grants = outcome::grants(space, entries, &graph, &known, want);
        let epoch = want.epoch.as_ref().and_then(|id| known.get(id));
        for number in grants.values().flatten().chain(epoch) {
            if let Some(node) = nodes.get_mut(*number) {
                node.in_force = true;
            }
        }
        let outcome = outcome::lines(&names, want, got, &grants, &known);
        Self { rule: shorten(rule), names, nodes, graph, outcome, beside: got.is_some() }
    }

    /// What the drawing is of, in a line.
    fn title(&self) -> String {
        let entries = if self.nodes.len() == 1 { "entry" } else { "entries" };
        let beside = if self.beside { ", with what was answered where it differs" } else { "" };
        format!("{} {entries} under the rule {}{beside}", self.nodes.len(), self.rule)
    }
}

impl Scene {
    /// For each node whether it stands beside the graph: nothing is named, by it or with it, and it makes no member.
    fn loose(&self) -> Vec<bool> {
        let mut loose: Vec<bool> = self.nodes.iter().map(|node| node.small).collect();
        for node in self.graph.edges.iter().flat_map(|edge| [edge.child, edge.parent]) {
            if let Some(place) = loose.get_mut(node) {
                *place = false;
            }
        }
        loose
    }
}

/// What a case wants; of several behaviours the first that is a result.
fn wanted(want: &Want) -> Said {
    match want {
        Want::Ok(result) => Said::of(result),
        Want::Reject(class) => Said::rejection(class.name()),
        Want::OneOf(alternatives) => {
            let result = alternatives.iter().find_map(|alternative| alternative.ok.as_ref());
            result.map(Said::of).unwrap_or_default()
        }
    }
}

fn said(answer: &Answer) -> Option<Said> {
    match answer {
        Answer::Ok(result) => Some(Said::of(result)),
        Answer::Reject { class, .. } => Some(Said::rejection(class)),
        _ => None,
    }
}

/// An answer as a record has it; none if it is cut.
pub fn recorded(answer: &str) -> Option<Answer> {
    let Value::Object(members) = crate::json::parse(answer).ok()? else { return None };
    let text = |name: &str, member: &str| {
        let text = members.get(name).and_then(|body| body.get(member)).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    match members.iter().next() {
        Some((name, Value::Object(result))) if name == "ok" => Some(Answer::Ok(result.clone())),
        Some((name, _)) if name == "reject" => {
            Some(Answer::Reject { class: text(name, "class"), message: text(name, "message") })
        }
        Some((name, _)) if name == "bug" => Some(Answer::Bug { message: text(name, "message") }),
        _ => Some(Answer::Unsupported),
    }
}

/// Entries by id; of several with one id the first that is recorded.
type Known = HashMap<Vec<u8>, usize>;

fn known(entries: &[Entry], want: &Said) -> Known {
    let recorded = |number: usize| !matches!(want.word(number, entries.len()), Some("refused" | "failed"));
    let mut known = Known::new();
    for (number, id) in entries.iter().enumerate().filter_map(|(number, entry)| Some((number, entry.id()?))) {
        let first = known.entry(id.to_vec()).or_insert(number);
        if !recorded(*first) && recorded(number) {
            *first = number;
        }
    }
    known
}

fn graph(space: &[u8], entries: &[Entry], known: &Known, want: &Said) -> Graph {
    let accepted = |number: &usize| want.word(*number, entries.len()) == Some("accepted");
    let geneses = || (0..entries.len()).filter(|number| entries.get(*number).is_some_and(Entry::is_genesis));
    let genesis = geneses().find(accepted).or_else(|| geneses().next());
    let mut edges = Vec::new();
    for (child, entry) in entries.iter().enumerate() {
        let parents = entry.parents().iter().filter_map(|id| known.get(id));
        edges.extend(parents.map(|&parent| Edge { child, parent, implied: false }));
        if let Some(parent) = genesis.filter(|_| entry.member(space).is_some() && entry.parents().is_empty())
        {
            edges.push(Edge { child, parent, implied: true });
        }
    }
    Graph::new(entries.len(), &edges, |node| usize::from(genesis.is_some_and(|genesis| genesis != node)))
}
