//! Colour, or none.

use anstyle::{AnsiColor, Style};

/// Whether to colour, and how much to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// With escape sequences for colours.
    pub colour: bool,
    /// How much to say.
    pub detail: Detail,
}

/// How much to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The counts and the outcome.
    Quiet,
    /// Failures too; if there are many, the first of each requirement.
    #[default]
    Usual,
    /// Everything.
    Verbose,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Good,
    Bad,
    Doubtful,
    Faint,
    Strong,
}

impl Look {
    /// The text in its colour.
    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let style = match ink {
            Ink::Good => AnsiColor::Green.on_default(),
            Ink::Bad => AnsiColor::Red.on_default().bold(),
            Ink::Doubtful => AnsiColor::Yellow.on_default(),
            Ink::Faint => Style::new().dimmed(),
            Ink::Strong => Style::new().bold(),
        };
        format!("{style}{text}{style:#}")
    }
}
