//! Ids of the requirements that this crate enforces; the sentences are in the book.

/// Id of a requirement of the book, for example `HALO-CRED-002`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement(&'static str);

impl Requirement {
    /// The id as it is written in the book.
    pub const fn id(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! requirements {
    ($($name:ident = $id:literal,)*) => {
        $(#[doc = concat!("Requirement `", $id, "`.")] pub const $name: Requirement = Requirement($id);)*

        /// Every requirement that a rejection of this crate can name.
        pub const ALL: &[Requirement] = &[$($name,)*];
    };
}

// A constant for each requirement that the sources name: the list is made from them by the build script, so
// that it is never another.
include!(concat!(env!("OUT_DIR"), "/requirements.rs"));
