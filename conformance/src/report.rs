//! Reports, all made from a record.

mod baseline;
pub mod diff;
pub mod failure;
pub mod json;
pub mod junit;
pub mod paint;
pub mod progress;
mod repeat;
pub mod smoke;
pub mod terminal;
