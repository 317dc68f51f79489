//! Files that are sent as `multipart/form-data` (RFC 7578), and where they may be sent.
//!
//! Of a file its name, type and size are kept, and a sum over its bytes by which a test can tell
//! that they are the right ones. The answer is not documented; chosen here: one file object for
//! each part that has a file name.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::Object;
use super::envelope::{Refusal, single, written};
use super::schema::resolve;
use super::store::{Store, object};

/// One part of a body.
struct Part<'a> {
    name: String,
    file_name: Option<String>,
    kind: String,
    content: &'a [u8],
}

/// Whether files may be sent to a path, and the path of what they are for.
pub(super) fn owner(parts: &[&str]) -> Option<String> {
    let (last, before) = parts.split_last()?;
    let fits = match *before {
        ["forms", _] | ["plugins", _, "services", _] => *last == "uploads",
        ["workspaces", _] => *last == "logo",
        ["plugins", _] => *last == "screenshots",
        _ => return (parts == ["record_import_files"]).then(String::new),
    };
    fits.then(|| before.join("/"))
}

pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

/// Keeps the files of a body.
pub(super) fn receive(
    store: &mut Store,
    path: &[&str],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, Refusal> {
    let boundary = boundary(headers).ok_or(Refusal::MediaType)?;
    let parts = split(body, &boundary).ok_or(Refusal::Bad("The multipart body cannot be read"))?;
    let fields: Object = parts
        .iter()
        .filter(|part| part.file_name.is_none())
        .map(|part| {
            (
                part.name.clone(),
                String::from_utf8_lossy(part.content).into(),
            )
        })
        .collect();
    let files: Vec<&Part<'_>> = parts
        .iter()
        .filter(|part| part.file_name.is_some())
        .collect();
    if files.is_empty() {
        return Err(Refusal::invalid("file", "This attribute is required"));
    }
    let collection = if path == ["record_import_files"] {
        path[0]
    } else {
        "files"
    };
    let (collection, _, _) = resolve(&[collection]).expect("it is one of the collections");
    let mut shown = Vec::new();
    for file in files {
        let name = file.file_name.clone().unwrap_or_default();
        let members = object(json!({
            "name": name, "part": file.name, "type": file.kind, "size": file.content.len(),
            "sum": format!("{:016x}", sum(file.content)), "for": path.join("/"), "fields": fields,
        }));
        let id = store.add(collection, &[], members);
        let added = store.find(collection.path, &id.to_string());
        shown.extend(added.map(|added| Value::Object(store.bare(added))));
        if let ["workspaces", workspace, "logo"] = *path {
            let id = workspace.parse().unwrap_or_default();
            if let Some(workspace) = store.find_mut("workspaces", id) {
                workspace.insert("logoPath".to_owned(), format!("/logos/{name}").into());
            }
        }
    }
    Ok(match <[Value; 1]>::try_from(shown) {
        Ok([one]) => single(&one),
        Err(several) => written(&several),
    })
}

/// FNV-1a.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameter(parameters, "boundary")
}

/// A parameter of a header, with or without quotes.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name
            .trim()
            .trim_start_matches(';')
            .trim()
            .eq_ignore_ascii_case(wanted)
        {
            return Some(value);
        }
        rest = after.trim_start_matches(';');
    }
}

/// Browsers write a quote in a name as `%22` (RFC 7578, section 2, of the WHATWG's rules), others
/// with a backslash before it.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return Some((value.replace("%22", "\""), &text[place + 1..])),
            '\\' => value.push(letters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// The parts between the delimiters (RFC 2046, section 5.1.1); none when the last one is missing.
fn split<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let first = &delimiter[2..];
    let mut rest = body.strip_prefix(first)?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let inner = rest.strip_prefix(b"\r\n")?;
        let end = find(inner, &delimiter)?;
        parts.push(part(&inner[..end])?);
        rest = &inner[end + delimiter.len()..];
    }
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let end = find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let value = |wanted: &str| {
        let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let mut lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        lines.next().map(|(_, value)| value.trim().to_owned())
    };
    let disposition = value("content-disposition")?;
    let (kind, parameters) = disposition.split_once(';')?;
    (kind.trim() == "form-data").then_some(())?;
    Some(Part {
        name: parameter(parameters, "name")?,
        file_name: parameter(parameters, "filename"),
        kind: value("content-type").unwrap_or_else(|| "text/plain".to_owned()),
        content: &bytes[end + 4..],
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}
