//! The texts of this folder, as the build script found them.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
