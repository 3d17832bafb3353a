//! The topics and keys of a case on a server that is not the case's alone.

use ring::rand::{SecureRandom, SystemRandom};

/// What is shorter is no key, and could be found by chance.
const SHORTEST: usize = 16;

/// The keys of a case and the random ones that stand for them on the wire, of the same length each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Case and wire; longer ones first, so that one that begins another does not hide it.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Keys {
    /// Draws a key for each; a P-256 point in its uncompressed form (65 bytes from `04`) keeps its first byte.
    pub(crate) fn draw(case: &[Vec<u8>]) -> Self {
        let random = SystemRandom::new();
        let mut case: Vec<Vec<u8>> = case.iter().filter(|key| key.len() >= SHORTEST).cloned().collect();
        case.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        case.dedup();
        let pairs = case.into_iter().map(|key| {
            let mut wire = key.clone();
            let from = usize::from(key.len() == 65 && key.first() == Some(&4));
            // Without random numbers the case's own keys do, as long as nobody else uses them.
            let _ = wire.get_mut(from..).map(|rest| random.fill(rest));
            (key, wire)
        });
        Self { pairs: pairs.collect() }
    }

    /// Bytes of the case as they go out.
    pub(crate) fn out(&self, bytes: &[u8]) -> Vec<u8> {
        self.replace(bytes, |(case, wire)| (case, wire))
    }

    /// Bytes that have come as the case knows them.
    pub(crate) fn back(&self, bytes: &[u8]) -> Vec<u8> {
        self.replace(bytes, |(case, wire)| (wire, case))
    }

    fn replace<'a>(
        &'a self,
        bytes: &[u8],
        direction: impl Fn(&'a (Vec<u8>, Vec<u8>)) -> (&'a Vec<u8>, &'a Vec<u8>),
    ) -> Vec<u8> {
        let mut replaced = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            match self.pairs.iter().map(&direction).find(|(from, _)| rest.starts_with(from)) {
                Some((from, to)) => {
                    replaced.extend_from_slice(to);
                    rest = rest.get(from.len()..).unwrap_or_default();
                }
                None => {
                    replaced.push(*first);
                    rest = after;
                }
            }
        }
        replaced
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    fn point(fill: u8) -> Vec<u8> {
        [vec![4], vec![fill; 64]].concat()
    }

    #[test]
    fn keys_are_replaced_on_the_way_out_and_put_back() {
        let (topic, peer) = (vec![7; 32], point(9));
        let keys = Keys::draw(&[topic.clone(), peer.clone()]);
        let said = [b"a".as_slice(), &peer, b"b", &topic, &topic, b"c"].concat();
        let wire = keys.out(&said);
        assert_eq!(wire.len(), said.len());
        assert_eq!(wire[1], 4);
        assert!(
            !wire.windows(8).any(|window| window == [9; 8] || window == [7; 8]),
            "{}",
            hex::encode(&wire)
        );
        assert_eq!(keys.back(&wire), said);
    }

    #[test]
    fn each_session_has_its_own() {
        let topic = vec![7; 32];
        let [a, b] = [0; 2].map(|_| Keys::draw(std::slice::from_ref(&topic)).out(&topic));
        assert_ne!(a, b);
    }

    #[test]
    fn what_is_no_key_stays() {
        let keys = Keys::draw(&[vec![1; 15], Vec::new()]);
        assert_eq!(keys.out(&[1; 40]), [1; 40]);
    }

    #[test]
    fn a_key_that_begins_another_does_not_hide_it() {
        let (short, long) = (vec![5; 32], [vec![5; 32], vec![6; 8]].concat());
        let keys = Keys::draw(&[short, long.clone()]);
        let wire = keys.out(&long);
        assert_eq!(wire.len(), long.len());
        assert_ne!(wire[32..], [6; 8]);
        assert_eq!(keys.back(&wire), long);
    }
}
