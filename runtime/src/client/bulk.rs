//! Writes over many rows: counted first, and sent only when the count is the one that was expected.
//!
//! What was counted may change before the write arrives: an API that cannot do both at once leaves that moment open.

use std::sync::Arc;

use super::start;
use crate::decode::{self, Pointer};
use crate::error::{Error, Kind, Result};
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

/// How many rows a guard's filters select.
pub(crate) fn count(guard: Arc<Request>, at: Pointer<'static>) -> BoxFuture<'static, Result<u64>> {
    Box::pin(async move {
        let raw = start(Arc::clone(&guard)).await?;
        decode::text(&raw.body)
            .and_then(|text| decode::value_at(text, at, decode::read::<u64>))
            .map_err(|misfit| super::misfit(&guard, &raw, &misfit))
    })
}

/// Counts, and writes only when there are as many rows as expected.
pub(crate) fn write_expecting(
    mut write: Arc<Request>,
    guard: Arc<Request>,
    at: Pointer<'static>,
    expected: u64,
) -> BoxFuture<'static, Result<Raw>> {
    Box::pin(async move {
        // What cannot be written need not be counted.
        write.uri(write.core.query())?;
        let clock = Arc::clone(write.core.clock());
        let deadline = write.options.deadline.map(|time| clock.now() + time);
        let counted = count(guard, at).await?;
        if counted != expected {
            let kind = Kind::CountChanged { expected, counted };
            let text = format!("{expected} rows were expected and there are {counted}");
            return Err(Error::of(write.operation, kind, text));
        }
        if let Some(deadline) = deadline {
            Arc::make_mut(&mut write).options.deadline = Some(deadline - clock.now());
        }
        start(write).await
    })
}
