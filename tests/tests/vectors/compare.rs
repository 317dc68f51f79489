//! What was expected of a request and its answer against what came, one difference for each thing that can differ.
//! Must not stop at the first one.

use std::fmt;

use runtime::Error;
use runtime::testing::RecordedRequest;
use serde_json::{Map, Value, json};

use super::read::Variant;
use super::tables::Ran;

/// One thing that differs.
pub(crate) struct Difference {
    /// `path`
    pub(crate) what: &'static str,
    expected: String,
    got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            what,
            expected,
            got,
        } = self;
        write!(f, "{what}: expected {expected}, got {got}")
    }
}

/// Whether a value is what was expected; `{$any: string}` stands for any text that is not empty, `{$json: …}` for a
/// text that is this JSON.
fn fits(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(want), Value::String(text)) => match want.iter().next() {
            Some((name, any)) if name == "$any" => any == "string" && !text.is_empty(),
            Some((name, json)) if name == "$json" => {
                serde_json::from_str(text).is_ok_and(|got: Value| got == *json)
            }
            _ => false,
        },
        (Value::Object(want), Value::Object(got)) => {
            want.len() == got.len()
                && want
                    .iter()
                    .all(|(name, want)| got.get(name).is_some_and(|got| fits(want, got)))
        }
        (Value::Array(want), Value::Array(got)) => {
            want.len() == got.len() && want.iter().zip(got).all(|(want, got)| fits(want, got))
        }
        _ => expected == got,
    }
}

pub(crate) fn differences(variant: &Variant, ran: &Ran) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut hold = |what, expected: &Value, got: Value| {
        if !fits(expected, &got) {
            let (expected, got) = (expected.to_string(), got.to_string());
            found.push(Difference {
                what,
                expected,
                got,
            });
        }
    };
    let whole = &variant.whole;
    let requests = whole.get("requests").cloned().unwrap_or(json!(1));
    hold("requests", &requests, json!(ran.came.requests.len()));
    if let (Some(request), Some(expected)) = (ran.came.requests.first(), whole.get("request")) {
        hold(
            "method",
            &expected["method"],
            json!(request.method.as_str()),
        );
        hold("path", &expected["path"], json!(request.path()));
        hold("query", &by_name(expected), json!(pairs(request)));
        let named = expected["headers"].as_object();
        let headers = named.into_iter().flatten();
        let headers: Map<String, Value> = headers
            .map(|(name, _)| (name.clone(), json!(request.header(name))))
            .collect();
        let expected_headers = named.cloned().unwrap_or_default();
        hold("headers", &expected_headers.into(), headers.into());
        hold("body", &expected["body"], body(request));
    }
    match (&ran.came.result, whole.get("value"), whole.get("error")) {
        (Ok(value), Some(expected), _) => hold("value", expected, value.clone()),
        (Err(error), None, Some(expected)) => {
            let got = shown(error, ran.fault.as_deref(), expected);
            hold("error", expected, got);
        }
        (Ok(value), _, expected) => {
            let expected = expected.cloned().unwrap_or_default();
            hold("error", &expected, json!({ "value": value }));
        }
        (Err(error), _, _) => hold("error", &Value::Null, json!(error.to_string())),
    }
    found
}

/// The whole body as JSON, or else as text; null if there is none.
fn body(request: &RecordedRequest) -> Value {
    if request.body.is_empty() {
        return Value::Null;
    }
    let text = || json!({ "text": String::from_utf8_lossy(&request.body) });
    serde_json::from_slice(&request.body).unwrap_or_else(|_| text())
}

/// The expected query parameters by their names. Callers decide in which order setters are called; only that of several
/// values of one name is the client's.
fn by_name(expected: &Value) -> Value {
    let mut query = expected["query"].as_array().cloned().unwrap_or_default();
    query.sort_by_key(|pair| pair[0].as_str().unwrap_or_default().to_owned());
    Value::Array(query)
}

/// All query parameters by their names, decoded.
fn pairs(request: &RecordedRequest) -> Vec<(String, String)> {
    let query = request.uri.query().unwrap_or_default().split('&');
    let pairs = query.filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    pairs.sort_by(|(first, _), (second, _)| first.cmp(second));
    pairs
}

/// Percent-decodes (RFC 3986, section 2.1); a `+` stays what it is.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        match (*first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).expect("two digits are a byte"));
                rest = &after[2..];
            }
            (byte, ..) => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The kind's name, without what some have in them.
fn kind(error: &Error) -> String {
    let kind = format!("{:?}", error.kind());
    let end = kind.find(|sign: char| !sign.is_alphanumeric());
    kind[..end.unwrap_or(kind.len())].to_owned()
}

/// Those things about an error that are expected.
pub(crate) fn shown(error: &Error, fault: Option<&str>, expected: &Value) -> Value {
    let texts: Vec<&str> = error
        .messages()
        .iter()
        .map(|message| message.text.as_str())
        .collect();
    let mut fields: Map<String, Value> = Map::new();
    for message in error.messages() {
        if let Some(target) = &message.target {
            let list = fields.entry(target.clone()).or_insert_with(|| json!([]));
            let list = list.as_array_mut().expect("it was made as a list");
            list.push(json!(message.text));
        }
    }
    let general: Vec<&str> = error
        .messages()
        .iter()
        .filter(|message| message.target.is_none())
        .map(|message| message.text.as_str())
        .collect();
    let names = expected.as_object().into_iter().flatten();
    let got = names.map(|(name, wanted)| {
        let value = match name.as_str() {
            "kind" => json!(kind(error)),
            "status" => json!(error.status()),
            "code" => json!(error.code()),
            "message" => json!(general.join("; ")),
            "messages" => json!(texts),
            "fault" => json!(fault),
            "fields" => json!(fields),
            "reference" => json!(error.reference()),
            "at" => at(error, wanted),
            _ => json!({ "nothing is called": name }),
        };
        (name.clone(), value)
    });
    Value::Object(got.collect())
}

/// Where an answer does not fit: the last members of the path, or the member that the message says is missing.
fn at(error: &Error, wanted: &Value) -> Value {
    let text = wanted.as_str().unwrap_or_default();
    let path = error.path().unwrap_or_default();
    let is_there = path == text || path.ends_with(&format!("/{text}"));
    if is_there || error.to_string().contains(&format!("`{text}`")) {
        return wanted.clone();
    }
    json!(format!("{path}: {error}"))
}
