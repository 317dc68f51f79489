//! From the bytes of a file to a tree of values with places.
//!
//! The bytes are untrusted: they are screened before any parser sees them, the event walk enforces
//! the limits, and both YAML parsers must agree. This is the only module that knows a YAML parser;
//! it must not know any key of the language.

mod ambiguous;
mod compare;
mod lines;
mod screen;
mod tree;
mod walk;

pub(crate) use ambiguous::{Reading, read_by_yaml};
pub(crate) use tree::{Kind, Node, Scalar};

use crate::diagnostics::Diagnostics;
use crate::source::Source;

/// The tree of a file, or nothing if there is none or if anything is wrong with it as YAML.
#[cfg(test)]
pub(crate) fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Option<Node> {
    parse_counting(source, &mut Totals::default(), diagnostics)
}

pub(crate) use walk::Totals;

/// The tree of a file, or nothing if there is none or if anything is wrong with it as YAML; adds up what the files
/// of one API hold together.
pub(crate) fn parse_counting(
    source: &Source,
    totals: &mut Totals,
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let errors = diagnostics.error_count();
    let text = screen::screen(source, diagnostics)?;
    if diagnostics.error_count() > errors {
        return None;
    }
    let lines = lines::Lines::new(&source.path, text);
    let node = walk::walk(text, &lines, totals, diagnostics)?;
    if diagnostics.error_count() > errors {
        return None;
    }
    compare::compare(text, &node, &lines, diagnostics).then_some(node)
}

#[cfg(test)]
mod tests;
