//! What is known of an export's file: how much of it counts, and where the walk goes on.
//!
//! Items are written and synced first, and then the state that counts them, beside the old one and renamed over it. So
//! the state never counts what is not there, and what it does not count is cut off. A state or a file that somebody else
//! has spoiled is never believed: what is whole stays, and the walk begins anew and passes over what it knows.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::time::Duration;

use serde::de::IgnoredAny;

use super::super::Estimate;
use super::super::checkpoint::Checkpoint;
use super::ExportReport;
use super::disk::{Disk, Part};
use crate::error::Result;
use crate::request::Request;

const VERSION: u8 = 1;
/// No state is longer; a cursor may be as long as a URL.
const LONGEST_STATE: u64 = 64 * 1024;

/// Why a file does not do.
#[derive(Debug)]
pub(super) enum Broken {
    Io(io::Error),
    /// Somebody else writes it.
    Locked,
    /// It holds something, and no export has ever begun there.
    Foreign,
    /// It belongs to another call.
    Other,
    /// It was changed and looks whole.
    Changed,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Broken::Io(error) => return error.fmt(f),
            Broken::Locked => "another export is writing it",
            Broken::Foreign => "it was not written by an export; remove it, or name another file",
            Broken::Other => {
                "it was written by an export of another list or with other parameters; name another file"
            }
            Broken::Changed => {
                "it was changed after it was written; remove it and its state to begin anew"
            }
        })
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Io(error)
    }
}

/// What is known of a file.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// The call that it belongs to.
    call: u64,
    /// A sum over all bytes that count.
    sum: u64,
    pub(super) report: ExportReport,
    /// Where the walk goes on; none: where it begins.
    pub(super) at: Option<Checkpoint>,
}

/// A file that can be gone on with.
pub(super) struct Opened<D> {
    pub(super) disk: D,
    pub(super) ledger: Ledger,
    /// What the items in the file are known by.
    pub(super) known: HashSet<u64>,
}

impl Ledger {
    /// Looks at the files, and cuts off what does not count.
    pub(super) fn open<D: Disk>(
        mut disk: D,
        call: u64,
        key: impl Fn(&str) -> u64,
    ) -> Result<Opened<D>, Broken> {
        let state = match disk.read(Part::State)? {
            Some(file) => {
                let mut bytes = Vec::new();
                file.take(LONGEST_STATE).read_to_end(&mut bytes)?;
                Some(Ledger::read(&bytes))
            }
            None => None,
        };
        let Some(state) = state else {
            let is_empty = match disk.read(Part::Items)? {
                Some(mut items) => items.read(&mut [0])? == 0,
                None => true,
            };
            if !is_empty {
                return Err(Broken::Foreign);
            }
            let mut ledger = Ledger::new(call);
            disk.cut(Part::Items, 0)?;
            ledger.keep(&mut disk, &[])?;
            return Ok(Opened {
                disk,
                ledger,
                known: HashSet::new(),
            });
        };
        if state.as_ref().is_some_and(|state| state.call != call) {
            return Err(Broken::Other);
        }
        let counted = state.as_ref().map_or(u64::MAX, |state| state.report.bytes);
        let found = match disk.read(Part::Items)? {
            Some(items) => Found::scan(items, counted, key)?,
            None => Found::default(),
        };
        let mut ledger = match state {
            Some(state) if found.bytes == counted && found.sum == state.sum => state,
            Some(_) if found.bytes == counted => return Err(Broken::Changed),
            state => found.ledger(&state.unwrap_or_else(|| Ledger::new(call))),
        };
        disk.cut(Part::Items, found.bytes)?;
        ledger.keep(&mut disk, &[])?;
        Ok(Opened {
            disk,
            ledger,
            known: found.known,
        })
    }

    fn new(call: u64) -> Ledger {
        Ledger {
            call,
            sum: SUM,
            report: ExportReport::default(),
            at: None,
        }
    }

    /// Writes items, and then the state that counts them.
    pub(super) fn keep<D: Disk>(&mut self, disk: &mut D, lines: &[u8]) -> io::Result<()> {
        if !lines.is_empty() {
            disk.append(Part::Items, lines)?;
            disk.sync(Part::Items)?;
            self.sum = sum(self.sum, lines);
            self.report.bytes += lines.len() as u64;
        }
        disk.cut(Part::NewState, 0)?;
        disk.append(Part::NewState, self.written().as_bytes())?;
        disk.sync(Part::NewState)?;
        disk.replace_state()
    }

    /// One line of JSON and a sum over it.
    fn written(&self) -> String {
        let report = &self.report;
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let estimate = report
            .estimate
            .map(|it| (it.items, it.requests, it.least_time.map(nanos)));
        let written: Written = (
            VERSION,
            self.call,
            self.sum,
            [report.items, report.repeated, report.pages, report.requests],
            nanos(report.waited),
            report.bytes,
            estimate,
            self.at.clone(),
        );
        let text = serde_json::to_string(&written).expect("numbers and texts can be written");
        let check = sum(SUM, text.as_bytes());
        format!("{text}\n{check:016x}\n")
    }

    fn read(bytes: &[u8]) -> Option<Ledger> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (text, check) = text.strip_suffix('\n')?.split_once('\n')?;
        if check != format!("{:016x}", sum(SUM, text.as_bytes())) {
            return None;
        }
        let (version, call, own, counts, waited, bytes, estimate, at): Written =
            serde_json::from_str(text).ok()?;
        let [items, repeated, pages, requests] = counts;
        let estimate = estimate.map(|(items, requests, least)| Estimate {
            items,
            requests,
            least_time: least.map(Duration::from_nanos),
        });
        (version == VERSION).then_some(Ledger {
            call,
            sum: own,
            report: ExportReport {
                items,
                repeated,
                pages,
                requests,
                waited: Duration::from_nanos(waited),
                bytes,
                estimate,
            },
            at,
        })
    }
}

type Costs = (Option<u64>, Option<u64>, Option<u64>);
type Written = (
    u8,
    u64,
    u64,
    [u64; 4],
    u64,
    u64,
    Option<Costs>,
    Option<Checkpoint>,
);

/// The part of a file that can be believed: whole lines of JSON.
struct Found {
    bytes: u64,
    sum: u64,
    items: u64,
    known: HashSet<u64>,
}

impl Default for Found {
    fn default() -> Found {
        Found {
            bytes: 0,
            sum: SUM,
            items: 0,
            known: HashSet::new(),
        }
    }
}

impl Found {
    fn scan(items: impl io::Read, most: u64, key: impl Fn(&str) -> u64) -> io::Result<Found> {
        let mut items = BufReader::new(items.take(most));
        let (mut found, mut line) = (Found::default(), Vec::new());
        while items.read_until(b'\n', &mut line)? > 0 {
            let text = line
                .strip_suffix(b"\n")
                .and_then(|line| std::str::from_utf8(line).ok());
            let whole = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
            let Some(whole) = whole else { break };
            found.known.insert(key(whole));
            found.sum = sum(found.sum, &line);
            found.bytes += line.len() as u64;
            found.items += 1;
            line.clear();
        }
        Ok(found)
    }

    /// A walk from the beginning, over what is there.
    fn ledger(&self, old: &Ledger) -> Ledger {
        let report = ExportReport {
            items: self.items,
            bytes: self.bytes,
            ..old.report
        };
        Ledger {
            sum: self.sum,
            report,
            at: None,
            call: old.call,
        }
    }
}

/// Tells one call from another, in any process: operation, path, parameters and body.
pub(super) fn name_of(request: &Request) -> Result<u64> {
    let operation = request.operation;
    let uri = request.uri("")?.to_string();
    let parts = [operation.api.name, operation.name, &uri];
    let mut name = SUM;
    for part in parts {
        name = sum(sum(name, part.as_bytes()), b"\n");
    }
    Ok(sum(name, request.body.as_deref().unwrap_or_default()))
}

/// FNV-1a of 64 bits: it tells what was broken off or garbled, not what was forged.
fn sum(from: u64, bytes: &[u8]) -> u64 {
    let add = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(from, add)
}

const SUM: u64 = 0xcbf2_9ce4_8422_2325;
