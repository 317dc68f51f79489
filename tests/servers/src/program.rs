//! A program that was started for one test and ends with it.
//!
//! It ends only what it started, by the handle that it holds.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running program. Dropping it ends it.
pub struct Program {
    child: Child,
    name: &'static str,
}

impl Program {
    /// Starts a program.
    ///
    /// # Panics
    ///
    /// When it is not there: the test cannot be skipped.
    pub fn start(name: &'static str, command: &mut Command) -> Program {
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|cause| {
                panic!("{name} cannot be started ({cause}); `tests/servers/run` installs it")
            });
        Program { child, name }
    }

    /// Waits until something listens on the port.
    ///
    /// # Panics
    ///
    /// When the program ends before, or takes longer than 20 seconds.
    pub fn wait_for(&mut self, port: u16) {
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "{} has ended: {ended:?}", self.name);
            assert!(
                Instant::now() < until,
                "{} does not listen on {port}",
                self.name
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The program's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now, for programs that cannot choose one themselves.
pub fn free_port() -> u16 {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).expect("the loopback interface has free ports");
    listener.local_addr().expect("it is bound").port()
}

/// The folder into which `tests/servers/run` installs.
///
/// # Panics
///
/// When the tests were not started by it.
pub fn place() -> PathBuf {
    std::env::var_os("ETIQUETTE_SERVERS")
        .map(PathBuf::from)
        .expect("these tests are started by `tests/servers/run`, which installs the servers")
}
