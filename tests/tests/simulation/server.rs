//! What the simulated servers have in common: when requests arrived, how many of them a window holds, and answers.
//!
//! Nothing here asks the client anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runtime::clock::Moment;
use runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};

use crate::wire::Wire;
use etiquette_apis::{hive, users};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// Moments at which requests arrived, in their order.
#[derive(Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Vec<Moment>>>);

impl Arrivals {
    pub(crate) fn push(&self, at: Moment) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(at);
    }

    pub(crate) fn all(&self) -> Vec<Moment> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many arrived from the end of the first window until `end`, as a part of what the quota allows.
    pub(crate) fn utilisation(&self, max: usize, window: Duration, end: Moment) -> f64 {
        let from = Moment::START + window;
        let counted = self
            .all()
            .iter()
            .filter(|at| **at >= from && **at < end)
            .count();
        counted as f64 / (max as f64 * (end - from).as_secs_f64() / window.as_secs_f64())
    }
}

/// The most arrivals in any window of this length, both of its ends included. A fixed window of any phase holds no
/// more, since it is one of them.
pub(crate) fn fullest(arrivals: &[Moment], window: Duration) -> usize {
    let (mut first, mut most) = (0, 0);
    for (last, at) in arrivals.iter().enumerate() {
        while *at - arrivals[first] > window {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// A virtual clock, a script on it, and the arrivals at the script.
pub(crate) struct World {
    pub(crate) clock: VirtualClock,
    pub(crate) script: Script,
    pub(crate) arrivals: Arrivals,
}

impl World {
    pub(crate) fn new() -> World {
        let clock = VirtualClock::new();
        World {
            script: Script::new(clock.clone()),
            clock,
            arrivals: Arrivals::default(),
        }
    }

    /// Counts what arrives and answers all of it with a success.
    pub(crate) fn answers_all(&self) {
        let arrivals = self.arrivals.clone();
        self.script.respond_with(move |request| {
            arrivals.push(request.arrived);
            success(request)
        });
    }

    pub(crate) fn hive(&self, wire: &Wire, seed: u64) -> hive::ClientBuilder {
        hive::Client::builder()
            .key("key")
            .with_transport(wire.clone())
            .with_clock(self.clock.clone())
            .with_seed(seed)
    }

    pub(crate) fn users(&self, wire: &Wire, seed: u64) -> users::ClientBuilder {
        users::Client::builder()
            .key("key")
            .with_transport(wire.clone())
            .with_clock(self.clock.clone())
            .with_seed(seed)
    }
}

/// A success of Hive's: a page of warehouses, or nothing where nothing is read.
pub(crate) fn success(request: &RecordedRequest) -> ScriptReply {
    match request.path().ends_with("/warehouses") {
        true => warehouses(),
        false => ScriptReply::empty(204),
    }
}

/// One page of Hive's warehouses.
pub(crate) fn warehouses() -> ScriptReply {
    let page = r#"{"data":[{"id":1,"name":"Berlin"}],"pagination":{"current_page":1,"page_count":1,"items_per_page":20}}"#;
    ScriptReply::json(200, page)
}

/// One user.
pub(crate) fn user(status: u16) -> ScriptReply {
    let user = r#"{"id":"u1","name":"Ada","email":"ada@example.com","createdAt":"2023-01-15T10:30:00Z","updatedAt":"2023-01-15T10:30:00Z"}"#;
    ScriptReply::json(status, user)
}

/// The oracle itself: windows of every phase, both ends included.
#[test]
fn the_fullest_window_is_found() {
    let at = |millis: u64| Moment::START + Duration::from_millis(millis);
    let arrivals = [0, 10, 20, 1_000, 1_010, 1_011, 2_011].map(at);
    assert_eq!(fullest(&arrivals, Duration::from_millis(1)), 2);
    assert_eq!(fullest(&arrivals, Duration::from_millis(999)), 4);
    assert_eq!(fullest(&arrivals, Duration::from_millis(1_000)), 4);
    assert_eq!(fullest(&arrivals, Duration::from_millis(1_001)), 5);
    assert_eq!(fullest(&arrivals, Duration::from_millis(1_011)), 6);
    assert_eq!(fullest(&[], MINUTE), 0);
}
