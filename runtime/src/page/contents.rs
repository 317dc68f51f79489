//! What one page holds: its items, and what the text and the headers say beside them, read in one walk through the text.
//!
//! Numbers come from a server and are not believed here or there: what is no whole number from 0 to 2^53 is as good as
//! absent.

use std::hash::{BuildHasher, Hash, RandomState};
use std::ops::Range;
use std::sync::OnceLock;

use http::header::HeaderMap;

use super::link::link;
use super::position::Position;
use crate::decode::{self, Misfit, Pointer, Read, Skip, elements, walk};
use crate::operation::{Paging, PagingKind, Place};

/// A page as it was read.
pub(super) struct Contents<T> {
    pub(super) items: Vec<T>,
    /// Items that do not fit, with the number of good ones before them.
    pub(super) bad: Vec<(usize, Misfit)>,
    /// One for each good item, where the description names a member that tells items apart.
    pub(super) keys: Vec<u64>,
    /// Where the list stands in the text.
    pub(super) list: Range<usize>,
    pub(super) facts: Facts,
}

impl<T> Contents<T> {
    /// A list that is here already, as its only page.
    pub(super) fn whole_list(items: Vec<T>) -> Contents<T> {
        let count = items.len() as u64;
        Contents {
            items,
            bad: Vec::new(),
            keys: Vec::new(),
            list: 0..0,
            facts: Facts {
                count,
                total: Some(count),
                ..Facts::default()
            },
        }
    }
}

/// What a page says beside its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Items, those that do not fit included.
    pub(super) count: u64,
    pub(super) total: Option<u64>,
    pub(super) next: Next,
    pub(super) page: Option<u64>,
    pub(super) pages: Option<u64>,
    pub(super) size: Option<u64>,
    /// The key of the last item, where the list is walked by it.
    pub(super) last: Option<Position>,
}

/// What a page says of the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Next {
    #[default]
    Nothing,
    /// There is one, and nothing says where.
    Some,
    /// A number, a cursor, or a URL that was not looked at.
    At(Position),
}

/// Reads a page. Items are read all at once, and one by one when one of them does not fit or their members matter.
pub(super) fn read<T>(
    paging: Option<&'static Paging>,
    headers: &HeaderMap,
    text: &str,
    one: Read<T>,
    many: Read<Vec<T>>,
) -> Result<Contents<T>, Misfit> {
    let places = Places::of(paging);
    let list_at = places.pointers[0];
    let members = Members {
        unique_by: paging.and_then(|paging| paging.unique_by),
        by: match paging.map(|paging| paging.kind) {
            Some(PagingKind::Keyset { by }) => Some(by),
            _ => None,
        },
    };
    let mut contents = Contents {
        items: Vec::new(),
        bad: Vec::new(),
        keys: Vec::new(),
        list: 0..0,
        facts: Facts::default(),
    };
    if let Some(paging) = paging {
        note_headers(paging, headers, &mut contents.facts)?;
    }
    walk(
        text,
        &places.pointers[..places.count],
        &mut |number, from| {
            let rest = &text[from..];
            if number > 0 {
                let length = skip(text, from)?;
                note(places.kinds[number], &rest[..length], &mut contents.facts);
                return Ok(length);
            }
            let length = if rest.starts_with("null") {
                "null".len()
            } else {
                match many(rest) {
                    (Ok(items), length) if members.unique_by.is_none() && members.by.is_none() => {
                        contents.items = items;
                        length
                    }
                    _ => one_by_one(&mut contents, text, from, list_at, members, one)?,
                }
            };
            contents.list = from..from + length;
            Ok(length)
        },
    )?;
    // An object without its list may be an empty list; anything else is another answer than was asked for.
    let is_object = text.trim_start().starts_with('{');
    if contents.list.is_empty() && !is_object && !list_at.is_empty() {
        return Err(Misfit::missing(list_at));
    }
    contents.facts.count = (contents.items.len() + contents.bad.len()) as u64;
    Ok(contents)
}

/// Members of items that matter to a walk, as wire names.
#[derive(Clone, Copy)]
struct Members {
    unique_by: Option<&'static str>,
    by: Option<&'static str>,
}

fn one_by_one<T>(
    contents: &mut Contents<T>,
    text: &str,
    from: usize,
    list_at: Pointer<'_>,
    members: Members,
    one: Read<T>,
) -> Result<usize, Misfit> {
    let mut last = None;
    let length = elements(text, from, &mut |index, at| {
        let rest = &text[at..];
        let (item, mut length) = one(rest);
        match item {
            Ok(item) => {
                if let Some(name) = members.unique_by {
                    let item = &rest[..length];
                    // Items without the member are told apart by their whole text.
                    contents
                        .keys
                        .push(hash(&member(item, name)?.unwrap_or(item)));
                }
                contents.items.push(item);
            }
            Err(error) => {
                length = skip(text, at)?;
                contents.bad.push((
                    contents.items.len(),
                    Misfit::in_element(&error, rest, list_at, index),
                ));
            }
        }
        last = Some(&rest[..length]);
        Ok(length)
    })?;
    if let (Some(item), Some(name)) = (last, members.by) {
        contents.facts.last = member(item, name)?.and_then(Position::of_json);
    }
    Ok(length)
}

fn skip(text: &str, from: usize) -> Result<usize, Misfit> {
    let (skipped, length) = decode::read::<Skip>(&text[from..]);
    skipped
        .map(|_| length)
        .map_err(|error| Misfit::in_text(&error, text, from))
}

/// The text of a member's value.
pub(super) fn member<'i>(item: &'i str, name: &str) -> Result<Option<&'i str>, Misfit> {
    let mut found = None;
    walk(item, &[&[name]], &mut |_, from| {
        let length = skip(item, from)?;
        found = Some(&item[from..from + length]);
        Ok(length)
    })?;
    Ok(found)
}

/// Tells things apart within this process.
pub(super) fn hash(thing: &impl Hash) -> u64 {
    static SEED: OnceLock<RandomState> = OnceLock::new();
    SEED.get_or_init(RandomState::new).hash_one(thing)
}

/// The pointers of a page; the list is the first.
struct Places {
    pointers: [Pointer<'static>; 6],
    kinds: [Kind; 6],
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    List,
    Total,
    Next,
    Page,
    Pages,
    Size,
}

impl Places {
    fn of(paging: Option<&'static Paging>) -> Places {
        let mut places = Places {
            pointers: [&[]; 6],
            kinds: [Kind::List; 6],
            count: 1,
        };
        let Some(paging) = paging else { return places };
        places.pointers[0] = paging.items;
        for (kind, place) in beside(paging) {
            if let Some(Place::Body(pointer)) = place {
                places.pointers[places.count] = pointer;
                places.kinds[places.count] = kind;
                places.count += 1;
            }
        }
        places
    }
}

/// What a page can say beside its items, and where.
fn beside(paging: &Paging) -> [(Kind, Option<Place>); 5] {
    [
        (Kind::Total, paging.total),
        (Kind::Next, paging.next),
        (Kind::Page, paging.page),
        (Kind::Pages, paging.pages),
        (Kind::Size, paging.size_read),
    ]
}

fn note_headers(paging: &Paging, headers: &HeaderMap, facts: &mut Facts) -> Result<(), Misfit> {
    for (kind, place) in beside(paging) {
        let text = match place {
            Some(Place::Header(name)) => headers.get(name).and_then(|value| value.to_str().ok()),
            // It might be that there is a next page.
            Some(Place::Link(relation)) => link(headers, relation)
                .map_err(|_| Misfit::whole("its `Link` header cannot be read"))?,
            Some(Place::Body(_)) | None => None,
        };
        match (text.map(str::trim), kind) {
            (None | Some(""), _) => {}
            (Some(text), Kind::Next) => facts.next = Next::At(Position::Text(text.into())),
            (Some(text), _) => note(kind, text, facts),
        }
    }
    Ok(())
}

/// Notes what stands in a body at one of the places.
fn note(kind: Kind, json: &str, facts: &mut Facts) {
    match kind {
        Kind::List => {}
        Kind::Total => facts.total = number_of(json),
        Kind::Page => facts.page = number_of(json),
        Kind::Pages => facts.pages = number_of(json),
        Kind::Size => facts.size = number_of(json),
        Kind::Next if matches!(json, "null" | "false" | "\"\"") => facts.next = Next::Nothing,
        Kind::Next => facts.next = Position::of_json(json).map_or(Next::Some, Next::At),
    }
}

/// A whole number, also inside quotes.
pub(super) fn number_of(text: &str) -> Option<u64> {
    let number = text.trim_matches('"').parse::<u64>().ok()?;
    (number <= 1 << 53).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{PagingKind, SendAt, Stop};

    static PAGING: Paging = Paging {
        name: "offset",
        kind: PagingKind::Offset,
        start: Some(SendAt::Query("offset")),
        size: Some(SendAt::Query("limit")),
        items: &["data"],
        first: 0,
        total: Some(Place::Body(&["meta", "total"])),
        next: Some(Place::Body(&["next"])),
        page: None,
        pages: Some(Place::Body(&["meta", "pages"])),
        size_read: Some(Place::Body(&["limit"])),
        default_size: None,
        min_size: None,
        max_size: None,
        unique_by: None,
        stop: &[Stop::TotalReached],
        ..Paging::NEW
    };

    fn numbers(text: &str) -> Result<Contents<i64>, Misfit> {
        read(
            Some(&PAGING),
            &HeaderMap::new(),
            text,
            decode::read::<i64>,
            decode::read::<Vec<i64>>,
        )
    }

    #[test]
    fn list_and_numbers_are_read_in_one_walk() {
        let text =
            r#"{"limit":10,"data":[1,2,3],"meta":{"x":[{}],"total":"7","pages":-1},"next":null}"#;
        let contents = numbers(text).unwrap();
        assert_eq!(contents.items, [1, 2, 3]);
        assert_eq!(&text[contents.list], "[1,2,3]");
        let wanted = Facts {
            count: 3,
            total: Some(7),
            size: Some(10),
            ..Facts::default()
        };
        assert_eq!(contents.facts, wanted);
    }

    #[test]
    fn an_absent_list_is_empty() {
        for text in [r#"{"next":"/b"}"#, r#"{"data":null,"next":"/b"}"#] {
            let contents = numbers(text).unwrap();
            let next = Next::At(Position::Text("/b".into()));
            assert_eq!((contents.items.len(), contents.facts.next), (0, next));
        }
        for text in ["[]", "null", "7", r#""maintenance""#, " [1]"] {
            let misfit = numbers(text).err().map(|misfit| misfit.to_string());
            assert_eq!(misfit.as_deref(), Some("at /data: it is missing"), "{text}");
        }
    }

    #[test]
    fn a_bad_item_does_not_spoil_the_others() {
        let contents = numbers(r#"{"data":[1, "two", {"a":[3]}, 4, null]}"#).unwrap();
        assert_eq!(contents.items, [1, 4]);
        let bad: Vec<_> = contents
            .bad
            .iter()
            .map(|(before, misfit)| (*before, misfit.to_string()))
            .collect();
        assert_eq!(
            bad[0],
            (1, "at /data/1: expected i64, found string".to_owned())
        );
        assert_eq!(
            bad[1],
            (1, "at /data/2: expected i64, found map".to_owned())
        );
        assert_eq!(
            bad[2],
            (2, "at /data/4: expected i64, found null".to_owned())
        );
        assert_eq!(contents.facts.count, 5);
        assert!(numbers(r#"{"data":{"a":1}}"#).is_err());
        assert!(numbers(r#"{"data":[1,]}"#).is_err());
    }

    /// Row H3: numbers that cannot be are as good as absent.
    #[test]
    fn absurd_numbers_are_absent() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("-1", None),
            ("9223372036854775808", None),
            ("1.5", None),
            ("true", None),
            ("\"12\"", Some(12)),
            ("null", None),
            ("9007199254740992", Some(1 << 53)),
            ("1e3", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(number_of(text), wanted, "{text}");
        }
    }
}
