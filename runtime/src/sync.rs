//! Locks of the policies: the standard library's, or loom's when a model of theirs is checked.
//!
//! `--cfg etiquette_loom` switches, a cfg of our own, because `--cfg loom` would switch the dependencies too. Only what
//! policies share between threads belongs here; loom's types work inside a model alone.

#[cfg(not(etiquette_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(etiquette_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};
