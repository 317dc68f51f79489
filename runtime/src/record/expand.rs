//! What the tables of objects become: hidden macros that `tables` and `staged` share.
//!
//! An entry that is required stands as `{how name: Type …}` in the second list; `how` is `plain`, or `each` for a list.
//! A helper macro stands wherever the word `how` decides about an expression or a type; none of them recurses.

/// `Read` and `Deserialize`.
#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    (
        [$T:ident] [$({$rh:ident $rf:ident: $rt:ty $(as $rF:ty)? $(= $rw:literal)? $(=> $re:expr)?})*]
        $($how:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?
        $(; keep $extra:ident $(,)?)?
        $(; dynamic $prefix:literal $map:ident: $key:ty => $value:ty $(,)?)?
        $(; $(const $cw:literal = $cj:literal),+ $(,)?)?
        $(; $(one_of ($($group:ident),+ $(,)?)),+ $(,)?)?
        $(; max_depth $depth:literal $(,)?)?
    ) => {
        impl $crate::record::Read for $T {
            fn read(
                __source: &mut dyn $crate::record::Source,
            ) -> ::core::result::Result<$T, $crate::record::Failed> {
                $(let mut $rf = $crate::__slot!($rh $rt $(as $rF)? $(=> $re)?);)*
                $(let mut $f = $crate::__slot!($how $t $(as $F)? $(=> $e)?);)*
                $(let mut $extra = ::std::collections::BTreeMap::new();)?
                $(let mut $map = ::std::collections::BTreeMap::new();)?
                match $crate::__object!(
                    [
                        __source,
                        ::core::stringify!($T),
                        &[$($crate::__wire!($rf $($rw)?),)* $($crate::__wire!($f $($w)?),)*],
                        &mut [$(&mut $rf,)* $(&mut $f,)*]
                    ]
                    $(keep $extra)? $(dynamic $prefix $map)?
                ) {
                    ::core::result::Result::Ok(()) => ::core::result::Result::Ok($T {
                        $($rf: $crate::__taken!($rh $rf $(as $rF)? $(=> $re)?),)*
                        $($f: $crate::__taken!($how $f $(as $F)? $(=> $e)?),)*
                        $($extra,)?
                        $($map,)?
                    }),
                    ::core::result::Result::Err(__failed) => ::core::result::Result::Err(__failed),
                }
            }
        }
        $crate::__deserialize!($T);
    };
}

/// `Deserialize` of a type that is `Read`.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    ($T:ident) => {
        impl<'de> $crate::codegen::serde::Deserialize<'de> for $T {
            fn deserialize<__D: $crate::codegen::serde::Deserializer<'de>>(
                __deserializer: __D,
            ) -> ::core::result::Result<$T, __D::Error> {
                $crate::record::from(__deserializer)
            }
        }
    };
}

/// `Serialize` of a type that is `Write`, if the expanding crate has the feature.
#[doc(hidden)]
#[macro_export]
macro_rules! __serialize {
    ($T:ident) => {
        #[cfg(feature = "serialize")]
        impl $crate::codegen::serde::Serialize for $T {
            fn serialize<__S: $crate::codegen::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                $crate::record::serialize(self, __serializer)
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    ([$($args:expr),*]) => { $crate::record::object($($args),*) };
    ([$($args:expr),*] keep $extra:ident) => { $crate::record::object_with($($args,)* &mut $extra) };
    ([$($args:expr),*] dynamic $prefix:literal $map:ident) => {
        $crate::record::object_with(
            $($args,)*
            &mut $crate::record::Dynamic::with($prefix, &mut $map, &mut $crate::record::Nothing),
        )
    };
    ([$($args:expr),*] keep $extra:ident dynamic $prefix:literal $map:ident) => {
        $crate::record::object_with(
            $($args,)*
            &mut $crate::record::Dynamic::with($prefix, &mut $map, &mut $extra),
        )
    };
}

/// The name on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire {
    ($f:ident) => {
        ::core::stringify!($f)
    };
    ($f:ident $w:literal) => {
        $w
    };
}

/// An empty slot.
#[doc(hidden)]
#[macro_export]
macro_rules! __slot {
    (optional $t:ty) => {
        ::core::option::Option::<$t>::None
    };
    (optional $t:ty as $F:ty) => {
        ::core::option::Option::<$crate::record::Shaped<$F, $t>>::None
    };
    (optional $t:ty => $null:expr) => {
        $crate::record::OrNull::<$t>::new($null)
    };
    (optional $t:ty as $F:ty => $null:expr) => {
        $crate::record::OrNull::<$crate::record::Shaped<$F, $t>>::new($crate::record::Shaped::new(
            $null,
        ))
    };
    (hollow $t:ty) => {
        $crate::record::Hollow::<$t>::EMPTY
    };
    (list $t:ty) => {
        ::std::vec::Vec::<$t>::new()
    };
    (list $t:ty as $F:ty) => {
        ::std::vec::Vec::<$crate::record::Shaped<$F, $t>>::new()
    };
    (each $t:ty) => {
        $crate::record::Required::<::std::vec::Vec<$t>>::EMPTY
    };
    (each $t:ty as $F:ty) => {
        $crate::record::Required::<$crate::record::Shaped<$F, ::std::vec::Vec<$t>>>::EMPTY
    };
    ($how:ident $t:ty) => {
        $crate::record::Required::<$t>::EMPTY
    };
    ($how:ident $t:ty as $F:ty) => {
        $crate::record::Required::<$crate::record::Shaped<$F, $t>>::EMPTY
    };
    ($how:ident $t:ty => $null:expr) => {
        $crate::record::NullIs::<$t>::new($null)
    };
    ($how:ident $t:ty as $F:ty => $null:expr) => {
        $crate::record::NullIs::<$crate::record::Shaped<$F, $t>>::new($crate::record::Shaped::new(
            $null,
        ))
    };
}

/// What a slot holds at the end.
#[doc(hidden)]
#[macro_export]
macro_rules! __taken {
    (optional $slot:ident) => {
        $slot
    };
    (optional $slot:ident as $F:ty) => {
        $crate::record::Shaped::optional($slot)
    };
    (optional $slot:ident => $null:expr) => {
        $slot.take()
    };
    (optional $slot:ident as $F:ty => $null:expr) => {
        $crate::record::Shaped::optional($slot.take())
    };
    (list $slot:ident) => {
        $slot
    };
    (list $slot:ident as $F:ty) => {
        $crate::record::Shaped::list($slot)
    };
    ($how:ident $slot:ident) => {
        $slot.take()
    };
    ($how:ident $slot:ident as $F:ty) => {
        $crate::record::Shaped::required($slot)
    };
    ($how:ident $slot:ident => $null:expr) => {
        $slot.take()
    };
    ($how:ident $slot:ident as $F:ty => $null:expr) => {
        $crate::record::Shaped::nulled($slot)
    };
}

/// `new`, setters and `Write`.
#[doc(hidden)]
#[macro_export]
macro_rules! __new {
    (
        [$T:ident] [$({$rh:ident $rf:ident: $rt:ty $(as $rF:ty)? $(= $rw:literal)? $(=> $re:expr)?})*]
        $($how:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?
        $(; keep $extra:ident $(,)?)?
        $(; dynamic $prefix:literal $map:ident: $key:ty => $value:ty $(,)?)?
        $(; $(const $cw:literal = $cj:literal),+ $(,)?)?
        $(; $(one_of ($($group:ident),+ $(,)?)),+ $(,)?)?
        $(; max_depth $depth:literal $(,)?)?
    ) => {
        #[allow(clippy::new_without_default, reason = "`new` belongs to a table; another may have arguments")]
        impl $T {
            #[doc = ::core::concat!("A `", ::core::stringify!($T), "` with everything that is required.")]
            #[must_use]
            pub fn new($($rf: $crate::__argument!($rh $rt)),*) -> $T {
                $T {
                    $($rf: $crate::__given!($rh $rf),)*
                    $($f: $crate::__nothing!($how),)*
                    $($extra: ::std::collections::BTreeMap::new(),)?
                    $($map: ::std::collections::BTreeMap::new(),)?
                }
            }
        }
        $crate::__setters! { [$T] $($how $f: $t,)* }
        $crate::__sample! { $T [$($rf)* $($f)*] [$($extra)? $($map)?] }
        $($crate::__dynamic! { $T $prefix $map: $key => $value })?
        $crate::__write! {
            [$T]
            [
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

#[doc(hidden)]
#[macro_export]
macro_rules! __setters {
    ([$T:ident]) => {};
    ([$T:ident] $($how:ident $f:ident: $t:ty,)*) => {
        impl $T {
            $(
                #[doc = ::core::concat!("Sets [`", ::core::stringify!($f), "`](Self#structfield.", ::core::stringify!($f), ").")]
                #[must_use]
                pub fn $f(mut self, value: $crate::__argument!($how $t)) -> $T {
                    self.$f = $crate::__given!($how value);
                    self
                }
            )*
        }
    };
}

/// The setter of members whose names are data.
#[doc(hidden)]
#[macro_export]
macro_rules! __dynamic {
    ($T:ident $prefix:literal $map:ident: $key:ty => $value:ty) => {
        impl $T {
            #[doc = ::core::concat!("Sets the member that is named `", $prefix, "` and this key.")]
            #[must_use]
            pub fn $map(
                mut self,
                key: impl ::core::convert::Into<$key>,
                value: impl ::core::convert::Into<$value>,
            ) -> $T {
                self.$map.insert(
                    ::core::convert::Into::into(key),
                    ::core::convert::Into::into(value),
                );
                self
            }
        }
    };
}

/// The type of an argument.
#[doc(hidden)]
#[macro_export]
macro_rules! __argument {
    (each $t:ty) => { impl ::core::iter::IntoIterator<Item = impl ::core::convert::Into<$t>> };
    (list $t:ty) => { impl ::core::iter::IntoIterator<Item = impl ::core::convert::Into<$t>> };
    (some_list $t:ty) => { impl ::core::iter::IntoIterator<Item = impl ::core::convert::Into<$t>> };
    (patch $t:ty) => { impl ::core::convert::Into<$crate::patch::Patch<$t>> };
    ($how:ident $t:ty) => { impl ::core::convert::Into<$t> };
}

/// What an argument becomes in the struct.
#[doc(hidden)]
#[macro_export]
macro_rules! __given {
    (optional $value:ident) => {
        ::core::option::Option::Some(::core::convert::Into::into($value))
    };
    (hollow $value:ident) => {
        ::core::option::Option::Some(::core::convert::Into::into($value))
    };
    (list $value:ident) => {
        $crate::record::collect($value)
    };
    (each $value:ident) => {
        $crate::record::collect($value)
    };
    (some_list $value:ident) => {
        ::core::option::Option::Some($crate::record::collect($value))
    };
    ($how:ident $value:ident) => {
        ::core::convert::Into::into($value)
    };
}

/// What stands in the struct before a setter is called.
#[doc(hidden)]
#[macro_export]
macro_rules! __nothing {
    (list) => {
        ::std::vec::Vec::new()
    };
    (patch) => {
        $crate::patch::Patch::Absent
    };
    ($how:ident) => {
        ::core::option::Option::None
    };
}

/// `Write` and, with the feature, `Serialize`. A row is `{[whether it may be absent] name [as Format] [= "wire"]}`.
#[doc(hidden)]
#[macro_export]
macro_rules! __write {
    (
        [$T:ident] [$({[$($may:tt)*] $f:ident $(as $F:ty)? $(= $w:literal)?})*]
        $(; keep $extra:ident $(,)?)?
        $(; dynamic $prefix:literal $map:ident: $key:ty => $value:ty $(,)?)?
        $(; $(const $cw:literal = $cj:literal),+ $(,)?)?
        $(; $(one_of ($($group:ident),+ $(,)?)),+ $(,)?)?
        $(; max_depth $depth:literal $(,)?)?
    ) => {
        impl $crate::record::Write for $T {
            fn write(&self, __out: &mut $crate::record::Out) {
                $(__out.descend(::core::stringify!($T), $depth);)?
                __out.object(
                    &[
                        $(($crate::__wire!($f $($w)?), $crate::__shown!(&self.$f $(, $F)?), $($may)*),)*
                        $($(($cw, &$crate::record::Constant($cj), false),)+)?
                    ],
                    &[
                        $(&self.$extra,)?
                        $(&$crate::record::Prefixed($prefix, &self.$map),)?
                    ],
                );
                $($(__out.one_of(&[$((::core::stringify!($group), &self.$group)),+]);)+)?
                $(__out.ascend($depth);)?
            }
        }
        $crate::__serialize!($T);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __shown {
    ($value:expr) => {
        $value
    };
    ($value:expr, $F:ty) => {
        &$crate::format::Shown::<$F, _>::new($value)
    };
}

/// Whether a member may be left out when it is absent.
#[doc(hidden)]
#[macro_export]
macro_rules! __may {
    (optional) => {
        true
    };
    (hollow) => {
        true
    };
    (list) => {
        true
    };
    (some_list) => {
        true
    };
    (patch) => {
        true
    };
    ($how:ident) => {
        false
    };
    (put optional) => {
        true
    };
    (put $how:ident) => {
        false
    };
}

/// `Sample` of an object; of no row is more than the name needed.
#[doc(hidden)]
#[macro_export]
macro_rules! __sample {
    ($T:ident [$($f:ident)*] [$($empty:ident)*]) => {
        #[cfg(feature = "testing")]
        impl $crate::testing::Sample for $T {
            fn fill(
                __depth: u8,
                _: $crate::testing::Hint<'_>,
            ) -> ::core::option::Option<$T> {
                #[allow(unused_imports, reason = "a type may have examples of its own")]
                use $crate::testing::Examples as _;
                let __depth = ::core::primitive::u8::checked_sub(__depth, 1)?;
                let _ = __depth;
                ::core::option::Option::Some($T {
                    $($f: $crate::testing::member(
                        __depth,
                        $T::__EXAMPLES,
                        ::core::stringify!($f),
                    )?,)*
                    $($empty: ::core::default::Default::default(),)*
                })
            }
        }
    };
}

/// `Sample` of a table without required rows of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! __sample_read {
    (
        [$T:ident]
        $($how:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?
        $(; keep $extra:ident $(,)?)?
        $(; dynamic $prefix:literal $map:ident: $key:ty => $value:ty $(,)?)?
        $(; $(const $cw:literal = $cj:literal),+ $(,)?)?
        $(; $(one_of ($($group:ident),+ $(,)?)),+ $(,)?)?
        $(; max_depth $depth:literal $(,)?)?
    ) => {
        $crate::__sample! { $T [$($f)*] [$($extra)? $($map)?] }
    };
}

/// `Write` of a type that is only read, for `Serialize`.
#[doc(hidden)]
#[macro_export]
macro_rules! __write_read {
    (
        [$T:ident]
        $($how:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)? $(; $($end:tt)*)?
    ) => {
        $crate::__write! {
            [$T] [$({[$crate::__may!($how)] $f $(as $F)? $(= $w)?})*] $(; $($end)*)?
        }
    };
}
