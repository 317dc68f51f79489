//! The example that replaces trees, as a process that can be watched, stopped and killed.
//! Assumes that cargo built it beside the binary, as it does for `cargo test`. Must not wait on a
//! clock: it watches what the process does.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// Where cargo puts the example.
pub(crate) fn example() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_etiquette-xtask"));
    let example = binary.parent().unwrap().join("examples/replace_tree");
    assert!(
        example.is_file(),
        "`cargo test` of the whole package builds {example:?}"
    );
    example
}

/// A process that replaces a tree for ever.
pub(crate) struct Replacing {
    child: Child,
    lines: BufReader<ChildStdout>,
    staging: PathBuf,
}

impl Replacing {
    pub(crate) fn start(out: &Path, count: usize, work: &str) -> Replacing {
        let mut child = Command::new(example())
            .arg(out)
            .args([&count.to_string(), work])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let name = out.file_name().unwrap().to_str().unwrap();
        let staging = out.with_file_name(format!(".{name}.new-{}", child.id()));
        Replacing {
            child,
            lines,
            staging,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns when another tree has been replaced.
    pub(crate) fn wait_for_replacement(&mut self) {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).unwrap();
        assert_ne!(length, 0, "the process ended on its own");
    }

    /// Returns when the tree that is being built holds so many files, which may be an old tree on
    /// its way out, too.
    pub(crate) fn wait_for_staged(&mut self, count: usize) {
        while count_files(&self.staging) < count || !self.staging.exists() {
            assert_eq!(
                self.child.try_wait().unwrap(),
                None,
                "the process ended on its own"
            );
        }
    }

    /// Returns when the process has made its sibling of that kind.
    pub(crate) fn wait_for_sibling(&mut self, kind: &str) {
        let name = self.staging.to_str().unwrap().replace(".new-", kind);
        while fs::symlink_metadata(&name).is_err() {
            assert_eq!(
                self.child.try_wait().unwrap(),
                None,
                "the process ended on its own"
            );
        }
    }

    /// Stops the process while it holds the lock, and says so only then.
    pub(crate) fn stop_while_writing(&mut self) {
        loop {
            self.wait_for_staged(1);
            self.signal(Signal::STOP);
            while !self.is_stopped() {
                std::thread::yield_now();
            }
            if self.staging.exists() {
                return;
            }
            self.signal(Signal::CONT);
        }
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    fn is_stopped(&self) -> bool {
        let output = Command::new("ps")
            .args(["-o", "stat=", "-p", &self.id().to_string()])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .starts_with('T')
    }
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => count_files(&entry.path()),
            Ok(_) => 1,
            Err(_) => 0,
        })
        .sum()
}
