//! Values that are one of several types, told apart by a tag, by their kind or by constant members.
//!
//! The text of the whole value is taken as it stands and read again by the variant that fits; it works for JSON alone.
//! What fits no variant and is open is kept. Nesting is bounded before a text is read again, because each reading
//! counts it from zero.

use serde::de::DeserializeOwned;

use super::{Failed, Source};
use crate::{
    decode::{Misfit, read, value_at},
    value::{Json, UnknownObject},
};

/// A union that a member tells apart.
///
/// `; content "data"` says that the variant's value stands in a member of its own beside the tag; `; open` that the
/// enum has `Unknown(UnknownObject)` for tags that it does not name.
///
/// ```
/// use etiquette_runtime::value::UnknownObject;
///
/// #[derive(Clone, Debug, PartialEq)]
/// #[non_exhaustive]
/// pub struct Card { pub last4: String }
/// etiquette_runtime::both! { Card: last4: String; }
///
/// #[derive(Clone, Debug, PartialEq)]
/// #[non_exhaustive]
/// pub enum Source {
///     Card(Card),
///     Unknown(UnknownObject),
/// }
/// etiquette_runtime::tagged! { Source, "kind": Card(Card) = "card"; open }
///
/// let source: Source = serde_json::from_str(r#"{"kind": "card", "last4": "4242"}"#)?;
/// assert_eq!(source, Source::Card(Card::new("4242")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! tagged {
    ($T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)? $(;)?) => {
        $crate::__tagged! { $T $tag [$($V = $w)*] [] }
    };
    ($T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)?; open $(,)?) => {
        $crate::__tagged! { $T $tag [$($V = $w)*] [] open Unknown }
    };
    ($T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)?; content $content:literal $(,)?) => {
        $crate::__tagged! { $T $tag [$($V = $w)*] [$content] }
    };
    ($T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)?; content $content:literal $(,)?; open $(,)?) => {
        $crate::__tagged! { $T $tag [$($V = $w)*] [$content] open Unknown }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tagged {
    ($T:ident $tag:literal [$($V:ident = $w:literal)*] $content:tt $(open $Unknown:ident)?) => {
        impl $crate::record::Read for $T {
            fn read(
                __source: &mut dyn $crate::record::Source,
            ) -> ::core::result::Result<$T, $crate::record::Failed> {
                $crate::record::union(__source, |__text| {
                    match $crate::record::read_tag(__text, $tag)?.as_str() {
                        $($w => $crate::record::variant(__text, &$content, $T::$V),)*
                        $(_ if true => $crate::record::unknown(__text, $T::$Unknown),)?
                        _ => ::core::result::Result::Err($crate::record::no_variant(__text, $tag)),
                    }
                })
            }
        }

        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                match self {
                    $($T::$V(__value) => $crate::__write_tagged!(__out $tag $w __value $content),)*
                    $($T::$Unknown(__value) => $crate::record::Write::write(__value, __out),)?
                }
            }
        }

        $crate::__deserialize!($T);
        $crate::__serialize!($T);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __write_tagged {
    ($out:ident $tag:literal $w:literal $value:ident []) => {
        $out.tagged($tag, $w, $value)
    };
    ($out:ident $tag:literal $w:literal $value:ident [$content:literal]) => {
        $out.object(&[($tag, &$w, false), ($content, $value, false)], &[])
    };
}

/// A union without a tag: the first variant that fits, by its kind or by constant members.
///
/// Behind the variant stands `object`, `list`, `string`, `number`, `bool`, or `has "type" = "JSON" & "version" = "JSON"`.
/// With `; open` the enum has `Unknown(UnknownObject)`.
///
/// ```
/// #[derive(Clone, Debug, PartialEq)]
/// pub enum Name {
///     One(String),
///     Many(Vec<String>),
/// }
/// etiquette_runtime::first_match! { Name: One(String) string, Many(Vec<String>) list }
///
/// assert_eq!(serde_json::from_str::<Name>("\"a\"")?, Name::One("a".to_owned()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! first_match {
    ($T:ident: $($V:ident($t:ty) $kind:ident $($key:literal = $json:literal)&*),* $(,)? $(;)?) => {
        $crate::__first_match! { $T [$($V $kind [$(($key, $json)),*])*] }
    };
    ($T:ident: $($V:ident($t:ty) $kind:ident $($key:literal = $json:literal)&*),* $(,)?; open $(,)?) => {
        $crate::__first_match! { $T [$($V $kind [$(($key, $json)),*])*] open Unknown }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __first_match {
    ($T:ident [$($V:ident $kind:ident $constants:tt)*] $(open $Unknown:ident)?) => {
        impl $crate::record::Read for $T {
            fn read(
                __source: &mut dyn $crate::record::Source,
            ) -> ::core::result::Result<$T, $crate::record::Failed> {
                $crate::record::union(__source, |__text| {
                    $(
                        if $crate::record::fits(__text, ::core::stringify!($kind), &$constants) {
                            return $crate::record::variant(__text, &[], $T::$V);
                        }
                    )*
                    $crate::__no_match!(__text $($T $Unknown)?)
                })
            }
        }

        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                match self {
                    $($T::$V(__value) => $crate::record::Write::write(__value, __out),)*
                    $($T::$Unknown(__value) => $crate::record::Write::write(__value, __out),)?
                }
            }
        }

        $crate::__deserialize!($T);
        $crate::__serialize!($T);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __no_match {
    ($text:ident) => {
        ::core::result::Result::Err($crate::record::no_variant($text, ""))
    };
    ($text:ident $T:ident $Unknown:ident) => {
        $crate::record::unknown($text, $T::$Unknown)
    };
}

/// Why a text fits no variant; the words for serde.
#[derive(Debug)]
pub struct Unfit(String);

impl From<Misfit> for Unfit {
    /// In the form of serde's own messages, so that a later reader of the error finds its parts.
    fn from(misfit: Misfit) -> Unfit {
        let whole = misfit.to_string();
        let (place, what) = match (misfit.path(), whole.split_once(": ")) {
            (Some(path), Some((_, what))) if path != "/" => (format!(" at {path}"), what),
            (Some(_), Some((_, what))) => (String::new(), what),
            _ => (String::new(), whole.as_str()),
        };
        Unfit(match what.split_once(", found ") {
            Some((expected, found)) => format!("invalid type: {found}, {expected}{place}"),
            None => format!("invalid value: {what}, expected another{place}"),
        })
    }
}

/// Takes the text of a whole value and reads it again.
///
/// # Errors
///
/// It is nested too deeply, or `read` fails.
pub fn union<T>(source: &mut dyn Source, read: fn(&str) -> Result<T, Unfit>) -> Result<T, Failed> {
    let text = source.raw()?;
    if depth(&text) > DEEPEST {
        return Err(source.refuse(&"invalid value: deep nesting, expected at most 128 levels"));
    }
    read(&text).map_err(|unfit| source.refuse(&unfit.0))
}

/// As serde_json's own limit.
const DEEPEST: usize = 128;

fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

/// The value of the tag.
///
/// # Errors
///
/// There is none, or it is no string.
pub fn read_tag(text: &str, tag: &'static str) -> Result<String, Unfit> {
    Ok(value_at(text, &[tag], read::<String>)?)
}

/// The variant's value at a place of the text.
///
/// # Errors
///
/// It does not fit.
pub fn variant<T: DeserializeOwned, U>(
    text: &str,
    at: &'static [&'static str],
    wrap: fn(T) -> U,
) -> Result<U, Unfit> {
    Ok(wrap(value_at(text, at, read::<T>)?))
}

/// Keeps the whole value.
///
/// # Errors
///
/// It is no JSON.
pub fn unknown<U>(text: &str, wrap: fn(UnknownObject) -> U) -> Result<U, Unfit> {
    Ok(wrap(UnknownObject::new(value_at(text, &[], read::<Json>)?)))
}

/// Nothing fits.
pub fn no_variant(_: &str, tag: &'static str) -> Unfit {
    match tag {
        "" => Unfit("invalid value: another kind, expected one of the variants".to_owned()),
        tag => Unfit(format!(
            "invalid value: another tag, expected a known one at /{tag}"
        )),
    }
}

/// Whether a value is of this kind and has these constant members.
pub fn fits(text: &str, kind: &str, constants: &[(&'static str, &str)]) -> bool {
    let first = text.trim_start().bytes().next().unwrap_or_default();
    let is_kind = match first {
        b'{' => kind == "object" || kind == "has",
        b'[' => kind == "list",
        b'"' => kind == "string",
        b'-' | b'0'..=b'9' => kind == "number",
        b't' | b'f' => kind == "bool",
        _ => false,
    };
    is_kind && constants.iter().all(|(key, json)| has(text, key, json))
}

fn has(text: &str, key: &'static str, json: &str) -> bool {
    let Ok(wanted) = serde_json::from_str::<Json>(json) else {
        return false;
    };
    value_at(text, &[key], read::<Json>).is_ok_and(|found| found == wanted)
}
