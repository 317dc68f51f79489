//! What an admitted request holds: slots of its buckets, a permit, the probe of a gate.
//!
//! Plain data that admission hands out and takes back. The usual request holds one slot, which costs no allocation.

use super::bucket::Holding;
use super::permits::Permit;

/// What an admitted request holds.
#[derive(Debug, Default)]
pub(super) struct Grant {
    /// In the order of the line's claims.
    pub(super) holdings: Holdings,
    pub(super) permit: Option<Permit>,
    /// It is the probe of its client's gate.
    pub(super) probe: bool,
}

/// One for each claim. Most calls have one claim, which costs no allocation.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    first: Option<Holding>,
    others: Vec<Holding>,
}

impl Holdings {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Holding> {
        self.first.iter().chain(&self.others)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Holding> {
        self.first.iter_mut().chain(&mut self.others).nth(index)
    }
}

impl FromIterator<Holding> for Holdings {
    fn from_iter<I: IntoIterator<Item = Holding>>(all: I) -> Holdings {
        let mut all = all.into_iter();
        Holdings {
            first: all.next(),
            others: all.collect(),
        }
    }
}

impl Grant {
    /// There is something to give back.
    pub(super) fn is_any(&self) -> bool {
        self.holdings.first.is_some() || self.permit.is_some() || self.probe
    }
}
