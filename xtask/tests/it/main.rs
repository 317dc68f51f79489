//! The hands, tested whole: the tree on a real file system, with processes that are killed,
//! stopped and starved, and the commands as a user runs them. What needs a mount of its own
//! says loudly when the system gives it none. Nothing here needs the generated crate.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first step that fails, in its own words"
)]

mod commands;
mod folder;
#[cfg(unix)]
mod kill;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod refusals;
mod replace;
mod repository;
mod stamp;
mod synthetic;
mod tidy;
mod trees;
