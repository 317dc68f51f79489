//! An API may name its types as the prelude and the macros' own items; it compiles all the same.
//!
//! No test but the last one runs anything: what is not well-behaved does not compile.

#![allow(dead_code, reason = "what counts is that it compiles")]

macro_rules! odd_names {
    ($($T:ident)*) => {$(
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $T {
            pub id: i64,
        }
        etiquette_runtime::both! { $T: id: i64; }
    )*};
}

odd_names! {
    Option Result String Vec Box Member Slots Slot Write Read Record Default Into From TryFrom Iterator IntoIterator
    Serialize Deserialize Serializer Deserializer Source Failed Out Patch Param Format Required Shaped BTreeMap Clone2
    A D E F K S T U V Self_ Error Debug2 Display Formatter AsRef Sized Send Fn Drop ToString ToOwned
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Odd {
    Some,
    None,
    Ok,
    Err,
    Unknown(etiquette_runtime::value::UnknownValue),
}
etiquette_runtime::open_enum! { Odd: Some = "some", None = "none", Ok = "ok", Err = "err" }

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Some(::std::string::String);
etiquette_runtime::alias! { Some: String }

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct None(i64);
etiquette_runtime::alias! { None: i64 }

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ok {
    Ok,
    Err,
}
etiquette_runtime::closed_int_enum! { Ok: Ok = 0, Err = 1 }

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Err {
    Ok,
    Err,
}
etiquette_runtime::closed_enum! { Err: Ok = "ok", Err = "err" }

#[derive(Clone, Debug, PartialEq)]
pub enum Union {
    Option(Option),
    Vec(Vec),
}
etiquette_runtime::tagged! { Union, "kind": Option(Option) = "option", Vec(Vec) = "vec" }

#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    Result(Result),
    Some(Some),
}
etiquette_runtime::first_match! { Match: Result(Result) object, Some(Some) string }

#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct All {
    pub option: Option,
    pub result: ::core::option::Option<Result>,
    pub vec: ::std::vec::Vec<Vec>,
    pub a: ::core::option::Option<::std::boxed::Box<A>>,
    pub source: Write,
    pub out: D,
    pub value: S,
    pub extra: ::std::collections::BTreeMap<::std::string::String, etiquette_runtime::value::Json>,
}
etiquette_runtime::both_staged! {
    All, all:
    NeedsOption option: Option,
    NeedsSource source: Write,
    NeedsOut out: D,
    NeedsValue value: S;
    optional result: Result,
    list vec: Vec,
    optional a: ::std::boxed::Box<A>;
    keep extra
}
etiquette_runtime::debug! { All: option, result; vec }

#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Patched {
    pub option: etiquette_runtime::patch::Patch<Option>,
    pub vec: ::core::option::Option<::std::vec::Vec<Vec>>,
}
etiquette_runtime::new! { Patched: ; patch option: Option, some_list vec: Vec }

pub struct Put {
    pub option: ::core::option::Option<Option>,
    pub vec: ::std::vec::Vec<Vec>,
}
etiquette_runtime::put! { Put: nullable option: Option, list vec: Vec }

#[test]
fn types_may_be_named_as_the_prelude() {
    let all = All::builder()
        .option(Option::new(1))
        .source(Write::new(2))
        .out(D::new(3))
        .value(S::new(4));
    let text = crate::json(&all);
    assert_eq!(
        text,
        r#"{"option":{"id":1},"source":{"id":2},"out":{"id":3},"value":{"id":4}}"#
    );
    let read: All = serde_json::from_str(&text).expect("it was written by the same table");
    assert!(read == all);
}
