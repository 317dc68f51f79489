//! Calls: builders by value that are futures.
//!
//! A call does nothing before its first poll; then one boxed run in `client` does the work, and only the last step, the
//! decoding, knows the type.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::client;
use crate::decode::{self, Misfit, Pointer, Read};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::response::{Raw, Reply};
use crate::transport::BoxFuture;

/// Decodes by the status of an answer.
pub type ByStatus<T> = fn(http::StatusCode, &str) -> Result<T, NotThat>;

/// Why an answer does not fit what its status promised.
#[derive(Debug)]
pub struct NotThat(Misfit);

/// How an answer becomes a value.
pub(crate) enum Decode<T> {
    At(Pointer<'static>, Read<T>),
    ByStatus(ByStatus<T>),
    Page(fn(&Request, &str) -> Result<T, Misfit>),
}

impl<T> Clone for Decode<T> {
    fn clone(&self) -> Decode<T> {
        *self
    }
}

impl<T> Copy for Decode<T> {}

impl<T> Decode<T> {
    fn run(self, request: &Request, raw: &Raw) -> Result<T> {
        let decoded = decode::text(&raw.body).and_then(|text| match self {
            Decode::At(at, read) => decode::value_at(text, at, read),
            Decode::ByStatus(read) => read(raw.status, text).map_err(|not| not.0),
            Decode::Page(read) => read(request, text),
        });
        decoded.map_err(|misfit| client::misfit(request, raw, &misfit))
    }
}

/// The decoder of calls that give nothing.
pub(crate) fn empty(_: http::StatusCode, _: &str) -> Result<(), NotThat> {
    Ok(())
}

/// Decodes what stands at a place of a text; for the tables of `outcomes!`.
pub fn whole<T: serde::de::DeserializeOwned>(
    text: &str,
    at: Pointer<'static>,
) -> Result<T, NotThat> {
    decode::value_at(text, at, decode::read::<T>).map_err(NotThat)
}

/// A status that a table of `outcomes!` does not name.
#[must_use]
pub fn unlisted(status: http::StatusCode) -> NotThat {
    NotThat(Misfit::whole(format!(
        "status {} has no meaning here",
        status.as_u16()
    )))
}

/// A call that has not been sent: `.await` sends it and gives the value.
///
/// It is sent when it is first polled. Dropping it gives it up; a write that was on its way may then have happened.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<T> {
    request: Arc<Request>,
    decode: Decode<T>,
    /// Never locked: the mutex makes the call `Sync`.
    running: Mutex<Option<BoxFuture<'static, Result<Raw>>>>,
}

impl<T> Call<T> {
    pub(crate) fn new(request: Request, decode: Decode<T>) -> Call<T> {
        Call {
            request: Arc::new(request),
            decode,
            running: Mutex::new(None),
        }
    }

    /// Bounds one attempt, instead of the API's timeout.
    pub fn with_timeout(mut self, timeout: Duration) -> Call<T> {
        self.request_mut().options_mut().timeout = Some(timeout);
        self
    }

    /// Makes at most so many attempts; 1 is no second one.
    pub fn with_attempts(mut self, attempts: u32) -> Call<T> {
        self.request_mut().options_mut().attempts = Some(attempts.max(1));
        self
    }

    /// Bounds the whole call from its first poll, waits for quota included.
    pub fn with_deadline(mut self, deadline: Duration) -> Call<T> {
        self.request_mut().options_mut().deadline = Some(deadline);
        self
    }

    /// Bounds the sum of waits after refusals.
    pub fn with_max_wait(mut self, max_wait: Duration) -> Call<T> {
        self.request_mut().options_mut().max_wait = Some(max_wait);
        self
    }

    /// Adds a header of the caller's own. What cannot be sent makes the call fail before it is sent.
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Call<T> {
        self.request_mut().header(name.as_ref(), &value.as_ref());
        self
    }

    /// Gives the value together with status, headers, request id and attempts.
    pub fn send_raw(self) -> PendingReply<T> {
        PendingReply(self)
    }

    /// The request, as long as it has not been sent.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Request {
        Arc::make_mut(&mut self.request)
    }

    pub(crate) fn into_request(self) -> Arc<Request> {
        self.request
    }

    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<Result<Raw>> {
        let running = self
            .running
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let future = running.get_or_insert_with(|| client::start(Arc::clone(&self.request)));
        let raw = ready!(future.as_mut().poll(cx));
        *running = None;
        Poll::Ready(raw)
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let raw = ready!(self.poll_raw(cx))?;
        Poll::Ready(self.decode.run(&self.request, &raw))
    }
}

/// A clone has not been sent, whatever became of the original.
impl<T> Clone for Call<T> {
    fn clone(&self) -> Call<T> {
        Call {
            request: Arc::clone(&self.request),
            decode: self.decode,
            running: Mutex::new(None),
        }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.request).finish()
    }
}

/// The future of [`Call::send_raw`].
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct PendingReply<T>(Call<T>);

impl<T> Future for PendingReply<T> {
    type Output = Result<Reply<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Reply<T>>> {
        let raw = ready!(self.0.poll_raw(cx))?;
        let request = &self.0.request;
        let value = self.0.decode.run(request, &raw)?;
        Poll::Ready(Ok(raw.reply(value, request.operation.api.request_id)))
    }
}

/// Whether an error is one of a table's cases; for `faults!`.
#[must_use]
pub fn is_fault(error: &Error, status: u16, code: Option<&str>) -> bool {
    error.status() == Some(status) && (code.is_none() || error.code() == code)
}

/// Gives a generated call its options and makes it a future.
#[doc(hidden)]
#[macro_export]
macro_rules! call {
    ($T:ident => $out:ty) => {
        $crate::__options! { $T }
        impl $T {
            /// Gives the value together with status, headers, request id and attempts.
            pub fn send_raw(self) -> $crate::codegen::PendingReply<$out> {
                self.0.send_raw()
            }
        }
        $crate::__future! { $T => $out }
    };
}

/// Gives a generated list call its options and makes it a future of one page.
#[doc(hidden)]
#[macro_export]
macro_rules! list_call {
    ($T:ident => $item:ty) => {
        $crate::__options! { $T }
        impl $T {
            /// All items, page after page.
            pub fn items(self) -> $crate::codegen::Items<$item> {
                self.0.items()
            }
            /// All pages, one after the other.
            pub fn pages(self) -> $crate::codegen::Pages<$item> {
                self.0.pages()
            }
            /// Gives one page together with status, headers, request id and attempts.
            pub fn send_raw(self) -> $crate::codegen::PendingReply<$crate::codegen::Page<$item>> {
                self.0.send_raw()
            }
        }
        $crate::__future! { $T => $crate::codegen::Page<$item> }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    ($T:ident) => {
        impl $T {
            /// Bounds one attempt, instead of the API's timeout.
            pub fn with_timeout(self, timeout: ::core::time::Duration) -> $T {
                $T(self.0.with_timeout(timeout))
            }
            /// Makes at most so many attempts; 1 is no second one.
            pub fn with_attempts(self, attempts: u32) -> $T {
                $T(self.0.with_attempts(attempts))
            }
            /// Bounds the whole call from its first poll, waits for quota included.
            pub fn with_deadline(self, deadline: ::core::time::Duration) -> $T {
                $T(self.0.with_deadline(deadline))
            }
            /// Bounds the sum of waits after refusals.
            pub fn with_max_wait(self, max_wait: ::core::time::Duration) -> $T {
                $T(self.0.with_max_wait(max_wait))
            }
            /// Adds a header. What cannot be sent makes the call fail before it is sent.
            pub fn with_header(
                self,
                name: impl ::core::convert::AsRef<str>,
                value: impl ::core::convert::AsRef<str>,
            ) -> $T {
                $T(self.0.with_header(name, value))
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __future {
    ($T:ident => $out:ty) => {
        impl ::core::future::Future for $T {
            type Output = $crate::codegen::Result<$out>;
            fn poll(
                mut self: ::core::pin::Pin<&mut Self>,
                cx: &mut ::core::task::Context<'_>,
            ) -> ::core::task::Poll<Self::Output> {
                ::core::future::Future::poll(::core::pin::Pin::new(&mut self.0), cx)
            }
        }
    };
}

/// Decodes by status: `outcomes! { T: Created(User) = 201 at "data", Nothing = 204 }`.
#[doc(hidden)]
#[macro_export]
macro_rules! outcomes {
    ($T:ident: $($case:ident $(($of:ty))? = $status:literal $(at $($segment:literal)&+)?),+ $(,)?) => {
        impl $T {
            #[doc(hidden)]
            pub fn __read(
                __status: $crate::codegen::StatusCode,
                __text: &str,
            ) -> $crate::codegen::Result<$T, $crate::codegen::NotThat> {
                match __status.as_u16() {
                    $($status => ::core::result::Result::Ok($crate::__outcome!(
                        __text, $T::$case, [$($($segment),+)?] $(, $of)?
                    )),)+
                    _ => ::core::result::Result::Err($crate::codegen::unlisted(__status)),
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __outcome {
    ($text:ident, $case:path, $at:tt) => {
        $case
    };
    ($text:ident, $case:path, $at:tt, $of:ty) => {
        $case($crate::codegen::whole::<$of>($text, &$at)?)
    };
}

/// Names an API's errors: `faults! { Fault: NotFound = 404, Taken = 409 "email_taken" }`; the first that fits.
#[doc(hidden)]
#[macro_export]
macro_rules! faults {
    ($T:ident: $($case:ident = $status:literal $($code:literal)?),+ $(,)?) => {
        impl $T {
            /// Which of the API's described errors this is, if it is one.
            pub fn of(error: &$crate::codegen::Error) -> ::core::option::Option<$T> {
                $(if $crate::codegen::is_fault(error, $status, $crate::__code!($($code)?)) {
                    return ::core::option::Option::Some($T::$case);
                })+
                ::core::option::Option::None
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __code {
    () => {
        ::core::option::Option::None
    };
    ($code:literal) => {
        ::core::option::Option::Some($code)
    };
}
