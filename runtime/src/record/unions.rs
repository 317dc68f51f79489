//! Values that are one of several types, told apart by a tag, by their kind or by constant members.
//!
//! The text of the whole value is taken as it stands and read again by the variant that fits; it works for JSON alone.
//! What fits no variant and is open is kept. Nesting is bounded before a text is read again, because each reading
//! counts it from zero.

use serde::de::DeserializeOwned;

use super::{Failed, Source, Whole, source::Take};
use crate::{
    decode::{Misfit, Skip, read, value_at},
    value::{Json, UnknownObject},
};

/// A union that a member tells apart.
///
/// `; content "data"` says that the variant's value stands in a member of its own beside the tag; `; open` that the
/// enum has `Unknown(UnknownObject)` for tags that it does not name; `; max_depth 5` that its values nest no deeper.
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
    ($($table:tt)*) => { $crate::__tagged! { [read write] $($table)* } };
}

/// [`tagged!`](crate::tagged!) of what is only read.
#[macro_export]
macro_rules! read_tagged {
    ($($table:tt)*) => { $crate::__tagged! { [read write_too] $($table)* } };
}

/// [`tagged!`](crate::tagged!) of what is only written.
#[macro_export]
macro_rules! write_tagged {
    ($($table:tt)*) => { $crate::__tagged! { [write] $($table)* } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tagged {
    ($ways:tt $T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)? $(; max_depth $depth:literal $(,)?)? $(;)?) => {
        $crate::__union! { $ways __tagged_in {$T $tag [$($V = $w)*] [] [$($depth)?]} }
    };
    ($ways:tt $T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)?; open $(,)? $(; max_depth $depth:literal $(,)?)?) => {
        $crate::__union! { $ways __tagged_in {$T $tag [$($V = $w)*] [] [$($depth)?] open Unknown} }
    };
    ($ways:tt $T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)?; content $content:literal $(,)? $(; max_depth $depth:literal $(,)?)?) => {
        $crate::__union! { $ways __tagged_in {$T $tag [$($V = $w)*] [$content] [$($depth)?]} }
    };
    ($ways:tt $T:ident, $tag:literal: $($V:ident($t:ty) = $w:literal),* $(,)?; content $content:literal $(,)?; open $(,)? $(; max_depth $depth:literal $(,)?)?) => {
        $crate::__union! { $ways __tagged_in {$T $tag [$($V = $w)*] [$content] [$($depth)?] open Unknown} }
    };
}

/// The ways of a union; what is only read is written by `Serialize` alone.
#[doc(hidden)]
#[macro_export]
macro_rules! __union {
    ([read write_too] $table:ident $rows:tt) => {
        $crate::$table! { read $rows }
        #[cfg(feature = "serialize")]
        const _: () = {
            $crate::$table! { write $rows }
        };
        $crate::$table! { sample $rows }
    };
    ([$($way:ident)*] $table:ident $rows:tt) => {
        $($crate::$table! { $way $rows })*
        $crate::$table! { sample $rows }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tagged_in {
    (sample {$T:ident $tag:literal [$($V:ident = $w:literal)*] $($end:tt)*}) => {
        $crate::__sample_by! { $T, __depth, __hint => ::core::option::Option::None
            $(.or_else(|| $crate::testing::Sample::fill(__depth, __hint).map($T::$V)))* }
    };
    (read {$T:ident $tag:literal [$($V:ident = $w:literal)*] $content:tt $depth:tt $(open $Unknown:ident)?}) => {
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

        $crate::__deserialize!($T);
    };
    (write {$T:ident $tag:literal [$($V:ident = $w:literal)*] $content:tt [$($depth:literal)?] $(open $Unknown:ident)?}) => {
        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                $(__out.descend(::core::stringify!($T), $depth);)?
                match self {
                    $($T::$V(__value) => $crate::__write_tagged!(__out $tag $w __value $content),)*
                    $($T::$Unknown(__value) => $crate::record::Write::write(__value, __out),)?
                }
                $(__out.ascend($depth);)?
            }
        }

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

/// A union without a tag: the first variant that fits, by its kind or by members.
///
/// Behind the variant stands `object`, `list`, `string`, `number`, `bool`, or `has "type" = "JSON" & "version"`: the
/// members that an object must have, with this value or with any. With `; open` the enum has `Unknown(UnknownObject)`;
/// `; max_depth 5` says that its values nest no deeper. The rows are tried in order.
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
    ($($table:tt)*) => { $crate::__first_match! { [read write] $($table)* } };
}

/// [`first_match!`](crate::first_match!) of what is only read.
#[macro_export]
macro_rules! read_first_match {
    ($($table:tt)*) => { $crate::__first_match! { [read write_too] $($table)* } };
}

/// [`first_match!`](crate::first_match!) of what is only written.
#[macro_export]
macro_rules! write_first_match {
    ($($table:tt)*) => { $crate::__first_match! { [write] $($table)* } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __first_match {
    ($ways:tt $T:ident: $($V:ident($t:ty) $kind:ident $($key:literal $(= $json:literal)?)&*),* $(,)? $(; max_depth $depth:literal $(,)?)? $(;)?) => {
        $crate::__union! {
            $ways __first_match_in {$T [$($V $kind [$(($key, &[$($json)?])),*])*] [$($depth)?]}
        }
    };
    ($ways:tt $T:ident: $($V:ident($t:ty) $kind:ident $($key:literal $(= $json:literal)?)&*),* $(,)?; open $(,)? $(; max_depth $depth:literal $(,)?)?) => {
        $crate::__union! {
            $ways __first_match_in {$T [$($V $kind [$(($key, &[$($json)?])),*])*] [$($depth)?] open Unknown}
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __first_match_in {
    (sample {$T:ident [$($V:ident $kind:ident $members:tt)*] $($end:tt)*}) => {
        $crate::__sample_by! { $T, __depth, __hint => ::core::option::Option::None
            $(.or_else(|| $crate::testing::Sample::fill(__depth, __hint).map($T::$V)))* }
    };
    (read {$T:ident [$($V:ident $kind:ident $members:tt)*] $depth:tt $(open $Unknown:ident)?}) => {
        impl $crate::record::Read for $T {
            fn read(
                __source: &mut dyn $crate::record::Source,
            ) -> ::core::result::Result<$T, $crate::record::Failed> {
                $crate::record::union(__source, |__text| {
                    $(
                        if $crate::record::fits(__text, ::core::stringify!($kind), &$members) {
                            return $crate::record::variant(__text, &[], $T::$V);
                        }
                    )*
                    $crate::__no_match!(__text $($T $Unknown)?)
                })
            }
        }

        $crate::__deserialize!($T);
    };
    (write {$T:ident [$($V:ident $kind:ident $members:tt)*] [$($depth:literal)?] $(open $Unknown:ident)?}) => {
        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                $(__out.descend(::core::stringify!($T), $depth);)?
                match self {
                    $($T::$V(__value) => $crate::record::Write::write(__value, __out),)*
                    $($T::$Unknown(__value) => $crate::record::Write::write(__value, __out),)?
                }
                $(__out.ascend($depth);)?
            }
        }

        $crate::__serialize!($T);
    };
}

/// Makes a union from each of these variants. Behind one of `String` stands `text`, so that a `&str` will do; behind one
/// that the enum holds in a box stands `boxed`.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub enum Value {
///     Word(String),
///     Number(i64),
/// }
/// etiquette_runtime::from_variants! { Value: Word(String) text, Number(i64) }
///
/// assert_eq!(Value::from("a"), Value::Word("a".to_owned()));
/// ```
#[macro_export]
macro_rules! from_variants {
    ($T:ident: $($V:ident($t:ty) $($text:ident)?),* $(,)?) => {
        $($crate::__from_variant! { $T $V $t $(, $text)? })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __from_variant {
    ($T:ident $V:ident $t:ty) => {
        impl ::core::convert::From<$t> for $T {
            fn from(value: $t) -> $T {
                $T::$V(value)
            }
        }
    };
    ($T:ident $V:ident $t:ty, boxed) => {
        impl ::core::convert::From<$t> for $T {
            fn from(value: $t) -> $T {
                $T::$V(::std::boxed::Box::new(value))
            }
        }
    };
    ($T:ident $V:ident $t:ty, text) => {
        $crate::__from_variant! { $T $V $t }

        impl ::core::convert::From<&str> for $T {
            fn from(value: &str) -> $T {
                $T::$V(::core::convert::Into::into(value))
            }
        }
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

/// Whether a value is of this kind and has these members, each with one of these values; no values: any.
pub fn fits(text: &str, kind: &str, members: &[(&'static str, &[&str])]) -> bool {
    let first = text.trim_start().bytes().next().unwrap_or_default();
    let is_kind = match first {
        b'{' => kind == "object" || kind == "has",
        b'[' => kind == "list",
        b'"' => kind == "string",
        b'-' | b'0'..=b'9' => kind == "number",
        b't' | b'f' => kind == "bool",
        _ => false,
    };
    is_kind && members.iter().all(|(key, jsons)| has(text, key, jsons))
}

fn has(text: &str, key: &'static str, jsons: &[&str]) -> bool {
    let [json] = jsons else {
        return value_at(text, &[key], read::<Skip>).is_ok();
    };
    let Ok(wanted) = serde_json::from_str::<Json>(json) else {
        return false;
    };
    value_at(text, &[key], read::<Json>).is_ok_and(|found| found == wanted)
}

/// Reads a value unless there is none: null, or an object of nothing but nulls and such objects.
///
/// # Errors
///
/// It is nested too deeply, or does not fit.
pub(super) fn unless_hollow<T: super::Read>(source: &mut dyn Source) -> Result<Option<T>, Failed> {
    let mut value = None;
    source.nullable(&mut Solid(&mut value))?;
    Ok(value)
}

struct Solid<'a, T>(&'a mut Option<T>);

impl<T: super::Read> Take for Solid<'_, T> {
    fn take(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        *self.0 = union(source, |text| {
            let json = value_at(text, &[], read::<Json>)?;
            if json.is_object() && is_hollow(&json) {
                return Ok(None);
            }
            Ok(Some(value_at(text, &[], read::<Whole<T>>)?.0))
        })?;
        Ok(())
    }
}

fn is_hollow(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(members) => members.values().all(is_hollow),
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => false,
    }
}
