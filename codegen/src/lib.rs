//! Etiquette's generator: descriptions of HTTP APIs in, Rust source files out.
//!
//! A pure library: it reads no file, clock or environment variable and writes nothing. The hands
//! that read `schema/` and write `generated/` are in `xtask`.
//!
//! ```text
//! Source → parse → document → lower → model → check → emit → format → Files
//! ```

mod check;
mod diagnostics;
mod document;
mod emit;
mod files;
mod format;
mod lower;
pub mod model;
mod names;
mod parse;
mod pieces;
mod source;

pub use diagnostics::{Diagnostic, Diagnostics, Place, Severity, codes, explain};
pub use files::Files;
pub use pieces::{Workers, in_turn};
pub use source::Source;

/// APIs that may be generated, and what is worth knowing about their descriptions.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Sorted by name.
    pub apis: Vec<model::Api>,
    /// Findings that do not stop generation.
    pub warnings: Diagnostics,
}

/// Reads descriptions and decides what they mean.
///
/// # Errors
///
/// All that is wrong with them, at once, each with its place.
pub fn load(sources: &[Source]) -> Result<Loaded, Diagnostics> {
    load_by(sources, &in_turn)
}

/// As [`load`], each API being a piece of work.
///
/// # Errors
///
/// As [`load`].
pub fn load_by(sources: &[Source], workers: Workers<'_>) -> Result<Loaded, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let groups = document::group(sources, &mut diagnostics);
    let lowered = pieces::map(&groups, workers, |group| {
        let mut found = Diagnostics::new();
        let document = group.read(&mut found);
        let api = document.map(|document| lower::lower(&document, &mut found));
        (api, found)
    });
    let mut apis = Vec::with_capacity(lowered.len());
    for (api, found) in lowered {
        apis.extend(api);
        diagnostics.append(found);
    }
    check::check(&apis, &mut diagnostics);
    diagnostics.settle(
        &apis
            .iter()
            .flat_map(|api| api.allowed.iter())
            .collect::<Vec<_>>(),
    );
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(Loaded {
        apis,
        warnings: diagnostics,
    })
}

/// Writes the generated crate, as texts by path relative to `generated/`.
#[must_use]
pub fn generate(apis: &[model::Api]) -> Files {
    generate_by(apis, &in_turn)
}

/// As [`generate`], each file being a piece of work.
#[must_use]
pub fn generate_by(apis: &[model::Api], workers: Workers<'_>) -> Files {
    let unwritten = emit::emit(apis);
    let texts = pieces::map(&unwritten, workers, |(_, write)| write());
    let mut files = Files::default();
    for ((path, _), text) in unwritten.into_iter().zip(texts) {
        files.add(path, text);
    }
    files
}

/// What editors are told about descriptions: a JSON Schema (draft 2020-12), as the text of
/// `schema/etiquette.schema.json`.
#[must_use]
pub fn editor_schema() -> String {
    document::editor_schema()
}
