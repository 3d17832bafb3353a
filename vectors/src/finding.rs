//! What lint finds.

use std::fmt;

/// One thing that is wrong, where it is, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path below the folder that was looked at, with `/`.
    pub file: String,
    /// Line in the file, counted from 1.
    pub line: Option<usize>,
    /// Column in the line, counted from 1.
    pub column: Option<usize>,
    /// Id of the case.
    pub case: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub next: String,
}

impl Finding {
    /// A finding about a whole file.
    pub fn new(file: impl Into<String>, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            case: None,
            message: message.into(),
            next: next.into(),
        }
    }

    /// The same, at a line.
    #[must_use]
    pub fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, about a case.
    #[must_use]
    pub fn about(mut self, case: impl Into<String>) -> Self {
        self.case = Some(case.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        f.write_str(": ")?;
        if let Some(case) = &self.case {
            write!(f, "{case}: ")?;
        }
        write!(f, "{}; {}", self.message, self.next)
    }
}
