//! A bar on standard error while a run goes on.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar, or nothing.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar that counts cases, if somebody looks: standard error is a terminal, and this is no CI machine.
    pub fn new(wanted: bool) -> Self {
        Self::counting("cases", wanted)
    }

    /// A bar that counts something else.
    pub fn counting(noun: &str, wanted: bool) -> Self {
        let bar = wanted.then(|| {
            let style =
                ProgressStyle::with_template(&format!("  {{bar:20}} {{pos}}/{{len}} {noun}  {{elapsed}}"))
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style)
        });
        Self { bar }
    }

    /// So many of so many are done.
    pub fn set(&self, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        }
    }

    /// Removes the bar.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A count without an end, on standard error while somebody looks.
pub struct Ticker {
    bar: Option<ProgressBar>,
}

impl Ticker {
    /// A line if somebody looks.
    pub fn new(wanted: bool) -> Self {
        let bar = wanted.then(|| {
            let style = ProgressStyle::with_template("  {spinner} {msg}  {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style)
        });
        Self { bar }
    }

    /// Shows how far things are.
    pub fn say(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
            bar.tick();
        }
    }

    /// Removes the line.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
