//! Presentations and tokens.

mod presentation;
mod token;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        presentation::proof(),
        presentation::credentials(),
        token::issue(),
        token::verify(),
        token::capabilities(),
    ]
}
