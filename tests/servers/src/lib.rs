//! Starts servers that others wrote, and the small APIs through which the tests meet them.
//!
//! Every server listens on the loopback interface and is ended by the value that started it. Here real time passes;
//! waits are bounded, and what is asserted is the server's own record.

pub mod api;
pub mod mountebank;
pub mod nginx;
pub mod oidc;
mod program;

pub use program::{Program, free_port, place};
