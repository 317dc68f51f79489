//! A page that is fetched while the one before it is still being consumed.
//!
//! It runs in a task of its own, because a request that nobody polls would hold its slot and look slow. Dropping the
//! future ends the task, and the attempt with it.

use std::sync::Arc;
use std::task::Poll;

use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::client;
use crate::error::Result;
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

pub(super) fn fetch_ahead(request: Arc<Request>) -> BoxFuture<'static, Result<Raw>> {
    let (mut sender, receiver) = oneshot::channel();
    let mut running = client::start(Arc::clone(&request));
    let task = async move {
        let raw = std::future::poll_fn(|cx| {
            if sender.poll_closed(cx).is_ready() {
                return Poll::Ready(None);
            }
            running.as_mut().poll(cx).map(Some)
        });
        if let Some(raw) = raw.await {
            // Whoever waited for it may have gone in this moment.
            let _ = sender.send(raw);
        }
    };
    request.core.spawn(Box::pin(task.in_current_span()));
    Box::pin(async move {
        match receiver.await {
            Ok(raw) => raw,
            // There is nothing that runs tasks: the page is fetched when it is wanted.
            Err(_) => client::start(request).await,
        }
    })
}
