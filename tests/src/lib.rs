//! What needs more than one room of the workspace is tested here.
//!
//! The documents of the generated crate are examples too: they compile as doc tests of this crate,
//! because the generated crate itself has none.

#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../generated/README.md")]
    mod readme {}
    #[doc = include_str!("../../generated/docs/hive.md")]
    mod hive {}
    #[doc = include_str!("../../generated/docs/users.md")]
    mod users {}
}
