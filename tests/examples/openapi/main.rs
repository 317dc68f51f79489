//! What our descriptions say, beside OpenAPI 3.1 documents that say as much of it as they can.
//!
//! Without an argument a table: lines of YAML for each method here and there. With an API's name its
//! document. Descriptions are read from `schema/`; a line that is empty or a comment is none.

pub(crate) mod document;
pub(crate) mod operations;
pub(crate) mod schemas;
pub(crate) mod yaml;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etiquette_codegen::{Source, load, model};
use yaml::Style;

fn main() {
    let sources = sources().expect("the descriptions can be read");
    let loaded = load(&sources).unwrap_or_else(|found| panic!("{}", found.render(false)));
    match std::env::args().nth(1) {
        Some(name) => {
            let api = loaded.apis.iter().find(|api| api.name == name);
            let api = api.unwrap_or_else(|| panic!("no API is called `{name}`"));
            print!("{}", yaml::write(&document::of(api), Style::Block));
        }
        None => print!("{}", table(&loaded.apis, &sources)),
    }
}

/// A row for each API.
pub(crate) fn table(apis: &[model::Api], sources: &[Source]) -> String {
    let mut text = "| API | methods | our lines | a method | OpenAPI, in blocks | a method | OpenAPI, as dense as ours | a method |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for api in apis {
        let methods = operations::all(api).len();
        let document = document::of(api);
        let counts = [
            sources
                .iter()
                .filter(|one| belongs(one, api))
                .map(|one| lines(&String::from_utf8_lossy(&one.text)))
                .sum(),
            lines(&yaml::write(&document, Style::Block)),
            lines(&yaml::write(&document, Style::Dense)),
        ];
        text.push_str(&format!("| {} | {methods} |", api.name));
        for count in counts {
            let each = count as f64 / methods.max(1) as f64;
            text.push_str(&format!(" {count} | {each:.1} |"));
        }
        text.push('\n');
    }
    text
}

/// `schema/users.yaml`, or a file of the folder `schema/hive/`.
fn belongs(source: &Source, api: &model::Api) -> bool {
    source.path == api.schema || (api.schema.ends_with('/') && source.path.starts_with(&api.schema))
}

/// Lines that say something.
pub(crate) fn lines(text: &str) -> usize {
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    text.lines().filter(says).count()
}

/// Every description of the project, by its path there.
pub(crate) fn sources() -> io::Result<Vec<Source>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for path in entries(&root.join("schema"))? {
        let files = if path.is_dir() {
            entries(&path)?
        } else {
            vec![path]
        };
        for file in files {
            let inside = file.strip_prefix(&root).expect("it lies in the project");
            let label = inside.to_string_lossy().into_owned();
            if label.ends_with(".yaml") && label != "schema/waivers.yaml" {
                let text = fs::read(&file)?;
                found.push(Source { path: label, text });
            }
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder)?;
    let mut paths: Vec<PathBuf> = read
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
