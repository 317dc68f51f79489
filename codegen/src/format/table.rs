//! Tables: the bodies of the runtime's macros, parsed by one small grammar and printed one entry a line.
//!
//! An entry is made of identifiers, types, literals and a few signs, nothing else: no expression,
//! no block, no nested macro can stand in a table.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::fmt::Write as _;

/// The macros that generated code may call.
const MACROS: &[&str] = &[
    "alias",
    "both",
    "both_staged",
    "builder",
    "bulk",
    "call",
    "closed_enum",
    "closed_int_enum",
    "debug",
    "downloading",
    "faults",
    "first_match",
    "following",
    "implicit_login",
    "from_variants",
    "keyed",
    "list_call",
    "locked",
    "login",
    "logs_in",
    "mock",
    "new",
    "open_enum",
    "open_int_enum",
    "outcomes",
    "parts",
    "polled",
    "put",
    "read_first_match",
    "read_tagged",
    "reconciled",
    "record",
    "samples",
    "staged",
    "tagged",
    "webhook",
    "webhook_events",
    "write_first_match",
    "write_tagged",
    "zoned",
];

/// The longest table that stands on one line.
const WIDTH: usize = 100;

/// A parsed table: `runtime::name! { head: entry, entry; entry }`.
pub(super) struct Table {
    name: String,
    head: String,
    /// Groups of entries, separated by semicolons.
    groups: Vec<Vec<String>>,
    has_colon: bool,
}

/// Parses a macro call of ours.
pub(super) fn parse(mac: syn::Macro) -> Result<Table, String> {
    let path = mac
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect::<Vec<_>>();
    let name = match path.as_slice() {
        [runtime, name] if runtime == "runtime" && MACROS.contains(&name.as_str()) => name.clone(),
        other => return Err(format!("the macro `{}`", other.join("::"))),
    };
    let (head, body, has_colon) = split_head(mac.tokens);
    let head = print_tokens(&head)?;
    let mut groups = Vec::new();
    for group in split(&body, ';') {
        let entries = split(group, ',')
            .into_iter()
            .filter(|entry| !entry.is_empty());
        groups.push(entries.map(print_tokens).collect::<Result<Vec<_>, _>>()?);
    }
    let keeps_semicolon = ["both", "both_staged", "new", "staged"].contains(&name.as_str());
    while groups.len() > 1 && groups.last().is_some_and(Vec::is_empty) && !keeps_semicolon {
        groups.pop();
    }
    Ok(Table {
        name,
        head,
        groups,
        has_colon,
    })
}

/// Everything before the first single colon is the head.
fn split_head(tokens: TokenStream) -> (Vec<TokenTree>, Vec<TokenTree>, bool) {
    let mut all = tokens.into_iter().collect::<Vec<_>>();
    let colon = all
        .iter()
        .position(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ':'));
    match colon {
        Some(at) => {
            let body = all.split_off(at + 1);
            all.truncate(at);
            (all, body, true)
        }
        None => (all, Vec::new(), false),
    }
}

/// Splits at a sign that stands outside of `<…>`; groups are single tokens here.
fn split(tokens: &[TokenTree], sign: char) -> Vec<&[TokenTree]> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let mut after_equals = false;
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !after_equals => depth = depth.saturating_sub(1),
                c if c == sign && depth == 0 => {
                    parts.push(&tokens[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
            after_equals = punct.as_char() == '=' && punct.spacing() == Spacing::Joint;
        } else {
            after_equals = false;
        }
    }
    parts.push(&tokens[start..]);
    parts
}

/// Prints the tokens of an entry with ordinary spacing; refuses what no table holds.
fn print_tokens(tokens: impl AsRef<[TokenTree]>) -> Result<String, String> {
    let mut out = String::new();
    let mut glue = true;
    for token in tokens.as_ref() {
        match token {
            TokenTree::Ident(word) => {
                space(&mut out, glue);
                let _ = write!(out, "{word}");
                glue = false;
            }
            TokenTree::Literal(literal) => {
                space(&mut out, glue);
                let _ = write!(out, "{literal}");
                glue = false;
            }
            TokenTree::Punct(sign) => match sign.as_char() {
                ':' if sign.spacing() == Spacing::Joint
                    || out.ends_with("::")
                    || out.ends_with(':') =>
                {
                    out.push(':');
                    glue = true;
                }
                ':' | ',' => {
                    out.push(sign.as_char());
                    glue = false;
                }
                '<' => {
                    out.push('<');
                    glue = true;
                }
                '>' if out.ends_with('=') => {
                    out.push('>');
                    glue = false;
                }
                '>' => {
                    out.push('>');
                    glue = false;
                }
                '=' | '&' | '-' => {
                    space(&mut out, glue);
                    out.push(sign.as_char());
                    glue = sign.as_char() == '-';
                }
                other => return Err(format!("the sign `{other}`")),
            },
            TokenTree::Group(group) => {
                let inner = group.stream().into_iter().collect::<Vec<_>>();
                let inner = print_tokens(&inner)?;
                let fits = out
                    .chars()
                    .last()
                    .is_none_or(|c| c == '<' || c.is_alphanumeric() || c == '_');
                match group.delimiter() {
                    Delimiter::Parenthesis => {
                        let glue = glue || (fits && !out.ends_with("one_of"));
                        space(&mut out, glue);
                        let _ = write!(out, "({inner})");
                    }
                    Delimiter::None => out.push_str(&inner),
                    Delimiter::Bracket | Delimiter::Brace => return Err("a block".to_owned()),
                }
                glue = false;
            }
        }
    }
    Ok(out)
}

fn space(out: &mut String, glue: bool) {
    if !glue && !out.is_empty() {
        out.push(' ');
    }
}

impl Table {
    /// The table as it stands in a file.
    pub(super) fn print(&self) -> String {
        let (name, head) = (&self.name, &self.head);
        if !self.has_colon {
            return format!("runtime::{name}! {{ {head} }}\n");
        }
        let short = self
            .groups
            .iter()
            .map(|entries| entries.join(", "))
            .collect::<Vec<_>>()
            .join("; ");
        let line = format!("runtime::{name}! {{ {head}: {short} }}\n");
        let entries = self.groups.iter().map(Vec::len).sum::<usize>();
        if entries <= 1 && line.len() <= WIDTH {
            return line.replace(";  }", "; }");
        }
        let mut out = format!("runtime::{name}! {{\n    {head}:\n");
        for (at, group) in self.groups.iter().enumerate() {
            for entry in group {
                let _ = writeln!(out, "    {entry},");
            }
            if at + 1 < self.groups.len() {
                close_group(&mut out);
            }
        }
        out.push_str("}\n");
        out
    }
}

/// The last comma of a group becomes a semicolon.
fn close_group(out: &mut String) {
    if out.ends_with(",\n") {
        out.truncate(out.len() - 2);
        out.push_str(";\n");
    } else {
        out.truncate(out.trim_end().len());
        out.push_str(" ;\n");
    }
}
