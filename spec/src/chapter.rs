//! Finds the requirements of one chapter.
//!
//! Line by line, and strict: what looks like a requirement and is not one is an error, because a normative
//! sentence that the index misses is one that nothing tests.

use crate::book::BookError;
use crate::plain::plain;
use crate::requirement::{Level, Requirement, is_id};

/// The remarks that may follow a requirement.
const DEPLOYED: &str = "Deployed:";
const EXCLUDED: &str = "Excluded:";

/// The title of a chapter: its first heading.
pub(crate) fn title(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("# ")).map(plain)
}

/// All requirements of a chapter, in its order.
pub(crate) fn requirements(path: &str, text: &str) -> Result<Vec<Requirement>, BookError> {
    let mut found: Vec<Requirement> = Vec::new();
    // Whether the last requirement still takes remarks: only blank lines and remarks stand between.
    let mut open = false;
    for block in blocks(text) {
        if let Some(lines) = block.quote() {
            let target = if open { found.last_mut() } else { None };
            open = remarks(path, block.line, &lines, target)?;
            continue;
        }
        open = false;
        if let Some(requirement) = requirement(path, &block)? {
            found.push(requirement);
            open = true;
        }
    }
    Ok(found)
}

/// Lines that belong together: a paragraph, a list, a quotation.
struct Block<'a> {
    line: usize,
    lines: Vec<&'a str>,
}

impl Block<'_> {
    /// The lines of a quotation without their marks.
    fn quote(&self) -> Option<Vec<&str>> {
        self.lines.iter().map(|line| line.trim_start().strip_prefix('>').map(str::trim)).collect()
    }
}

/// Splits a text at blank lines, headings and the beginning of quotations.  Fenced code and comments are
/// left out: they show requirements, they do not make them.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut current: Option<Block<'_>> = None;
    let mut until: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if let Some(end) = until {
            if (end == "-->" && trimmed.contains(end)) || (end != "-->" && trimmed.starts_with(end)) {
                until = None;
            }
            continue;
        }
        until = ["```", "~~~"].into_iter().find(|fence| trimmed.starts_with(fence));
        if trimmed.starts_with("<!--") && !trimmed.contains("-->") {
            until = Some("-->");
        }
        let quoted = trimmed.starts_with('>');
        let apart =
            trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with("<!--") || until.is_some();
        let was_quoted = current.as_ref().is_some_and(|block| block.quote().is_some());
        if apart || (current.is_some() && quoted != was_quoted) {
            blocks.extend(current.take());
        }
        if !apart {
            current.get_or_insert_with(|| Block { line: index + 1, lines: Vec::new() }).lines.push(line);
        }
    }
    blocks.extend(current);
    blocks
}

/// Reads a block as a requirement.
fn requirement(path: &str, block: &Block<'_>) -> Result<Option<Requirement>, BookError> {
    for (offset, line) in block.lines.iter().enumerate() {
        let place = || (path.to_owned(), block.line + offset);
        let Some(id) = marked(line) else { continue };
        if !is_id(id) {
            let (file, line) = place();
            return Err(BookError::MalformedId { file, line, id: id.to_owned() });
        }
        if offset > 0 || !line.starts_with("**[") {
            let (file, line) = place();
            return Err(BookError::Misplaced { file, line, id: id.to_owned() });
        }
    }
    let whole = block.lines.join("\n");
    let Some((id, text)) = whole.strip_prefix("**[").and_then(|rest| rest.split_once("]**")) else {
        return Ok(None);
    };
    if !is_id(id) {
        return Ok(None);
    }
    let level = Level::of(text).ok_or_else(|| BookError::NoKeyWord {
        file: path.to_owned(),
        line: block.line,
        id: id.to_owned(),
    })?;
    Ok(Some(Requirement {
        id: id.to_owned(),
        level,
        text: plain(text),
        deployed: None,
        excluded: None,
        chapter: path.to_owned(),
        line: block.line,
    }))
}

/// The text in the place of an id, where a line begins like a requirement: behind indentation or the mark of
/// a list too, and also where the bold type or a bracket was forgotten.
fn marked(line: &str) -> Option<&str> {
    let start = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '+'));
    let start = start.strip_prefix("* ").unwrap_or(start);
    if let Some(rest) = start.strip_prefix("**[") {
        let (inside, after) = rest.split_once(']').unwrap_or((rest.split_whitespace().next()?, ""));
        // A bold link.
        return (!after.starts_with('(')).then_some(inside);
    }
    let bare = start.trim_start_matches(['*', '_', '[', ' ']);
    let word = bare.split(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | ']')).next()?;
    // One that is not written as a requirement is shown whole, marks and all.
    (start.len() > bare.len() && start.starts_with(['*', '_']) && is_id(word))
        .then(|| start.split_whitespace().next().unwrap_or(start))
}

/// Gives the remarks in a quotation to the requirement before it.  Whether more may follow is the answer.
fn remarks(
    path: &str,
    line: usize,
    lines: &[&str],
    mut target: Option<&mut Requirement>,
) -> Result<bool, BookError> {
    let mut last: Option<&str> = None;
    for (offset, text) in lines.iter().enumerate() {
        let name = [DEPLOYED, EXCLUDED].into_iter().find(|name| text.starts_with(name));
        if name.is_none() && (last.is_none() || text.is_empty()) {
            continue;
        }
        let place = || (path.to_owned(), line + offset);
        let Some(requirement) = target.as_deref_mut() else {
            let (file, line) = place();
            return Err(BookError::StrayRemark { file, line, remark: name.unwrap_or_default().to_owned() });
        };
        let slot = match name.or(last) {
            Some(DEPLOYED) => &mut requirement.deployed,
            _ => &mut requirement.excluded,
        };
        match (name, slot.as_mut()) {
            (Some(name), Some(_)) => {
                let (file, line) = place();
                return Err(BookError::RepeatedRemark {
                    file,
                    line,
                    remark: name.to_owned(),
                    id: requirement.id.clone(),
                });
            }
            (Some(name), None) => *slot = Some(plain(text.strip_prefix(name).unwrap_or(text))),
            (None, Some(before)) => {
                before.push(' ');
                before.push_str(&plain(text));
            }
            (None, None) => {}
        }
        last = name.or(last);
    }
    if let (Some(requirement), Some(_)) = (target, last) {
        for text in [&mut requirement.deployed, &mut requirement.excluded].into_iter().flatten() {
            *text = text.trim().to_owned();
        }
        return Ok(true);
    }
    Ok(false)
}
