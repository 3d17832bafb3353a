//! The book: its chapters and the index of its requirements.

use std::collections::{HashMap, hash_map};
use std::sync::LazyLock;

use crate::chapter;
use crate::embedded::CHAPTERS;
use crate::requirement::Requirement;

/// The table of contents, which gives the chapters their order and has no requirements itself.
const SUMMARY: &str = "SUMMARY.md";

/// Why a book cannot be indexed; each names the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// The text in the place of an id has not the form of one.
    #[error(
        "{file}:{line}: \"{id}\" is not a requirement's id; write **[AREA-OBJECT-001]** at the beginning of the paragraph"
    )]
    MalformedId {
        /// Path of the chapter.
        file: String,
        /// Line in it.
        line: usize,
        /// What stands there.
        id: String,
    },
    /// An id inside of a paragraph or a list, where it makes no requirement.
    #[error(
        "{file}:{line}: {id} does not begin a paragraph; put a blank line before it, and take it out of the list"
    )]
    Misplaced {
        /// Path of the chapter.
        file: String,
        /// Line in it.
        line: usize,
        /// The id.
        id: String,
    },
    /// The same id twice.
    #[error(
        "{file}:{line}: {id} is already defined at {first}; give the new requirement a number of its own"
    )]
    Duplicate {
        /// Path of the chapter.
        file: String,
        /// Line in it.
        line: usize,
        /// The id.
        id: String,
        /// `file:line` of the first one.
        first: String,
    },
    /// A requirement that requires nothing.
    #[error("{file}:{line}: {id} has no key word; say what MUST, SHOULD or MAY be done")]
    NoKeyWord {
        /// Path of the chapter.
        file: String,
        /// Line in it.
        line: usize,
        /// The id.
        id: String,
    },
    /// A remark that follows no requirement.
    #[error(
        "{file}:{line}: \"{remark}\" follows no requirement; move it directly behind the one that it is about"
    )]
    StrayRemark {
        /// Path of the chapter.
        file: String,
        /// Line in it.
        line: usize,
        /// `Deployed:` or `Excluded:`.
        remark: String,
    },
    /// A second remark of the same kind.
    #[error("{file}:{line}: {id} has a \"{remark}\" already; make one of the two")]
    RepeatedRemark {
        /// Path of the chapter.
        file: String,
        /// Line in it.
        line: usize,
        /// `Deployed:` or `Excluded:`.
        remark: String,
        /// The requirement.
        id: String,
    },
}

/// One file of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Path below `spec/src`, with `/`.
    pub path: String,
    /// Its first heading; the path where there is none.
    pub title: String,
    /// The Markdown.
    pub text: String,
}

/// The chapters and requirements of a book.
#[derive(Clone, Debug, Default)]
pub struct Book {
    chapters: Vec<Chapter>,
    requirements: Vec<Requirement>,
    index: HashMap<String, usize>,
}

static EMBEDDED: LazyLock<Result<Book, BookError>> = LazyLock::new(|| Book::parse(CHAPTERS.iter().copied()));
static EMPTY: LazyLock<Book> = LazyLock::new(Book::default);

impl Book {
    /// The book that is compiled in.  A test of this crate holds it to be well-formed; were it not, it would
    /// be empty here, and [`Book::try_embedded`] says why.
    pub fn embedded() -> &'static Self {
        Self::try_embedded().unwrap_or(&EMPTY)
    }

    /// The book that is compiled in, or what is wrong with it.
    pub fn try_embedded() -> Result<&'static Self, &'static BookError> {
        EMBEDDED.as_ref()
    }

    /// Indexes chapters, given as path and text.  Their order is that of `SUMMARY.md`, if it is among them;
    /// those that it does not list follow by path.
    pub fn parse<P: Into<String>, T: Into<String>>(
        chapters: impl IntoIterator<Item = (P, T)>,
    ) -> Result<Self, BookError> {
        let mut files: Vec<(String, String)> =
            chapters.into_iter().map(|(path, text)| (path.into(), text.into())).collect();
        let order =
            files.iter().find(|(path, _)| path == SUMMARY).map(|(_, text)| listed(text)).unwrap_or_default();
        files.retain(|(path, _)| path != SUMMARY);
        files.sort_by_cached_key(|(path, _)| {
            (order.iter().position(|listed| listed == path).unwrap_or(usize::MAX), path.clone())
        });
        let mut book = Self::default();
        for (path, text) in files {
            for requirement in chapter::requirements(&path, &text)? {
                book.add(requirement)?;
            }
            let title = chapter::title(&text).unwrap_or_else(|| path.clone());
            book.chapters.push(Chapter { path, title, text });
        }
        Ok(book)
    }

    fn add(&mut self, requirement: Requirement) -> Result<(), BookError> {
        match self.index.entry(requirement.id.clone()) {
            hash_map::Entry::Vacant(entry) => entry.insert(self.requirements.len()),
            hash_map::Entry::Occupied(entry) => {
                let first = self.requirements.get(*entry.get());
                return Err(BookError::Duplicate {
                    first: first.map(|first| format!("{}:{}", first.chapter, first.line)).unwrap_or_default(),
                    file: requirement.chapter,
                    line: requirement.line,
                    id: requirement.id,
                });
            }
        };
        self.requirements.push(requirement);
        Ok(())
    }

    /// The requirement with an id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(*self.index.get(id)?)
    }

    /// All requirements, in the order of the book.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// All chapters, in the order of the book.
    pub fn chapters(&self) -> &[Chapter] {
        &self.chapters
    }
}

/// The files that a table of contents links to.
fn listed(summary: &str) -> Vec<String> {
    summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.trim().trim_start_matches("./").to_owned())
        .collect()
}
