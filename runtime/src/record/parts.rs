//! Tables of bodies in parts: which members of a struct are texts, which are JSON, and which are files.
//!
//! Such a struct has a table of JSON too, which gives it its constructor and setters; a file has no form there and is
//! refused. Everything is named by `$crate` or `::core`, because an API may have a type called `Option` or `Result`.

use super::{Out, Write};
use crate::encode::BadValue;
use crate::upload::{Multipart, Upload};

/// Writes an object as the parts of a multipart body.
///
/// An entry is `how kind name [as Format] [= "wire"]`, where `how` is
///
/// - `required`: one part;
/// - `optional`: an `Option`;
/// - `list`: a `Vec`, a part for each element;
/// - `full_list` and `some_list`: a `Vec` and an `Option<Vec>` that are refused when they are empty, because no parts
///   would say that nothing was given;
///
/// and `kind` is
///
/// - `text`: what has a text form;
/// - `json`: everything else, as a part that is JSON;
/// - `file`: an [`Upload`].
///
/// The table may end with `; const "wire" = "JSON", const …` and `; one_of (a, b), one_of …`, in this order; constants
/// are sent first, and of each group at least one member must be given.
///
/// ```
/// use etiquette_runtime::Upload;
///
/// #[derive(Clone, Debug)]
/// #[non_exhaustive]
/// pub struct NewPicture {
///     pub picture: Upload,
///     pub tags: Vec<String>,
/// }
///
/// etiquette_runtime::new! { NewPicture: picture: Upload; list tags: String }
/// etiquette_runtime::parts! { NewPicture: list text tags = "tags[]", required file picture }
///
/// let picture = NewPicture::new(Upload::from_bytes("a.png", vec![1])).tags(["new"]);
/// let parts = picture.__parts();
/// ```
#[macro_export]
macro_rules! parts {
    (
        $T:ident: $($how:ident $kind:ident $f:ident $(as $F:ident)? $(= $w:literal)?),* $(,)?
        $(; $(const $cw:literal = $cj:literal),+ $(,)?)?
        $(; $(one_of ($($group:ident),+ $(,)?)),+ $(,)?)?
    ) => {
        impl $T {
            #[doc(hidden)]
            pub fn __parts(&self) -> $crate::codegen::Multipart {
                let mut __parts = $crate::codegen::Multipart::new();
                $($($crate::record::constant_part(&mut __parts, $cw, $cj);)+)?
                $(
                    for __value in $crate::__each!($how self.$f) {
                        __parts.$kind($crate::__wire!($f $($w)?), $crate::__shown!(__value $(, $F)?));
                    }
                    $crate::__full!($how __parts, $crate::__wire!($f $($w)?), self.$f);
                )*
                $($($crate::record::one_of_parts(
                    &mut __parts,
                    &[$((::core::stringify!($group), &self.$group)),+],
                );)+)?
                __parts
            }
        }
    };
}

/// The values of a member, one by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __each {
    (required $value:expr) => {
        ::core::iter::once(&$value)
    };
    (some_list $value:expr) => {
        $value.iter().flatten()
    };
    ($how:ident $value:expr) => {
        $value.iter()
    };
}

/// Refuses an empty list where it would say something.
#[doc(hidden)]
#[macro_export]
macro_rules! __full {
    (full_list $parts:ident, $name:expr, $value:expr) => {
        $crate::record::full_part(&mut $parts, $name, $value.is_empty())
    };
    (some_list $parts:ident, $name:expr, $value:expr) => {
        $crate::record::full_part(
            &mut $parts,
            $name,
            $value.as_ref().is_some_and(::std::vec::Vec::is_empty),
        )
    };
    ($how:ident $parts:ident, $name:expr, $value:expr) => {};
}

/// A file has no form in JSON, nor in a form without parts.
impl Write for Upload {
    fn write(&self, out: &mut Out) {
        out.refuse(BadValue::new("a file is sent in a multipart body only"));
    }
}

/// Adds what is always sent, from its JSON text: a string as it is, all else as it stands.
#[doc(hidden)]
pub fn constant_part(parts: &mut Multipart, name: &str, json: &str) {
    match serde_json::from_str::<String>(json) {
        Ok(text) => parts.text(name, &text),
        Err(_) => parts.text(name, &json),
    }
}

/// Refuses a list that would vanish.
#[doc(hidden)]
pub fn full_part(parts: &mut Multipart, name: &str, is_empty: bool) {
    if is_empty {
        let mut bad = BadValue::new("an empty list has no form in parts");
        bad.inside(name);
        parts.refuse(&bad.to_string());
    }
}

/// Refuses a body without any member of a group.
#[doc(hidden)]
pub fn one_of_parts(parts: &mut Multipart, group: &[(&'static str, &dyn Write)]) {
    let mut out = Out::new();
    out.one_of(group);
    if let Err(bad) = out.finish() {
        parts.refuse(&bad.to_string());
    }
}
