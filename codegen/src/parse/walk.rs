//! The walk over the events of a file: it enforces the limits, refuses what a description has no
//! use for, and builds the tree.
//!
//! It keeps its own stack and gives up at the first step beyond a limit, so that no input can make
//! it recurse or grow without bound.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, YamlPath};
use crate::document::Spanned;

use super::lines::Lines;
use super::screen::MOST_BYTES;
use super::tree::{Kind, Node, Scalar};

const DEEPEST: usize = 32;
const MOST_NODES: usize = 200_000;
const LONGEST_TEXT: usize = 64 * 1024;
const LONGEST_KEY: usize = 64;
/// An API may have ten times of what a file may have.
const FILES: usize = 10;

/// What the files of one API hold together.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(super) bytes: usize,
    pub(super) nodes: usize,
}

/// The tree of a text, or nothing if it has none. Errors are pushed; with any of them the tree may
/// only be used to look for more.
pub(super) fn walk(
    text: &str,
    lines: &Lines,
    totals: &mut Totals,
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    totals.bytes += text.len();
    if totals.bytes > MOST_BYTES * FILES {
        let message = format!(
            "the files of the API have more than {} bytes",
            MOST_BYTES * FILES
        );
        let place = lines.place(1, 1, 1, &YamlPath::root());
        diagnostics.push(
            Diagnostic::new("E006", &place, message)
                .help("describe parts of it as APIs of their own"),
        );
        return None;
    }
    let mut walk = Walk {
        lines,
        totals,
        diagnostics,
        nodes: 0,
        stack: Vec::new(),
        root: None,
        documents: 0,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => walk.step(event, span)?,
            Err(error) => return walk.refuse_syntax(&error),
        }
    }
    if walk.root.is_none() {
        let place = lines.place(1, 1, 1, &YamlPath::root());
        let message = "the file is empty";
        walk.diagnostics
            .push(Diagnostic::new("E022", &place, message).help("write a mapping"));
    }
    walk.root
}

struct Walk<'a> {
    lines: &'a Lines,
    totals: &'a mut Totals,
    diagnostics: &'a mut Diagnostics,
    nodes: usize,
    stack: Vec<Frame>,
    root: Option<Node>,
    documents: usize,
}

/// A collection that is not closed yet.
struct Frame {
    place: Place,
    items: Items,
}

enum Items {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<(Spanned<Scalar>, Node)>,
        /// Where in `entries` a key is.
        known: BTreeMap<String, usize>,
        /// The key whose value comes next.
        key: Option<Spanned<Scalar>>,
        /// Whether it is written in braces.
        flow: bool,
    },
}

impl Walk<'_> {
    /// Takes one event; nothing if the walk must end.
    fn step(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => self.start_document(span)?,
            Event::Alias(_) => {
                self.count(span)?;
                let place = self.place(span);
                self.refuse_reference("an alias", &place);
                self.deliver(Node {
                    kind: Kind::Scalar(Scalar {
                        text: String::new(),
                        plain: false,
                    }),
                    place,
                });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(span)?;
                let place = self.place(span);
                self.refuse_properties(anchor, tag.is_some(), &place);
                self.take_scalar(&text, style == ScalarStyle::Plain, place);
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(span, anchor, tag.is_some(), Items::Sequence(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                // A block mapping begins without a sign of its own.
                let flow = !span.is_empty();
                let items = Items::Mapping {
                    entries: Vec::new(),
                    known: BTreeMap::new(),
                    key: None,
                    flow,
                };
                self.open(span, anchor, tag.is_some(), items)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
        }
        Some(())
    }

    fn start_document(&mut self, span: Span) -> Option<()> {
        self.documents += 1;
        if self.documents == 1 {
            return Some(());
        }
        let place = self.lines.place(
            span.start.line(),
            span.start.col() + 1,
            3,
            &YamlPath::root(),
        );
        let found = Diagnostic::new("E013", &place, "a second document begins here");
        self.diagnostics
            .push(found.help("put it into a file of its own"));
        None
    }

    /// Counts a node; nothing if there are too many.
    fn count(&mut self, span: Span) -> Option<()> {
        self.nodes += 1;
        self.totals.nodes += 1;
        let message = if self.nodes > MOST_NODES {
            format!("the file has more than {MOST_NODES} nodes")
        } else if self.totals.nodes > MOST_NODES * FILES {
            format!(
                "the files of the API have more than {} nodes",
                MOST_NODES * FILES
            )
        } else {
            return Some(());
        };
        let place = self.place(span);
        self.diagnostics
            .push(Diagnostic::new("E008", &place, message).help("split the description"));
        None
    }

    fn take_scalar(&mut self, text: &str, plain: bool, place: Place) {
        if self.expects_key() {
            self.check_key(text, plain, &place);
        } else {
            if plain && text.is_empty() {
                self.refuse_empty(&place);
            }
            if text.len() > LONGEST_TEXT {
                let message = format!(
                    "the text has {} bytes, and {LONGEST_TEXT} are allowed",
                    text.len()
                );
                self.diagnostics
                    .push(Diagnostic::new("E009", &place, message).help("shorten it"));
            }
        }
        self.deliver(Node {
            kind: Kind::Scalar(Scalar {
                text: text.to_owned(),
                plain,
            }),
            place,
        });
    }

    fn check_key(&mut self, text: &str, plain: bool, place: &Place) {
        if text.chars().count() > LONGEST_KEY {
            let message = format!("the key has more than {LONGEST_KEY} characters");
            self.diagnostics
                .push(Diagnostic::new("E010", place, message).help("shorten it"));
        }
        if plain && text.is_empty() {
            let found = Diagnostic::new("E019", place, "a key is missing before the `:`");
            self.diagnostics.push(found.help("write the key"));
        }
        if plain && text == "<<" {
            self.refuse_reference("a merge key", place);
        }
    }

    fn refuse_empty(&mut self, place: &Place) {
        let Some(frame) = self.stack.last() else {
            let found = Diagnostic::new("E022", place, "the file is empty");
            return self.diagnostics.push(found.help("write a mapping"));
        };
        let (place, message, help) = match &frame.items {
            Items::Mapping {
                key: Some(key),
                entries,
                flow,
                ..
            } => {
                let message = format!("the entry `{}` has no value", key.value.text);
                let help = if *flow && !entries.is_empty() {
                    "quote the comma if it belongs to the text before it, as in `{a: \"map<string, int>\"}`; \
                     otherwise write a value"
                } else {
                    "write a value, or leave out the entry; an empty text is `\"\"`"
                };
                (key.place.clone(), message, help)
            }
            Items::Mapping { .. } | Items::Sequence(_) => {
                let help = "write a value, or leave out the item; an empty text is `\"\"`";
                (place.clone(), "an item has no value".to_owned(), help)
            }
        };
        self.diagnostics
            .push(Diagnostic::new("E017", &place, message).help(help));
    }

    fn refuse_properties(&mut self, anchor: usize, tagged: bool, place: &Place) {
        if anchor > 0 {
            self.refuse_reference("an anchor", place);
        }
        if tagged {
            let found = Diagnostic::new("E012", place, "a description has no tags");
            self.diagnostics
                .push(found.help("remove the tag; quote a text that begins with `!`"));
        }
    }

    fn refuse_reference(&mut self, what: &str, place: &Place) {
        let found = Diagnostic::new(
            "E011",
            place,
            format!("{what} is not allowed in a description"),
        );
        self.diagnostics.push(found.help("write the value where it is used, or use `defaults`; quote a text that begins with `&` or `*`"));
    }

    fn refuse_depth(&mut self, place: &Place) {
        let message = format!("nested more than {DEEPEST} levels deep");
        let found = Diagnostic::new("E007", place, message);
        self.diagnostics
            .push(found.help("give inner parts names of their own"));
    }

    fn refuse_syntax(&mut self, error: &ScanError) -> Option<Node> {
        let marker = error.marker();
        let place = self
            .lines
            .place(marker.line(), marker.col() + 1, 1, &YamlPath::root());
        // The parser looks ahead for the `:` behind a collection and has a limit of its own, so it
        // may reach that before the walk sees the first of the brackets.
        if error.info() == "recursion limit exceeded" {
            self.refuse_depth(&place);
            return None;
        }
        let message = format!("not YAML: {}", error.info());
        self.diagnostics.push(
            Diagnostic::new("E015", &place, message).help("check quotes, brackets and indentation"),
        );
        None
    }

    fn open(&mut self, span: Span, anchor: usize, tagged: bool, items: Items) -> Option<()> {
        self.count(span)?;
        let place = self.place(span);
        self.refuse_properties(anchor, tagged, &place);
        if self.stack.len() >= DEEPEST {
            self.refuse_depth(&place);
            return None;
        }
        let place = self.key().map_or(place, |key| Place {
            yaml_path: self.path(),
            ..key.place.clone()
        });
        self.stack.push(Frame { place, items });
        Some(())
    }

    fn close(&mut self) {
        // The parser closes only what it has opened.
        let Some(Frame { place, items }) = self.stack.pop() else {
            return;
        };
        let kind = match items {
            Items::Sequence(items) => Kind::Sequence(items),
            Items::Mapping { entries, .. } => Kind::Mapping(entries),
        };
        self.deliver(Node { kind, place });
    }

    /// Hands a finished node to the collection that it stands in.
    fn deliver(&mut self, node: Node) {
        let Some(Frame { items, .. }) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        match items {
            Items::Sequence(items) => items.push(node),
            Items::Mapping {
                entries,
                known,
                key,
                ..
            } => match key.take() {
                None => *key = Some(take_key(node, self.diagnostics)),
                Some(key) => match known.get(&key.value.text) {
                    Some(&first) => {
                        let message = format!("key `{}` is given twice", key.value.text);
                        let found = Diagnostic::new("E014", &key.place, message)
                            .help("remove or rename one of them");
                        self.diagnostics
                            .push(found.also(&entries[first].0.place, "first given here"));
                    }
                    None => {
                        known.insert(key.value.text.clone(), entries.len());
                        entries.push((key, node));
                    }
                },
            },
        }
    }

    fn key(&self) -> Option<&Spanned<Scalar>> {
        match &self.stack.last()?.items {
            Items::Mapping { key, .. } => key.as_ref(),
            Items::Sequence(_) => None,
        }
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                items: Items::Mapping { key: None, .. },
                ..
            })
        )
    }

    /// The path of the node that comes next.
    fn path(&self) -> YamlPath {
        match self.stack.last() {
            None => YamlPath::root(),
            Some(Frame {
                place,
                items: Items::Sequence(items),
            }) => place.yaml_path.item(items.len()),
            Some(Frame {
                place,
                items: Items::Mapping { key: Some(key), .. },
            }) => {
                let short: String = key.value.text.chars().take(LONGEST_KEY).collect();
                place.yaml_path.key(&short)
            }
            Some(Frame {
                place,
                items: Items::Mapping { key: None, .. },
            }) => place.yaml_path.clone(),
        }
    }

    fn place(&self, span: Span) -> Place {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        let width = if span.end.line() == line {
            span.end.col().saturating_sub(span.start.col())
        } else {
            self.lines.rest(line, column)
        };
        self.lines.place(line, column, width, &self.path())
    }
}

/// A node as a key; anything but a scalar is refused.
fn take_key(node: Node, diagnostics: &mut Diagnostics) -> Spanned<Scalar> {
    let Node { kind, mut place } = node;
    let value = match kind {
        Kind::Scalar(scalar) => scalar,
        Kind::Sequence(_) | Kind::Mapping(_) => {
            let found = Diagnostic::new("E019", &place, "a key must be a text");
            diagnostics
                .push(found.help("write a name; quote a text that begins with `{`, `[` or `?`"));
            Scalar {
                text: String::new(),
                plain: false,
            }
        }
    };
    let short: String = value.text.chars().take(LONGEST_KEY).collect();
    place.yaml_path = place.yaml_path.key(&short);
    Spanned { value, place }
}
