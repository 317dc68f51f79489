//! Places: where a value travels in a request or an answer.
//!
//! Names in places are wire names; nothing here renames them.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::read::{Read, unknown_key};
use super::scalars::{FromScalar, Pointer, scalars};
use super::schema::{Book, Described, Schema};

/// Where a request carries a value; `x` is short for `{query: x}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestPlace {
    Query(String),
    Header(String),
    Body(Pointer),
}

/// Where an answer carries a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResponsePlace {
    Pointer(Pointer),
    Header(String),
    /// `{link: next}`: the target of that relation in a `Link` header (RFC 8288).
    Link(String),
}

/// Where the part of a body that matters stands: all of it, or what a pointer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EnvelopePlace {
    Bare,
    Pointer(Pointer),
}

impl Described for RequestPlace {
    fn describe(book: &mut Book) -> Schema {
        book.define::<Self>("RequestPlace", |book| {
            Schema::any_of([
                describe_wire_name(),
                Schema::single("query", describe_wire_name()),
                Schema::single("header", describe_header()),
                Schema::single("body", Pointer::describe(book)),
            ])
        })
    }
}

impl Read for RequestPlace {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return read_wire_name(node, diagnostics).map(Self::Query);
        }
        let (key, target) = single_entry(node, &["query", "header", "body"], diagnostics)?;
        match key {
            "query" => read_wire_name(target, diagnostics).map(Self::Query),
            "header" => read_header(target, diagnostics).map(Self::Header),
            _ => Pointer::read(target, diagnostics).map(Self::Body),
        }
    }
}

impl Described for ResponsePlace {
    fn describe(book: &mut Book) -> Schema {
        book.define::<Self>("ResponsePlace", |book| {
            Schema::any_of([
                Pointer::describe(book),
                Schema::single("header", describe_header()),
                Schema::single("link", describe_wire_name()),
            ])
        })
    }
}

impl Read for ResponsePlace {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return Pointer::read(node, diagnostics).map(Self::Pointer);
        }
        let (key, target) = single_entry(node, &["header", "link"], diagnostics)?;
        match key {
            "header" => read_header(target, diagnostics).map(Self::Header),
            _ => read_wire_name(target, diagnostics).map(Self::Link),
        }
    }
}

impl FromScalar for EnvelopePlace {
    const EXPECTED: &'static str = "`bare` or a pointer";

    fn describe_scalar() -> Schema {
        Schema::any_of([Schema::words(&["bare"]), Pointer::describe_scalar()])
    }

    fn from_scalar(
        scalar: &Scalar,
        place: &crate::diagnostics::Place,
    ) -> Result<Self, Box<Diagnostic>> {
        if scalar.text == "bare" {
            return Ok(Self::Bare);
        }
        Pointer::from_scalar(scalar, place)
            .map(Self::Pointer)
            .map_err(|found| Box::new(found.help("write `bare` or a JSON pointer such as `/data`")))
    }
}

scalars! { EnvelopePlace }

/// The one entry of a mapping that names a kind of place.
fn single_entry<'n>(
    node: &'n Node,
    known: &[&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<(&'n str, &'n Node)> {
    let entries: &[(Spanned<Scalar>, Node)] = match &node.kind {
        Kind::Mapping(entries) => entries,
        Kind::Scalar(_) | Kind::Sequence(_) => &[],
    };
    let mut unknown = entries
        .iter()
        .filter(|(key, _)| !known.contains(&key.value.text.as_str()))
        .peekable();
    if unknown.peek().is_some() {
        for (key, _) in unknown {
            diagnostics.push(unknown_key(key, known));
        }
        return None;
    }
    let [(key, target)] = entries else {
        let message = format!("expected one place, found {} of them", entries.len());
        let list: Vec<String> = known.iter().map(|key| format!("`{{{key}: …}}`")).collect();
        let help = format!("write one of {}", list.join(", "));
        diagnostics.push(Diagnostic::new("E027", &node.place, message).help(help));
        return None;
    };
    Some((&key.value.text, target))
}

fn describe_wire_name() -> Schema {
    Schema::text().at_least(1)
}

pub(crate) fn describe_header() -> Schema {
    Schema::pattern("[A-Za-z0-9!#$%&'*+.^_`|~-]+")
}

fn read_wire_name(node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
    let name = String::read(node, diagnostics)?;
    if name.is_empty() {
        diagnostics.push(
            Diagnostic::new("E027", &node.place, "the place has no name")
                .help("write the wire name"),
        );
        return None;
    }
    Some(name)
}

/// The name of a header: a token (RFC 9110, sections 5.1 and 5.6.2).
pub(crate) fn read_header(node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
    let name = String::read(node, diagnostics)?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        let message = format!("`{name}` is no name of a header");
        let help = "write letters, digits and `-`, such as `X-Request-Id`";
        diagnostics.push(Diagnostic::new("E027", &node.place, message).help(help));
        return None;
    }
    Some(name)
}
