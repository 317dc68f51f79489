//! `generate`: descriptions in, tree out, or a comparison of the two with `--check`.
//! The generator is a pure function that may have faults: it runs on a thread of its own, and a
//! panic in it ends the run before anything is written. Must not decide what is generated.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::thread;
use std::time::Instant;

use anstyle::Style;
use etiquette_codegen::{Diagnostics, Source};

use crate::arguments::Given;
use crate::project::Project;
use crate::stamp::Stamp;
use crate::terminal::{BOLD, CHANGED, GONE, GOOD, NEW, clean, paint};
use crate::tree::{self, Difference, Failure, Force, MANIFEST, Mismatch, Plan};
use crate::{Stop, editor, sources, terminal, workers};

/// More names than this of one kind are counted, not listed.
const LISTED: usize = 50;

/// What the generator made of the descriptions.
struct Product {
    files: BTreeMap<String, String>,
    warnings: Diagnostics,
}

/// The generator, as it is or as a test wants it to be.
type Generator = fn(&[Source]) -> Result<Product, Diagnostics>;

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    run_with(given, generator)
}

/// `generate --check` on a whole project, with what differs in the message.
pub(crate) fn check_project(root: &Path) -> Result<(), Stop> {
    let project = Project::at(root)?;
    let files = produce(&read(&project)?, generator)?.files;
    check(&project, &files)?;
    editor::check(&project)
}

fn run_with(given: &Given, generator: Generator) -> Result<(), Stop> {
    if given.has("--check") && given.has("--force") {
        return Err(Stop::usage(
            "`--check` writes nothing, so there is nothing to `--force`",
        ));
    }
    let start = Instant::now();
    let project = Project::find(given)?;
    let sources = read(&project)?;
    if given.has("--check") {
        check(&project, &produce(&sources, generator)?.files)?;
        return editor::check(&project);
    }
    let stamp = Stamp::of(&project, &sources);
    if let Some(total) = stamp.as_ref().and_then(|stamp| stamp.vouches(&project)) {
        let seconds = start.elapsed().as_secs_f32();
        terminal::out(&describe_fresh(&project, total, seconds));
        return Ok(());
    }
    let Product { files, warnings } = produce(&sources, generator)?;
    let force = if given.has("--force") {
        Force::Yes
    } else {
        Force::No
    };
    let report = tree::replace(&project.out, &files, force).map_err(|failure| stop(&failure))?;
    let schema = editor::write(&project)?;
    match &stamp {
        Some(stamp) if warnings.is_empty() => stamp.write(&project),
        Some(stamp) => stamp.remove(),
        None => {}
    }
    let seconds = start.elapsed().as_secs_f32();
    terminal::out(&describe_run(&project, &report.plan, files.len(), seconds));
    if let Some(schema) = schema {
        terminal::out(&format!(
            "{} {}",
            paint(NEW, "written"),
            project.name(&schema)
        ));
    }
    if let Some(leftover) = report.leftover {
        terminal::err(&format!(
            "{} the tree is as it should be, but the one before it is still there: {}",
            paint(CHANGED, "warning:"),
            clean(&leftover.to_string())
        ));
    }
    Ok(())
}

fn generator(sources: &[Source]) -> Result<Product, Diagnostics> {
    let loaded = etiquette_codegen::load_by(sources, &workers::on_threads)?;
    let files = etiquette_codegen::generate_by(&loaded.apis, &workers::on_threads);
    Ok(Product {
        files: files
            .iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect(),
        warnings: loaded.warnings,
    })
}

/// The descriptions; there is at least one.
fn read(project: &Project) -> Result<Vec<Source>, Stop> {
    let found = sources::read(project)?;
    for note in &found.notes {
        terminal::err(&format!("{} {}", paint(CHANGED, "warning:"), clean(note)));
    }
    if found.sources.is_empty() {
        return Err(Stop::problem(format!(
            "there is no description in {}",
            project.schema.display()
        )));
    }
    Ok(found.sources)
}

/// Generates, and prints what the generator found on the way.
fn produce(sources: &[Source], generator: Generator) -> Result<Product, Stop> {
    // A panic prints itself, with its place, before the thread ends.
    let outcome = thread::scope(|scope| {
        thread::Builder::new()
            .name("generator".to_owned())
            .stack_size(workers::STACK)
            .spawn_scoped(scope, || generator(sources))
            .map(thread::ScopedJoinHandle::join)
    });
    let outcome =
        outcome.map_err(|cause| Stop::problem(format!("cannot start a thread: {cause}")))?;
    let Ok(outcome) = outcome else {
        return Err(Stop::internal(
            "the generator panicked on these descriptions; nothing was written",
        ));
    };
    match outcome {
        Ok(product) => {
            if !product.warnings.is_empty() {
                terminal::err(&product.warnings.render(true));
            }
            Ok(product)
        }
        Err(diagnostics) => {
            terminal::err(&diagnostics.render(true));
            Err(Stop::problem(
                "the descriptions cannot be used; nothing was written",
            ))
        }
    }
}

fn check(project: &Project, files: &BTreeMap<String, String>) -> Result<(), Stop> {
    let plan = tree::compare(&project.out, files).map_err(|failure| stop(&failure))?;
    if plan.is_fresh() {
        let line = format!("all {} files are as generated", files.len());
        terminal::out(&paint(GOOD, &line));
        return Ok(());
    }
    let mut cure = "`cargo xtask generate` writes it anew".to_owned();
    if !plan.edited.is_empty() {
        cure.push_str(
            ", with `--force` also over what was edited by hand; what an edit was for belongs in \
             the description",
        );
    }
    Err(Stop::problem(format!(
        "{} is not what the descriptions produce\n\n{}\n{cure}",
        project.name(&project.out),
        describe_differences(project, &plan)
    )))
}

fn stop(failure: &Failure) -> Stop {
    let message = clean(&failure.to_string());
    if failure.is_internal() {
        Stop::internal(format!("{message}; nothing was written"))
    } else {
        Stop::problem(message)
    }
}

fn describe_fresh(project: &Project, total: usize, seconds: f32) -> String {
    let (word, out) = (paint(GOOD, "Fresh"), project.name(&project.out));
    format!("{word} {out}: all {total} files are as generated ({seconds:.2} s)")
}

fn describe_run(project: &Project, plan: &Plan, total: usize, seconds: f32) -> String {
    let out = project.name(&project.out);
    if plan.is_fresh() {
        return describe_fresh(project, total, seconds);
    }
    let word = paint(GOOD, "Generated");
    let mut text = format!(
        "{word} {out}: {} new, {} changed, {} removed, {} unchanged ({seconds:.2} s)\n",
        plan.new.len(),
        plan.changed.len(),
        plan.stale.len(),
        plan.unchanged
    );
    if !plan.edited.is_empty() {
        let count = plan.edited.len();
        writeln!(
            text,
            "{}",
            paint(BOLD, &format!("Overwrote {count} edited by hand"))
        )
        .expect("writing to a string never fails");
    }
    let changed: Vec<&str> = plan.changed.iter().map(|file| file.path.as_str()).collect();
    let edited: Vec<&str> = plan.edited.iter().map(|file| file.path.as_str()).collect();
    let new: Vec<&str> = plan.new.iter().map(String::as_str).collect();
    let stale: Vec<&str> = plan.stale.iter().map(String::as_str).collect();
    list(&mut text, NEW, "new", &new);
    list(&mut text, CHANGED, "changed", &changed);
    list(&mut text, CHANGED, "overwritten", &edited);
    list(&mut text, GONE, "removed", &stale);
    if new.len() + changed.len() + edited.len() + stale.len() == 0 {
        list(&mut text, CHANGED, "changed", &[MANIFEST]);
    }
    text
}

fn list(text: &mut String, style: Style, word: &str, paths: &[&str]) {
    let word = paint(style, &format!("{word:>11}"));
    for path in paths.iter().take(LISTED) {
        writeln!(text, "{word} {path}").expect("writing to a string never fails");
    }
    if paths.len() > LISTED {
        writeln!(text, "{word} … and {} more", paths.len() - LISTED)
            .expect("writing to a string never fails");
    }
}

fn describe_differences(project: &Project, plan: &Plan) -> String {
    let mut text = String::new();
    let mut line = |path: &str, style, word: &str, meaning: &str, apart: Option<&Difference>| {
        let place = project.out.join(path);
        let place = project.name(&place);
        let at = apart.map(|apart| format!(":{}", apart.line));
        let at = at.unwrap_or_default();
        let word = paint(style, word);
        writeln!(text, "{place}{at}: {word}: {meaning}").expect("writing to a string never fails");
        let Some(apart) = apart else { return };
        let sides = [(GONE, '-', &apart.there), (NEW, '+', &apart.produced)];
        for (style, sign, side) in sides {
            let side = match side {
                Some(side) => clean(side.strip_suffix('\n').unwrap_or(side)),
                None => "(the file ends here)".to_owned(),
            };
            writeln!(text, "    {}", paint(style, &format!("{sign} {side}")))
                .expect("writing to a string never fails");
        }
    };
    for path in &plan.new {
        line(path, NEW, "new", "it is produced and not there", None);
    }
    for change in &plan.changed {
        let meaning = "the descriptions produce something else now";
        line(
            &change.path,
            CHANGED,
            "changed",
            meaning,
            Some(&change.difference),
        );
    }
    for path in &plan.stale {
        line(path, GONE, "stale", "nothing produces it any more", None);
    }
    for edit in &plan.edited {
        let word = match edit.mismatch {
            Mismatch::Edited | Mismatch::EditedAndStale => "edited by hand",
            Mismatch::Unrecorded => "unknown",
        };
        let meaning = edit.mismatch.to_string();
        line(&edit.path, GONE, word, &meaning, edit.difference.as_ref());
    }
    if plan.manifest {
        let meaning = "it does not list what is produced";
        line(MANIFEST, CHANGED, "changed", meaning, None);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Product, generator, run_with};
    use crate::Exit;
    use crate::arguments::Given;
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::PathBuf;

    fn project(name: &str) -> PathBuf {
        let folder = format!("etiquette-generate-{name}-{}", std::process::id());
        let root = std::env::temp_dir().join(folder);
        fs::create_dir_all(root.join("schema")).unwrap();
        fs::write(root.join("schema/a.yaml"), "x: 1\n").unwrap();
        root
    }

    /// Row J9: a panic is an internal error with exit code 70, and nothing is written.
    #[test]
    fn row_j9_a_panic_in_the_generator_writes_nothing() {
        let root = project("panic");
        let given = Given::with_paths(&[("--root", &root)]);
        let stop = run_with(&given, |sources| panic!("{} sources", sources.len())).unwrap_err();
        assert_eq!(stop.exit, Exit::Internal);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "only the schema");
        fs::remove_dir_all(&root).unwrap();
    }

    /// Row J1: a path that leaves the tree is a fault of the generator, and nothing is written.
    #[test]
    fn row_j1_a_produced_path_that_leaves_the_tree_writes_nothing() {
        let root = project("path");
        let given = Given::with_paths(&[("--root", &root)]);
        let stop = run_with(&given, |_| {
            Ok(Product {
                files: BTreeMap::from([("../x".to_owned(), String::new())]),
                warnings: generator(&[]).map_or_else(|found| found, |product| product.warnings),
            })
        })
        .unwrap_err();
        assert_eq!(stop.exit, Exit::Internal);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1, "only the schema");
        fs::remove_dir_all(&root).unwrap();
    }
}
