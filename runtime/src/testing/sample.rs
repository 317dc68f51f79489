//! Samples: a value of any model, the same each time, so that a test names only the members that it is about.
//!
//! The tables of models fill each member by its type, and by the examples and bounds of the description. Nothing here
//! is random. Recursive types end after a few levels.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time, date, time};
use jiff::{SignedDuration, Timestamp};

use crate::patch::Patch;
use crate::upload::Upload;
use crate::value::{Base64, Decimal, Json, SecretString, Url, Uuid};

/// A type that has a sample. All samples of a type are equal: the items of a list that is walked want to be told apart,
/// as those of a server can be.
///
/// ```
/// use etiquette_runtime::testing::Sample;
///
/// #[derive(Debug, PartialEq)]
/// #[non_exhaustive]
/// pub struct Item { pub sku: String, pub quantity: i64, pub note: Option<String> }
/// etiquette_runtime::both! { Item: sku: String, quantity: i64; optional note: String }
///
/// let item = Item::sample_with(|item| item.quantity = 3);
/// assert_eq!(item, Item::new("sku", 3).note("note"));
/// ```
pub trait Sample: Sized {
    /// A value with each member filled.
    #[must_use]
    fn sample() -> Self {
        (4..=32)
            .find_map(|depth| Self::fill(depth, Hint::default()))
            .expect("a type that can be sent ends somewhere")
    }

    /// A sample that was changed.
    #[must_use]
    fn sample_with(change: impl FnOnce(&mut Self)) -> Self {
        let mut sample = Self::sample();
        change(&mut sample);
        sample
    }

    /// A value of at most so many levels; `None` when it needs more.
    #[doc(hidden)]
    fn fill(depth: u8, hint: Hint<'_>) -> Option<Self>;
}

/// What is known of a value besides its type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint<'h> {
    pub example: Option<&'h str>,
    pub name: Option<&'h str>,
}

/// The examples of a type that has none: `samples!` puts its own before them.
#[doc(hidden)]
pub trait Examples {
    const __EXAMPLES: &'static [(&'static str, &'static str)] = &[];
}

impl<T> Examples for T {}

/// A member of an object; for the tables.
#[doc(hidden)]
pub fn member<T: Sample>(
    depth: u8,
    examples: &[(&'static str, &'static str)],
    name: &'static str,
) -> Option<T> {
    let example = examples.iter().find(|(known, _)| *known == name);
    let hint = Hint {
        example: example.map(|(_, text)| *text),
        name: Some(name),
    };
    // A text that does not fit says nothing.
    T::fill(depth, hint)
}

impl<'h> Hint<'h> {
    /// The same, with an example of the type's own where the member has none.
    #[must_use]
    pub fn or(self, examples: &'h [(&'static str, &'static str)]) -> Hint<'h> {
        Hint {
            example: self.example.or(examples.first().map(|(_, text)| *text)),
            ..self
        }
    }

    fn parsed<T: std::str::FromStr>(self) -> Option<T> {
        self.example?.parse().ok()
    }

    /// The example, if it is one of these, or else the first of them; for enums.
    #[must_use]
    pub fn one_of<'w>(self, words: &[&'w str]) -> Option<&'w str> {
        let named = words.iter().find(|word| Some(**word) == self.example);
        named.or(words.first()).copied()
    }

    /// The same for enums of numbers.
    #[must_use]
    pub fn one_of_numbers(self, numbers: &[i64]) -> Option<i64> {
        let named = numbers
            .iter()
            .find(|number| self.parsed() == Some(**number));
        named.or(numbers.first()).copied()
    }
}

/// A type that is filled by an expression.
macro_rules! samples {
    ($($t:ty: $hint:ident => $value:expr;)*) => {$(
        impl Sample for $t {
            fn fill(_: u8, $hint: Hint<'_>) -> Option<$t> {
                Some($value)
            }
        }
    )*};
}

/// 2023-01-15
const DAY: Date = date(2023, 1, 15);
/// 10:30
const HALF_PAST_TEN: Time = time(10, 30, 0, 0);

fn moment() -> Timestamp {
    jiff::tz::Offset::UTC
        .to_timestamp(DAY.to_datetime(HALF_PAST_TEN))
        .expect("the day lies within the calendar")
}

samples! {
    (): _hint => ();
    String: hint => hint.example.or(hint.name).unwrap_or("text").to_owned();
    i64: hint => hint.parsed().unwrap_or(1);
    u64: hint => hint.parsed().unwrap_or(1);
    f64: hint => hint.parsed().filter(|number: &f64| number.is_finite()).unwrap_or(1.0);
    bool: hint => hint.parsed().unwrap_or(true);
    Timestamp: hint => hint.parsed().unwrap_or_else(moment);
    DateTime: hint => hint.parsed().unwrap_or(DAY.to_datetime(HALF_PAST_TEN));
    Date: hint => hint.parsed().unwrap_or(DAY);
    Time: hint => hint.parsed().unwrap_or(HALF_PAST_TEN);
    SignedDuration: hint => hint.parsed().unwrap_or(SignedDuration::from_secs(60));
    Json: hint => Json::from(hint.example.or(hint.name).unwrap_or("text"));
    SecretString: hint => SecretString::from(hint.example.unwrap_or("secret"));
    Upload: _hint => Upload::from_bytes("file.txt", "text");
    Base64: _hint => Base64::from(bytes::Bytes::from_static(b"text"));
    Decimal: hint => read(hint, "1");
    Uuid: hint => read(hint, "00000000-0000-4000-8000-000000000001");
    Url: hint => read(hint, "https://example.com/");
}

/// A type that is read from a JSON text: by the example if it is one, and else by this text.
fn read<T: crate::record::Read>(hint: Hint<'_>, text: &str) -> T {
    let read = |text: &str| {
        let json = crate::encode::quoted(text);
        let whole: Option<crate::record::Whole<T>> = serde_json::from_str(&json).ok();
        let whole = whole.or_else(|| serde_json::from_str(text).ok());
        whole.map(|whole| whole.0)
    };
    let example = hint.example.and_then(read);
    let usual = || read(text).expect("the usual text is one of this type");
    example.unwrap_or_else(usual)
}

impl<T: Sample> Sample for Box<T> {
    fn fill(depth: u8, hint: Hint<'_>) -> Option<Box<T>> {
        T::fill(depth, hint).map(Box::new)
    }
}

impl<T: Sample> Sample for Option<T> {
    fn fill(depth: u8, hint: Hint<'_>) -> Option<Option<T>> {
        Some(T::fill(depth, hint))
    }
}

impl<T: Sample> Sample for Patch<T> {
    fn fill(depth: u8, hint: Hint<'_>) -> Option<Patch<T>> {
        Some(T::fill(depth, hint).map_or(Patch::Absent, Patch::Value))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn fill(depth: u8, hint: Hint<'_>) -> Option<Vec<T>> {
        Some(T::fill(depth, hint).into_iter().collect())
    }
}

impl<K: Sample + Ord, T: Sample> Sample for BTreeMap<K, T> {
    fn fill(depth: u8, hint: Hint<'_>) -> Option<BTreeMap<K, T>> {
        let key = Hint {
            name: Some("key"),
            ..Hint::default()
        };
        let entry = K::fill(depth, key).zip(T::fill(depth, hint));
        Some(entry.into_iter().collect())
    }
}

/// Puts examples and bounds of a description before what types have by themselves: an entry is
/// `users User(id = "user_123")`, with the module, the type and its members, or `users UserId(it = "user_123")`.
#[doc(hidden)]
#[macro_export]
macro_rules! samples {
    ($head:ident: $($m:ident $T:ident ($($f:ident = $text:literal),* $(,)?)),* $(,)?) => {
        $(
            impl super::$m::$T {
                #[doc(hidden)]
                pub const __EXAMPLES: &'static [(&'static str, &'static str)] =
                    &[$((::core::stringify!($f), $text)),*];
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Out, Write};

    #[derive(Debug, PartialEq)]
    struct Tree {
        name: String,
        age: i64,
        left: Option<Box<Tree>>,
        children: Vec<Tree>,
    }
    crate::put! {
        Tree:
        required name: String, required age: i64, optional left: Box<Tree>, list children: Tree
    }
    impl Tree {
        const __EXAMPLES: &'static [(&'static str, &'static str)] = &[("age", "18")];
    }

    #[test]
    fn a_recursive_type_ends() {
        let tree = Tree::sample();
        assert_eq!((tree.name.as_str(), tree.age), ("name", 18));
        let below = tree.left.as_ref().unwrap();
        assert_eq!(below.children.len(), 1);
        let mut out = Out::new();
        tree.write(&mut out);
        let text = String::from_utf8(out.finish().unwrap()).unwrap();
        assert!(
            text.starts_with(r#"{"name":"name","age":18,"left":{"#),
            "{text}"
        );
        assert_eq!(Tree::sample(), tree);
    }

    #[test]
    fn examples_that_do_not_fit_say_nothing() {
        let hint = Hint {
            example: Some("soon"),
            name: Some("when"),
        };
        assert_eq!(Timestamp::fill(1, hint), Some(moment()));
        assert_eq!(String::fill(1, hint).as_deref(), Some("soon"));
        assert_eq!(hint.one_of(&["now", "soon"]), Some("soon"));
        assert_eq!(hint.one_of(&["now", "late"]), Some("now"));
        assert_eq!(Decimal::fill(1, hint).unwrap().as_str(), "1");
    }
}
