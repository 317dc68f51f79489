//! Civil datetimes together with the zone that another member names.
//! Assumes nothing of the name: it is data from outside. Must not guess a zone, nor lose what was given when there is
//! none of that name.

use std::fmt;

use jiff::{Zoned, civil::DateTime, tz::TimeZone};

/// A civil datetime whose zone is not known; it holds both, as they were given.
///
/// Zones are those of the system's IANA database. Where there is none, on Windows for example, the application may ask
/// for the feature `tzdb-bundle-platform` of `jiff`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownZone {
    /// What the clock showed.
    pub civil: DateTime,
    /// The name of the zone; empty if there was none.
    pub zone: String,
}

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the unknown time zone {:?}", self.civil, self.zone)
    }
}

impl std::error::Error for UnknownZone {}

/// Joins a civil datetime and its zone. Of two moments that show the same on a clock it is the first, and what a clock
/// skips is as much later (RFC 5545 §3.3.5).
///
/// # Errors
///
/// There is no zone, or none of this name.
pub fn zoned(civil: DateTime, zone: Option<&str>) -> Result<Zoned, UnknownZone> {
    zone.and_then(|zone| TimeZone::get(zone).ok())
        .and_then(|zone| civil.to_zoned(zone).ok())
        .ok_or_else(|| UnknownZone {
            civil,
            zone: zone.unwrap_or_default().to_owned(),
        })
}
