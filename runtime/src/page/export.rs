//! Whole lists into files: one page after the other, each of them safe on the disk before the next is asked for.
//!
//! The items' file and the state beside it are all that a walk needs to go on after a crash at any byte. Items are kept
//! as the API wrote them, so that nothing of them is lost. Must not ask for two pages at once.

mod disk;
mod ledger;
mod probe;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::value::RawValue;

use super::checkpoint::Checkpoint;
use super::contents::{hash, member};
use super::walk::{Fetched, Walk};
use super::{Estimate, ListCall};
use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::operation::Operation;
use crate::transport::BoxFuture;

use disk::{Disk, Folder};
use ledger::{Broken, Ledger, Opened};

/// How often and how long it is waited for somebody else who writes the same file, such as an export that was dropped
/// in the middle of a write.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// How far an export has come, and in the end what it has cost. Numbers count from its beginning, also if it was broken
/// off and went on in another process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportReport {
    /// Items in the file.
    pub items: u64,
    /// Items that came again and were left out.
    pub repeated: u64,
    /// Pages that were walked.
    pub pages: u64,
    /// Requests, those for the estimate and those that failed included.
    pub requests: u64,
    /// How long it waited for quota, refusals and backoffs together.
    pub waited: Duration,
    /// Bytes in the file.
    pub bytes: u64,
    /// What it was expected to cost, as soon as that is known.
    pub estimate: Option<Estimate>,
}

type Progress = Box<dyn FnMut(&ExportReport) + Send>;

/// A list on its way into a file: `.await` writes all items, as the API gave them, one JSON text a line.
///
/// Beside the file stands its state, `<path>.state`. When an export was broken off, by an error, by dropping it or by
/// the end of its process at any moment, the same call with the same path goes on and each item is in the file once:
/// what stands in the file is known again, by the member that the description says tells items apart (`unique_by`), or
/// else by the whole item. Items that come or go while it runs shift pages by number as they always do: one that comes
/// is not written twice, and one that goes may hide another. When it has ended, awaiting it again gives its report and
/// sends nothing; to begin anew, remove both files.
///
/// It fails with [`Kind::File`] when a file cannot be read or written, is none of an export, or is one of another call;
/// with the error of a page when that cannot be had. Both leave what is written as it is.
#[must_use = "an export begins when it is awaited"]
pub struct Export {
    setup: Option<Setup>,
    running: Option<BoxFuture<'static, Result<ExportReport>>>,
}

struct Setup {
    list: ListCall<Box<RawValue>>,
    path: PathBuf,
    progress: Option<Progress>,
    estimates: bool,
    pause: Duration,
}

impl<T> ListCall<T> {
    /// Writes all items into this file, as the API gave them, one JSON text a line. It can be broken off at any time:
    /// the same call with the same file goes on, and each item is there once.
    pub fn export(self, path: impl Into<PathBuf>) -> Export {
        let is_resumed = self.from.is_some();
        let mut request = Arc::unwrap_or_clone(self.call.into_request());
        if is_resumed {
            request.fail("an export goes on by itself, not from a checkpoint");
        }
        Export {
            setup: Some(Setup {
                list: ListCall::new(request),
                path: path.into(),
                progress: None,
                estimates: true,
                pause: Duration::ZERO,
            }),
            running: None,
        }
    }
}

impl Export {
    /// Is told how far it has come: when the estimate is there, and whenever a page is safe on the disk.
    pub fn on_progress(self, told: impl FnMut(&ExportReport) + Send + 'static) -> Export {
        self.with(|setup| setup.progress = Some(Box::new(told)))
    }

    /// Begins at once. Otherwise a list whose API tells no total is measured first, by a few of its pages.
    pub fn without_estimate(self) -> Export {
        self.with(|setup| setup.estimates = false)
    }

    /// Rests so long after each page, beyond what the API's quotas ask for.
    pub fn with_pause(self, pause: Duration) -> Export {
        self.with(|setup| setup.pause = pause)
    }

    /// What it will cost, without writing anything: one request where the API tells a total; otherwise some pages of
    /// the list, at doubled distances until one is not full, and then between the last two of them.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn estimate(mut self) -> Result<Estimate> {
        let setup = self.setup.take().ok_or_else(begun)?;
        let (mut walk, _) = setup.list.walk();
        let mut report = ExportReport::default();
        match next(&mut walk).await {
            Some(page) => {
                let facts = page?.facts;
                Ok(probe::estimate(walk.call(), &facts, &mut report).await)
            }
            // The page lies behind the end.
            None => Ok(Estimate {
                items: Some(0),
                requests: Some(1),
                least_time: None,
            }),
        }
    }

    fn with(mut self, set: impl FnOnce(&mut Setup)) -> Export {
        if let Some(setup) = &mut self.setup {
            set(setup);
        }
        self
    }
}

fn begun() -> Error {
    Error::new(Kind::Parameter, "the export has begun already")
}

impl Future for Export {
    type Output = Result<ExportReport>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(setup) = this.setup.take() {
            let folder = Folder::new(setup.path.clone());
            this.running = Some(Box::pin(run(setup, folder)));
        }
        match &mut this.running {
            Some(running) => running.as_mut().poll(cx),
            None => Poll::Ready(Err(begun())),
        }
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}

async fn next(walk: &mut Walk<Box<RawValue>>) -> Option<Result<Fetched<Box<RawValue>>>> {
    std::future::poll_fn(|cx| walk.poll_page(cx)).await
}

/// An export that is running.
struct Running<D> {
    setup: Told,
    place: Place,
    clock: Arc<dyn Clock>,
    store: Store<D>,
    known: HashSet<u64>,
    unique_by: Option<&'static str>,
}

struct Told {
    progress: Option<Progress>,
    estimates: bool,
    pause: Duration,
}

/// What an error names.
struct Place {
    path: PathBuf,
    operation: &'static Operation,
}

/// What is moved to where blocking work is done: the files, and what is known of them.
struct Store<D> {
    disk: D,
    ledger: Ledger,
}

async fn run<D: Disk>(setup: Setup, disk: D) -> Result<ExportReport> {
    let request = Arc::clone(setup.list.call.request());
    let call = ledger::name_of(&request)?;
    let clock = Arc::clone(request.core.clock());
    let place = Place {
        path: setup.path,
        operation: request.operation,
    };
    let told = Told {
        progress: setup.progress,
        estimates: setup.estimates,
        pause: setup.pause,
    };
    let unique_by = request.operation.page.and_then(|page| page.unique_by);
    let disk = locked(disk, &*clock, &place).await?;
    let key = move |line: &str| key_of(line, unique_by);
    let opened = aside(move || Ledger::open(disk, call, key)).await;
    let Opened {
        disk,
        ledger,
        known,
    } = opened.map_err(|broken| place.refuse(&broken))?;
    let list = match &ledger.at {
        Some(at) if at.is_over() => return Ok(ledger.report),
        Some(at) => setup.list.resume(at),
        None => setup.list,
    };
    let running = Running {
        setup: told,
        place,
        clock,
        store: Store { disk, ledger },
        known,
        unique_by,
    };
    running.walk(list.walk().0).await
}

/// Locks the files, so that nobody else writes them meanwhile.
async fn locked<D: Disk>(mut disk: D, clock: &dyn Clock, place: &Place) -> Result<D> {
    for _ in 0..LOCK_TRIES {
        let (back, locked) = aside(move || {
            let locked = disk.lock();
            (disk, locked)
        })
        .await;
        disk = back;
        if locked.map_err(|error| place.refuse(&Broken::Io(error)))? {
            return Ok(disk);
        }
        clock.sleep(clock.now() + LOCK_PAUSE).await;
    }
    Err(place.refuse(&Broken::Locked))
}

impl Place {
    fn refuse(&self, broken: &Broken) -> Error {
        let text = format!("{}: {broken}", self.path.display());
        Error::of(self.operation, Kind::File, text)
    }
}

impl<D: Disk> Running<D> {
    async fn walk(mut self, mut walk: Walk<Box<RawValue>>) -> Result<ExportReport> {
        let mut is_first = true;
        loop {
            if !std::mem::take(&mut is_first) && !self.setup.pause.is_zero() {
                self.clock.sleep(self.clock.now() + self.setup.pause).await;
            }
            let page = match next(&mut walk).await {
                Some(Ok(page)) => page,
                Some(Err(error)) => {
                    self.ledger().report.requests += u64::from(error.attempts());
                    self.ledger().report.waited += error.waited();
                    // The pages that are there stay as they are; only the report would miss a few requests.
                    let _ = self.keep(Vec::new()).await;
                    return Err(error);
                }
                None => break,
            };
            self.ledger().report.requests += u64::from(page.attempts);
            self.ledger().report.waited += page.waited;
            if self.setup.estimates && self.store.ledger.at.is_none() {
                let mut report = self.store.ledger.report;
                let estimate = probe::estimate(walk.call(), &page.facts, &mut report).await;
                report.estimate = Some(estimate);
                self.ledger().report = report;
                self.tell();
            }
            let lines = self.lines(page);
            self.ledger().at = Some(walk.checkpoint());
            self.keep(lines).await?;
            self.tell();
        }
        // The last page may have been one behind the end, which is given to nobody.
        if !self.ledger().at.as_ref().is_some_and(Checkpoint::is_over) {
            self.ledger().at = Some(walk.checkpoint());
            self.keep(Vec::new()).await?;
        }
        Ok(self.store.ledger.report)
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.store.ledger
    }

    /// The items of a page that are not in the file, one a line. Without a member that tells items apart, equal ones
    /// of one page are two: no shift of pages brings them together.
    fn lines(&mut self, page: Fetched<Box<RawValue>>) -> Vec<u8> {
        let mut lines = Vec::new();
        let mut new = Vec::new();
        let mut repeated = 0;
        for item in page.page.items {
            // Whitespace alone can break a line: inside a text, JSON has it escaped (RFC 8259 §7).
            let line: String = item.get().split(['\n', '\r']).collect();
            let key = key_of(&line, self.unique_by);
            if self.known.contains(&key) {
                repeated += 1;
                continue;
            }
            if self.unique_by.is_some() {
                self.known.insert(key);
            }
            new.push(key);
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
        }
        let report = &mut self.store.ledger.report;
        report.repeated += repeated;
        report.items += new.len() as u64;
        report.pages += 1;
        self.known.extend(new);
        lines
    }

    /// Puts lines behind those that are there, and then says so in the state.
    async fn keep(&mut self, lines: Vec<u8>) -> Result<()> {
        let mut disk = self.store.disk.take();
        let mut ledger = self.store.ledger.clone();
        let (disk, ledger, kept) = aside(move || {
            let kept = ledger.keep(&mut disk, &lines);
            (disk, ledger, kept)
        })
        .await;
        self.store = Store { disk, ledger };
        kept.map_err(|error| self.place.refuse(&Broken::Io(error)))
    }

    fn tell(&mut self) {
        if let Some(progress) = &mut self.setup.progress {
            progress(&self.store.ledger.report);
        }
    }
}

/// What an item is known by: the text of a member, or of all of it.
fn key_of(line: &str, unique_by: Option<&str>) -> u64 {
    let own = unique_by.and_then(|name| member(line, name).ok().flatten());
    hash(&own.unwrap_or(line))
}

/// Works on tokio's threads for such work; without tokio, right here.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(work).await {
            Ok(done) => done,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and nobody polls this again.
                Err(_) => std::future::pending().await,
            },
        },
        Err(_) => work(),
    }
}
