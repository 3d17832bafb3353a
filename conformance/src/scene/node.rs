//! An entry, and what is drawn of it.

use serde_json::Value;

use super::Known;
use super::credential::{Credential, Stated, designation, role};
use super::names::{Names, SPACE};
use super::printed::{quoted, short};
use super::said::bytes;

/// Longer names of profiles and of types are cut.
const NAME: usize = 20;

/// So many parents that are not there are named.
const ABSENT: usize = 2;

/// An entry as it was read.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    credential: Option<Credential>,
    /// What it is known by.
    id: Option<Vec<u8>>,
}

impl Entry {
    pub(super) fn read(entry: &Value, identify: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Self {
        let encoded = entry.get("credential").and_then(bytes);
        let credential = encoded.as_deref().and_then(Credential::read);
        let computed = encoded.as_deref().filter(|_| credential.is_some()).and_then(identify);
        let id = computed.or_else(|| credential.as_ref()?.id.clone());
        Self { credential, id }
    }

    pub(super) fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    pub(super) fn parents(&self) -> &[Vec<u8>] {
        self.credential.as_ref().map_or(&[], |credential| &credential.parents)
    }

    pub(super) fn is_genesis(&self) -> bool {
        self.credential.as_ref().is_some_and(|credential| credential.stated == Stated::Genesis)
    }

    /// When it was issued, in Unix milliseconds, if it is about a member.
    fn date(&self) -> Option<i64> {
        let credential = self.credential.as_ref()?;
        matches!(credential.stated, Stated::Member { .. }).then_some(credential.date)?
    }

    /// The role that it gives in a space, and to whom.
    pub(super) fn member(&self, of: &[u8]) -> Option<(&[u8], i64)> {
        let credential = self.credential.as_ref()?;
        match &credential.stated {
            Stated::Member { space, role, .. } if space == of => Some((&credential.subject, *role)),
            _ => None,
        }
    }
}

/// What is drawn of an entry.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its place among the entries, from 0.
    pub(super) number: usize,
    /// The beginning of its id.
    pub(super) id: String,
    /// Who says what about whom.
    pub(super) label: String,
    /// Whether it is neither a genesis nor about a member.
    pub(super) small: bool,
    /// What else there is to say.
    pub(super) notes: Vec<String>,
    /// The word that is wanted.
    pub(super) want: Option<String>,
    /// The word that was given, if it is another one; empty if there was none.
    pub(super) got: Option<String>,
    /// Whether it gives its subject the role that follows, or is the epoch in force.
    pub(super) in_force: bool,
}

impl Node {
    pub(super) fn new(number: usize, entry: &Entry, space: &[u8], names: &mut Names, known: &Known) -> Self {
        let mut node = Self {
            number,
            id: entry.id().map(short).unwrap_or_default(),
            label: "(not readable)".to_owned(),
            small: true,
            notes: Vec::new(),
            want: None,
            got: None,
            in_force: false,
        };
        let Some(credential) = &entry.credential else { return node };
        node.small = !matches!(credential.stated, Stated::Genesis | Stated::Member { .. });
        node.label = label(credential, space, names, known);
        node.notes = notes(credential, entry, number, known);
        node
    }

    /// What is wanted of it, and what was answered if anything was.
    pub(super) fn say(&mut self, want: Option<&str>, got: Option<&str>) {
        self.want = want.map(str::to_owned);
        // Where a rejection is wanted nothing is said of the entries before the last one.
        self.got = got.filter(|got| *got != want.unwrap_or("accepted")).map(str::to_owned);
    }

    /// Whether it counts, or nothing is said of it.
    pub(super) fn counts(&self) -> bool {
        self.want.as_deref().is_none_or(|want| want == "accepted")
    }

    /// What became of it; nothing where that is the usual.
    pub(super) fn fate(&self) -> String {
        match (self.want.as_deref(), self.got.as_deref()) {
            (None | Some("accepted"), None) if self.in_force => "in force".to_owned(),
            (None | Some("accepted"), None) => String::new(),
            (Some(want), None) => want.to_owned(),
            (want, Some(got)) => {
                let got = if got.is_empty() { "no word" } else { got };
                want.map_or_else(|| format!("got {got}"), |want| format!("wanted {want}, got {got}"))
            }
        }
    }
}

/// Notes when credentials about members were issued, from the first on, unless all were at once.
pub(super) fn date(nodes: &mut [Node], entries: &[Entry]) {
    let dates = || entries.iter().filter_map(Entry::date);
    let Some(first) = dates().min().filter(|first| dates().any(|date| date != *first)) else { return };
    for (node, entry) in nodes.iter_mut().zip(entries) {
        if let Some(date) = entry.date() {
            node.notes.push(format!("+{} ms", date.saturating_sub(first)));
        }
    }
}

/// The entry with an id, or the beginning of that.
pub(super) fn entry_of(id: &[u8], known: &Known) -> String {
    known.get(id).map_or_else(|| short(id), |number| format!("#{number}"))
}

fn label(credential: &Credential, space: &[u8], names: &mut Names, known: &Known) -> String {
    let issuer = names.person(&credential.issuer);
    let subject = match &credential.stated {
        Stated::Feed(_) => names.feed(&credential.subject),
        _ => names.person(&credential.subject),
    };
    let stated = match &credential.stated {
        Stated::Genesis if issuer == SPACE && subject == SPACE => return format!("{SPACE} genesis"),
        Stated::Genesis => "genesis".to_owned(),
        Stated::Member { space: of, role: given, .. } if of == space => role(*given),
        Stated::Member { role: given, .. } => format!("{} elsewhere", role(*given)),
        Stated::Profile(None) => "profile".to_owned(),
        Stated::Profile(Some(name)) => format!("profile {}", quoted(name, NAME)),
        Stated::Feed(of) => format!("feed {}", designation(*of)),
        Stated::Delegate(given) => format!("invitation {}", role(*given)),
        Stated::Cancel(id) => format!("cancels {}", entry_of(id, known)),
        Stated::Epoch { number, .. } => format!("epoch {number}"),
        Stated::Other(name) => quoted(name, NAME),
    };
    format!("{issuer}>{subject} {stated}")
}

fn notes(credential: &Credential, entry: &Entry, number: usize, known: &Known) -> Vec<String> {
    let mut notes = Vec::new();
    match entry.id().and_then(|id| known.get(id)) {
        Some(first) if *first != number => notes.push(format!("the id of #{first}")),
        None => notes.push("no id".to_owned()),
        Some(_) => {}
    }
    match &credential.stated {
        Stated::Member { name, invitation, .. } => {
            notes.extend(name.iter().map(|name| format!("named {}", quoted(name, NAME))));
            notes.extend(invitation.iter().map(|id| format!("by invitation {}", entry_of(id, known))));
        }
        Stated::Epoch { previous: Some(id), .. } if known.contains_key(id) => {
            notes.push(format!("follows {}", entry_of(id, known)));
        }
        Stated::Epoch { previous: Some(id), .. } => notes.push(format!("follows {}, not here", short(id))),
        _ => {}
    }
    let absent: Vec<String> =
        credential.parents.iter().filter(|id| !known.contains_key(*id)).map(|id| short(id)).collect();
    match absent.get(..ABSENT) {
        Some(first) if absent.len() > ABSENT => {
            notes.push(format!("after {} and {} more, not here", first.join(", "), absent.len() - ABSENT));
        }
        _ if !absent.is_empty() => notes.push(format!("after {}, not here", absent.join(", "))),
        _ => {}
    }
    notes
}
