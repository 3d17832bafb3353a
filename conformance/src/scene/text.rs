//! The drawing for a terminal: a line for each credential, with lanes beside it.

use super::printed::{clipped, wrapped};
use super::{Node, Scene};

/// The longest line, in characters.
const WIDTH: usize = 100;

/// More lanes are not drawn; the parents are then listed.
const MAX_LANES: usize = 16;

/// The longest label.
const LABEL: usize = 34;

/// What lanes are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// Box-drawing characters.
    Unicode,
    /// ASCII alone.
    Ascii,
}

impl Scene {
    /// The drawing in lines of at most 100 characters: each credential stands below those that it names.
    pub fn text(&self, signs: Signs) -> String {
        let mut lines = vec![self.title(), String::new()];
        let lanes = Lanes::draw(self);
        let wide = lanes.as_ref().map_or(0, |rows| rows.iter().map(|row| row.cells.len()).max().unwrap_or(0));
        let label = self.nodes.iter().map(|node| node.label.chars().count()).max().unwrap_or(0).min(LABEL);
        let number = self.nodes.len().saturating_sub(1).to_string().len() + 1;
        let after = if lanes.is_none() { self.after() } else { Vec::new() };
        let rows = match &lanes {
            Some(rows) => rows.iter().map(|row| (row.text(wide), row.node)).collect(),
            None => self.listed(),
        };
        for (lanes, node) in rows {
            let node = node.and_then(|node| self.nodes.get(node));
            let after = node.and_then(|node| after.get(node.number)).map(String::as_str);
            let said = node.map(|node| said(node, number, label, after)).unwrap_or_default();
            lines.push(clipped(format!("  {lanes}  {said}").trim_end(), WIDTH));
        }
        lines.push(String::new());
        for (name, words) in &self.outcome {
            lines.extend(wrapped(&format!("  {name:<12}"), words, WIDTH));
        }
        let legend: Vec<String> = self.names.legend().collect();
        lines.extend(wrapped("  keys        ", &legend, WIDTH));
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        match signs {
            Signs::Unicode => text,
            Signs::Ascii => text.chars().map(ascii).collect(),
        }
    }

    /// Without lanes.
    fn listed(&self) -> Vec<(String, Option<usize>)> {
        let row = |node: &usize| (self.nodes.get(*node).map(sign).into_iter().collect(), Some(*node));
        self.graph.order.iter().map(row).collect()
    }

    /// The parents of each node in words.
    fn after(&self) -> Vec<String> {
        let words =
            |parents: &Vec<usize>| parents.iter().map(|parent| format!("#{parent}")).collect::<Vec<_>>();
        self.graph.parents().iter().map(words).map(|words| format!("after {}", words.join(" "))).collect()
    }
}

/// What stands beside a sign.
fn said(node: &Node, number: usize, label: usize, after: Option<&str>) -> String {
    let fate = node.fate();
    let mut more: Vec<&str> = vec![&fate];
    more.extend(node.notes.iter().map(String::as_str));
    more.extend(after.filter(|after| *after != "after "));
    more.retain(|text| !text.is_empty());
    let short = clipped(&node.label, label);
    let place = format!("#{}", node.number);
    format!("{place:<number$} {:<6} {short:<label$}  {}", node.id, more.join("; "))
}

/// A sign for what became of a node; the word stands beside it.
fn sign(node: &Node) -> char {
    match node.want.as_deref() {
        None | Some("accepted") if node.small => '○',
        None | Some("accepted") => '●',
        Some("void") => '◌',
        Some("held") => '?',
        Some("failed" | "endless") => '!',
        Some(_) => '✕',
    }
}

fn ascii(character: char) -> char {
    match character {
        '│' => '|',
        '─' => '-',
        '├' | '┤' | '┼' | '┬' | '┴' => '+',
        '╮' | '╭' => '.',
        '╯' | '╰' => '\'',
        '●' => '*',
        '○' => 'o',
        '◌' => '-',
        '✕' => 'x',
        '…' => '~',
        other if other.is_ascii() => other,
        _ => '?',
    }
}

/// A line of lanes.
struct Row {
    /// A cell for each lane.
    cells: Vec<char>,
    /// The cells between which a line runs.
    joined: Option<(usize, usize)>,
    /// The node whose sign is in it.
    node: Option<usize>,
}

impl Row {
    /// Whether something is drawn in a lane.
    fn reaches(&self, lane: usize) -> bool {
        self.cells.get(lane).is_some_and(|cell| *cell != ' ')
            || self.joined.is_some_and(|(first, last)| first <= lane && lane <= last)
    }

    /// The cells with what runs between them, as wide as the widest row.
    fn text(&self, wide: usize) -> String {
        let mut text = String::new();
        for index in 0..wide {
            let through = |from, to| self.joined.is_some_and(|(first, last)| first <= from && to <= last);
            if index > 0 {
                text.push(if through(index - 1, index) { '─' } else { ' ' });
            }
            let blank = if through(index, index) { '─' } else { ' ' };
            text.push(self.cells.get(index).copied().filter(|cell| *cell != ' ').unwrap_or(blank));
        }
        text
    }
}

/// Lanes while they are drawn: each leads to a node that comes.
struct Lanes {
    lanes: Vec<Option<usize>>,
    rows: Vec<Row>,
}

impl Lanes {
    /// All rows; none if there are too many lanes.
    fn draw(scene: &Scene) -> Option<Vec<Row>> {
        let children = scene.graph.children();
        let mut place = vec![0; children.len()];
        for (at, node) in scene.graph.order.iter().enumerate() {
            *place.get_mut(*node)? = at;
        }
        let mut drawing = Self { lanes: Vec::new(), rows: Vec::new() };
        for &node in &scene.graph.order {
            let lane = drawing.arrive(node);
            drawing.sign(lane, node, sign(scene.nodes.get(node)?));
            let mut next = children.get(node).cloned().unwrap_or_default();
            next.sort_by_key(|child| place.get(*child));
            drawing.leave(lane, &next);
            if drawing.lanes.len() > MAX_LANES {
                return None;
            }
        }
        Some(drawing.rows)
    }

    /// Lets all lanes that lead to a node end in the first of them.
    fn arrive(&mut self, node: usize) -> usize {
        let ending: Vec<usize> = self
            .lanes
            .iter()
            .enumerate()
            .filter(|(_, to)| **to == Some(node))
            .map(|(lane, _)| lane)
            .collect();
        let [lane, others @ ..] = ending.as_slice() else { return self.begin() };
        if let Some(last) = others.last() {
            for other in others {
                self.lead(*other, None);
            }
            let mut row = self.row(Some((*lane, *last)));
            put(&mut row, *lane, '├');
            for other in others {
                put(&mut row, *other, if other == last { '╯' } else { '┴' });
            }
            self.rows.push(row);
        }
        *lane
    }

    fn sign(&mut self, lane: usize, node: usize, sign: char) {
        self.lead(lane, None);
        let mut row = self.row(None);
        row.node = Some(node);
        put(&mut row, lane, sign);
        self.rows.push(row);
    }

    /// Lets lanes begin in a node, or run into others that lead to the same child.
    fn leave(&mut self, lane: usize, children: &[usize]) {
        let mut ends: Vec<(usize, bool)> = Vec::new();
        let mut goes_on = false;
        for child in children {
            match self.lanes.iter().position(|to| *to == Some(*child)) {
                Some(other) => ends.push((other, true)),
                None if !goes_on => {
                    goes_on = true;
                    self.lead(lane, Some(*child));
                }
                None => {
                    let new = self.free();
                    self.lead(new, Some(*child));
                    ends.push((new, false));
                }
            }
        }
        let (Some(first), Some(last)) =
            (ends.iter().map(|(end, _)| *end).min(), ends.iter().map(|(end, _)| *end).max())
        else {
            return;
        };
        let (left, right) = (first < lane, last > lane);
        let mut row = self.row(Some((first.min(lane), last.max(lane))));
        put(&mut row, lane, corner(true, goes_on, left, right));
        for (end, joins) in ends {
            put(&mut row, end, corner(joins, true, first.min(lane) < end, last.max(lane) > end));
        }
        self.rows.push(row);
    }

    /// The lanes as they run on.
    fn row(&self, joined: Option<(usize, usize)>) -> Row {
        let cell = |to: &Option<usize>| if to.is_some() { '│' } else { ' ' };
        Row { cells: self.lanes.iter().map(cell).collect(), joined, node: None }
    }

    fn free(&mut self) -> usize {
        self.lanes.iter().position(Option::is_none).unwrap_or_else(|| {
            self.lanes.push(None);
            self.lanes.len() - 1
        })
    }

    /// A free lane for what hangs on nothing: it must not stand right below something else.
    fn begin(&mut self) -> usize {
        let above = |lane: usize| self.rows.last().is_some_and(|row| row.reaches(lane));
        let found = (0..self.lanes.len()).find(|lane| self.lanes.get(*lane) == Some(&None) && !above(*lane));
        found.unwrap_or_else(|| {
            self.lanes.push(None);
            self.lanes.len() - 1
        })
    }

    fn lead(&mut self, lane: usize, to: Option<usize>) {
        if let Some(place) = self.lanes.get_mut(lane) {
            *place = to;
        }
    }
}

fn put(row: &mut Row, lane: usize, cell: char) {
    if let Some(place) = row.cells.get_mut(lane) {
        *place = cell;
    }
}

/// Where lines meet, by the sides from which they come.
const fn corner(above: bool, below: bool, left: bool, right: bool) -> char {
    match (above, below, left, right) {
        (true, true, true, true) => '┼',
        (true, true, true, false) => '┤',
        (true, true, false, _) => '├',
        (true, false, true, true) => '┴',
        (true, false, true, false) => '╯',
        (true, false, false, _) => '╰',
        (false, _, true, true) => '┬',
        (false, _, true, false) => '╮',
        (false, _, false, _) => '╭',
    }
}
