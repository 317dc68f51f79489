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
mod source;

pub use diagnostics::{Diagnostic, Diagnostics, Place, Severity, codes, explain};
pub use files::Files;
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
    let mut diagnostics = Diagnostics::default();
    let documents = document::read(sources, &mut diagnostics);
    let apis = lower::lower(&documents, &mut diagnostics);
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
    emit::emit(apis)
}
