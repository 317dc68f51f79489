//! The fault points: everything that can happen to one attempt of a write, as far as a scripted server can play it.
//!
//! Each says whether the server carries the write out, and whether the client can know that it did not. They know
//! nothing of the calls that they happen to.

use std::time::Duration;

use runtime::testing::ScriptReply;
use runtime::transport::Failure;

use crate::wire::NotSent;

/// What the server would answer if nothing went wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Success {
    pub(crate) status: u16,
    pub(crate) body: &'static str,
}

impl Success {
    pub(crate) fn reply(self) -> ScriptReply {
        ScriptReply::json(self.status, self.body)
    }
}

/// One fault point.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// The server carries it out.
    pub(crate) applies: bool,
    /// The client can know that it was not carried out, and must say so.
    pub(crate) is_clear: bool,
    how: How,
}

enum How {
    NotSent(Failure, Duration),
    Reply(fn(Success) -> ScriptReply),
}

impl Fault {
    /// The failure, if it is one before anything is sent.
    pub(crate) fn not_sent(&self) -> Option<NotSent> {
        match self.how {
            How::NotSent(kind, after) => Some(NotSent { kind, after }),
            How::Reply(_) => None,
        }
    }

    /// The reply, if it is the server that fails.
    pub(crate) fn reply(&self, success: Success) -> Option<ScriptReply> {
        match self.how {
            How::NotSent(..) => None,
            How::Reply(reply) if self.applies => Some(reply(success).applied()),
            How::Reply(reply) => Some(reply(success)),
        }
    }
}

/// Nothing was sent.
const fn unsent(name: &'static str, kind: Failure, after: Duration) -> Fault {
    Fault {
        name,
        applies: false,
        is_clear: true,
        how: How::NotSent(kind, after),
    }
}

/// The server says that it has not carried it out.
const fn clear(name: &'static str, reply: fn(Success) -> ScriptReply) -> Fault {
    Fault {
        name,
        applies: false,
        is_clear: true,
        how: How::Reply(reply),
    }
}

/// Nobody can know whether it was carried out; it was not.
const fn before(name: &'static str, reply: fn(Success) -> ScriptReply) -> Fault {
    Fault {
        name,
        applies: false,
        is_clear: false,
        how: How::Reply(reply),
    }
}

/// It was carried out.
const fn after(name: &'static str, reply: fn(Success) -> ScriptReply) -> Fault {
    Fault {
        name,
        applies: true,
        is_clear: false,
        how: How::Reply(reply),
    }
}

const HOURS: Duration = Duration::from_secs(7_200);

fn refusal() -> ScriptReply {
    ScriptReply::json(429, r#"{"error":"slow down"}"#).header("x-kind", "limit")
}

fn failure(status: u16) -> ScriptReply {
    ScriptReply::json(status, r#"{"error":"it failed"}"#)
}

/// All of them.
pub(crate) static FAULTS: &[Fault] = &[
    unsent(
        "the name does not resolve",
        Failure::Connect,
        Duration::ZERO,
    ),
    unsent(
        "the connection is refused",
        Failure::Connect,
        Duration::from_millis(1),
    ),
    unsent(
        "connecting takes too long",
        Failure::Timeout,
        Duration::from_secs(10),
    ),
    unsent(
        "the TLS handshake fails",
        Failure::Tls,
        Duration::from_millis(50),
    ),
    unsent(
        "the pooled connection is closed",
        Failure::Reset,
        Duration::ZERO,
    ),
    before("reset before it is carried out", |_| ScriptReply::reset()),
    after("reset after it was carried out", |_| ScriptReply::lost()),
    before("stalls before it is carried out", |_| {
        ScriptReply::reset().after(HOURS)
    }),
    after("stalls after it was carried out", |_| ScriptReply::stalls()),
    after("answers too late", |success| success.reply().after(HOURS)),
    after("the body stalls at its start", |success| {
        success.reply().stalls_at(0)
    }),
    after("the body stalls midway", |success| {
        success.reply().stalls_at(7)
    }),
    after("the body is missing", |success| {
        success.reply().truncated_at(0)
    }),
    after("the body is truncated", |success| {
        success.reply().truncated_at(7)
    }),
    after("the body is no JSON", |success| {
        ScriptReply::json(success.status, r#"{"id":"#)
    }),
    after("the body is of another type", |success| {
        ScriptReply::json(success.status, "[1,2]")
    }),
    after("the body is too large", |success| {
        ScriptReply::json(success.status, " ".repeat(100_000))
    }),
    before("500, not carried out", |_| failure(500)),
    after("500, carried out", |_| failure(500)),
    before("502, not carried out", |_| failure(502)),
    after("502, carried out", |_| failure(502)),
    before("503, not carried out", |_| failure(503)),
    after("503, carried out", |_| failure(503)),
    before("503 with a wait", |_| {
        failure(503).header("retry-after", "7")
    }),
    before("503 with a wait of a day", |_| {
        failure(503).header("retry-after", "86400")
    }),
    before("504, not carried out", |_| failure(504)),
    after("504, carried out", |_| failure(504)),
    clear("429 with seconds", |_| {
        refusal()
            .header("retry-after", "3")
            .header("x-wait", "3000")
    }),
    clear("429 with a date that is over", |_| {
        refusal()
            .header("retry-after", "Sun, 15 Jan 2023 09:00:00 GMT")
            .header("x-wait", "0")
    }),
    clear("429 without a wait", |_| refusal()),
    clear("429 with a wait beyond belief", |_| {
        refusal()
            .header("retry-after", "18446744073709551615")
            .header("x-wait", "99999999999")
    }),
    clear("408", |_| failure(408)),
    clear("307 to another host", |_| {
        ScriptReply::empty(307).header("location", "https://other.example/x")
    }),
    clear("308 to the same host", |_| {
        ScriptReply::empty(308).header("location", "/elsewhere")
    }),
    after("303 after it was carried out", |_| {
        ScriptReply::empty(303).header("location", "/result")
    }),
    clear("400", |_| failure(400)),
    clear("409", |_| failure(409)),
    clear("501", |_| failure(501)),
];
