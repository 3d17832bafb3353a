//! One result for every order of arrival.

use super::{Entry, Machine, Outcome, View};

/// One result for every order of arrival.
#[derive(Debug)]
pub struct Convergent {
    space: Vec<u8>,
}

impl Convergent {
    /// A machine that has taken nothing in, for a space given by its key.
    pub fn new(space: &[u8]) -> Self {
        Self { space: space.to_vec() }
    }
}

impl Machine for Convergent {
    fn process(&mut self, _entry: &Entry) -> Outcome {
        Outcome::Held
    }

    fn outcomes(&mut self) -> Vec<Outcome> {
        Vec::new()
    }

    fn view(&mut self) -> View {
        View { heads: [self.space.clone()].into(), ..View::default() }
    }
}
