//! The tables of objects: `record!` reads, `put!` writes, `new!` writes and constructs, `both!` does all of it.
//!
//! Each public macro only sorts its entries; the hidden ones below it expand them once, by repetition and not by
//! recursion. Everything is named by `$crate`, `::core` or `::std`, and own names begin with `__`, because an API may
//! have a type called `Option` or `Result`.

/// Reads an object that answers hold.
///
/// An entry is `how name: Type [as Format] [= "wire"] [=> null]`, where `how` is
///
/// - `required`: a `Type`; an answer without it, or with null there, is an error;
/// - `optional`: an `Option<Type>`; absent and null are `None`;
/// - `list`: a `Vec<Type>`; absent and null are empty;
/// - `nulled`: a `Type` that must be there, and null reads as the expression after `=>`; with `optional` it may be absent;
/// - `hollow`: an `Option<Type>`; an object that holds nothing but nulls is `None` too.
///
/// A type may stand with a [format](crate::format).
///
/// A member that stands twice is an error. Unknown members are skipped, unless the table ends with `; keep extra` (the
/// struct has `extra: BTreeMap<String, Json>`); `; dynamic "field" fields: i64 => Json` takes members such as
/// `field12` into the map `fields`.
///
/// ```
/// use etiquette_runtime::codegen::Timestamp;
///
/// #[derive(Clone, Debug, PartialEq)]
/// #[non_exhaustive]
/// pub struct User {
///     pub id: i64,
///     pub name: Option<String>,
///     pub tags: Vec<String>,
///     pub created_at: Timestamp,
///     pub is_admin: bool,
/// }
///
/// etiquette_runtime::record! {
///     User:
///     required id: i64,
///     optional name: String,
///     list tags: String,
///     required created_at: Timestamp = "createdAt",
///     nulled is_admin: bool = "isAdmin" => false,
/// }
///
/// let text = r#"{"id": 1, "createdAt": "2023-01-15T10:30:00Z", "isAdmin": null, "more": []}"#;
/// let user: User = serde_json::from_str(text)?;
/// assert_eq!((user.id, user.name, user.is_admin), (1, None, false));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! record {
    ($T:ident: $($entries:tt)*) => {
        $crate::__read! { [$T] [] $($entries)* }
        #[cfg(feature = "serialize")]
        $crate::__write_read! { [$T] $($entries)* }
        $crate::__sample_read! { [$T] $($entries)* }
    };
}

/// Writes an object that is given as a literal: a body that replaces everything.
///
/// An entry is `how name: Type [as Format] [= "wire"]`, where `how` is `required`, `nullable` (an `Option`, always
/// written, `None` as null), `optional` (an `Option`, left out when `None`) or `list` (a `Vec`, always written).
/// The table may end as that of [`new!`](crate::new!).
///
/// ```
/// use etiquette_runtime::record::{Out, Write};
///
/// pub struct PutUser {
///     pub name: String,
///     pub note: Option<String>,
/// }
///
/// etiquette_runtime::put! { PutUser: required name: String, nullable note: String }
///
/// let mut out = Out::new();
/// PutUser { name: "Ada".to_owned(), note: None }.write(&mut out);
/// assert_eq!(out.finish()?, br#"{"name":"Ada","note":null}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! put {
    ($T:ident: $($how:ident $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)?),* $(,)? $(; $($end:tt)*)?) => {
        $crate::__write! {
            [$T] [$({[$crate::__may!(put $how)] $f $(as $F)? $(= $w)?})*] $(; $($end)*)?
        }
        $crate::__sample_read! { [$T] $($how $f: $t),* $(; $($end)*)? }
    };
}

/// Writes an object that is made by `new`, which takes what is required, and by setters.
///
/// Before the first `;` stand the required entries, `name: Type [as Format] [= "wire"]` or `list name: Type`. Behind it
/// stands `how name: Type [as Format] [= "wire"]`, where `how` is
///
/// - `optional`: an `Option<Type>`, left out when `None`;
/// - `list`: a `Vec<Type>`, left out when empty;
/// - `some_list`: an `Option<Vec<Type>>`, left out when `None`;
/// - `patch`: a [`Patch<Type>`](crate::patch::Patch); `None` given to its setter clears.
///
/// The table may end with `; keep extra`, `; dynamic "field" fields: i64 => Json` and
/// `; const "wire" = "JSON", const …`, `; one_of (a, b), one_of …` and `; max_depth 5`, in this order; constants are
/// always sent, of each group at least one member must be given, and values of the type nest no deeper.
///
/// ```
/// use etiquette_runtime::record::{Out, Write};
///
/// #[non_exhaustive]
/// pub struct NewUser {
///     pub name: String,
///     pub tags: Vec<String>,
/// }
///
/// etiquette_runtime::new! { NewUser: name: String; list tags: String; const "kind" = "\"user\"" }
///
/// let mut out = Out::new();
/// NewUser::new("Ada").tags(["a", "b"]).write(&mut out);
/// assert_eq!(out.finish()?, br#"{"name":"Ada","tags":["a","b"],"kind":"user"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! new {
    ($T:ident: $($f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?; $($rest:tt)*) => {
        $crate::__new! { [$T] [$({plain $f: $t $(as $F)? $(= $w)? $(=> $e)?})*] $($rest)* }
    };
    ($T:ident: $($entries:tt)*) => { $crate::__required! { __new [$T] [] $($entries)* } };
}

/// One type for reading and writing: [`record!`](crate::record!) and [`new!`](crate::new!) from one table.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// #[non_exhaustive]
/// pub struct Item {
///     pub sku: String,
///     pub quantity: i64,
///     pub note: Option<String>,
/// }
///
/// etiquette_runtime::both! { Item: sku: String, quantity: i64; optional note: String }
///
/// let item: Item = serde_json::from_str(r#"{"sku": "a", "quantity": 2}"#)?;
/// assert_eq!(item, Item::new("a", 2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! both {
    ($T:ident: $($f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?),* $(,)?; $($rest:tt)*) => {
        $crate::__both! { [$T] [$({plain $f: $t $(as $F)? $(= $w)? $(=> $e)?})*] $($rest)* }
    };
    ($T:ident: $($entries:tt)*) => { $crate::__required! { __both [$T] [] $($entries)* } };
}

/// Marks required entries that are lists, one by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __required {
    ($go:ident $head:tt [$($done:tt)*] list $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)?, $($rest:tt)*) => {
        $crate::__required! { $go $head [$($done)* {each $f: $t $(as $F)? $(= $w)?}] $($rest)* }
    };
    ($go:ident $head:tt [$($done:tt)*] list $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)?; $($rest:tt)*) => {
        $crate::$go! { $head [$($done)* {each $f: $t $(as $F)? $(= $w)?}] $($rest)* }
    };
    ($go:ident $head:tt [$($done:tt)*] $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?, $($rest:tt)*) => {
        $crate::__required! { $go $head [$($done)* {plain $f: $t $(as $F)? $(= $w)? $(=> $e)?}] $($rest)* }
    };
    ($go:ident $head:tt [$($done:tt)*] $f:ident: $t:ty $(as $F:ty)? $(= $w:literal)? $(=> $e:expr)?; $($rest:tt)*) => {
        $crate::$go! { $head [$($done)* {plain $f: $t $(as $F)? $(= $w)? $(=> $e)?}] $($rest)* }
    };
    ($go:ident $head:tt $done:tt ; $($rest:tt)*) => { $crate::$go! { $head $done $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __both {
    ($head:tt $required:tt $($rest:tt)*) => {
        $crate::__read! { $head $required $($rest)* }
        $crate::__new! { $head $required $($rest)* }
    };
}
