//! What stands at each byte of a message: the fields of an encoded message by the schemas, as far as they can
//! be told even where something is wrong.
//!
//! This is for people who look at bytes.  It knows Protobuf and the schemas, and no rule of the protocols:
//! whether a message is acceptable is the business of a reader.
//!
//! ```
//! let node = dxos_proto::dissect::dissect("dxos.keys.PublicKey", &[0x0a, 0x02, 0xab]).unwrap();
//! let data = &node.children[0];
//! assert_eq!((data.name.as_str(), data.range.clone(), data.value.as_str()), ("data", 0..3, "ab"));
//! assert_eq!(data.problems[0].to_string(), "2 bytes are announced, and 1 is left");
//! ```

mod problem;
mod schema;
mod value;

use std::collections::HashMap;
use std::ops::Range;

pub use problem::{Fault, Problem};
use schema::{Field, Fields, SCHEMA};

/// Messages and groups nested deeper than this are shown as bytes.
pub const MAX_DEPTH: usize = 200;

/// After so many fields the rest of each message is shown as bytes.
pub const MAX_FIELDS: usize = 20_000;

/// A varint has at most this many bytes.
const MAX_VARINT: usize = 10;

/// A part of the input: the whole message, a field, or bytes that cannot be told apart.
///
/// The nodes tile the input: the children of a node, where it has any, cover its `body` without a gap or an
/// overlap, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Offsets of the whole part in the input, in bytes.
    pub range: Range<usize>,
    /// Offsets of what follows tag and length.  Ends where `range` ends.
    pub body: Range<usize>,
    /// The field's number; none for the whole message, the end of a group and what cannot be read.
    pub number: Option<u32>,
    /// The field's name, with an index if it is repeated; `field 17` if the schema does not have it.
    pub name: String,
    /// The type's name: `bytes`, `dxos.keys.PublicKey`; `unknown` if the schema does not have the field.
    pub ty: String,
    /// The wire type as it was written.
    pub wire: Option<u8>,
    /// The value for people, at most some 120 characters; empty for most messages.
    pub value: String,
    /// What is wrong or odd with this part itself, not with its children.
    pub problems: Vec<Problem>,
    /// The parts of the body, if it is a message.
    pub children: Vec<Self>,
}

impl Node {
    fn new(range: Range<usize>, body: Range<usize>, name: impl Into<String>, ty: impl Into<String>) -> Self {
        Self {
            range,
            body,
            number: None,
            name: name.into(),
            ty: ty.into(),
            wire: None,
            value: String::new(),
            problems: Vec::new(),
            children: Vec::new(),
        }
    }

    /// Bytes from which nothing more can be told.
    fn rest(range: Range<usize>, problem: Problem) -> Self {
        let mut node = Self::new(range.clone(), range, "(unreadable)", "unknown");
        node.problems.push(problem);
        node
    }

    /// This node and all below it, in the order of the input, with their depth.
    pub fn flat(&self) -> Vec<(usize, &Self)> {
        let mut found = Vec::new();
        let mut stack = vec![(0, self)];
        while let Some((depth, node)) = stack.pop() {
            found.push((depth, node));
            stack.extend(node.children.iter().rev().map(|child| (depth + 1, child)));
        }
        found
    }

    /// All problems, by their offsets.
    pub fn all_problems(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.flat().into_iter().flat_map(|(_, node)| &node.problems).collect();
        all.sort_by_key(|problem| problem.at);
        all
    }

    /// The last child that holds a field.
    fn last(&self, number: u32) -> Option<&Self> {
        self.children.iter().rev().find(|child| child.number == Some(number))
    }
}

/// The full names of all message types, sorted.
pub fn type_names() -> Vec<&'static str> {
    SCHEMA.names()
}

/// Takes a message of a type apart; none if the schemas have no type of this full name.
pub fn dissect(type_name: &str, bytes: &[u8]) -> Option<Node> {
    let fields = SCHEMA.message(type_name)?;
    let mut walk = Walk { bytes, left: MAX_FIELDS };
    let mut root = Node::new(0..bytes.len(), 0..bytes.len(), "", type_name);
    walk.message(&mut root, fields, 0);
    Some(root)
}

struct Walk<'a> {
    bytes: &'a [u8],
    /// Fields that may still be made.
    left: usize,
}

impl Walk<'_> {
    fn get(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// Fills in the children of a node whose body is a message, and what they say about it.
    fn message(&mut self, node: &mut Node, fields: &Fields, depth: usize) {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        let mut pos = node.body.start;
        while pos < node.body.end {
            let child = self.field(pos..node.body.end, fields, &mut counts, depth);
            pos = child.range.end;
            node.children.push(child);
        }
        mark_repetitions(&mut node.children, fields);
        if node.ty == "google.protobuf.Any" {
            self.open(node, depth);
        }
        node.value = value::of_message(node, self.bytes);
    }

    /// Takes the message in an Any apart, if its type is known.
    fn open(&mut self, any: &mut Node, depth: usize) {
        let Some(name) = any.last(1).and_then(|url| std::str::from_utf8(self.get(url.body.clone())).ok())
        else {
            return;
        };
        // Deployed peers ignore a leading dot.
        let name = name.strip_prefix('.').unwrap_or(name).to_owned();
        let Some(fields) = SCHEMA.message(&name) else { return };
        let value = any.children.iter_mut().rev().find(|child| child.number == Some(2));
        if let Some(value) = value.filter(|value| value.wire == Some(2) && depth < MAX_DEPTH) {
            value.ty = name;
            self.message(value, fields, depth + 1);
        }
    }

    /// The field at the start of a range, which it never passes; at least one byte.
    fn field(
        &mut self,
        within: Range<usize>,
        fields: &Fields,
        counts: &mut HashMap<u32, usize>,
        depth: usize,
    ) -> Node {
        let start = within.start;
        let Some(left) = self.left.checked_sub(1) else {
            return Node::rest(within, Problem { at: start, fault: Fault::TooMany });
        };
        self.left = left;
        let tag = match self.varint(within.clone()) {
            Ok(tag) => tag,
            Err(problem) => return Node::rest(within, problem),
        };
        // As deployed readers do, of a longer tag the lower 32 bits are taken.
        #[allow(clippy::cast_possible_truncation)]
        let (number, wire) = (tag.value as u32 >> 3, (tag.value & 7) as u8);
        let field = fields.get(&number);
        let count = counts.entry(number).or_default();
        let name = match field {
            Some(field) if field.repeated => format!("{}[{count}]", field.name),
            Some(field) => field.name.clone(),
            None if wire == 4 => "(end of a group)".to_owned(),
            None => format!("field {number}"),
        };
        *count += 1;
        let ty = field.map_or("unknown", Field::type_name);
        let mut node = Node::new(start..tag.end, tag.end..tag.end, name, ty);
        node.number = Some(number);
        node.wire = Some(wire);
        node.problems.extend(tag.longer(start));
        if number == 0 || tag.value > u64::from(u32::MAX) {
            node.problems.push(Problem { at: start, fault: Fault::FieldNumber });
        }
        if let Some(field) = field
            && !field.allows(wire)
        {
            let fault = Fault::WireType { declared: field.wire(), found: wire };
            node.problems.push(Problem { at: start, fault });
        }
        let field = field.filter(|field| field.allows(wire));
        self.body(&mut node, tag.end..within.end, field, depth);
        node
    }

    /// Reads what follows a tag.
    fn body(&mut self, node: &mut Node, within: Range<usize>, field: Option<&Field>, depth: usize) {
        match node.wire {
            Some(0) => match self.varint(within.clone()) {
                Ok(varint) => {
                    node.problems.extend(varint.longer(within.start));
                    node.problems.extend(value::cut(field, varint.value, within.start));
                    node.value = value::of_varint(field, varint.value);
                    self.ends(node, within.start, varint.end);
                }
                Err(problem) => {
                    node.problems.push(problem);
                    self.ends(node, within.start, within.end);
                }
            },
            Some(1) => self.fixed(node, within, field, 8),
            Some(5) => self.fixed(node, within, field, 4),
            Some(2) => self.delimited(node, within, field, depth),
            Some(3) => self.group(node, within, depth),
            Some(4) => {
                node.number = None;
                node.problems.push(Problem { at: node.range.start, fault: Fault::GroupEnd });
            }
            wire => {
                let fault = Fault::NoWireType { found: wire.unwrap_or_default() };
                node.problems.push(Problem { at: node.range.start, fault });
                self.ends(node, within.start, within.end);
            }
        }
    }

    fn ends(&self, node: &mut Node, start: usize, end: usize) {
        node.body = start..end;
        node.range.end = end;
    }

    fn fixed(&self, node: &mut Node, within: Range<usize>, field: Option<&Field>, size: usize) {
        let end = (within.start + size).min(within.end);
        self.ends(node, within.start, end);
        let there = end - within.start;
        if there < size {
            node.problems.push(Problem { at: within.start, fault: Fault::Truncated { wanted: size, there } });
        } else {
            node.value = value::of_fixed(field, self.get(node.body.clone()));
        }
    }

    fn delimited(&mut self, node: &mut Node, within: Range<usize>, field: Option<&Field>, depth: usize) {
        let length = match self.varint(within.clone()) {
            Ok(length) => length,
            Err(problem) => {
                node.problems.push(problem);
                return self.ends(node, within.start, within.end);
            }
        };
        node.problems.extend(length.longer(within.start));
        let there = within.end - length.end;
        let wanted = usize::try_from(length.value).unwrap_or(usize::MAX);
        if wanted > there {
            node.problems.push(Problem { at: within.start, fault: Fault::Truncated { wanted, there } });
        }
        self.ends(node, length.end, length.end + wanted.min(there));
        let Some(field) = field else {
            node.value = value::of_unknown(self.get(node.body.clone()));
            return;
        };
        if let Some(fields) = field.message() {
            if depth < MAX_DEPTH {
                self.message(node, fields, depth + 1);
            } else {
                node.problems.push(Problem { at: node.range.start, fault: Fault::TooDeep });
            }
        } else if field.is_packed_in(2) {
            self.packed(node, field);
        } else {
            let (value, problem) = value::of_bytes(field, self.get(node.body.clone()), node.body.start);
            node.value = value;
            node.problems.extend(problem);
        }
    }

    /// The elements of a repeated number that are written in one piece.
    fn packed(&mut self, node: &mut Node, field: &Field) {
        let mut pos = node.body.start;
        while pos < node.body.end {
            let within = pos..node.body.end;
            let Some(left) = self.left.checked_sub(1) else {
                node.children.push(Node::rest(within, Problem { at: pos, fault: Fault::TooMany }));
                return;
            };
            self.left = left;
            let mut element = Node::new(pos..pos, pos..pos, format!("[{}]", node.children.len()), &*node.ty);
            element.wire = Some(field.wire());
            self.body(&mut element, within, Some(field), MAX_DEPTH);
            pos = element.range.end;
            node.children.push(element);
        }
    }

    /// The fields of a group, and its end as the last of them.
    fn group(&mut self, node: &mut Node, within: Range<usize>, depth: usize) {
        let mut pos = within.start;
        let mut counts = HashMap::new();
        let mut ended = false;
        while pos < within.end && !ended {
            if depth >= MAX_DEPTH {
                let problem = Problem { at: pos, fault: Fault::TooDeep };
                node.children.push(Node::rest(pos..within.end, problem));
                return self.ends(node, within.start, within.end);
            }
            let mut child = self.field(pos..within.end, &Fields::default(), &mut counts, depth + 1);
            pos = child.range.end;
            if child.wire == Some(4) {
                ended = true;
                child.problems.retain(|problem| problem.fault != Fault::GroupEnd);
            }
            node.children.push(child);
        }
        self.ends(node, within.start, pos);
        if !ended {
            node.problems.push(Problem { at: node.range.start, fault: Fault::OpenGroup });
        }
    }

    fn varint(&self, within: Range<usize>) -> Result<Varint, Problem> {
        let start = within.start;
        let mut value = 0u64;
        for (index, byte) in self.get(within.clone()).iter().take(MAX_VARINT).enumerate() {
            value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32).unwrap_or_default();
            if *byte < 0x80 {
                return Ok(Varint { value, end: start + index + 1 });
            }
        }
        let long = within.len() >= MAX_VARINT;
        Err(Problem { at: start, fault: if long { Fault::LongVarint } else { Fault::OpenVarint } })
    }
}

/// A varint, and the offset behind it.
struct Varint {
    value: u64,
    end: usize,
}

impl Varint {
    /// The remark that it could be shorter.
    fn longer(&self, start: usize) -> Option<Problem> {
        let needed = (64 - self.value.leading_zeros()).div_ceil(7).max(1) as usize;
        let taken = self.end - start;
        (taken > needed).then_some(Problem { at: start, fault: Fault::Longer { taken, needed } })
    }
}

/// Remarks on each singular field that occurs again.
fn mark_repetitions(children: &mut [Node], fields: &Fields) {
    let mut later: HashMap<u32, usize> = HashMap::new();
    for child in children.iter_mut().rev() {
        let singular = child.number.filter(|number| fields.get(number).is_some_and(|field| !field.repeated));
        let Some(number) = singular else { continue };
        if let Some(again) = later.insert(number, child.range.start) {
            child.problems.push(Problem { at: child.range.start, fault: Fault::Again { at: again } });
        }
    }
}
