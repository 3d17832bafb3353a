//! Presentations and tokens.

mod presentation;
mod token;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![presentation::presentation(), token::issue(), token::verify(), token::capabilities()]
}
