//! What a server reads of a body in parts and of a form, by the rules of their media types and nothing but them.
//! Knows nothing of the client that wrote them.

use runtime::testing::RecordedRequest;

/// One part as a server reads it: the lines of its head, and what it holds.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) head: Vec<String>,
    pub(super) content: Vec<u8>,
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

/// Reads a body in parts by the rules of RFC 2046, section 5.1.1, and nothing but them.
pub(super) fn parts(request: &RecordedRequest) -> Vec<Part> {
    let kind = request.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let (first, next) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut rest = request.body.strip_prefix(first.as_bytes()).unwrap();
    let mut parts = Vec::new();
    loop {
        let end = find(rest, next.as_bytes()).unwrap();
        let (part, after) = (&rest[..end], &rest[end + next.len()..]);
        let head = find(part, b"\r\n\r\n").unwrap();
        let lines = std::str::from_utf8(&part[..head]).unwrap();
        parts.push(Part {
            head: lines.split("\r\n").map(str::to_owned).collect(),
            content: part[head + 4..].to_vec(),
        });
        match after.strip_prefix(b"\r\n") {
            Some(more) => rest = more,
            None => {
                assert_eq!(after, b"--\r\n");
                return parts;
            }
        }
    }
}

pub(super) fn field(name: &str, content: &str) -> Part {
    Part {
        head: vec![format!("Content-Disposition: form-data; name=\"{name}\"")],
        content: content.as_bytes().to_vec(),
    }
}

pub(super) fn file(name: &str, file: &str, kind: &str, content: &[u8]) -> Part {
    Part {
        head: vec![
            format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\""),
            format!("Content-Type: {kind}"),
        ],
        content: content.to_vec(),
    }
}

/// Reads a form by the rules of its media type: `+` is a blank, `%` begins two hex digits.
pub(super) fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let (mut bytes, mut rest) = (Vec::new(), part.bytes());
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = form.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
