//! The vectors that are compiled in, so that a binary judges the same everywhere.

use crate::format::VectorFile;
use crate::load::{LoadError, parse};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// All vector files that are compiled in, by path.
pub fn embedded() -> Result<Vec<VectorFile>, LoadError> {
    FILES.iter().map(|(path, text)| parse(path, text)).collect()
}

/// Their paths below `data/` and their texts, by path.
pub fn embedded_texts() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// The text of `ids.lock` that is compiled in.
pub fn embedded_lock() -> &'static str {
    LOCK
}
