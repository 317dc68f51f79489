//! What generated webhooks are made of: the functions of a verifier, and the reading of an enum of events.
//!
//! The macros write `impl`s alone; enums and structs stand in the generated file with their words.

/// Gives a generated verifier its functions.
///
/// Behind the name stands what a delivery is (`event` or `payload`), its type and the table. `env from_env` says that
/// the table names a variable of the environment, `newest member: Type` which member tells the time of a payload.
#[macro_export]
macro_rules! webhook {
    ($W:ident: $kind:ident $T:ty, $table:ident $(, env $env:ident)? $(, newest $member:ident: $Time:ty)? $(,)?) => {
        impl $W {
            /// Believes whoever knows this secret.
            ///
            /// # Errors
            ///
            /// It cannot be a secret: empty, longer than 8 KiB, or other than printable ASCII.
            pub fn new(
                secret: impl ::core::convert::Into<$crate::codegen::CredentialValue>,
            ) -> $crate::codegen::Result<$W> {
                $crate::codegen::WebhookVerifier::new(&$table, secret).map($W)
            }
            $(
                /// Takes the secret from the environment.
                ///
                /// # Errors
                ///
                /// The variable is not set, or holds what cannot be a secret.
                pub fn $env() -> $crate::codegen::Result<$W> {
                    $crate::codegen::WebhookVerifier::from_env(&$table).map($W)
                }
            )?
            /// Believes whoever knows this secret, too: while a secret is replaced, both count.
            ///
            /// # Errors
            ///
            /// As of [`new`](Self::new).
            pub fn also(
                self,
                secret: impl ::core::convert::Into<$crate::codegen::CredentialValue>,
            ) -> $crate::codegen::Result<$W> {
                self.0.also(secret).map($W)
            }
            /// Reads bodies of at most so many bytes instead of 1 MiB.
            #[must_use]
            pub fn with_body_cap(self, bytes: usize) -> $W {
                $W(self.0.with_body_cap(bytes))
            }
            /// Checks where a delivery comes from, and nothing else of it.
            ///
            /// # Errors
            ///
            /// The body is too long, or the proof is missing, given twice, malformed or wrong.
            pub fn verify(
                &self,
                headers: &$crate::codegen::HeaderMap,
                body: &[u8],
            ) -> ::core::result::Result<(), $crate::codegen::WebhookError> {
                self.0.verify(headers, body)
            }
            /// Checks where a delivery comes from, and reads it. The body is as it came, byte for byte.
            ///
            /// # Errors
            ///
            /// As of [`verify`](Self::verify), or the body does not fit.
            pub fn parse(
                &self,
                headers: &$crate::codegen::HeaderMap,
                body: &[u8],
            ) -> ::core::result::Result<$T, $crate::codegen::WebhookError> {
                self.0.$kind(headers, body)
            }
            $(
                /// The time of a payload, to tell what is newer.
                #[must_use]
                pub fn newest_by(payload: &$T) -> ::core::option::Option<$Time> {
                    ::core::convert::Into::into(::core::clone::Clone::clone(&payload.$member))
                }
            )?
        }
    };
}

/// An enum of events: which variant each name is. Behind `by` stands the member that tells the payload's time.
#[macro_export]
macro_rules! webhook_events {
    ($E:ident: $($V:ident($t:ty) = $w:literal),* $(,)?) => {
        $crate::__webhook_events! { $E $($V = $w)* }
    };
    ($E:ident: $($V:ident($t:ty) = $w:literal $(by $member:ident)?),*; newest $Time:ty $(,)?) => {
        $crate::__webhook_events! { $E $($V = $w)* }

        impl $E {
            /// The time that the payload bears, to tell what is newer: deliveries come in any order. `None` where it
            /// bears none.
            #[must_use]
            pub fn newest_by(&self) -> ::core::option::Option<$Time> {
                match self {
                    $($($E::$V(__payload) => ::core::convert::Into::into(
                        ::core::clone::Clone::clone(&__payload.$member),
                    ),)?)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __webhook_events {
    ($E:ident $($V:ident = $w:literal)*) => {
        impl $crate::codegen::WebhookEvent for $E {
            fn read(
                __name: &str,
                __delivery: &$crate::codegen::Delivery<'_>,
            ) -> ::core::result::Result<$E, $crate::codegen::WebhookError> {
                match __name {
                    $($w => __delivery.read().map($E::$V),)*
                    _ => __delivery.unknown().map($E::Unknown),
                }
            }
        }
    };
}
