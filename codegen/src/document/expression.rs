//! Type expressions: `list<User | null>`, `map<int>`, `patch<User>`.
//!
//! An expression is one line of a description. Its depth is limited, so that reading and using it
//! may recurse. Whether a name exists is not known here.

use crate::diagnostics::{Diagnostic, did_you_mean};

use super::Spanned;
use super::names::is_name;

/// How deep an expression may nest.
pub(super) const DEEPEST: usize = 16;

/// A type expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypeExpr {
    Builtin(Builtin),
    /// A type of the description.
    Name(Spanned<String>),
    List(Box<TypeExpr>),
    Map(Box<TypeExpr>),
    /// `T | null`; never directly inside another.
    Nullable(Box<TypeExpr>),
    /// `new<User>`.
    Shape(ShapeName, Spanned<String>),
}

/// A type that the language has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Builtin {
    String,
    Int,
    Float,
    Decimal,
    Bool,
    Datetime,
    Date,
    Time,
    Duration,
    Uuid,
    Url,
    Bytes,
    Json,
    File,
}

/// A shape of a type, as an expression may ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ShapeName {
    New,
    Put,
    Patch,
}

impl Builtin {
    /// Every builtin type.
    pub(crate) const NAMES: [(&'static str, Self); 14] = [
        ("string", Self::String),
        ("int", Self::Int),
        ("float", Self::Float),
        ("decimal", Self::Decimal),
        ("bool", Self::Bool),
        ("datetime", Self::Datetime),
        ("date", Self::Date),
        ("time", Self::Time),
        ("duration", Self::Duration),
        ("uuid", Self::Uuid),
        ("url", Self::Url),
        ("bytes", Self::Bytes),
        ("json", Self::Json),
        ("file", Self::File),
    ];

    /// The builtin type of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, builtin)| builtin)
    }
}

/// Words in front of `<`.
const GENERICS: [&str; 5] = ["list", "map", "new", "put", "patch"];

/// Reads a type expression.
///
/// # Errors
///
/// `E028` at the part that is wrong.
pub(crate) fn parse_type(text: &Spanned<String>) -> Result<TypeExpr, Box<Diagnostic>> {
    let mut reader = Reader {
        text,
        chars: text.value.chars().collect(),
        at: 0,
    };
    let parsed = reader.read_union(0)?;
    match reader.peek() {
        None => Ok(parsed),
        Some('?') => Err(reader.refuse(
            1,
            "a type has no `?`",
            "write `T | null`, or put the `?` behind the field's name",
        )),
        Some(',') => Err(reader.refuse(
            1,
            "a type takes no second argument",
            "write `map<T>`: the keys are texts",
        )),
        Some('[') => Err(reader.refuse(1, "a list is not written with `[]`", "write `list<T>`")),
        Some(other) => Err(reader.refuse(
            1,
            &format!("unexpected `{other}` in a type"),
            "write `T`, `list<T>`, `map<T>` or `T | null`",
        )),
    }
}

struct Reader<'a> {
    text: &'a Spanned<String>,
    chars: Vec<char>,
    at: usize,
}

impl Reader<'_> {
    fn read_union(&mut self, depth: usize) -> Result<TypeExpr, Box<Diagnostic>> {
        if depth >= DEEPEST {
            return Err(self.refuse(
                1,
                "the type is nested too deeply",
                "give a part of it a name in `types`",
            ));
        }
        let inner = self.read_one(depth)?;
        if self.peek() != Some('|') {
            return Ok(inner);
        }
        self.at += 1;
        self.skip_blanks();
        let start = self.at;
        if self.word() != "null" {
            let width = self.at - start;
            self.at = start;
            let help =
                "write `T | null`, or describe a union in `types` with `tag` or `first_match`";
            return Err(self.refuse(width, "only `null` may stand behind `|`", help));
        }
        if self.peek() == Some('|') {
            return Err(self.refuse(1, "`null` is the last alternative", "write `T | null`"));
        }
        Ok(TypeExpr::Nullable(Box::new(inner)))
    }

    fn read_one(&mut self, depth: usize) -> Result<TypeExpr, Box<Diagnostic>> {
        self.skip_blanks();
        let start = self.at;
        let word = self.word();
        let place = self
            .text
            .place
            .within(&self.text.value, start, self.at - start);
        let name = Spanned { value: word, place };
        if name.value == "null" || !is_name(&name.value) {
            self.at = start;
            let help = "write a builtin type such as `string`, or the name of a type";
            let message = if name.value.is_empty() {
                "a type is missing here".to_owned()
            } else {
                format!("`{}` is no type", name.value)
            };
            return Err(self.refuse(name.value.chars().count(), &message, help));
        }
        if self.peek() == Some('<') {
            return self.read_generic(&name, start, depth);
        }
        if GENERICS.contains(&name.value.as_str()) {
            self.at = start;
            let message = format!("`{}` needs a type", name.value);
            return Err(self.refuse(
                name.value.len(),
                &message,
                &format!("write `{}<T>`", name.value),
            ));
        }
        Ok(match Builtin::from_name(&name.value) {
            Some(builtin) => TypeExpr::Builtin(builtin),
            None => TypeExpr::Name(name),
        })
    }

    fn read_generic(
        &mut self,
        name: &Spanned<String>,
        start: usize,
        depth: usize,
    ) -> Result<TypeExpr, Box<Diagnostic>> {
        self.at += 1;
        let inside = self.at;
        let inner = match name.value.as_str() {
            "list" | "map" | "new" | "put" | "patch" => self.read_union(depth + 1)?,
            other => {
                self.at = start;
                let close = did_you_mean(other, GENERICS).unwrap_or("list");
                let message = format!("`{other}` takes no type");
                return Err(self.refuse(other.len(), &message, &format!("write `{close}<…>`")));
            }
        };
        if self.peek() != Some('>') {
            let message = if self.peek() == Some(',') {
                "a type takes one argument"
            } else {
                "`>` is missing"
            };
            return Err(self.refuse(1, message, &format!("write `{}<T>`", name.value)));
        }
        self.at += 1;
        self.skip_blanks();
        let shape = match name.value.as_str() {
            "list" => return Ok(TypeExpr::List(Box::new(inner))),
            "map" => return Ok(TypeExpr::Map(Box::new(inner))),
            "new" => ShapeName::New,
            "put" => ShapeName::Put,
            _ => ShapeName::Patch,
        };
        match inner {
            TypeExpr::Name(of) => Ok(TypeExpr::Shape(shape, of)),
            _ => {
                self.at = inside;
                let message = format!("`{}` takes the name of a type", name.value);
                Err(self.refuse(1, &message, "write the name of an object in `types`"))
            }
        }
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        self.skip_blanks();
        self.chars.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|char| *char == ' ') {
            self.at += 1;
        }
    }

    /// Everything up to the next sign.
    fn word(&mut self) -> String {
        let start = self.at;
        while self
            .chars
            .get(self.at)
            .is_some_and(|char| !" |<>,?[]".contains(*char))
        {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// A diagnostic at the current position.
    fn refuse(&self, width: usize, message: &str, help: &str) -> Box<Diagnostic> {
        let place = self.text.place.within(&self.text.value, self.at, width);
        Box::new(Diagnostic::new("E028", &place, message).help(help))
    }
}
