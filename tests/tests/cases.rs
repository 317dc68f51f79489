//! Each small description under `cases/schema` becomes the model and the code that are committed
//! beside it; the code is a crate of the workspace, so every snapshot also compiles.
//!
//! `ETIQUETTE_BLESS=1` writes what comes out now.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use etiquette_codegen::{Source, generate, load};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder().join("schema")).expect("the cases are there") {
        let path = entry.expect("the folder can be read").path();
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        sources.push(Source {
            path: format!("schema/{name}"),
            text: fs::read(&path).expect("a case can be read"),
        });
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// A model as text, without what it does not say.
fn model(api: &etiquette_codegen::model::Api) -> String {
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

/// What comes out: models and code by path below `cases/`.
fn output() -> BTreeMap<String, String> {
    let loaded = load(&sources()).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let mut all = BTreeMap::new();
    for api in &loaded.apis {
        all.insert(format!("model/{}.txt", api.name), model(api));
    }
    for (path, text) in &generate(&loaded.apis) {
        if path.starts_with("src/") || path.starts_with("docs/") {
            all.insert(path.clone(), text.clone());
        }
    }
    all
}

fn committed() -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, all: &mut BTreeMap<String, String>) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(root, &path, all);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                all.insert(name, fs::read_to_string(&path).expect("a snapshot is text"));
            }
        }
    }
    let (root, mut all) = (folder(), BTreeMap::new());
    for part in ["src", "model", "docs"] {
        walk(&root, &root.join(part), &mut all);
    }
    all
}

#[test]
fn descriptions_become_the_committed_models_and_code() {
    let (now, before) = (output(), committed());
    if std::env::var_os("ETIQUETTE_BLESS").is_some() {
        for path in before.keys().filter(|path| !now.contains_key(*path)) {
            fs::remove_file(folder().join(path)).expect("a stale snapshot can be removed");
        }
        for (path, text) in &now {
            let path = folder().join(path);
            fs::create_dir_all(path.parent().expect("a file is in a folder"))
                .expect("a folder can be made");
            fs::write(path, text).expect("a snapshot can be written");
        }
        return;
    }
    let names = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&now), "bless with ETIQUETTE_BLESS=1");
    for (path, text) in &now {
        if before[path] != *text {
            let line = before[path]
                .lines()
                .zip(text.lines())
                .position(|(old, new)| old != new);
            let at = line.unwrap_or_else(|| before[path].lines().count().min(text.lines().count()));
            let (old, new) = (before[path].lines().nth(at), text.lines().nth(at));
            panic!(
                "{path}:{}: was {old:?}, is {new:?}; bless with ETIQUETTE_BLESS=1",
                at + 1
            );
        }
    }
}

/// Row J7: the order of the input does not matter, nor does the run.
#[test]
fn output_does_not_depend_on_the_order_of_the_input() {
    let first = output();
    for seed in 0..3 {
        let mut shuffled = sources();
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let loaded = load(&shuffled).unwrap_or_else(|found| panic!("{}", found.render(false)));
        for (path, text) in &generate(&loaded.apis) {
            if let Some(expected) = first.get(path) {
                assert_eq!(expected, text, "{path} with seed {seed}");
            }
        }
    }
}

/// Every case is a feature of the crate of cases, so that none is left uncompiled.
#[test]
fn every_case_is_compiled() {
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).expect("the manifest is there");
    for source in sources() {
        let name = source
            .path
            .trim_start_matches("schema/")
            .trim_end_matches(".yaml")
            .to_owned();
        assert!(
            manifest.contains(&format!("    \"{name}\",\n")),
            "{name} is not a default feature"
        );
    }
}
