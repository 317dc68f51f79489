//! The fault points: everything that can happen to one attempt of a write, as far as a scripted server can play it.
//!
//! Each says whether the server carries the write out, and whether the client can know that it did not. They know
//! nothing of the calls that they happen to. Only HTTP/1.1 is negotiated, so that GOAWAY and REFUSED_STREAM stand here
//! as a transport has to report them: not sent (RFC 9113 §8.7).

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
    /// What else is to be known of it.
    pub(crate) special: Special,
    how: How,
}

/// What tells some faults from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    /// A refusal. Where the description says that refused writes may have been carried out, it is not clear.
    Refusal,
    /// A proxy delivers the request twice, which no client can prevent.
    Twice,
    /// The answer belongs to another request. HTTP/1.1 tells answers apart by their order alone, so that nobody can
    /// see it.
    Foreign,
    /// The credential is not accepted any more.
    Revoked,
    /// It says that there is a conflict.
    Conflict,
}

impl Fault {
    const fn of(self, special: Special) -> Fault {
        Fault { special, ..self }
    }
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
        special: Special::None,
        how: How::NotSent(kind, after),
    }
}

/// The server says that it has not carried it out.
const fn clear(name: &'static str, reply: fn(Success) -> ScriptReply) -> Fault {
    Fault {
        name,
        applies: false,
        is_clear: true,
        special: Special::None,
        how: How::Reply(reply),
    }
}

/// Nobody can know whether it was carried out; it was not.
const fn before(name: &'static str, reply: fn(Success) -> ScriptReply) -> Fault {
    Fault {
        name,
        applies: false,
        is_clear: false,
        special: Special::None,
        how: How::Reply(reply),
    }
}

/// It was carried out.
const fn after(name: &'static str, reply: fn(Success) -> ScriptReply) -> Fault {
    Fault {
        name,
        applies: true,
        is_clear: false,
        special: Special::None,
        how: How::Reply(reply),
    }
}

const HOURS: Duration = Duration::from_secs(7_200);

fn refusal() -> ScriptReply {
    let body = r#"{"error":{"code":"slow_down"},"message":"slow down"}"#;
    ScriptReply::json(429, body)
        .header("x-kind", "limit")
        .header("x-scope", "shop/1")
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
    unsent(
        "GOAWAY for a stream that was not looked at",
        Failure::Reset,
        Duration::from_millis(20),
    ),
    unsent("REFUSED_STREAM", Failure::Reset, Duration::from_millis(20)),
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
    })
    .of(Special::Refusal),
    clear("429 with a date that is over", |_| {
        refusal()
            .header("retry-after", "Sun, 15 Jan 2023 09:00:00 GMT")
            .header("x-wait", "0")
    })
    .of(Special::Refusal),
    clear("429 without a wait", |_| refusal()).of(Special::Refusal),
    clear("429 with a wait beyond belief", |_| {
        refusal()
            .header("retry-after", "18446744073709551615")
            .header("x-wait", "99999999999")
    })
    .of(Special::Refusal),
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
    clear("409", |_| failure(409)).of(Special::Conflict),
    clear("501", |_| failure(501)),
    clear("401", |_| failure(401)).of(Special::Revoked),
    after("429, carried out", |_| {
        refusal()
            .header("retry-after", "2")
            .header("x-wait", "2000")
    })
    .of(Special::Refusal),
    after("503 with a long wait, carried out", |_| {
        failure(503).header("retry-after", "840")
    }),
    after("delivered twice", Success::reply).of(Special::Twice),
    after("delivered twice, and the answer is lost", |_| {
        ScriptReply::lost()
    })
    .of(Special::Twice),
    before("the answer to another request", |success| {
        let body = success.body.replacen(r#""id":1"#, r#""id":2"#, 1);
        ScriptReply::json(success.status, body)
    })
    .of(Special::Foreign),
    after("the answer to another request, carried out", |success| {
        let body = success.body.replacen(r#""id":1"#, r#""id":2"#, 1);
        ScriptReply::json(success.status, body)
    })
    .of(Special::Foreign),
];
