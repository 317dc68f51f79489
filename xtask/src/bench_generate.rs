//! `bench-generate`: how long the generator takes, as a whole process: for the project's own descriptions,
//! anew and unchanged, and for synthetic ones of a size and of twice that. Medians of several runs.
//! Assumes an optimised build. Must not judge: budgets stand in `CONTRIBUTING.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::arguments::Given;
use crate::synthetic::{Size, descriptions};
use crate::{Stop, project, terminal};

/// Timed runs; the median is printed.
const RUNS: usize = 9;

/// From a second on fewer runs say as much.
const RUNS_OF_LARGE: usize = 3;

/// Many APIs, one that is large, and, when all is asked for, a thousand files with 10^5 operations.
const SHAPES: [(&str, Size, Size); 3] = [
    ("many APIs", size(8, 1, 8), size(16, 1, 8)),
    ("one large API", size(1, 8, 16), size(1, 16, 16)),
    ("1 000 files", size(50, 10, 17), size(100, 10, 17)),
];

const fn size(apis: usize, files: usize, resources: usize) -> Size {
    Size {
        apis,
        files,
        resources,
    }
}

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    if cfg!(debug_assertions) {
        return Err(Stop::usage(
            "figures of a build without optimisation say nothing; run `cargo run --release \
             --package etiquette-xtask -- bench-generate`",
        ));
    }
    let root = project::root(given)?;
    let folder = root.join("target/bench-generate");
    terminal::out("| input | files | operations | ms |");
    terminal::out("|---|---|---|---|");
    let own = own(&root, &folder)?;
    let anew = median(RUNS, &own, &["generate", "--check"])?;
    let files = count_files(&own.join("schema"))?;
    terminal::out(&format!(
        "| this project, `--check` | {files} | – | {anew:.0} |"
    ));
    let unchanged = median(RUNS, &own, &["generate"])?;
    terminal::out(&format!(
        "| this project, unchanged | {files} | – | {unchanged:.0} |"
    ));
    let shapes = if given.has("--large") { 3 } else { 2 };
    for (name, once, twice) in &SHAPES[..shapes] {
        let (first, second) = (time(&folder, *once)?, time(&folder, *twice)?);
        for (size, ms) in [(once, first), (twice, second)] {
            let (files, operations) = (size.apis * (size.files + 1), size.operations());
            terminal::out(&format!("| {name} | {files} | {operations} | {ms:.0} |"));
        }
        let ratio = second / first;
        terminal::out(&format!("| {name}, twice the input | | | × {ratio:.2} |"));
    }
    Ok(())
}

/// A copy of the project's descriptions, so that nothing else in it is touched.
fn own(root: &Path, folder: &Path) -> Result<PathBuf, Stop> {
    let project = begin(&folder.join("own"))?;
    let given = project::Project::at(root)?;
    for source in crate::sources::read(&given)?.sources {
        write(&project.join(&source.path), &source.text)?;
    }
    generate(&project, &["generate", "--force"])?;
    Ok(project)
}

/// The median for descriptions of that size, everything made and compared.
fn time(folder: &Path, size: Size) -> Result<f64, Stop> {
    let project = begin(&folder.join("synthetic"))?;
    for source in descriptions(size) {
        write(&project.join(&source.path), &source.text)?;
    }
    generate(&project, &["generate", "--force"])?;
    let runs = if size.operations() > 5_000 {
        RUNS_OF_LARGE
    } else {
        RUNS
    };
    median(runs, &project, &["generate", "--check"])
}

/// An empty project, with a `target/` as cargo would have made it.
fn begin(project: &Path) -> Result<PathBuf, Stop> {
    if project.exists() {
        fs::remove_dir_all(project).map_err(|cause| cannot("remove", project, &cause))?;
    }
    let target = project.join("target");
    fs::create_dir_all(&target).map_err(|cause| cannot("create", &target, &cause))?;
    write(&project.join("Cargo.toml"), b"[workspace]\n")?;
    Ok(project.to_path_buf())
}

fn write(path: &Path, text: &[u8]) -> Result<(), Stop> {
    let parent = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, text))
        .map_err(|cause| cannot("write", path, &cause))
}

fn median(runs: usize, project: &Path, words: &[&str]) -> Result<f64, Stop> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        generate(project, words)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[runs / 2])
}

/// This program again, as a process of its own.
fn generate(project: &Path, words: &[&str]) -> Result<(), Stop> {
    let program = std::env::current_exe()
        .map_err(|cause| Stop::problem(format!("cannot find this program: {cause}")))?;
    let status = Command::new(&program)
        .args(words)
        .arg("--root")
        .arg(project)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|cause| cannot("run", &program, &cause))?;
    if status.success() {
        Ok(())
    } else {
        let words = words.join(" ");
        Err(Stop::problem(format!("`{words}` failed ({status})")))
    }
}

fn count_files(folder: &Path) -> Result<usize, Stop> {
    let mut count = 0;
    for entry in fs::read_dir(folder).map_err(|cause| cannot("list", folder, &cause))? {
        let path = entry
            .map_err(|cause| cannot("list", folder, &cause))?
            .path();
        if path.is_dir() {
            count += count_files(&path)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            count += 1;
        }
    }
    Ok(count)
}

fn cannot(action: &str, path: &Path, cause: &std::io::Error) -> Stop {
    Stop::problem(format!("cannot {action} {}: {cause}", path.display()))
}
