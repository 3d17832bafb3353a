//! Reports, all made from a record.

pub mod failure;
pub mod json;
pub mod junit;
pub mod paint;
pub mod progress;
pub mod smoke;
pub mod terminal;
