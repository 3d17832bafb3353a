//! The conformance suite: it drives an implementation in any language over the testee protocol, judges
//! its answers and reports what it found.
//!
//! - [`protocol`] and [`hello`]: frames, the four answers, what a testee claims;
//! - [`implementation`]: the other side, a trait, and [`serve`] and [`dial`] that serve it; [`null`]: eight
//!   testees that implement nothing and must never score;
//! - [`testee`]: how a testee is started, asked and stopped; [`conversation`]: what the carriers [`process`],
//!   [`tcp`] and [`ws`] have in common, the last two by [`dial_in`]; [`in_process`]: the carrier without a stream;
//!   [`kube_address`]: where a server is that needs no adapter;
//! - [`json`], [`printable`]: bounds on what a testee says, and what of it may be shown;
//! - [`plan`], [`probe`], [`attempt`], [`verdict`], [`runner`]: what is run, how, and what it means;
//! - [`mutation`], [`kill_table`]: whether the cases notice an implementation that was made wrong on purpose;
//! - [`trace`]: from a requirement to its cases, its places in the code and their mutants, and back;
//! - [`baseline`], [`diff`], [`repeat`]: a run held against what is expected of it, an earlier one, itself;
//! - [`smoke`]: a first look at an adapter;
//! - [`fuzz`]: requests that nobody wrote, and a vote on the answers;
//! - [`scene`]: a space, drawn from the credentials of a case;
//! - [`event`]: the record of a run, from which [`summary`] and [`report`] make everything else.
//!
//! The judge shares no code with the judged: there is no protocol code in this crate.
#![forbid(unsafe_code)]

pub mod attempt;
pub mod baseline;
pub mod conversation;
pub mod decision;
pub mod dial;
pub mod dial_in;
pub mod diff;
pub mod event;
pub mod fractions;
pub mod fuzz;
pub mod hello;
pub mod implementation;
pub mod in_process;
pub mod json;
pub mod kill_table;
pub mod kube_address;
pub mod line;
pub mod matching;
pub mod mutation;
pub mod null;
pub mod plan;
pub mod printable;
pub mod probe;
pub mod process;
pub mod protocol;
pub mod record;
pub mod repeat;
pub mod report;
pub mod runner;
pub mod scene;
pub mod selection;
pub mod serve;
pub mod smoke;
pub mod summary;
pub mod tcp;
pub mod testee;
pub mod trace;
pub mod verdict;
pub mod ws;
