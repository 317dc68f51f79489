//! `oidc-provider` with tokens of three seconds, and beside it a small API that asks it about each token.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::place;

/// The running provider.
pub struct Oidc {
    child: Child,
    /// Where both listen.
    pub url: String,
}

impl Oidc {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start() -> Oidc {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/node/oidc.cjs");
        let mut child = Command::new("node")
            .arg(script)
            .env("NODE_PATH", place().join("node_modules"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed by `tests/servers/run`");
        let mut lines = BufReader::new(child.stdout.take().expect("it was piped")).lines();
        let url = lines
            .find_map(|line| line.ok()?.strip_prefix("listening on ").map(str::to_owned))
            .expect("oidc-provider says where it listens; `tests/servers/run` installs it");
        Oidc { child, url }
    }
}

impl Drop for Oidc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
