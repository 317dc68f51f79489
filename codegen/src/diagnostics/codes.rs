//! The table of all codes: one entry and one page for each.
//!
//! A code is never reused or given another meaning. `E001` to `E019` belong to the text, `E020` to
//! `E039` to the shape of the document, those from `E040` on to its meaning; `W` is a warning.

/// A code, what it stands for in one line, and its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Such as `E020`.
    pub code: &'static str,
    /// One line in lower case.
    pub title: &'static str,
    /// Markdown: what it means, an example, the cure.
    pub page: &'static str,
}

macro_rules! codes {
    ($($code:ident $title:literal)*) => {
        const CODES: &[Code] = &[
            $(Code {
                code: stringify!($code),
                title: $title,
                page: include_str!(concat!("pages/", stringify!($code), ".md")),
            },)*
        ];
    };
}

codes! {
    E001 "the file is not UTF-8"
    E002 "the file is UTF-16 or UTF-32"
    E003 "forbidden control character"
    E004 "forbidden invisible character"
    E005 "YAML directive"
    E006 "the file is too large"
    E007 "nested too deeply"
    E008 "too many nodes"
    E009 "text too long"
    E010 "key too long"
    E011 "anchor, alias or merge key"
    E012 "tag"
    E013 "second document"
    E014 "key given twice"
    E015 "not YAML"
    E016 "two YAML parsers disagree"
    E017 "entry without a value"
    E018 "unquoted text that YAML may read as something else"
    E019 "key that is not text"
    E020 "unknown key"
    E021 "missing key"
    E022 "wrong kind of value"
    E023 "bad number"
    E024 "bad duration"
    E025 "unknown word"
    E026 "bad name"
    E027 "bad place or pointer"
    E028 "bad type expression"
    E029 "wrong name of the API"
    E030 "defined twice in the files of an API"
    E031 "key that belongs into `api.yaml`"
    E032 "the API's folder has no `api.yaml`"
    E033 "unknown edition of the language"
    E034 "the kind cannot be told from the keys"
    E040 "unknown type"
    E041 "unknown policy"
    E042 "unknown field"
    E043 "two things with one Rust name"
    E044 "name that generated code needs"
    E045 "bad Rust name"
    E046 "two things with one wire name"
    E047 "bad alias"
    E048 "type without an end"
    E049 "wrong shape of a type"
    E050 "type that cannot stand here"
    E051 "bad union"
    E052 "bad request of a method"
    E053 "method without what it needs"
    E055 "parameter of the page policy"
    E056 "policy that lacks or mistakes a place"
    E057 "format that the type does not have"
    E058 "keys that contradict each other"
    E059 "literal that is no value of the type"
    E060 "credential that lacks or mistakes a key"
    E061 "number of a policy that cannot be used"
    E062 "filter that cannot be written"
    E063 "success said twice"
    E064 "pages of something else than a list"
    E065 "not generated yet"
    E070 "bad path template"
    E071 "placeholders and parameters of a path do not match"
    E072 "two methods send the same request"
    E073 "bad URL of an environment"
    E074 "variable of a URL is not described or not used"
    E075 "bad header name"
    E076 "bad header value"
    E077 "bad name of a query parameter"
    E078 "parameter that would be sent twice"
    E079 "bad name of an environment variable"
    E080 "limit that cannot work"
    E081 "retry policy out of range"
    E082 "status that does not fit"
    E083 "status that is both refused and retried"
    E084 "time out of range"
    E085 "page policy that cannot work"
    E086 "end of a walk that cannot be told"
    E087 "filters without a list"
    E088 "error cases that cannot be told apart"
    E089 "error shape that is never reached"
    E090 "enum without values"
    E091 "union that cannot be read"
    E092 "members of an object collide"
    E093 "value that is not of the field's type"
    E094 "bad bounds"
    E096 "parameter without a text form"
    E097 "body that cannot be sent"
    E098 "`sensitive` where it cannot hide anything"
    E099 "secret in a description"
    E100 "lock that cannot work"
    E101 "idempotency key that cannot work"
    E102 "create that cannot be looked for"
    E103 "concurrency that cannot work"
    E104 "token endpoint that cannot be used"
    E110 "body that its encoding cannot carry"
    E111 "file outside of a multipart body"
    E112 "text or bytes that cannot be read so"
    E113 "download that is something else as well"
    E114 "URL that cannot be followed"
    E115 "write over many rows that nothing guards"
    E116 "write that filters select"
    E117 "poll that cannot work"
    E120 "webhook that cannot work"
    E121 "webhook whose secret is no lasting one"
    E122 "time of a webhook that nobody can compare"
    E125 "forms of datetimes that cannot stand together"
    E126 "field that names no time zone"
    E127 "depth of a type that does not nest"
    E128 "selection of members that cannot work"
    E132 "scenario that names what is not there"
    E133 "scenario that leaves something out"
    E134 "time that no policy reads"
    E135 "replies that do not match the requests"
    E136 "two scenarios with one name"
    W001 "type that nothing uses"
    W002 "policy that nothing uses"
    W003 "bucket that nothing draws from"
    W004 "error case that nothing uses"
    W005 "credential that nothing uses"
    W006 "nothing to call"
    W007 "retry that never applies"
    W008 "limit that nobody has confirmed"
    W009 "bucket that limits nothing"
    W010 "refusal that is not described"
    W011 "change with a safe verb"
    W012 "credential in the query before one in a header"
    W013 "download of something that changes"
    W018 "more types than compile quickly"
}

/// Every code, in order.
#[must_use]
pub fn codes() -> &'static [Code] {
    CODES
}

/// The entry of a code.
pub(crate) fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|entry| entry.code == code)
}

/// The page of a code, or nothing if there is no such code.
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    find(code).map(|entry| entry.page)
}
