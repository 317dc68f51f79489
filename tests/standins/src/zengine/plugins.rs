//! The plugins' origin: each service answers what it was asked, and for whom.
//!
//! A plugin's services are its author's own, so there is nothing to be true to but the address and
//! the header of a draft.

use axum::body::Body;
use axum::extract::State as Extract;
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use serde_json::{Value, json};

use super::envelope::{Refusal, single};
use super::{Shared, json_reply, lock};

pub(super) async fn serve(
    Extract(shared): Extract<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let parts: Vec<&str> = uri
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let store = lock(&shared);
    let reply = match *parts.as_slice() {
        ["workspaces", workspace, plugin, ref route @ ..]
            if store.find("workspaces", workspace).is_some()
                && store
                    .all_of("plugins")
                    .any(|known| known["namespace"] == plugin) =>
        {
            let sent = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
            let data = json!({
                "workspace": { "id": workspace.parse::<u64>().unwrap_or_default() },
                "plugin": plugin,
                "route": route.join("/"),
                "method": method.as_str(),
                "draft": headers.contains_key("x-plugin-draft"),
                "sent": sent,
            });
            json_reply(StatusCode::OK, &single(&data))
        }
        _ => Refusal::NotFound.reply(),
    };
    reply.map(Body::from)
}
