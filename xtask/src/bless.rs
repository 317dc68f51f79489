//! `bless`: the snapshots of the tests become what comes out now, to be read as a difference.
//! Assumes the folders of this project. Must not decide what a snapshot holds.

use crate::arguments::Given;
use crate::terminal::{CHANGED, GOOD, paint};
use crate::{Stop, project, snapshots, terminal};

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    let tests = project::root(given)?.join("tests");
    let changed = snapshots::bless(&tests).map_err(Stop::problem)?;
    for path in &changed {
        terminal::out(&format!("{}  tests/{path}\n", paint(CHANGED, "written")));
    }
    terminal::out(&match changed.len() {
        0 => format!(
            "{}  every snapshot is what comes out\n",
            paint(GOOD, "fresh")
        ),
        count => format!("{count} snapshots changed; read the difference before it is committed\n"),
    });
    Ok(())
}
