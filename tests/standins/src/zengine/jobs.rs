//! Jobs: queued, then in progress, then completed or failed, by the clock alone.
//!
//! The fields of jobs are not documented; chosen here are `status`, `progress` in percent, `file`
//! of an export that is done, and `errorMessage` of one that failed.

use serde_json::{Value, json};

use super::Object;
use super::filter::at;
use super::store::Store;

/// The member that makes an object a job: when it began.
pub(super) const BEGAN: &str = "~began";
/// Why it will fail.
const FAILS: &str = "~fails";
/// The first share of its time in which a job only waits, in percent.
const WAITS: i64 = 20;

/// Whether objects at a path are jobs.
pub(super) fn are_at(path: &str) -> bool {
    path.ends_with("_jobs")
}

/// Begins the work that a new job asks for.
pub(super) fn begin(store: &Store, job: &mut Object) {
    job.insert(BEGAN.to_owned(), store.now().into());
    let attributes = job.get("attributes").and_then(Value::as_str);
    let form = at(job, "form.id")
        .map(ToString::to_string)
        .unwrap_or_default();
    let fields = format!("forms/{form}/fields");
    let known = |attribute: &str| match attribute.strip_prefix("field") {
        Some(id) => store.find(&fields, id).is_some(),
        None => true,
    };
    let unknown = attributes.and_then(|names| names.split(',').find(|name| !known(name)));
    if let Some(name) = unknown {
        let why = format!("Attribute {name} does not exist");
        job.insert(FAILS.to_owned(), why.into());
    }
}

/// Adds how far the job is.
pub(super) fn tell(store: &Store, job: &Object, shown: &mut Object) {
    let Some(began) = job.get(BEGAN).and_then(Value::as_i64) else {
        return;
    };
    let takes = i64::try_from(store.config.job_takes.as_millis())
        .unwrap_or(i64::MAX)
        .max(1);
    let percent = (store.now() - began).saturating_mul(100) / takes;
    let percent = percent.clamp(0, 100);
    let fails = job.get(FAILS);
    let (status, progress) = match percent {
        0..WAITS => ("queued", 0),
        WAITS..100 => ("in-progress", percent),
        _ if fails.is_some() => ("failed", 100),
        _ => ("completed", 100),
    };
    shown.insert("status".to_owned(), status.into());
    shown.insert("progress".to_owned(), progress.into());
    if status == "failed" {
        let why = fails.cloned().unwrap_or(Value::Null);
        shown.insert("errorMessage".to_owned(), why);
    }
    if status == "completed" {
        let id = job.get("id").cloned().unwrap_or(Value::Null);
        shown.insert(
            "file".to_owned(),
            json!({ "id": id, "name": format!("export-{id}.csv") }),
        );
    }
}
