//! The operations of the testee protocol, as the book lists them.

use crate::book::Book;
use crate::plain::plain;

/// The chapter with the tables.
const CHAPTER: &str = "testee/operations.md";

/// What a table of operations begins with.
const HEAD: [&str; 3] = ["operation", "in", "ok"];

/// An operation: a row of the book's tables, and what is said about it beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name, for example `halo.key.parse`.
    pub name: String,
    /// The members of `in`.
    pub input: String,
    /// The members of `ok`.
    pub ok: String,
    /// The paragraphs that name it, in plain text.
    pub notes: Vec<String>,
    /// Line of the row, counted from 1.
    pub line: usize,
}

impl Book {
    /// All operations, in the order of the book.
    pub fn operations(&self) -> Vec<Operation> {
        let chapter = self.chapters().iter().find(|chapter| chapter.path == CHAPTER);
        chapter.map(|chapter| operations(&chapter.text)).unwrap_or_default()
    }
}

/// Reads the tables whose head is `operation | in | ok`.
fn operations(text: &str) -> Vec<Operation> {
    let mut found = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let cells = cells(line);
        let [name, input, ok] = cells.as_slice() else {
            inside = false;
            continue;
        };
        if [name, input, ok].map(String::as_str) == HEAD {
            inside = true;
        } else if inside && let Some(name) = code(name) {
            found.push(Operation {
                name: name.to_owned(),
                input: input.clone(),
                ok: ok.clone(),
                notes: notes(text, name),
                line: index + 1,
            });
        }
    }
    found
}

/// The cells of a row in plain text; none for a line that is no row.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
    inner.map(|inner| inner.split('|').map(plain).collect()).unwrap_or_default()
}

/// A text that is one code span.
fn code(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.strip_suffix('`').filter(|inside| !inside.contains('`'))
}

/// The paragraphs that name an operation.
fn notes(text: &str, name: &str) -> Vec<String> {
    let span = format!("`{name}`");
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim_start().starts_with('|') && paragraph.contains(&span))
        .map(plain)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_tables_of_operations_are_found() {
        let text = "\
| operation | in | ok |
|---|---|---|
| `a.b` | `x`?: *hex* | `y`: text |
| `a.c` | `{}` | see below |

| other | table | here |
|---|---|---|
| `no` | no | no |

**`a.c`** does
much, unlike `a.b`.

Nothing about either.
";
        let found = operations(text);
        let short: Vec<_> =
            found.iter().map(|op| (op.name.as_str(), op.input.as_str(), op.ok.as_str(), op.line)).collect();
        assert_eq!(short, [("a.b", "`x`?: hex", "`y`: text", 3), ("a.c", "`{}`", "see below", 4)]);
        assert_eq!(found[1].notes, ["`a.c` does much, unlike `a.b`."]);
    }

    #[test]
    fn the_book_has_operations() {
        let operations = Book::embedded().operations();
        assert!(operations.iter().any(|op| op.name == "halo.key.parse" && !op.notes.is_empty()));
        let mut names: Vec<&str> = operations.iter().map(|op| op.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), operations.len(), "each stands once");
    }
}
