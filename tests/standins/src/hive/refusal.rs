//! What Hive answers when it does not do what was asked.
//!
//! The bodies of 400, 401 and 422 are the reference's, to the letter and to the space.

use axum::body::Body;
use axum::response::IntoResponse;
use http::{Response, StatusCode};
use serde_json::Value;

use super::json_reply;
use crate::stage::Reply;

#[derive(Debug)]
pub(super) enum Refusal {
    /// The request itself cannot be read.
    BadRequest,
    /// Not documented; chosen here.
    NotFound,
    /// What it says cannot be, in sentences for people.
    Invalid(Vec<String>),
}

impl Refusal {
    pub(super) fn invalid(complaint: &str) -> Self {
        Self::Invalid(vec![complaint.to_owned()])
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let reply = match self {
            Self::BadRequest => reply(StatusCode::BAD_REQUEST, &["bad request"]),
            Self::NotFound => reply(StatusCode::NOT_FOUND, &["not found"]),
            Self::Invalid(complaints) => reply(StatusCode::UNPROCESSABLE_ENTITY, &complaints),
        };
        reply.map(Body::from)
    }
}

/// `{"success": false, "errors": […]}`.
pub(super) fn reply<S: AsRef<str>>(status: StatusCode, complaints: &[S]) -> Reply {
    let quoted: Vec<String> = complaints
        .iter()
        .map(|complaint| Value::from(complaint.as_ref()).to_string())
        .collect();
    let errors = quoted.join(",");
    json_reply(
        status,
        format!(r#"{{"success": false, "errors": [{errors}]}}"#),
    )
}

/// No complaint, or all of them.
pub(super) fn settle(complaints: Vec<String>) -> Result<(), Refusal> {
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(complaints))
    }
}
