//! Profiles: named sets of requirements that an implementation can conform to.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::book::Book;
use crate::embedded::PROFILES;
use crate::requirement::is_id;

/// A named set of requirements, `spec/profiles/<name>.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, which is that of its file.
    pub name: String,
    /// What it is for, in one or two sentences.
    pub about: String,
    /// Features of which a testee must claim at least one; none where empty.
    pub features_any: Vec<String>,
    /// The ids of its requirements.
    pub requirements: BTreeSet<String>,
}

impl Profile {
    /// Reads a profile.  `file` is its path below `spec/profiles`.
    ///
    /// ```
    /// let text = "name = 'tiny'\nabout = 'One requirement.'\nfeatures_any = []\nrequirements = ['HALO-KEY-001']\n";
    /// let profile = dxos_spec::Profile::parse("tiny.toml", text)?;
    /// assert!(profile.requirements.contains("HALO-KEY-001"));
    /// # Ok::<(), dxos_spec::ProfileError>(())
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let written: Written = toml::from_str(text)
            .map_err(|error| ProfileError::Syntax { file: file.to_owned(), message: error.to_string() })?;
        if file != format!("{}.toml", written.name) {
            return Err(ProfileError::Name { file: file.to_owned(), name: written.name });
        }
        if written.about.trim().is_empty() {
            return Err(ProfileError::About { file: file.to_owned() });
        }
        if let Some(id) = written.requirements.iter().find(|id| !is_id(id)) {
            return Err(ProfileError::MalformedId { file: file.to_owned(), id: id.clone() });
        }
        for pair in written.requirements.windows(2) {
            if let [before, after] = pair
                && before >= after
            {
                return Err(ProfileError::Order {
                    file: file.to_owned(),
                    before: before.clone(),
                    after: after.clone(),
                });
            }
        }
        Ok(Self {
            name: written.name,
            about: written.about,
            features_any: written.features_any,
            requirements: written.requirements.into_iter().collect(),
        })
    }

    /// The ids of this profile that a book does not define.
    pub fn unknown_in<'a>(&'a self, book: &'a Book) -> impl Iterator<Item = &'a str> {
        self.requirements.iter().map(String::as_str).filter(|id| book.requirement(id).is_none())
    }
}

/// The file as it is written; the order of the list is still known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    about: String,
    features_any: Vec<String>,
    requirements: Vec<String>,
}

/// Why a profile cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or not these keys.
    #[error("profiles/{file}: {message}")]
    Syntax {
        /// Path below `spec/profiles`.
        file: String,
        /// What and where.
        message: String,
    },
    /// The name is not that of the file.
    #[error("profiles/{file}: its name is \"{name}\"; name the file {name}.toml, or change the name")]
    Name {
        /// Path below `spec/profiles`.
        file: String,
        /// The name.
        name: String,
    },
    /// No description.
    #[error("profiles/{file}: `about` is empty; say in a sentence whom the profile is for")]
    About {
        /// Path below `spec/profiles`.
        file: String,
    },
    /// Something else than an id in the list; patterns are not allowed, or a profile would grow by itself.
    #[error("profiles/{file}: \"{id}\" is not a requirement's id; list each id in full")]
    MalformedId {
        /// Path below `spec/profiles`.
        file: String,
        /// What stands there.
        id: String,
    },
    /// The list is not in order, or has something twice.
    #[error("profiles/{file}: \"{after}\" stands behind \"{before}\"; sort the list, each id once")]
    Order {
        /// Path below `spec/profiles`.
        file: String,
        /// An id.
        before: String,
        /// The id behind it.
        after: String,
    },
}

/// The profiles that are compiled in, by name.
pub fn profiles() -> Result<Vec<Profile>, ProfileError> {
    PROFILES.iter().map(|(file, text)| Profile::parse(file, text)).collect()
}

/// The profile with a name.
pub fn profile(name: &str) -> Option<Profile> {
    let file = format!("{name}.toml");
    let (file, text) = PROFILES.iter().find(|(path, _)| *path == file)?;
    Profile::parse(file, text).ok()
}
