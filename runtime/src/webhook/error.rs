//! Why a delivery is not believed, or not understood.
//!
//! It names the webhook, its header and a place in the body. It must not repeat a secret, a signature or a value.

use std::fmt;

use http::StatusCode;

use crate::decode::Misfit;
use crate::operation::WebhookTable;

/// What is wrong with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookFault {
    /// The header that proves the sender is missing.
    NoSignature,
    /// That header stands there twice, so that nobody can say which one counts.
    TwoSignatures,
    /// What it holds cannot be a signature: other digits, another length.
    BadSignature,
    /// It was made with another secret or for another body.
    WrongSignature,
    /// The body is longer than what was allowed; nothing else was looked at.
    BodyTooLong,
    /// The sender is believed, but the body does not fit its description.
    BadBody,
}

/// A delivery that was refused. Nothing of it may be acted on, unless the fault is [`WebhookFault::BadBody`].
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookError {
    fault: WebhookFault,
    text: String,
}

impl WebhookError {
    pub(super) fn new(webhook: &WebhookTable, fault: WebhookFault) -> WebhookError {
        let header = webhook.header;
        let text = match fault {
            WebhookFault::NoSignature => format!("the header `{header}` is missing"),
            WebhookFault::TwoSignatures => format!("the header `{header}` stands there twice"),
            WebhookFault::BadSignature => format!("the header `{header}` holds no signature"),
            WebhookFault::WrongSignature => {
                format!("the header `{header}` is not by a known secret")
            }
            WebhookFault::BodyTooLong => "the body is too long".to_owned(),
            WebhookFault::BadBody => "the body does not fit".to_owned(),
        };
        WebhookError {
            fault,
            text: format!("the webhook `{}`: {text}", webhook.name),
        }
    }

    /// Only where it does not fit: what stands there is the sender's.
    pub(super) fn of_body(webhook: &WebhookTable, misfit: &Misfit) -> WebhookError {
        let mut error = WebhookError::new(webhook, WebhookFault::BadBody);
        match misfit.path() {
            Some(_) => error.text.push_str(&format!(" {misfit}")),
            None => error.text.push_str(", it is no JSON text"),
        }
        error
    }

    /// What is wrong.
    #[must_use]
    pub fn fault(&self) -> WebhookFault {
        self.fault
    }

    /// What to answer the sender, without a body: that would tell a forger how far they got.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.fault {
            WebhookFault::NoSignature
            | WebhookFault::TwoSignatures
            | WebhookFault::BadSignature
            | WebhookFault::WrongSignature => StatusCode::UNAUTHORIZED,
            WebhookFault::BodyTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            WebhookFault::BadBody => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookError({:?}: {})", self.fault, self.text)
    }
}

impl std::error::Error for WebhookError {}
