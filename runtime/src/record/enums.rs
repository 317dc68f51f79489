//! Words and numbers of a list, and newtypes over one value.
//! Assumes that a table names each value once. What an open enum does not know must be kept and written back as it
//! came; what a closed one does not know must be refused.

use super::{Failed, Source};

/// An enum of strings that keeps values it does not name, in its variant `Unknown(UnknownValue)`.
///
/// ```
/// use etiquette_runtime::value::UnknownValue;
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// #[non_exhaustive]
/// pub enum Status {
///     Paid,
///     NotSet,
///     Unknown(UnknownValue),
/// }
///
/// etiquette_runtime::open_enum! { Status: Paid = "paid", NotSet = "" }
///
/// assert_eq!(Status::from("paid"), Status::Paid);
/// let new: Status = serde_json::from_str("\"lost\"")?;
/// assert_eq!(new.as_str(), "lost");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    ($T:ident: $($V:ident = $w:literal),* $(,)?) => {
        $crate::__words! { $T: [$T::Unknown(__unknown) => __unknown.as_str(),] $($V = $w,)* }

        impl ::core::convert::From<&str> for $T {
            fn from(value: &str) -> $T {
                match value {
                    $($w => $T::$V,)*
                    _ => $T::Unknown($crate::value::unknown_text(value)),
                }
            }
        }

        $crate::__sample_by! { $T, __depth, __hint => __hint.one_of(&[$($w),*]).map(<$T as ::core::convert::From<&str>>::from) }

        $crate::__read_by! { $T, __source =>
            $crate::record::read_word(__source, |__value| <$T as ::core::convert::From<&str>>::from(__value))
        }
    };
}

/// `Sample` by one expression.
#[doc(hidden)]
#[macro_export]
macro_rules! __sample_by {
    ($T:ident, $depth:ident, $hint:ident => $fill:expr) => {
        #[cfg(feature = "testing")]
        impl $crate::testing::Sample for $T {
            #[allow(
                unused_variables,
                reason = "not every type has levels, or looks at what is known of it"
            )]
            fn fill($depth: u8, $hint: $crate::testing::Hint<'_>) -> ::core::option::Option<$T> {
                $fill
            }
        }
    };
}

/// `Read` by one expression.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_by {
    ($T:ident, $source:ident => $read:expr) => {
        impl $crate::record::Read for $T {
            fn read(
                $source: &mut dyn $crate::record::Source,
            ) -> ::core::result::Result<$T, $crate::record::Failed> {
                $read
            }
        }
    };
}

/// An enum of strings that refuses values it does not name.
///
/// ```
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// pub enum Side {
///     Left,
///     Right,
/// }
///
/// etiquette_runtime::closed_enum! { Side: Left = "left", Right = "right" }
///
/// assert_eq!(Side::try_from("left")?, Side::Left);
/// assert!(serde_json::from_str::<Side>("\"up\"").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! closed_enum {
    ($T:ident: $($V:ident = $w:literal),* $(,)?) => {
        $crate::__words! { $T: [] $($V = $w,)* }

        impl ::core::convert::TryFrom<&str> for $T {
            type Error = $crate::encode::BadValue;

            fn try_from(value: &str) -> ::core::result::Result<$T, $crate::encode::BadValue> {
                match value {
                    $($w => ::core::result::Result::Ok($T::$V),)*
                    _ => ::core::result::Result::Err($crate::encode::BadValue::new(
                        ::core::concat!("it is no `", ::core::stringify!($T), "`"),
                    )),
                }
            }
        }

        $crate::__sample_by! { $T, __depth, __hint => __hint.one_of(&[$($w),*]).and_then(|__word| <$T as ::core::convert::TryFrom<&str>>::try_from(__word).ok()) }

        $crate::__read_by! { $T, __source =>
            $crate::record::read_closed(__source, ::core::concat!("a known `", ::core::stringify!($T), "`"), |__value| {
                <$T as ::core::convert::TryFrom<&str>>::try_from(__value).ok()
            })
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __words {
    ($T:ident: [$($unknown:tt)*] $($V:ident = $w:literal,)*) => {
        impl $T {
            /// The value on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $($T::$V => $w,)*
                    $($unknown)*
                }
            }
        }

        $crate::__text! { $T }
        $crate::__deserialize!($T);
    };
}

/// What a type with `as_str` is: shown, sent as a parameter, written.
#[doc(hidden)]
#[macro_export]
macro_rules! __text {
    ($T:ident) => {
        impl ::core::convert::AsRef<str> for $T {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::fmt::Display for $T {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.pad(self.as_str())
            }
        }

        impl $crate::encode::Param for $T {
            fn show(
                &self,
                __out: &mut ::std::string::String,
            ) -> ::core::result::Result<(), $crate::encode::BadValue> {
                $crate::encode::Param::show(self.as_str(), __out)
            }
        }

        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                __out.string(self.as_str());
            }
        }

        $crate::__serialize!($T);
    };
}

/// An enum of integers that keeps values it does not name, in its variant `Unknown(UnknownValue)`.
///
/// ```
/// use etiquette_runtime::value::UnknownValue;
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// #[non_exhaustive]
/// pub enum Level {
///     Low,
///     High,
///     Unknown(UnknownValue),
/// }
///
/// etiquette_runtime::open_int_enum! { Level: Low = 1, High = 2 }
///
/// assert_eq!(Level::from(2), Level::High);
/// assert_eq!(Level::from(7).as_i64(), 7);
/// ```
#[macro_export]
macro_rules! open_int_enum {
    ($T:ident: $($V:ident = $n:literal),* $(,)?) => {
        $crate::__numbers! { $T: [$T::Unknown(__unknown) => __unknown.as_i64().unwrap_or_default(),] $($V = $n,)* }

        impl ::core::convert::From<i64> for $T {
            fn from(value: i64) -> $T {
                match value {
                    $($n => $T::$V,)*
                    _ => $T::Unknown($crate::value::unknown_number(value)),
                }
            }
        }

        $crate::__sample_by! { $T, __depth, __hint => __hint.one_of_numbers(&[$($n),*]).map(<$T as ::core::convert::From<i64>>::from) }

        $crate::__read_by! { $T, __source =>
            $crate::record::read_int(__source, <$T as ::core::convert::From<i64>>::from)
        }
    };
}

/// An enum of integers that refuses values it does not name.
///
/// ```
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// pub enum Bit {
///     Off,
///     On,
/// }
///
/// etiquette_runtime::closed_int_enum! { Bit: Off = 0, On = 1 }
///
/// assert_eq!(Bit::try_from(1)?, Bit::On);
/// assert!(serde_json::from_str::<Bit>("2").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! closed_int_enum {
    ($T:ident: $($V:ident = $n:literal),* $(,)?) => {
        $crate::__numbers! { $T: [] $($V = $n,)* }

        impl ::core::convert::TryFrom<i64> for $T {
            type Error = $crate::encode::BadValue;

            fn try_from(value: i64) -> ::core::result::Result<$T, $crate::encode::BadValue> {
                match value {
                    $($n => ::core::result::Result::Ok($T::$V),)*
                    _ => ::core::result::Result::Err($crate::encode::BadValue::new(
                        ::core::concat!("it is no `", ::core::stringify!($T), "`"),
                    )),
                }
            }
        }

        $crate::__sample_by! { $T, __depth, __hint => __hint.one_of_numbers(&[$($n),*]).and_then(|__number| <$T as ::core::convert::TryFrom<i64>>::try_from(__number).ok()) }

        $crate::__read_by! { $T, __source =>
            $crate::record::read_closed_int(__source, ::core::concat!("a known `", ::core::stringify!($T), "`"), |__value| {
                <$T as ::core::convert::TryFrom<i64>>::try_from(__value).ok()
            })
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __numbers {
    ($T:ident: [$($unknown:tt)*] $($V:ident = $n:literal,)*) => {
        impl $T {
            /// The value on the wire.
            #[must_use]
            pub fn as_i64(&self) -> i64 {
                match self {
                    $($T::$V => $n,)*
                    $($unknown)*
                }
            }
        }

        $crate::__integer! { $T, i64, as_i64 }
        $crate::__deserialize!($T);
    };
}

/// What a type over an integer is: shown, sent as a parameter, written.
#[doc(hidden)]
#[macro_export]
macro_rules! __integer {
    ($T:ident, $n:ident, $get:ident) => {
        impl ::core::fmt::Display for $T {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.$get(), __f)
            }
        }

        impl $crate::encode::Param for $T {
            fn show(
                &self,
                __out: &mut ::std::string::String,
            ) -> ::core::result::Result<(), $crate::encode::BadValue> {
                $crate::encode::Param::show(&self.$get(), __out)
            }
        }

        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                $crate::record::Write::write(&self.$get(), __out);
            }
        }

        $crate::__serialize!($T);
    };
}

/// A newtype over a `String`, an `i64`, a `u64` or a `Uuid`.
///
/// ```
/// #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
/// pub struct UserId(String);
///
/// etiquette_runtime::alias! { UserId: String }
///
/// let id = UserId::from("user_1");
/// assert_eq!(id.as_str(), "user_1");
/// assert_eq!(serde_json::from_str::<UserId>("\"user_1\"")?, id);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! alias {
    ($T:ident: String) => {
        impl $T {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::convert::From<&str> for $T {
            fn from(value: &str) -> $T {
                $T(::std::string::String::from(value))
            }
        }

        $crate::__text! { $T }
        $crate::__alias! { $T, ::std::string::String }
    };
    ($T:ident: Uuid) => {
        impl $T {
            /// The identifier.
            #[must_use]
            pub fn get(&self) -> $crate::value::Uuid {
                self.0
            }
        }

        $crate::__integer! { $T, Uuid, get }
        $crate::__alias! { $T, $crate::value::Uuid }
    };
    ($T:ident: $n:ident) => {
        impl $T {
            /// The number.
            #[must_use]
            pub fn get(&self) -> $n {
                self.0
            }
        }

        impl $crate::format::Format<$T> for $crate::format::Text {
            fn read(
                __source: &mut dyn $crate::record::Source,
            ) -> ::core::result::Result<$T, $crate::record::Failed> {
                $crate::format::read_integer(__source, $T)
            }

            fn write(__value: &$T, __out: &mut $crate::record::Out) {
                <$crate::format::Text as $crate::format::Format<$n>>::write(&__value.0, __out);
            }
        }

        $crate::__integer! { $T, $n, get }
        $crate::__alias! { $T, $n }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __alias {
    ($T:ident, $inner:ty) => {
        impl ::core::convert::From<$inner> for $T {
            fn from(value: $inner) -> $T {
                $T(value)
            }
        }

        impl ::core::convert::From<$T> for $inner {
            fn from(value: $T) -> $inner {
                value.0
            }
        }

        impl ::core::convert::From<&$T> for $T {
            fn from(value: &$T) -> $T {
                ::core::clone::Clone::clone(value)
            }
        }

        $crate::__sample_by! { $T, __depth, __hint => {
            #[allow(unused_imports, reason = "a type may have examples of its own")]
            use $crate::testing::Examples as _;
            <$inner as $crate::testing::Sample>::fill(__depth, __hint.or($T::__EXAMPLES)).map($T)
        } }

        $crate::__read_by! { $T, __source =>
            <$inner as $crate::record::Read>::read(__source).map($T)
        }

        $crate::__deserialize!($T);
    };
}

/// Reads a word of an open enum.
///
/// # Errors
///
/// It is no string.
pub fn read_word<T>(source: &mut dyn Source, from: fn(&str) -> T) -> Result<T, Failed> {
    let mut value = None;
    source.text("a string", &mut |text| {
        value = Some(from(text));
        true
    })?;
    value.ok_or_else(|| source.refuse(&"no word was read"))
}

/// Reads a word of a closed enum.
///
/// # Errors
///
/// It is no string, or none that is known.
pub fn read_closed<T>(
    source: &mut dyn Source,
    wanted: &'static str,
    from: fn(&str) -> Option<T>,
) -> Result<T, Failed> {
    crate::format::parsed(source, wanted, from)
}

/// Reads a number of an open enum.
///
/// # Errors
///
/// It is no integer.
pub fn read_int<T>(source: &mut dyn Source, from: fn(i64) -> T) -> Result<T, Failed> {
    source.i64().map(from)
}

/// Reads a number of a closed enum.
///
/// # Errors
///
/// It is no integer, or none that is known.
pub fn read_closed_int<T>(
    source: &mut dyn Source,
    wanted: &'static str,
    from: fn(i64) -> Option<T>,
) -> Result<T, Failed> {
    let number = source.i64()?;
    from(number).ok_or_else(|| {
        source.refuse(&format_args!(
            "invalid value: another number, expected {wanted}"
        ))
    })
}
