//! The grammars of texts that are read later than the document, as patterns for editors.
//! A pattern accepts whatever the later reader accepts. Must not be used to read anything.

use crate::document::types::Builtin;

use super::{Book, Described, Schema};

/// A name of the language.
pub(crate) const NAME: &str = "[A-Za-z_][A-Za-z0-9_]*";

/// How deep expressions nest, as `expression` has it: the outermost is at depth 0.
const DEEPEST: usize = crate::document::expression::DEEPEST;

/// A type expression: `list<User | null>`.
pub(crate) struct TypeExpression;

impl Described for TypeExpression {
    fn describe(book: &mut Book) -> Schema {
        book.define::<Self>("TypeExpression", |_| {
            let names = Builtin::NAMES.map(|(name, _)| name);
            Schema::pattern(&type_pattern(&names))
                .with_examples(names)
                .described("A type: `string`, `list<T>`, `map<T>`, `T | null`, `new<T>`, `User`.")
        })
    }
}

/// The grammar of `parse_type`, unrolled, because a pattern cannot count brackets.
fn type_pattern(builtins: &[&str]) -> String {
    // A generic needs an argument, `null` stands behind `|` only, and a shape takes a name.
    let no_argument = r"(?!.*\b(?:list|map|new|put|patch)\b *(?:[|>]|$))";
    let null_alone = r"(?!(?:.*<)? *null\b)";
    let of_builtin = format!(
        r"(?!.*\b(?:new|put|patch) *< *(?:{}) *>)",
        builtins.join("|")
    );
    let mut inner = String::new();
    for depth in (0..DEEPEST).rev() {
        let mut one = NAME.to_owned();
        if depth + 1 < DEEPEST {
            one = format!("(?:list|map) *<{inner}>|(?:new|put|patch) *< *{NAME} *>|{NAME}");
        }
        inner = format!(r" *(?:{one}) *(?:\| *null *)?");
    }
    format!("{no_argument}{null_alone}{of_builtin}{inner}")
}

/// The verb of a method and perhaps its path: `POST */cancel`.
pub(crate) struct Request;

impl Described for Request {
    fn describe(_: &mut Book) -> Schema {
        let verbs = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
        // Below the collection, the item, or the environment's url.
        let path = r" +(?:(?:\./|\*/|/).*)?";
        Schema::pattern(&format!("(?:{})(?:{path})?", verbs.join("|"))).with_examples(verbs)
    }
}
