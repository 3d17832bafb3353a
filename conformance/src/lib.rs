//! The conformance suite: it drives an implementation in any language over the testee protocol, judges
//! its answers and reports what it found.
//!
//! - [`protocol`] and [`hello`]: frames, the four answers, what a testee claims;
//! - [`implementation`]: the other side, a trait and a loop that serves it; [`null`]: eight testees that
//!   implement nothing and must never score;
//! - [`testee`], [`process`], [`in_process`]: how a testee is started, asked and stopped;
//! - [`plan`], [`probe`], [`attempt`], [`verdict`], [`runner`]: what is run, how, and what it means;
//! - [`event`]: the record of a run, from which [`summary`] and [`report`] make everything else;
//! - [`fuzz`]: requests that nobody wrote, and a vote on the answers.
//!
//! The judge shares no code with the judged: there is no protocol code in this crate.
#![forbid(unsafe_code)]

pub mod attempt;
pub mod event;
pub mod fuzz;
pub mod hello;
pub mod implementation;
pub mod in_process;
pub mod line;
pub mod matching;
pub mod null;
pub mod plan;
pub mod probe;
pub mod process;
pub mod protocol;
pub mod record;
pub mod report;
pub mod runner;
pub mod selection;
pub mod serve;
pub mod summary;
pub mod testee;
pub mod verdict;
