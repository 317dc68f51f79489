//! Samples: values of a type in wire form, told apart by a number, as a server would send them or a caller give them.
//! A type of which no sample can be made gives none. Must not depend on anything but the model and the number.

use crate::model::{EnumType, Format, How, Item, Member, Struct, Ty, TypeKind, UnionType};

use super::index::Index;
use super::json::Json;

/// How deep members that may be left out are filled in.
const FILLED: usize = 2;
/// A type that needs itself has no sample.
const DEEPEST: usize = 8;

/// A value as a server sends it: with all members that it may have.
pub(super) fn answered(index: &Index<'_>, ty: &Ty, number: u64) -> Option<Json> {
    Sample {
        index,
        number,
        full: true,
    }
    .value(ty, Format::Usual, 0)
}

/// A value as a caller gives it: with the members that it must have.
pub(super) fn sent(index: &Index<'_>, ty: &Ty) -> Option<Json> {
    let (number, full) = (1, false);
    Sample {
        index,
        number,
        full,
    }
    .value(ty, Format::Usual, 0)
}

/// A value outside of JSON.
pub(super) fn text(index: &Index<'_>, ty: &Ty, format: Format) -> Option<String> {
    let (number, full) = (1, false);
    Sample {
        index,
        number,
        full,
    }
    .value(ty, format, 0)?
    .text()
}

#[derive(Clone, Copy)]
struct Sample<'i, 'a> {
    index: &'i Index<'a>,
    number: u64,
    full: bool,
}

impl Sample<'_, '_> {
    fn value(self, ty: &Ty, format: Format, depth: usize) -> Option<Json> {
        let number = self.number;
        let text = |text: String| Some(Json::Text(text));
        match ty {
            _ if depth > DEEPEST => None,
            Ty::Int | Ty::Uint if format == Format::Text => text(number.to_string()),
            Ty::Decimal if format == Format::Text => text(format!("{number}.5")),
            Ty::Int | Ty::Uint => Some(Json::number(number)),
            Ty::Float | Ty::Decimal => Some(Json::Raw(format!("{number}.5"))),
            Ty::Bool => Some(Json::Raw("true".to_owned())),
            Ty::String | Ty::Secret => text(format!("s{number}")),
            Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration => {
                Some(self.time(ty, format))
            }
            // RFC 9562, section 5.4: version 4 and the variant `8`.
            Ty::Uuid => text(format!("00000000-0000-4000-8000-{number:012}")),
            Ty::Url => text(format!("https://example.com/{number}")),
            Ty::Bytes => text("AA==".to_owned()),
            Ty::Json => Some(Json::Map(vec![("a".to_owned(), Json::number(number))])),
            Ty::File => None,
            Ty::List(_) | Ty::Map(_) if !self.full || depth >= FILLED => Some(match ty {
                Ty::List(_) => Json::List(Vec::new()),
                _ => Json::Map(Vec::new()),
            }),
            Ty::List(inner) => Some(Json::List(vec![self.value(inner, format, depth + 1)?])),
            Ty::Map(inner) => {
                let value = self.value(inner, format, depth + 1)?;
                Some(Json::Map(vec![("a".to_owned(), value)]))
            }
            Ty::Nullable(inner) => {
                let null = || Json::Raw("null".to_owned());
                Some(self.value(inner, format, depth).unwrap_or_else(null))
            }
            Ty::Item(item) | Ty::Boxed(item) => self.item(item, depth),
        }
    }

    fn time(self, ty: &Ty, format: Format) -> Json {
        let number = self.number;
        // 2023-01-15T10:00:00Z
        let since_1970 = 1_673_776_800 + number;
        let clock = format!("10:{:02}:{:02}", number / 60 % 60, number % 60);
        let day = format!("2023-01-{:02}", 1 + number % 28);
        let text = match (ty, format) {
            (Ty::Duration, Format::Seconds | Format::Millis) => return Json::number(number),
            (_, Format::EpochSeconds) => return Json::number(since_1970),
            (_, Format::EpochMillis) => return Json::number(since_1970 * 1000),
            (Ty::Duration, _) => format!("PT{number}S"),
            (Ty::Date, _) => day,
            (Ty::Time, _) => clock,
            (_, Format::Space) => format!("2023-01-15 {clock}"),
            (_, Format::OffsetNoColon) => format!("2023-01-15T{clock}+0000"),
            (Ty::CivilDateTime, _) | (_, Format::Naive | Format::NaiveUtc) => {
                format!("2023-01-15T{clock}")
            }
            _ => format!("2023-01-15T{clock}Z"),
        };
        Json::Text(text)
    }

    fn item(self, item: &Item, depth: usize) -> Option<Json> {
        let (described, shape) = self.index.find(item)?;
        match (&described.kind, shape) {
            (TypeKind::Object(_), Some(shape)) => self.object(shape, depth),
            (TypeKind::Object(_), None) => None,
            (TypeKind::Enum(kind), _) => self.word(kind),
            (TypeKind::Union(kind), _) => self.union(kind, depth),
            (TypeKind::Alias(kind), _) => self.value(&kind.inner, Format::Usual, depth),
        }
    }

    fn word(self, kind: &EnumType) -> Option<Json> {
        let count = u64::try_from(kind.values.len()).ok()?;
        let at = usize::try_from(self.number.checked_rem(count)?).ok()?;
        let wire = &kind.values.get(at)?.name.wire;
        Some(if kind.of_int {
            Json::Raw(wire.clone())
        } else {
            Json::Text(wire.clone())
        })
    }

    /// The first variant is the first that a reader tries.
    fn union(self, kind: &UnionType, depth: usize) -> Option<Json> {
        let variant = kind.variants.first()?;
        let value = self.value(&variant.ty, Format::Usual, depth + 1)?;
        let Some(tag) = &kind.tag else {
            return Some(value);
        };
        let mut tagged = vec![(tag.clone(), Json::Text(variant.name.wire.clone()))];
        match (&kind.content, value) {
            (Some(content), value) => tagged.push((content.clone(), value)),
            (None, Json::Map(members)) => {
                tagged.extend(members.into_iter().filter(|(name, _)| name != tag));
            }
            (None, _) => return None,
        }
        Some(Json::Map(tagged))
    }

    fn object(self, shape: &Struct, depth: usize) -> Option<Json> {
        let mut members = Vec::new();
        for member in &shape.members {
            let needed = matches!(member.how, How::Required | How::Nullable);
            if member.constant.is_none() && !needed && !(self.full && depth < FILLED) {
                continue;
            }
            match self.member(member, depth) {
                Some(value) => members.push((member.name.wire.clone(), value)),
                None if needed => return None,
                None => {}
            }
        }
        Some(Json::Map(members))
    }

    fn member(self, member: &Member, depth: usize) -> Option<Json> {
        if let Some(constant) = &member.constant {
            return Some(Json::Raw(constant.clone()));
        }
        let value = self.value(&member.ty, member.format, depth + 1);
        match member.how {
            How::List => Some(Json::List(value.into_iter().collect())),
            How::Nullable => Some(value.unwrap_or_else(|| Json::Raw("null".to_owned()))),
            How::Required | How::Optional | How::Patch => value,
        }
    }
}
