//! Differential fuzzing of live implementations: requests that nobody wrote, put to the reference and to one or two
//! testees, and a vote on the answers.
//!
//! - [`chance`], [`shape`], [`wire`], [`mutate`], [`source`]: where requests come from;
//! - [`vote`], [`panel`]: who is asked, and what their answers say together;
//! - [`campaign`], [`shrink`]: many requests, and the smallest one for each disagreement;
//! - [`candidate`], [`report`]: what is left for a person to decide.
//!
//! There is no protocol code here either: what knows the protocol is a [`source::Craft`].

pub mod campaign;
pub mod candidate;
pub mod chance;
pub mod mutate;
pub mod panel;
pub mod report;
pub mod shape;
pub mod shrink;
pub mod source;
pub mod vote;
pub mod wire;
