//! Reports, all made from a record.

pub mod annotation;
pub mod badge;
mod baseline;
pub mod compare;
pub mod diff;
pub mod difference;
pub mod failure;
pub mod html;
pub mod json;
pub mod junit;
pub mod listing;
pub mod lookup;
pub mod markdown;
mod outcome;
pub mod paint;
pub mod progress;
mod repeat;
mod sign;
pub mod smoke;
pub mod standing;
pub mod terminal;
pub(crate) mod visible;
