//! Descriptions for tests as they lie in files and on the pages of codes. Panics at a text that does
//! not keep to its notation, since only tests and `bless` read them.
//!
//! Three notations: `yaml` as it is, `escaped` with `\xNN` and `\u{…}` for bytes and characters that
//! cannot be shown, and `repeated` with `«n × text»`, where `№` is the number of the repetition. A line
//! `# file: path` begins another file; it belongs to the file, so that places count it.

use etiquette_codegen::Source;

/// How a text stands for the bytes of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Yaml,
    Escaped,
    Repeated,
}

impl Notation {
    /// By the extension of a file or the second word after a fence.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "yaml" => Some(Self::Yaml),
            "escaped" => Some(Self::Escaped),
            "repeated" => Some(Self::Repeated),
            _ => None,
        }
    }
}

/// The files that a text stands for; without `# file:` it is `schema/example.yaml`.
#[must_use]
pub fn read(notation: Notation, text: &str) -> Vec<Source> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("# file: ") {
            files.push((path.trim_end(), String::new()));
        } else if files.is_empty() {
            files.push(("schema/example.yaml", String::new()));
        }
        files.last_mut().expect("a file was begun").1.push_str(line);
    }
    let source = |(path, text): (&str, String)| Source {
        path: path.to_owned(),
        text: expand(notation, &text),
    };
    files.into_iter().map(source).collect()
}

fn expand(notation: Notation, text: &str) -> Vec<u8> {
    match notation {
        Notation::Yaml => text.as_bytes().to_vec(),
        Notation::Escaped => unescape(text),
        Notation::Repeated => repeat(text).into_bytes(),
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        bytes.extend(before.as_bytes());
        rest = if let Some(hex) = behind.strip_prefix('x') {
            bytes.push(u8::from_str_radix(&hex[..2], 16).expect("two digits follow `\\x`"));
            &hex[2..]
        } else if let Some((hex, after)) = behind
            .strip_prefix("u{")
            .and_then(|hex| hex.split_once('}'))
        {
            let number = u32::from_str_radix(hex, 16).expect("digits stand in `\\u{…}`");
            let char = char::from_u32(number).expect("`\\u{…}` is a character");
            bytes.extend(char.to_string().as_bytes());
            after
        } else {
            bytes.push(b'\\');
            behind
        };
    }
    bytes.extend(rest.as_bytes());
    bytes
}

fn repeat(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('«') {
        let (inside, after) = behind.split_once('»').expect("`«` is closed");
        let (count, unit) = inside.split_once(" × ").expect("`«n × text»`");
        whole.push_str(before);
        let count: usize = count.parse().expect("a count stands before `×`");
        let units = (1..=count).map(|number| unit.replace('№', &number.to_string()));
        whole.extend(units);
        rest = after;
    }
    whole + rest
}

/// The first example in a section of a page, with its notation.
#[must_use]
pub fn example(page: &str, section: &str) -> Option<(Notation, String)> {
    let (_, body) = page.split_once(&format!("\n## {section}\n"))?;
    let body = body
        .split("\n## ")
        .next()
        .expect("a split has a first part");
    let (_, fenced) = body.split_once("```yaml")?;
    let (words, text) = fenced.split_once('\n').expect("a line ends");
    let (text, _) = text.split_once("```").expect("a fence is closed");
    let notation = match words.trim() {
        "" => Notation::Yaml,
        word => Notation::named(word).unwrap_or_else(|| panic!("unknown notation `{word}`")),
    };
    Some((notation, text.to_owned()))
}
