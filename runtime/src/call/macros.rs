//! What generated code says about its calls: newtypes that forward options, enums that read by status, named errors.
//!
//! All names are absolute, because an API may have a type called `Option` or `Result`.

/// Gives a generated call its options and makes it a future.
#[doc(hidden)]
#[macro_export]
macro_rules! call {
    ($T:ident => $out:ty) => {
        $crate::__call! { $T Call $out }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    ($T:ident $Call:ident $out:ty) => {
        $crate::__options! { $T }
        impl $T {
            /// A call that is answered already and sends nothing, for fakes in tests of applications.
            pub fn ready(answer: $crate::codegen::Result<$out>) -> $T {
                $T($crate::codegen::$Call::ready(answer))
            }
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
            /// A list that is here already and is not asked for, for fakes in tests of applications: one page.
            pub fn ready(items: $crate::codegen::Result<::std::vec::Vec<$item>>) -> $T {
                $T($crate::codegen::ListCall::ready(items))
            }
            /// All items, page after page.
            pub fn items(self) -> $crate::codegen::Items<$item> {
                self.0.items()
            }
            /// All pages, one after the other.
            pub fn pages(self) -> $crate::codegen::Pages<$item> {
                self.0.pages()
            }
            /// Goes on where a walk stood, also one of another process; with the other parameters of that walk.
            pub fn resume(self, checkpoint: &$crate::codegen::Checkpoint) -> $T {
                $T(self.0.resume(checkpoint))
            }
            /// Fetches the next page while one is being consumed; at most one, and none by default.
            pub fn with_prefetch(self, pages: usize) -> $T {
                $T(self.0.with_prefetch(pages))
            }
            /// What a walk from here will cost. It spends one request, for the first page.
            ///
            /// # Errors
            ///
            /// As any call.
            pub async fn estimate(self) -> $crate::codegen::Result<$crate::codegen::Estimate> {
                self.0.estimate().await
            }
            /// Gives one page together with status, headers, request id and attempts.
            pub fn send_raw(self) -> $crate::codegen::PendingReply<$crate::codegen::Page<$item>> {
                self.0.send_raw()
            }
        }
        $crate::__export! { $T }
        $crate::__future! { $T => $crate::codegen::Page<$item> }
    };
}

/// Gives a generated download its options and makes it a future of the body as it comes.
#[doc(hidden)]
#[macro_export]
macro_rules! downloading {
    ($T:ident) => {
        $crate::__options! { $T }
        impl $T {
            /// A download that is here already, for fakes in tests of applications.
            pub fn ready(body: $crate::codegen::Result<$crate::codegen::Bytes>) -> $T {
                $T($crate::codegen::Downloading::ready(body))
            }
        }
        $crate::__future! { $T => $crate::codegen::Download }
    };
}

/// Gives a generated call its options, makes it a future, and lets it fetch what its answer leads to.
#[doc(hidden)]
#[macro_export]
macro_rules! following {
    ($T:ident => $out:ty) => {
        $crate::__call! { $T Following $out }
        impl $T {
            /// Calls, and fetches what the URL in the answer leads to, which must be of the described origins and not
            /// have ended. Nothing of this client's goes along: no credential, no parameter, no header.
            pub fn download(self) -> $crate::codegen::Downloading {
                self.0.download()
            }
        }
    };
}

/// Lets a generated call be given its idempotency key.
#[doc(hidden)]
#[macro_export]
macro_rules! keyed {
    ($T:ident) => {
        impl $T {
            /// Sends this idempotency key instead of a fresh one: 1 to 255 printable ASCII characters. With the key of
            /// a call that failed and the same body, the API knows that it is the same request.
            pub fn with_idempotency_key(
                self,
                key: impl ::core::convert::Into<::std::string::String>,
            ) -> $T {
                $T(self.0.with_idempotency_key(key))
            }
        }
    };
}

/// Lets a generated write name a version.
#[doc(hidden)]
#[macro_export]
macro_rules! locked {
    ($T:ident) => {
        impl $T {
            /// Writes only over this version, which `Reply::version` gave.
            pub fn with_version(
                self,
                version: impl ::core::convert::Into<::std::string::String>,
            ) -> $T {
                $T(self.0.with_version(version))
            }
        }
    };
}

/// Lets a generated create look for what became of it.
#[doc(hidden)]
#[macro_export]
macro_rules! reconciled {
    ($T:ident => $out:ty) => {
        impl $T {
            /// Looks for what was to be made when it is in doubt whether it was made, or in conflict with something.
            /// When nothing is found, the error is the call's own.
            pub fn reconcile(self) -> $crate::codegen::Reconciling<$out> {
                self.0.reconcile()
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    ($T:ident $($F:ident)?) => {
        impl $(<$F>)? $T $(<$F>)? {
            /// Bounds one attempt, instead of the API's timeout. A long body that is being sent does not count, while it
            /// goes out at 64 bytes in a second.
            pub fn with_timeout(self, timeout: ::core::time::Duration) -> $T $(<$F>)? {
                $T(self.0.with_timeout(timeout))
            }
            /// Makes at most so many attempts; 1 is no second one.
            pub fn with_attempts(self, attempts: u32) -> $T $(<$F>)? {
                $T(self.0.with_attempts(attempts))
            }
            /// Bounds the whole call from its first poll, waits for quota included.
            pub fn with_deadline(self, deadline: ::core::time::Duration) -> $T $(<$F>)? {
                $T(self.0.with_deadline(deadline))
            }
            /// Bounds the sum of waits after refusals.
            pub fn with_max_wait(self, max_wait: ::core::time::Duration) -> $T $(<$F>)? {
                $T(self.0.with_max_wait(max_wait))
            }
            /// Adds a header. What cannot be sent makes the call fail before it is sent.
            pub fn with_header(
                self,
                name: impl ::core::convert::AsRef<str>,
                value: impl ::core::convert::AsRef<str>,
            ) -> $T $(<$F>)? {
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

        #[cfg(feature = "testing")]
        impl $crate::testing::Outcome for $T {
            fn told(
                &self,
            ) -> (u16, ::core::option::Option<(&'static [&'static str], &dyn $crate::record::Write)>) {
                match self {
                    $($crate::__outcome_of!($T::$case, __value $(, $of)?) => (
                        $status,
                        $crate::__outcome_at!(__value, [$($($segment),+)?] $(, $of)?),
                    ),)+
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

#[doc(hidden)]
#[macro_export]
macro_rules! __outcome_of {
    ($case:path, $value:ident) => {
        $case
    };
    ($case:path, $value:ident, $of:ty) => {
        $case($value)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __outcome_at {
    ($value:ident, $at:tt) => {
        ::core::option::Option::None
    };
    ($value:ident, $at:tt, $of:ty) => {
        ::core::option::Option::Some((&$at, $value))
    };
}

/// Names an API's errors: `faults! { Fault: NotFound = 404, Taken = 409 "email_taken" }`; one with a code comes before
/// one of the same status without, and else the first that fits.
#[doc(hidden)]
#[macro_export]
macro_rules! faults {
    ($T:ident: $($case:ident = $status:literal $($code:literal)?),+ $(,)?) => {
        impl $T {
            /// Which of the API's described errors this is, if it is one.
            pub fn of(error: &$crate::codegen::Error) -> ::core::option::Option<$T> {
                let of = |coded: bool| {
                    $(if $crate::__code!($($code)?).is_some() == coded
                        && $crate::codegen::is_fault(error, $status, $crate::__code!($($code)?))
                    {
                        return ::core::option::Option::Some($T::$case);
                    })+
                    ::core::option::Option::None
                };
                of(true).or_else(|| of(false))
            }
        }

        #[cfg(feature = "testing")]
        impl ::core::convert::From<$T> for $crate::testing::MockError {
            fn from(fault: $T) -> $crate::testing::MockError {
                match fault {
                    $($T::$case => $crate::testing::described(
                        $status,
                        $crate::__code!($($code)?),
                        ::core::stringify!($case),
                    ),)+
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __code {
    () => {
        ::core::option::Option::None::<&str>
    };
    ($code:literal) => {
        ::core::option::Option::Some($code)
    };
}
