//! What the deployed implementation does, step by step.

use super::{Entry, Machine, Outcome, View};

/// What the deployed implementation does, step by step.
#[derive(Debug)]
pub struct Deployed {
    space: Vec<u8>,
}

impl Deployed {
    /// A machine that has taken nothing in, for a space given by its key.
    pub fn new(space: &[u8]) -> Self {
        Self { space: space.to_vec() }
    }
}

impl Machine for Deployed {
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
