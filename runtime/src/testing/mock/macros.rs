//! What generated code says about its mock: a trait with a function for each operation, and the client that asks it.
//!
//! All names are absolute, because an API may have a type called `Option` or `Result`.

/// Makes the trait and lets the client be built from it. An entry is
/// `users_list: how Type = module OPERATION [at "data" & "rows"] [within "data"]`: `at` says where the value stands in
/// the answer, `within` where it stands in the body that is sent, and `how` is
///
/// - `value`, `list` and `page`, with the type of the value or item;
/// - `outcome`, with the enum that tells them apart;
/// - `none`, `text` and `bytes`, which have no type.
///
/// `; followed` says that answers lead to files elsewhere.
#[doc(hidden)]
#[macro_export]
macro_rules! mock {
    (
        $Mock:ident: $(
            $f:ident: $how:ident $($t:ty)? = $m:ident $operation:ident
            $(at $($at:literal)&+)? $(within $($within:literal)&+)?
        ),* $(,)? $(; $followed:ident $(,)?)?
    ) => {
        /// What the API answers, operation by operation: a test writes the functions that it needs.
        pub trait $Mock: ::core::marker::Send + ::core::marker::Sync + 'static {
            $(
                #[doc = ::core::concat!("Answers `", ::core::stringify!($f), "`.")]
                ///
                /// # Errors
                ///
                /// What the API answers instead; unless it is written, one that names the operation.
                fn $f(
                    &self,
                    asked: &$crate::testing::Asked<'_>,
                ) -> $crate::testing::Answer<$crate::__mocked!($how $($t)?)> {
                    asked.unmocked()
                }
            )*
            $(
                /// What stands where a temporary URL of an answer leads; the URL has to be of an origin that is
                /// described.
                ///
                /// # Errors
                ///
                /// What is answered instead.
                fn $followed(
                    &self,
                    asked: &$crate::testing::Asked<'_>,
                ) -> $crate::testing::Answer<$crate::codegen::Bytes> {
                    asked.unmocked()
                }
            )?
        }

        #[doc(hidden)]
        pub static OPERATIONS: &[$crate::testing::exchange::Exchange] = &[
            $($crate::testing::exchange::Exchange {
                operation: &super::$m::$operation,
                within: &[$($($within),+)?],
                send: |request| $crate::__exchanged!(request, &[$($($at),+)?], $how $($t)?),
            },)*
        ];

        impl super::Client {
            /// A real client that talks to a mock, in virtual time and without a credential.
            ///
            /// # Panics
            ///
            /// Never: a mock needs nothing that could be missing.
            pub fn mock(mock: impl $Mock) -> super::Client {
                let built = super::Client::builder().with_mock(mock).build();
                built.expect("a mock needs nothing that could be missing")
            }
        }

        impl super::ClientBuilder {
            /// Talks to a mock, in virtual time and with a credential of its own where none was given.
            #[must_use]
            pub fn with_mock<__M: $Mock>(mut self, mock: __M) -> super::ClientBuilder {
                self.0.mock(
                    mock,
                    ::std::vec![
                        $($crate::testing::Route {
                            operation: &super::$m::$operation,
                            within: &[$($($within),+)?],
                            answer: |mock: &__M, asked| {
                                $crate::testing::Route::<__M>::$how(
                                    mock.$f(asked),
                                    asked,
                                    &[$($($at),+)?],
                                )
                            },
                        },)*
                        $($crate::testing::Route {
                            operation: $crate::testing::followed(),
                            within: &[],
                            answer: |mock: &__M, asked| {
                                $crate::testing::Route::<__M>::bytes(mock.$followed(asked), asked, &[])
                            },
                        },)?
                    ],
                );
                self
            }
        }
    };
}

/// What a function of a mock gives.
#[doc(hidden)]
#[macro_export]
macro_rules! __mocked {
    (value $t:ty) => { $t };
    (outcome $t:ty) => { $t };
    (list $t:ty) => { ::std::vec::Vec<$t> };
    (page $t:ty) => { ::std::vec::Vec<$t> };
    (none) => { () };
    (text) => { ::std::string::String };
    (bytes) => { $crate::codegen::Bytes };
}

/// How a request of a mock's table is sent and its answer decoded.
#[doc(hidden)]
#[macro_export]
macro_rules! __exchanged {
    ($r:ident, $at:expr, value $t:ty) => {
        $crate::testing::exchange::Exchanging::of($r.call_at::<$t>($at))
    };
    ($r:ident, $at:expr, list $t:ty) => {
        $crate::testing::exchange::Exchanging::of($r.call_at::<::std::vec::Vec<$t>>($at))
    };
    ($r:ident, $at:expr, page $t:ty) => {
        $crate::testing::exchange::Exchanging::page($r.list::<$t>())
    };
    ($r:ident, $at:expr, outcome $t:ty) => {
        $crate::testing::exchange::Exchanging::outcome($r.call_with(<$t>::__read))
    };
    ($r:ident, $at:expr, none) => {
        $crate::testing::exchange::Exchanging::of($r.call_empty())
    };
    ($r:ident, $at:expr, text) => {
        $crate::testing::exchange::Exchanging::of($r.call_text())
    };
    ($r:ident, $at:expr, bytes) => {
        $crate::testing::exchange::Exchanging::bytes($r.call_bytes())
    };
}
