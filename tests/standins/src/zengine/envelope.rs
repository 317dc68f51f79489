//! The one envelope of all answers, and what it holds when something was not done.
//!
//! Documented are 2000, 4004, 4012 and 4025; the other codes are chosen here.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Object, json_reply};
use crate::stage::Reply;

#[derive(Debug)]
pub(super) enum Refusal {
    Bad(&'static str),
    Unauthorized,
    /// What is wrong, by attribute.
    Invalid(Object),
    NotFound,
    NoSuchVerb,
    /// Only JSON and forms are read, and only JSON is written.
    MediaType,
    /// The record is not in the version that the change was meant for.
    Stale,
    TooMany,
}

impl Refusal {
    pub(super) fn invalid(attribute: &str, complaint: &str) -> Self {
        Self::Invalid(super::store::object(json!({ (attribute): [complaint] })))
    }

    pub(super) fn reply(&self) -> Reply {
        let (status, code, user, developer) = match self {
            Self::Bad(why) => (400, 4000, "Error processing request", *why),
            Self::Unauthorized => (
                401,
                4001,
                "Please log in",
                "Access token is missing or invalid",
            ),
            Self::Invalid(_) => (403, 4012, "Error saving data", "Validation errors"),
            Self::NotFound => (404, 4004, "Error viewing data", "No data was found"),
            Self::NoSuchVerb => (
                405,
                4005,
                "Error processing request",
                "Method is not supported",
            ),
            Self::Stale => (
                412,
                4025,
                "Error saving data",
                "Object version does not match",
            ),
            Self::MediaType => (
                415,
                4015,
                "Error processing request",
                "Format is not supported",
            ),
            Self::TooMany => (429, 4029, "Too many requests", "Rate limit exceeded"),
        };
        let mut body = json!({
            "status": status, "code": code, "userMessage": user, "developerMessage": developer,
        });
        if let Self::Invalid(complaints) = self {
            body["validationErrors"] = Value::Object(complaints.clone());
        }
        let status = StatusCode::from_u16(status).expect("these are statuses of HTTP");
        json_reply(status, &body)
    }
}

/// The body of a success, to which more may be added.
pub(super) fn success() -> Value {
    json!({ "status": 200, "code": 2000 })
}

/// One object, or what stands for it.
pub(super) fn single(data: &Value) -> Value {
    json!({
        "status": 200, "code": 2000, "totalCount": 1, "limit": 20, "offset": 0, "data": data,
    })
}

/// Objects of which there may be more.
pub(super) fn several(data: &[Value], total: usize, limit: usize, offset: usize) -> Value {
    json!({
        "status": 200, "code": 2000, "totalCount": total, "limit": limit, "offset": offset,
        "data": data,
    })
}

/// Everything that was written at once.
pub(super) fn written(data: &[Value]) -> Value {
    let count = data.len();
    several(data, count, count, 0)
}

pub(super) fn count(total: usize) -> Value {
    json!({ "status": 200, "code": 2000, "totalCount": total })
}
