//! Snapshots of the generator: small descriptions below `tests/`, and what comes out for each, findings
//! or models and code. `cargo xtask bless` writes what comes out, tests compare with it; both ask here.
//! Needs nothing that depends on generated code, so that it works while that does not compile. Must not
//! judge what comes out.

mod notation;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etiquette_codegen::{Diagnostics, Source, generate, load, model};

pub use notation::{Notation, example, read};

/// A folder or file that cannot be read or written, in words.
pub type Result<T> = std::result::Result<T, String>;

/// A description that is wrong in one way: `tests/errors/<code>/<name>.yaml`, or another notation.
#[derive(Debug)]
pub struct ErrorCase {
    /// `E020`
    pub code: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What it stands for.
    pub sources: Vec<Source>,
}

impl ErrorCase {
    /// Where what is reported about it is kept.
    #[must_use]
    pub fn expectation(&self) -> PathBuf {
        self.path.with_extension("stderr")
    }
}

/// All cases below `tests/errors`, in order.
///
/// # Errors
///
/// When one cannot be read or has an unknown notation.
pub fn error_cases(tests: &Path) -> Result<Vec<ErrorCase>> {
    let mut cases = Vec::new();
    for folder in entries(&tests.join("errors"))? {
        let code = name_of(&folder);
        for path in entries(&folder)? {
            let extension = path.extension().unwrap_or_default().to_string_lossy();
            if extension == "stderr" {
                continue;
            }
            let notation = Notation::named(&extension)
                .ok_or_else(|| format!("{}: unknown notation", path.display()))?;
            let text = fs::read_to_string(&path).map_err(|cause| cannot("read", &path, &cause))?;
            cases.push(ErrorCase {
                code: code.clone(),
                sources: read(notation, &text),
                path,
            });
        }
    }
    Ok(cases)
}

/// What is reported about descriptions, and whether they may be used all the same.
#[must_use]
pub fn report(sources: &[Source]) -> (Diagnostics, bool) {
    match load(sources) {
        Ok(loaded) => (loaded.warnings, true),
        Err(diagnostics) => (diagnostics, false),
    }
}

/// The descriptions below `tests/cases/schema`, in order.
///
/// # Errors
///
/// When one cannot be read.
pub fn case_sources(tests: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in entries(&tests.join("cases/schema"))? {
        sources.push(Source {
            path: format!("schema/{}", name_of(&path)),
            text: fs::read(&path).map_err(|cause| cannot("read", &path, &cause))?,
        });
    }
    Ok(sources)
}

/// What comes out for the descriptions of the cases: models, code and documents by path below
/// `tests/cases`.
///
/// # Errors
///
/// What is wrong with a description.
pub fn case_output(sources: &[Source]) -> Result<BTreeMap<String, String>> {
    let loaded = load(sources).map_err(|found| found.render(false))?;
    let mut all = BTreeMap::new();
    for api in &loaded.apis {
        all.insert(format!("model/{}.txt", api.name), model_text(api));
    }
    for (path, text) in &generate(&loaded.apis) {
        if path.starts_with("src/") || path.starts_with("docs/") {
            all.insert(path.clone(), text.clone());
        }
    }
    Ok(all)
}

/// A model as text, without what it does not say, and without the scenarios that nobody wrote: they stand in the code.
fn model_text(api: &model::Api) -> String {
    let mut api = api.clone();
    api.scenarios.retain(|scenario| scenario.origin.is_some());
    let text = format!("{api:#?}");
    let says_nothing = |line: &&str| {
        [": None,", ": [],", ": \"\",", ": false,"]
            .iter()
            .any(|end| line.ends_with(end))
    };
    text.lines()
        .filter(|line| !says_nothing(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// What is committed for the cases, by path below `tests/cases`.
///
/// # Errors
///
/// When a file cannot be read.
pub fn case_committed(tests: &Path) -> Result<BTreeMap<String, String>> {
    fn walk(root: &Path, folder: &Path, all: &mut BTreeMap<String, String>) -> Result<()> {
        for path in entries(folder)? {
            if path.is_dir() {
                walk(root, &path, all)?;
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|cause| cannot("read", &path, &cause))?;
            let name = path.strip_prefix(root).expect("it lies below the root");
            all.insert(name.to_string_lossy().replace('\\', "/"), text);
        }
        Ok(())
    }
    let (root, mut all) = (tests.join("cases"), BTreeMap::new());
    for part in ["src", "model", "docs"] {
        if root.join(part).is_dir() {
            walk(&root, &root.join(part), &mut all)?;
        }
    }
    Ok(all)
}

/// Writes what comes out now, and gives the paths of what changed, relative to `tests`.
///
/// # Errors
///
/// What is wrong with a case, or a file that cannot be written; what was written before that stays.
pub fn bless(tests: &Path) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for case in error_cases(tests)? {
        let (found, _) = report(&case.sources);
        write(
            tests,
            &case.expectation(),
            &found.render(false),
            &mut changed,
        )?;
    }
    let (now, before) = (case_output(&case_sources(tests)?)?, case_committed(tests)?);
    let root = tests.join("cases");
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        let path = root.join(name);
        fs::remove_file(&path).map_err(|cause| cannot("remove", &path, &cause))?;
        changed.push(format!("cases/{name}"));
    }
    for (name, text) in &now {
        write(tests, &root.join(name), text, &mut changed)?;
    }
    Ok(changed)
}

/// Writes a file that holds something else, so that nothing is built anew for nothing.
fn write(tests: &Path, path: &Path, text: &str, changed: &mut Vec<String>) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|cause| cannot("write", path, &cause))?;
    let name = path.strip_prefix(tests).unwrap_or(path);
    changed.push(name.to_string_lossy().into_owned());
    Ok(())
}

/// What lies in a folder, in order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).map_err(|cause| cannot("open", folder, &cause))?;
    let paths: io::Result<Vec<PathBuf>> = read.map(|entry| entry.map(|one| one.path())).collect();
    let mut paths = paths.map_err(|cause| cannot("open", folder, &cause))?;
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().expect("an entry of a folder has a name");
    name.to_string_lossy().into_owned()
}

fn cannot(what: &str, path: &Path, cause: &io::Error) -> String {
    format!("cannot {what} {}: {cause}", path.display())
}

#[cfg(test)]
mod tests {
    use super::{bless, case_committed};
    use std::fs;

    const CASE: &str =
        "etiquette: 1\napi: small\nenvironments: {production: {url: \"https://x.example\"}}\n";

    /// What is stale goes, what is new comes, what is fresh is not touched.
    #[test]
    fn blessing_makes_the_snapshots_what_comes_out() {
        let tests = std::env::temp_dir().join(format!("etiquette-bless-{}", std::process::id()));
        for folder in ["errors/E020", "cases/schema", "cases/model"] {
            fs::create_dir_all(tests.join(folder)).unwrap();
        }
        fs::write(
            tests.join("errors/E020/a.yaml"),
            format!("{CASE}colour: red\n"),
        )
        .unwrap();
        fs::write(tests.join("cases/schema/small.yaml"), CASE).unwrap();
        fs::write(tests.join("cases/model/stale.txt"), "stale").unwrap();

        let changed = bless(&tests).unwrap();
        for path in [
            "errors/E020/a.stderr",
            "cases/model/stale.txt",
            "cases/model/small.txt",
        ] {
            assert!(changed.iter().any(|one| one == path), "{path}: {changed:?}");
        }
        let said = fs::read_to_string(tests.join("errors/E020/a.stderr")).unwrap();
        assert!(said.contains("unknown key `colour`"), "{said}");
        let committed = case_committed(&tests).unwrap();
        assert!(
            committed.contains_key("src/small.rs") && !committed.contains_key("model/stale.txt")
        );

        assert_eq!(bless(&tests).unwrap(), Vec::<String>::new());
        fs::remove_dir_all(&tests).unwrap();
    }
}
