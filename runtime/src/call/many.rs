//! What generated code says about its calls on many rows, on what takes its time, and on whole lists.
//!
//! All names are absolute, because an API may have a type called `Option` or `Result`.

/// Gives a generated write over many rows its options, and its plan where it has a filter.
#[doc(hidden)]
#[macro_export]
macro_rules! bulk {
    ($T:ident => $out:ty) => {
        impl<F> $T<F> {
            /// Counts the rows, for a look at the number before anything is written.
            pub fn plan(self) -> $crate::codegen::Planning<$out>
            where
                F: $crate::codegen::HasFilter,
            {
                self.0.plan()
            }
            /// Counts the rows and writes if there are exactly so many.
            pub fn expect(self, rows: u64) -> $crate::codegen::Applying<$out>
            where
                F: $crate::codegen::HasFilter,
            {
                self.0.expect(rows)
            }
        }
        impl $T<$crate::codegen::Unfiltered> {
            /// A write over so many rows that is answered already and sends nothing, for fakes in tests of
            /// applications. It still wants a filter.
            pub fn ready(rows: u64, answer: $crate::codegen::Result<$out>) -> Self {
                $T($crate::codegen::BulkWrite::ready(rows, answer))
            }
        }
        $crate::__options! { $T F }
    };
}

/// Lets a generated call ask until what it made, or reads, is done.
#[doc(hidden)]
#[macro_export]
macro_rules! polled {
    ($T:ident => $out:ty) => {
        impl $T {
            /// Asks again and again until it is done, and gives it then. A failure of it, and a time that is over, are
            /// errors which keep the last answer.
            pub fn poll(self) -> $crate::codegen::Polling<$out> {
                self.0.poll_for()
            }
        }
    };
}

/// Lets a generated list be written into a file.
#[cfg(feature = "export")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($T:ident) => {
        impl $T {
            /// Writes all items into this file, as the API gave them, one JSON text a line. It can be broken off at
            /// any time: the same call with the same file goes on, and each item is there once.
            pub fn export(
                self,
                path: impl ::core::convert::Into<::std::path::PathBuf>,
            ) -> $crate::codegen::Export {
                self.0.export(path)
            }
        }
    };
}

/// Without the feature `export`, no list has it.
#[cfg(not(feature = "export"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($T:ident) => {};
}
