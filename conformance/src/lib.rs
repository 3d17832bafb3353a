//! The conformance suite: it drives an implementation in any language over the testee protocol, judges
//! its answers and reports what it found.
//!
//! - [`protocol`] and [`hello`]: frames, the four answers, what a testee claims;
//! - [`implementation`]: the other side, a trait, and [`serve`] and [`dial`] that serve it; [`null`]: eight
//!   testees that implement nothing and must never score;
//! - [`testee`]: how a testee is started, asked and stopped; [`conversation`]: what the carriers [`process`],
//!   [`tcp`] and [`ws`] have in common, the last two by [`dial_in`]; [`in_process`]: the carrier without a stream;
//! - [`json`], [`printable`]: bounds on what a testee says, and what of it may be shown;
//! - [`plan`], [`probe`], [`attempt`], [`verdict`], [`runner`]: what is run, how, and what it means;
//! - [`event`]: the record of a run, from which [`summary`] and [`report`] make everything else.
//!
//! The judge shares no code with the judged: there is no protocol code in this crate.
#![forbid(unsafe_code)]

pub mod attempt;
pub mod conversation;
pub mod dial;
pub mod dial_in;
pub mod event;
pub mod hello;
pub mod implementation;
pub mod in_process;
pub mod json;
pub mod line;
pub mod matching;
pub mod null;
pub mod plan;
pub mod printable;
pub mod probe;
pub mod process;
pub mod protocol;
pub mod record;
pub mod report;
pub mod runner;
pub mod selection;
pub mod serve;
pub mod summary;
pub mod tcp;
pub mod testee;
pub mod verdict;
pub mod ws;
