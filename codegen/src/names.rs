//! The only place where names of a description become names of Rust.
//!
//! Wire names are kept as they are; every Rust name is derived from the described one by the casing
//! of its position, or given with `rust:`. Whatever comes in, an ASCII identifier comes out: a
//! keyword gets a trailing `_`, never `r#`. Collisions are found by whoever knows the neighbours.

mod reserved;
mod variants;

use heck::{ToShoutySnakeCase, ToSnakeCase};

pub(crate) use reserved::{is_client_function, is_item_of_ours, is_keyword};
pub(crate) use variants::variant_name;

/// What a Rust name stands for, which decides its casing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// A type, handle or variant: `NewUser`.
    Type,
    /// A member, function, argument or module: `new_user`.
    Value,
}

/// How names of fields, parameters and filters become wire names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WireCase {
    /// `created_at`
    #[default]
    AsIs,
    /// `createdAt`
    Camel,
    /// `CreatedAt`
    Pascal,
}

/// A type: `user_account` and `UserAccount` are both `UserAccount`.
pub(crate) fn type_name(described: &str) -> String {
    escape_keyword(pascal(described))
}

/// A function's argument or a module: `orderId` is `order_id`, `type` is `type_`.
pub(crate) fn value_name(described: &str) -> String {
    escape_keyword(snake(described))
}

/// An argument of a call, which must not hide what its function is made of.
pub(crate) fn argument_name(described: &str) -> String {
    reserved::escape_argument(value_name(described))
}

/// A member of a struct, which is also the name of its setter.
pub(crate) fn member_name(described: &str) -> String {
    reserved::escape_member(value_name(described))
}

/// A method of a handle or the accessor of a child.
pub(crate) fn method_name(described: &str) -> String {
    reserved::escape_method(value_name(described))
}

/// A setter of a call.
pub(crate) fn setter_name(described: &str) -> String {
    reserved::escape_setter(value_name(described))
}

/// The setter for a parameter of which only the wire name is known: `page[size]` is `page_size`.
pub(crate) fn wire_setter_name(wire: &str) -> String {
    let words: String = wire
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char
            } else {
                '_'
            }
        })
        .collect();
    setter_name(&words)
}

/// A static or constant: `bulk_upsert` is `BULK_UPSERT`.
pub(crate) fn constant_name(described: &str) -> String {
    let name = described.to_shouty_snake_case();
    lead_with_letter(
        if name.is_empty() {
            "UNDERSCORE".to_owned()
        } else {
            name
        },
        '_',
    )
}

/// A type's name made of several parts: `list` and `Users` give `ListUsers`.
pub(crate) fn join_types(parts: &[&str]) -> String {
    let parts = parts.iter().filter(|part| !part.is_empty());
    escape_keyword(
        parts
            .map(|part| pascal(part.trim_end_matches('_')))
            .collect(),
    )
}

/// The name on the wire: split at `_`, digits stay with the word before, a leading `_` stays.
pub(crate) fn wire_name(described: &str, case: WireCase) -> String {
    let body = described.trim_start_matches('_');
    let (lead, mut words) = (&described[..described.len() - body.len()], body.split('_'));
    match case {
        WireCase::AsIs => described.to_owned(),
        WireCase::Camel => {
            let first = words.next().unwrap_or_default();
            format!("{lead}{first}{}", words.map(capitalise).collect::<String>())
        }
        WireCase::Pascal => format!("{lead}{}", words.map(capitalise).collect::<String>()),
    }
}

/// Whether the text is an identifier in the casing of the position; otherwise what to write.
pub(crate) fn check_override(text: &str, position: Position) -> Result<(), String> {
    let wanted = match position {
        Position::Type => type_name(text),
        Position::Value => value_name(text),
    };
    if !is_identifier(text) {
        return Err("write letters, digits and `_`, beginning with no digit".to_owned());
    }
    if is_keyword(text) {
        return Err(format!("`{text}` is a keyword of Rust, write `{wanted}`"));
    }
    let bare = text.trim_end_matches('_');
    let cased = match position {
        // `IPAddress` is as good as `IpAddress`; only what rustc would warn about is refused.
        Position::Type => {
            bare.starts_with(|first: char| first.is_ascii_uppercase()) && !bare.contains('_')
        }
        Position::Value => {
            !bare.is_empty() && bare.to_ascii_lowercase() == bare && !bare.starts_with("__")
        }
    };
    if cased {
        Ok(())
    } else {
        Err(format!("write `{wanted}`"))
    }
}

/// Whether the text is an ASCII identifier: `[A-Za-z_][A-Za-z0-9_]*`.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn snake(described: &str) -> String {
    let name = described.to_snake_case();
    lead_with_letter(
        if name.is_empty() {
            "underscore".to_owned()
        } else {
            name
        },
        '_',
    )
}

/// Words joined without `_`, except between digits: `v1_0` is `V1_0` and not `V10`.
fn pascal(described: &str) -> String {
    let mut name = String::new();
    for word in snake(described).split('_').filter(|word| !word.is_empty()) {
        push_word(&mut name, word);
    }
    lead_with_letter(name, 'N')
}

fn push_word(name: &mut String, word: &str) {
    let digit = |char: Option<char>| char.is_some_and(|char| char.is_ascii_digit());
    if digit(name.chars().next_back()) && digit(word.chars().next()) {
        name.push('_');
    }
    name.push_str(&capitalise(word));
}

fn capitalise(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), chars.as_str())
    })
}

fn lead_with_letter(name: String, lead: char) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("{lead}{name}")
    } else {
        name
    }
}

fn escape_keyword(name: String) -> String {
    if is_keyword(&name) { name + "_" } else { name }
}

#[cfg(test)]
mod tests;
