//! Bodies that are no JSON, as they arrive: forms, texts, bytes and forms with files, read back by other means.

use std::collections::BTreeMap;

use bytes::Bytes;
use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::{Error, Kind};
use proptest::prelude::*;

use crate::api::{Bench, CANARY, CREATE, GET, RETRY, SHOP, ok};

static SEND: Operation = Operation {
    effect: Effect::Idempotent,
    verb: Verb::Put,
    ..CREATE
};

pub(crate) fn request(bench: &Bench) -> Request {
    Request::new(&bench.core, &SEND)
}

/// Sends this and gives what has arrived.
fn arrived(set: impl FnOnce(Request) -> Request) -> RecordedRequest {
    let bench = Bench::new();
    bench.script.reply(ok());
    bench.run(set(request(&bench)).call_empty()).unwrap();
    bench.script.requests().remove(0)
}

fn refused(set: impl FnOnce(Request) -> Request) -> Error {
    let bench = Bench::new();
    let error = bench.run(set(request(&bench)).call_empty()).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Parameter, 0));
    error
}

/// A part as a server sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// Reads `multipart/form-data` by the grammar of RFC 2046 §5.1.1 and RFC 7578 §4, and takes nothing that is beside it.
pub(crate) fn parts(content_type: &str, body: &[u8]) -> Vec<Part> {
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    assert!((1..=70).contains(&boundary.len()), "{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line before it.
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..]).unwrap();
    let mut all = Vec::new();
    loop {
        if rest == b"--\r\n" {
            return all;
        }
        rest = rest.strip_prefix(b"\r\n").unwrap();
        let end = find(rest, delimiter.as_bytes()).unwrap();
        all.push(part(&rest[..end]));
        rest = &rest[end + delimiter.len()..];
    }
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

fn part(text: &[u8]) -> Part {
    let end = find(text, b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&text[..end]).unwrap();
    let mut headers = BTreeMap::new();
    for line in head.split("\r\n") {
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
        let (name, value) = line.split_once(": ").unwrap();
        let twice = headers.insert(name.to_ascii_lowercase(), value.to_owned());
        assert_eq!(twice, None, "{name}");
    }
    let said = headers.remove("content-disposition").unwrap();
    let kind = headers.remove("content-type");
    assert!(headers.is_empty(), "{headers:?}");
    let mut rest = said.strip_prefix("form-data").unwrap();
    let mut said = BTreeMap::new();
    while let Some(more) = rest.strip_prefix("; ") {
        let (name, more) = more.split_once("=\"").unwrap();
        // A quoted text ends at the first quote; a backslash would make readers differ about which that is.
        let (value, more) = more.split_once('"').unwrap();
        assert!(!value.contains('\\'), "{value:?}");
        assert_eq!(said.insert(name, value.to_owned()), None);
        rest = more;
    }
    assert_eq!(rest, "");
    let part = Part {
        name: said.remove("name").unwrap(),
        file: said.remove("filename"),
        kind,
        content: text[end + 4..].to_vec(),
    };
    assert!(said.is_empty(), "{said:?}");
    part
}

fn read(request: &RecordedRequest) -> Vec<Part> {
    parts(request.header("content-type").unwrap(), &request.body)
}

struct Flat;

impl Write for Flat {
    fn write(&self, out: &mut Out) {
        out.object(
            &[
                ("q", &"a b&c", false),
                ("tags", &vec!["x".to_owned(), "y=z".to_owned()], false),
                ("n", &7_i64, false),
            ],
            &[],
        );
    }
}

struct Deep;

impl Write for Deep {
    fn write(&self, out: &mut Out) {
        out.object(&[("inner", &Flat, false)], &[]);
    }
}

#[test]
fn a_form_is_its_pairs() {
    let sent = arrived(|request| request.form(&Flat));
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let pairs: Vec<_> = url::form_urlencoded::parse(&sent.body).collect();
    let wanted = [("q", "a b&c"), ("tags", "x"), ("tags", "y=z"), ("n", "7")];
    assert_eq!(pairs, wanted.map(|(a, b)| (a.into(), b.into())));
    let error = refused(|request| request.form(&Deep));
    assert!(error.to_string().contains("/inner"), "{error}");
}

#[test]
fn texts_and_bytes_go_as_they_are() {
    let sent = arrived(|request| request.text("a\r\nü\0"));
    assert_eq!(
        sent.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(sent.body, "a\r\nü\0");
    let bytes: Vec<u8> = (0..=255).collect();
    let sent = arrived(|request| request.bytes("image/png", bytes.clone()));
    assert_eq!(sent.header("content-type"), Some("image/png"));
    assert_eq!(sent.body, bytes);
    let upload = Upload::from_bytes("a.csv", "a;b").with_content_type("text/csv");
    let sent = arrived(|request| request.upload(&upload));
    assert_eq!(sent.header("content-type"), Some("text/csv"));
    assert_eq!(sent.body, "a;b");
}

#[test]
fn a_form_with_files_is_read_back() {
    let content = Bytes::from((0..200_000_u32).map(|n| n as u8).collect::<Vec<u8>>());
    let file = Upload::from_bytes("/srv/me/a \"b\".png", content.clone());
    let file = file.with_content_type("image/png");
    let sent = arrived(|request| {
        let mut form = Multipart::new();
        form.text("title", &"two\r\nlines");
        form.json("about", &Flat);
        form.file("data", &file);
        form.file("empty", &Upload::from_bytes("nothing", ""));
        form.text("count", &3_i64);
        request.multipart(form)
    });
    let part = |name: &str, file: Option<&str>, kind: Option<&str>, content: &[u8]| Part {
        name: name.to_owned(),
        file: file.map(str::to_owned),
        kind: kind.map(str::to_owned),
        content: content.to_vec(),
    };
    let about = br#"{"q":"a b&c","tags":["x","y=z"],"n":7}"#;
    let octets = Some("application/octet-stream");
    assert_eq!(
        read(&sent),
        [
            part("title", None, None, b"two\r\nlines"),
            part("about", None, Some("application/json"), about),
            part("data", Some("a %22b%22.png"), Some("image/png"), &content),
            part("empty", Some("nothing"), octets, b""),
            part("count", None, None, b"3"),
        ]
    );
    assert_eq!(
        read(&arrived(|request| request.multipart(Multipart::new()))).len(),
        0
    );
}

/// Row F12: what could end a line or a part is refused before anything is sent, and the reason repeats none of it raw.
#[test]
fn names_with_line_ends_are_refused() {
    let file = |name: &str| Upload::from_bytes(name, "x");
    for name in ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\r", "", "..", "dir/"] {
        let error = refused(|request| {
            let mut form = Multipart::new();
            form.file("data", &file(name));
            request.multipart(form)
        });
        assert!(!error.to_string().contains(['\r', '\n', '\0']), "{error}");
    }
    for name in ["a\r\nb", "a\0", ""] {
        let error = refused(|request| {
            let mut form = Multipart::new();
            form.text(name, &"x");
            request.multipart(form)
        });
        assert!(!error.to_string().contains(['\r', '\n', '\0']), "{error}");
    }
    for kind in ["text/plain\r\nX-Evil: 1", "text", "", " a/b", "a/\u{fc}"] {
        let upload = file("a").with_content_type(kind);
        refused(|request| {
            let mut form = Multipart::new();
            form.file("data", &upload);
            request.multipart(form)
        });
        refused(|request| request.upload(&upload));
    }
    // What cannot be written at all.
    refused(|request| {
        let mut form = Multipart::new();
        form.text("nan", &f64::NAN);
        request.multipart(form)
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Row F12: whatever names and contents are, the server sees as many parts as were made, each with its own content,
    /// and no folder of the name of a file.
    #[test]
    fn no_name_changes_the_form(
        fields in prop::collection::vec((hostile(), hostile(), any::<bool>()), 0..5)
    ) {
        let bench = Bench::new();
        bench.script.reply(ok());
        let mut form = Multipart::new();
        for (name, other, is_file) in &fields {
            if *is_file {
                form.file(name, &Upload::from_bytes(other.clone(), name.clone()));
            } else {
                form.text(name, other);
            }
        }
        let sent = bench.run(request(&bench).multipart(form).call_empty());
        let is_good = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        let last = |text: &str| text.rsplit(['/', '\\']).next().unwrap().to_owned();
        let escaped = |text: &str| text.replace('"', "%22").replace('\\', "%5C");
        let are_good = fields.iter().all(|(name, other, is_file)| {
            let is_file_good = is_good(other) && !matches!(last(other).as_str(), "" | "." | "..");
            is_good(name) && (!is_file || is_file_good)
        });
        prop_assert_eq!(sent.is_ok(), are_good);
        if are_good {
            let found = read(&bench.script.requests()[0]);
            prop_assert_eq!(found.len(), fields.len());
            for (part, (name, other, is_file)) in found.iter().zip(&fields) {
                prop_assert_eq!(&part.name, &escaped(name));
                let content = if *is_file { name } else { other };
                prop_assert_eq!(&part.content, content.as_bytes());
                prop_assert_eq!(&part.file, &is_file.then(|| escaped(&last(other))));
            }
        }
    }
}

/// Texts that somebody would try.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z\"'\\\\/;=: %.\u{fc}\u{2028}-]{0,12}",
        1 => "[a\r\n\0\u{85}\"]{0,4}",
        1 => Just("a\"; filename=\"b.sh".to_owned()),
        1 => Just("\r\n--etiquette-".to_owned()),
        1 => Just("../../etc/passwd".to_owned()),
        2 => any::<String>(),
    ]
}

/// A form cannot bear what the runtime puts into JSON, and says so before it is sent.
#[test]
fn nothing_is_put_into_a_form_with_files() {
    static KEY_IN_BODY: IdempotencyKey = IdempotencyKey {
        at: SendAt::Body(&["key"]),
        within: None,
        replay: None,
    };
    static KEYED: Operation = Operation {
        effect: Effect::Keyed(&KEY_IN_BODY),
        ..CREATE
    };
    let bench = Bench::new();
    let request = Request::new(&bench.core, &KEYED).multipart(Multipart::new());
    let error = bench.run(request.call_empty()).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Parameter, 0));
}

/// The type of a form names its boundary, so that no header of the caller's may take its place.
#[test]
fn the_type_of_a_form_stays() {
    let bench = Bench::new();
    bench.script.reply(ok());
    let call = request(&bench).multipart(Multipart::new()).call_empty();
    bench
        .run(call.with_header("content-type", "text/plain"))
        .unwrap();
    assert!(read(&bench.script.requests()[0]).is_empty());
}

/// Sensitive fields of a form are found again in what the server says of it.
#[test]
fn sensitive_fields_are_taken_out_of_errors() {
    static SECRETIVE: Api = Api {
        sensitive: &["pin"],
        ..SHOP
    };
    static TELL: Operation = Operation {
        api: &SECRETIVE,
        retry: Some(&RETRY),
        ..SEND
    };
    struct Pin;
    impl Write for Pin {
        fn write(&self, out: &mut Out) {
            out.object(&[("pin", &"9731 x", false)], &[]);
        }
    }
    let bench = Bench::new();
    let say = r#"{"error":"the pin 9731 x or 9731%20x is wrong"}"#;
    for form in [false, true] {
        bench.script.reply(ScriptReply::json(400, say));
        let request = Request::new(&bench.core, &TELL);
        let request = if form {
            let mut form = Multipart::new();
            form.text("pin", &"9731 x");
            request.multipart(form)
        } else {
            request.form(&Pin)
        };
        let error = bench.run(request.call_empty()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("9731"), "{error}");
    }
}

/// Answers that are a text or bytes, and what is asked for to get them.
#[test]
fn answers_may_be_texts_and_bytes() {
    let bench = Bench::new();
    let get = || Request::new(&bench.core, &GET).key(&"7");
    bench.script.reply(ScriptReply::text(200, "a,b\n1,ü"));
    assert_eq!(bench.run(get().call_text()).unwrap(), "a,b\n1,ü");
    bench.script.reply(ScriptReply::bytes(200, vec![0, 255]));
    assert_eq!(bench.run(get().call_bytes()).unwrap(), &[0, 255][..]);
    bench.script.reply(ScriptReply::empty(204));
    assert_eq!(bench.run(get().call_text()).unwrap(), "");
    for sent in bench.script.requests() {
        assert_eq!(sent.header("accept"), Some("*/*"));
    }
    bench.script.reply(ScriptReply::bytes(200, vec![b'a', 255]));
    let error = bench.run(get().call_text()).unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert!(error.to_string().contains("not UTF-8 at byte 1"), "{error}");
    assert!(!error.to_string().contains("JSON"), "{error}");
    bench
        .script
        .reply(ScriptReply::json(404, r#"{"error":"gone"}"#));
    let error = bench.run(get().call_bytes()).unwrap_err();
    assert_eq!(error.messages()[0].text, "gone");
    bench.script.reply(ok());
    let call = get().call_bytes().with_header("accept", "text/csv");
    bench.run(call).unwrap();
    let sent = bench.script.requests().pop().unwrap();
    assert_eq!(sent.header("accept"), Some("text/csv"));
}

/// What is in a body is nobody's business but the server's.
#[test]
fn nothing_that_is_printed_shows_what_is_sent() {
    let upload = Upload::from_bytes("a.txt", CANARY);
    let mut form = Multipart::new();
    form.text("pin", &CANARY);
    form.file("data", &upload);
    let bench = Bench::new();
    let shown = format!("{upload:?} {form:?}");
    let call = request(&bench).multipart(form).call_empty();
    let shown = format!("{shown} {call:?}");
    assert!(
        shown.contains("a.txt") && !shown.contains(CANARY),
        "{shown}"
    );
}
