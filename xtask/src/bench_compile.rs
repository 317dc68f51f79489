//! `bench-compile`: what the generated crate costs, for each API: lines and `cargo check` for each operation.
//! Assumes that cargo builds the crate; dependencies are built before anything is timed. Must not judge: it
//! prints figures, medians of several runs and the difference to the crate without any API.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::arguments::Given;
use crate::{Stop, project, terminal};

/// The package that is measured.
const PACKAGE: &str = "etiquette-apis";

/// Timed runs; the median is printed.
const RUNS: usize = 7;

/// What one API's files hold.
#[derive(Default)]
struct Size {
    operations: usize,
    code: usize,
    all: usize,
}

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    let root = project::root(given)?;
    let source = root.join("generated/src");
    let apis = apis(&source)?;
    let none = check(&root, "")?;
    terminal::out(
        "| API | operations | code lines per operation | all lines per operation | check ms | ms per operation |",
    );
    terminal::out("|---|---|---|---|---|---|");
    terminal::out(&format!("| none | 0 | – | – | {none:.0} | – |"));
    for api in apis {
        let size = size(&source, &api)?;
        let ms = check(&root, &api)?;
        let each = |lines: usize| lines as f64 / size.operations.max(1) as f64;
        terminal::out(&format!(
            "| {api} | {} | {:.1} | {:.1} | {ms:.0} | {:.1} |",
            size.operations,
            each(size.code),
            each(size.all),
            (ms - none) / size.operations.max(1) as f64,
        ));
    }
    Ok(())
}

/// The APIs are the modules beside `lib.rs`.
fn apis(source: &Path) -> Result<Vec<String>, Stop> {
    let mut names = Vec::new();
    for path in entries(source)? {
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.extension().is_some_and(|ending| ending == "rs")
            && !["lib", "scenarios"].contains(&&*name)
        {
            names.push(name);
        }
    }
    Ok(names)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let cannot =
        |cause: std::io::Error| Stop::problem(format!("cannot read {}: {cause}", folder.display()));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        paths.push(entry.map_err(cannot)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn size(source: &Path, api: &str) -> Result<Size, Stop> {
    let mut files = vec![source.join(format!("{api}.rs"))];
    files.extend(entries(&source.join(api))?);
    // Scenarios are compiled for tests only.
    files.retain(|file| !file.ends_with("scenarios.rs"));
    let mut size = Size::default();
    for file in files {
        let text = fs::read_to_string(&file)
            .map_err(|cause| Stop::problem(format!("cannot read {}: {cause}", file.display())))?;
        let lines = text.lines().map(str::trim);
        size.operations += text.matches(": Operation = Operation {").count();
        size.all += text.lines().count();
        size.code += lines
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count();
    }
    // The common row is a table entry and no operation.
    size.operations -= 1;
    Ok(size)
}

/// The median of `cargo check` on the one crate, in milliseconds, with everything below it built.
fn check(root: &Path, feature: &str) -> Result<f64, Stop> {
    let library = root.join("generated/src/lib.rs");
    let touch = || {
        let file = fs::File::options().append(true).open(&library);
        file.and_then(|file| file.set_modified(std::time::SystemTime::now()))
            .map_err(|cause| Stop::problem(format!("cannot touch {}: {cause}", library.display())))
    };
    cargo_check(root, feature)?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        touch()?;
        let start = Instant::now();
        cargo_check(root, feature)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[RUNS / 2])
}

fn cargo_check(root: &Path, feature: &str) -> Result<(), Stop> {
    let status = Command::new("cargo")
        .args([
            "check",
            "--quiet",
            "--package",
            PACKAGE,
            "--no-default-features",
            "--features",
            feature,
        ])
        .args(["--target-dir", "target/bench-compile"])
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(root)
        .stdin(Stdio::null())
        .status()
        .map_err(|cause| Stop::problem(format!("cannot run cargo: {cause}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Stop::problem(format!(
            "{PACKAGE} does not compile with `{feature}`"
        )))
    }
}
