//! Which deliveries are news: APIs deliver out of order and more than once.
//!
//! It compares the times that payloads bear and no clock. It remembers a bounded number of things, in this process
//! alone; whoever has a database compares there.

use std::collections::{BTreeMap, BTreeSet};

/// How a delivery stands to what came before about the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Age {
    /// It is the first, or newer than all before.
    Newer,
    /// It bears the same time as the newest before: most likely it is the same one again.
    Same,
    /// Something newer came before it, so it is to be ignored.
    Older,
}

/// The newest time that is known of each thing.
///
/// ```
/// use etiquette_runtime::{Age, Newest};
///
/// let mut newest = Newest::new(10_000);
/// assert_eq!(newest.see("shipment 7", 20), Age::Newer);
/// assert_eq!(newest.see("shipment 7", 10), Age::Older);
/// assert_eq!(newest.see("shipment 7", 20), Age::Same);
/// ```
#[derive(Clone, Debug)]
pub struct Newest<K, T> {
    known: BTreeMap<K, T>,
    by_time: BTreeSet<(T, K)>,
    most: usize,
}

impl<K: Ord + Clone, T: Ord + Clone> Newest<K, T> {
    /// Remembers so many things, at least one. One more makes it forget the one whose time is the oldest; what comes
    /// about that later counts as new again.
    #[must_use]
    pub fn new(most: usize) -> Newest<K, T> {
        Newest {
            known: BTreeMap::new(),
            by_time: BTreeSet::new(),
            most: most.max(1),
        }
    }

    /// Judges what bears this time, and remembers it if it is newer.
    pub fn see(&mut self, thing: K, time: T) -> Age {
        if let Some(before) = self.known.get(&thing) {
            match time.cmp(before) {
                std::cmp::Ordering::Less => return Age::Older,
                std::cmp::Ordering::Equal => return Age::Same,
                std::cmp::Ordering::Greater => {}
            }
            self.by_time.remove(&(before.clone(), thing.clone()));
        } else if self.known.len() >= self.most
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.known.remove(&oldest);
        }
        self.by_time.insert((time.clone(), thing.clone()));
        self.known.insert(thing, time);
        Age::Newer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deliveries in any order, each twice: what was taken last is the newest, and each was taken once at most.
    #[test]
    fn any_order_ends_with_the_newest() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..200 {
            let mut all: Vec<(u8, u8)> = (0..3)
                .flat_map(|thing| (0..5).map(move |time| (thing, time)))
                .collect();
            all.extend(all.clone());
            random.shuffle(&mut all);
            let mut newest = Newest::new(3);
            let mut taken: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
            for (thing, time) in all {
                if newest.see(thing, time) == Age::Newer {
                    taken.entry(thing).or_default().push(time);
                }
            }
            for times in taken.values() {
                assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
                assert_eq!(times.last(), Some(&4));
            }
        }
    }

    #[test]
    fn it_forgets_what_is_oldest_and_keeps_its_bound() {
        let mut newest = Newest::new(2);
        assert_eq!(newest.see("a", 3), Age::Newer);
        assert_eq!(newest.see("b", 1), Age::Newer);
        assert_eq!(newest.see("c", 2), Age::Newer);
        assert_eq!(newest.see("a", 3), Age::Same);
        assert_eq!(newest.see("b", 1), Age::Newer);
        assert_eq!((newest.known.len(), newest.by_time.len()), (2, 2));
        assert_eq!(Newest::new(0).see("a", 1), Age::Newer);
    }
}
