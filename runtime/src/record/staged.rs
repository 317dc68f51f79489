//! Builders whose steps the compiler checks, for bodies with many required members.
//!
//! All steps of a builder hold the same hidden struct of slots; a step's method fills one of them and gives the next
//! step. So the expansion grows with the members and not with their square.

/// Writes an object that is made by a builder, which asks for each required member in turn, and by setters.
///
/// Behind the module's name stand the steps, `Step name: Type [as Format] [= "wire"]` or `Step list name: Type`; behind
/// the `;` all that may follow one in [`new!`](crate::new!).
///
/// ```
/// mod shop {
///     #[derive(Debug, PartialEq)]
///     #[non_exhaustive]
///     pub struct Address {
///         pub line1: String,
///         pub city: String,
///         pub company: Option<String>,
///     }
///
///     etiquette_runtime::staged! {
///         Address, address:
///         NeedsLine1 line1: String,
///         NeedsCity city: String;
///         optional company: String,
///     }
/// }
///
/// let address: shop::Address = shop::Address::builder().line1("1 Main St").city("Berlin").company("Acme");
/// assert_eq!(address.city, "Berlin");
/// ```
///
/// A step that is left out does not compile:
///
/// ```compile_fail,E0308
/// mod shop {
///     #[non_exhaustive]
///     pub struct Address { pub line1: String, pub city: String }
///     etiquette_runtime::staged! { Address, address: NeedsLine1 line1: String, NeedsCity city: String; }
/// }
///
/// let address: shop::Address = shop::Address::builder().line1("1 Main St");
/// ```
#[macro_export]
macro_rules! staged {
    ($T:ident, $m:ident: $($N:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?; $($rest:tt)*) => {
        $crate::__staged! { [$T, $m] [$({$N plain $f: $t $(as $F)? $(= $w)? $(=> $e)?})*] $($rest)* }
    };
    ($T:ident, $m:ident: $($entries:tt)*) => { $crate::__steps! { __staged [$T, $m] [] $($entries)* } };
}

/// One type for reading and writing with a staged builder: [`record!`](crate::record!) and [`staged!`](crate::staged!)
/// from one table.
///
/// ```
/// mod plane {
///     #[non_exhaustive]
///     pub struct Point { pub x: i64, pub y: i64 }
///     etiquette_runtime::both_staged! { Point, point: NeedsX x: i64, NeedsY y: i64; }
/// }
///
/// let read: plane::Point = serde_json::from_str(r#"{"x": 1, "y": 2}"#)?;
/// assert_eq!(read.y, plane::Point::builder().x(1).y(2).y);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! both_staged {
    ($T:ident, $m:ident: $($N:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?; $($rest:tt)*) => {
        $crate::__both_staged! { [$T, $m] [$({$N plain $f: $t $(as $F)? $(= $w)? $(=> $e)?})*] $($rest)* }
    };
    ($T:ident, $m:ident: $($entries:tt)*) => { $crate::__steps! { __both_staged [$T, $m] [] $($entries)* } };
}

/// Marks steps that are lists, one by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __steps {
    ($go:ident $head:tt [$($done:tt)*] $N:ident list $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)?, $($rest:tt)*) => {
        $crate::__steps! { $go $head [$($done)* {$N each $f: $t $(as $F)? $(= $w)?}] $($rest)* }
    };
    ($go:ident $head:tt [$($done:tt)*] $N:ident list $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)?; $($rest:tt)*) => {
        $crate::$go! { $head [$($done)* {$N each $f: $t $(as $F)? $(= $w)?}] $($rest)* }
    };
    ($go:ident $head:tt [$($done:tt)*] $N:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?, $($rest:tt)*) => {
        $crate::__steps! { $go $head [$($done)* {$N plain $f: $t $(as $F)? $(= $w)? $(=> $e)?}] $($rest)* }
    };
    ($go:ident $head:tt [$($done:tt)*] $N:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?; $($rest:tt)*) => {
        $crate::$go! { $head [$($done)* {$N plain $f: $t $(as $F)? $(= $w)? $(=> $e)?}] $($rest)* }
    };
    ($go:ident $head:tt $done:tt ; $($rest:tt)*) => { $crate::$go! { $head $done $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __both_staged {
    ([$T:ident, $m:ident] [$({$N:ident $($required:tt)*})*] $($rest:tt)*) => {
        $crate::__read! { [$T] [$({$($required)*})*] $($rest)* }
        $crate::__staged! { [$T, $m] [$({$N $($required)*})*] $($rest)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __staged {
    (
        [$T:ident, $m:ident]
        [
            {$N0:ident $rh0:ident $rf0:ident: $rt0:ty $(as $rF0:ty)? $(= $rw0:literal)? $(=> $re0:expr)?}
            $({$N:ident $rh:ident $rf:ident: $rt:ty $(as $rF:ty)? $(= $rw:literal)? $(=> $re:expr)?})*
        ]
        $($how:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?
        $(; keep $extra:ident $(,)?)?
        $(; dynamic $prefix:literal $map:ident: $key:ty => $value:ty $(,)?)?
        $(; $(const $cw:literal = $cj:literal),+ $(,)?)?
        $(; $(one_of ($($group:ident),+ $(,)?)),+ $(,)?)?
        $(; max_depth $depth:literal $(,)?)?
    ) => {
        impl $T {
            #[doc = ::core::concat!("Starts with `", ::core::stringify!($rf0), "`; the compiler asks for each required member in turn.")]
            pub fn builder() -> $m::$N0 {
                $m::$N0::__first()
            }
        }

        #[doc = ::core::concat!("The steps of [`", ::core::stringify!($T), "::builder`](super::", ::core::stringify!($T), "::builder).")]
        pub mod $m {
            use super::*;

            struct __Slots {
                $rf0: $crate::__step_slot!($rh0 $rt0),
                $($rf: $crate::__step_slot!($rh $rt),)*
            }

            impl $N0 {
                pub(super) fn __first() -> $N0 {
                    $N0(__Slots {
                        $rf0: $crate::record::Required::EMPTY,
                        $($rf: $crate::record::Required::EMPTY,)*
                    })
                }
            }

            fn __last(__slots: __Slots) -> $T {
                $T {
                    $rf0: __slots.$rf0.take(),
                    $($rf: __slots.$rf.take(),)*
                    $($f: $crate::__nothing!($how),)*
                    $($extra: ::std::collections::BTreeMap::new(),)?
                    $($map: ::std::collections::BTreeMap::new(),)?
                }
            }

            $crate::__step_types! {
                [$({$N})* {$T __last}]
                [{$N0 $rh0 $rf0: $rt0} $({$N $rh $rf: $rt})*]
            }
        }
        $crate::__setters! { [$T] $($how $f: $t,)* }
        $crate::__sample! { $T [$rf0 $($rf)* $($f)*] [$($extra)? $($map)?] }
        $($crate::__dynamic! { $T $prefix $map: $key => $value })?
        $crate::__write! {
            [$T]
            [
                {[false] $rf0 $(as $rF0)? $(= $rw0)?}
                $({[false] $rf $(as $rF)? $(= $rw)?})*
                $({[$crate::__may!($how)] $f $(as $F)? $(= $w)?})*
            ]
            $(; keep $extra)?
            $(; dynamic $prefix $map: $key => $value)?
            $(; $(const $cw = $cj),+)?
            $(; $(one_of ($($group),+)),+)?
            $(; max_depth $depth)?
        }
    };
}

/// The first list holds what comes after each entry of the second.
#[doc(hidden)]
#[macro_export]
macro_rules! __step_types {
    ([$({$Next:ident $($last:ident)?})*] [$({$N:ident $how:ident $f:ident: $t:ty})*]) => {
        $(
            #[doc = ::core::concat!("Needs `", ::core::stringify!($f), "`.")]
            #[must_use = "a builder is not finished before its last step"]
            pub struct $N(__Slots);

            impl $N {
                #[doc = ::core::concat!("Sets `", ::core::stringify!($f), "`.")]
                pub fn $f(mut self, value: $crate::__argument!($how $t)) -> $Next {
                    self.0.$f.set($crate::__given!($how value));
                    $crate::__step_to!($Next $($last)?)(self.0)
                }
            }
        )*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __step_slot {
    (each $t:ty) => { $crate::record::Required<::std::vec::Vec<$t>> };
    ($how:ident $t:ty) => { $crate::record::Required<$t> };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __step_to {
    ($Next:ident) => {
        $Next
    };
    ($Next:ident $last:ident) => {
        $last
    };
}
