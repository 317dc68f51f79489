//! The words that keys take, each list an enum.
//! A list keeps the order of the language, since messages show it. Must not say what a word means:
//! lowering does, with a match on the whole enum.

use crate::diagnostics::{Diagnostic, Place};
use crate::parse::Scalar;

use super::names::Key;
use super::scalars::{FromScalar, scalars};
use super::schema::Schema;

/// Declares enums of words; a word is the same in quotes.
macro_rules! words {
    ($($(#[$meta:meta])* enum $name:ident { $($variant:ident = $word:literal,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $name { $($variant,)* }

        impl $name {
            /// Every word, in the order of the language.
            pub(crate) const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The enum's value for a word.
            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl FromScalar for $name {
            const EXPECTED: &'static str = "a word";

            fn describe_scalar() -> Schema {
                Schema::words(Self::WORDS)
            }

            fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
                Self::from_word(&scalar.text)
                    .ok_or_else(|| Box::new(unknown_word(&scalar.text, Self::WORDS, place)))
            }
        }

        scalars! { $name }
    )* };
}

/// The diagnostic for a word that is not in the list.
pub(crate) fn unknown_word(given: &str, words: &[&'static str], place: &Place) -> Diagnostic {
    let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    Diagnostic::new("E025", place, format!("unknown word `{given}`"))
        .help(format!("write one of {}", list.join(", ")))
        .suggest(given, words.iter().copied())
}

words! {
    /// How sure a fact is.
    enum Trust {
        Documented = "documented",
        Observed = "observed",
        Assumed = "assumed",
        Unknown = "unknown",
    }

    /// How a credential is sent, or how its token is got.
    enum AuthKind {
        Bearer = "bearer",
        Basic = "basic",
        Header = "header",
        Query = "query",
        ClientCredentials = "oauth2_client_credentials",
        Refresh = "oauth2_refresh",
    }

    /// The verb of a request for a token.
    enum GrantVerb {
        Get = "get",
        Post = "post",
    }

    /// Where the parameters of a request for a token stand.
    enum GrantPlace {
        Query = "query",
        Form = "form",
    }

    /// How a client proves who it is when it asks for a token.
    enum ClientProof {
        Basic = "basic",
        Body = "body",
    }

    /// By which means a webhook's delivery proves where it comes from.
    enum ProofKind {
        HmacSha256 = "hmac_sha256",
        SharedSecret = "shared_secret",
    }

    /// How a signature is written.
    enum SignatureDigits {
        Hex = "hex",
        Base64 = "base64",
    }

    /// What the secret of a proof is.
    enum ProofKey {
        Credential = "credential",
        Given = "given",
    }

    /// The family of conventions that an API follows.
    enum Dialect {
        Rest = "rest",
    }

    /// How names become wire names.
    enum Case {
        AsIs = "as_is",
        Camel = "camel",
        Pascal = "pascal",
    }

    /// How a list is written into a query.
    enum Arrays {
        Repeat = "repeat",
        Comma = "comma",
        Brackets = "brackets",
        Pipe = "pipe",
    }

    /// How a boolean is written into a query.
    enum Bools {
        Words = "words",
        Digits = "digits",
        Flag = "flag",
    }

    /// How a parameter is encoded before it is written into a query or header.
    enum Encode {
        Json = "json",
    }

    /// How a field's value is written.
    enum Format {
        U64 = "u64",
        String = "string",
        Number = "number",
        EpochSeconds = "epoch_seconds",
        EpochMillis = "epoch_millis",
        Naive = "naive",
        Space = "space",
        OffsetNoColon = "offset_no_colon",
        Rfc3339 = "rfc3339",
        Seconds = "seconds",
        Millis = "millis",
        Iso8601 = "iso8601",
    }

    /// How a datetime is written on the wire.
    enum DatetimeFormat {
        EpochSeconds = "epoch_seconds",
        EpochMillis = "epoch_millis",
        Naive = "naive",
        Space = "space",
        OffsetNoColon = "offset_no_colon",
        Rfc3339 = "rfc3339",
    }

    /// What happens to fields that are not described.
    enum Extra {
        Drop = "drop",
        Keep = "keep",
    }

    /// In which directions a field travels.
    enum Access {
        ReadOnly = "read_only",
        CreateOnly = "create_only",
        WriteOnly = "write_only",
        OnCreate = "on_create",
    }

    /// Whether a field has to be given to create.
    enum Presence {
        Required = "required",
        Optional = "optional",
    }

    /// How a nested object is patched.
    enum Merge {
        Deep = "deep",
    }

    /// What the values of an enum are on the wire.
    enum EnumOf {
        String = "string",
        Int = "int",
    }

    /// To what, instead of its parent's item path, a child's path is appended.
    enum At {
        Collection = "collection",
    }

    /// What a call does to the server when it is sent again.
    enum EffectWord {
        Read = "read",
        Idempotent = "idempotent",
        Once = "once",
    }

    /// How a body is encoded.
    enum BodyAs {
        Json = "json",
        Form = "form",
        Multipart = "multipart",
        Text = "text",
        Bytes = "bytes",
    }

    /// How an answer is read.
    enum OutAs {
        Json = "json",
        Text = "text",
        Bytes = "bytes",
    }

    /// As what a download comes.
    enum DownloadTo {
        Bytes = "bytes",
    }

    /// How an API pages.
    enum PageKind {
        Offset = "offset",
        Page = "page",
        Cursor = "cursor",
        NextUrl = "next_url",
        Keyset = "keyset",
    }

    /// From where a relative link counts.
    enum RelativeTo {
        Base = "base",
        Request = "request",
    }

    /// What the answer to a repetition says about the first request.
    enum ReplayMeans {
        Done = "done",
        InProgress = "in_progress",
    }

    /// What ends a walk over pages.
    enum Stop {
        TotalReached = "total_reached",
        NoNext = "no_next",
        ShortPage = "short_page",
        EmptyPage = "empty_page",
        LastPage = "last_page",
    }

    /// What a number in an answer counts.
    enum Unit {
        Seconds = "seconds",
        Millis = "millis",
        EpochSeconds = "epoch_seconds",
        EpochMillis = "epoch_millis",
    }

    /// What a refusal holds back.
    enum Hold {
        Bucket = "bucket",
        Client = "client",
    }

    /// What becomes of the concurrency after a refusal.
    enum AfterRefusal {
        Halve = "halve",
    }

    /// What a slow answer is compared with.
    enum SlowOf {
        Baseline = "baseline",
    }

    /// What a filter asks of a field.
    enum Op {
        Eq = "eq",
        Ne = "ne",
        Lt = "lt",
        Le = "le",
        Gt = "gt",
        Ge = "ge",
        In = "in",
        Contains = "contains",
        StartsWith = "starts_with",
        EndsWith = "ends_with",
        Like = "like",
        Exists = "exists",
    }

    /// What goes wrong with a call, as the runtime calls it.
    enum ErrorKind {
        Parameter = "Parameter",
        Auth = "Auth",
        Refused = "Refused",
        QueueFull = "QueueFull",
        Deadline = "Deadline",
        Connect = "Connect",
        Timeout = "Timeout",
        Truncated = "Truncated",
        Decode = "Decode",
        Api = "Api",
        Ambiguous = "Ambiguous",
        AlreadyProcessed = "AlreadyProcessed",
        PagingStalled = "PagingStalled",
        CrossOriginLink = "CrossOriginLink",
        CircuitOpen = "CircuitOpen",
        Stalled = "Stalled",
        TooLarge = "TooLarge",
        Redirected = "Redirected",
        Expired = "Expired",
        CountChanged = "CountChanged",
        JobFailed = "JobFailed",
        StillRunning = "StillRunning",
        File = "File",
    }

    /// The verb of a request that is expected.
    enum ExpectedVerb {
        Get = "GET",
        Head = "HEAD",
        Options = "OPTIONS",
        Post = "POST",
        Put = "PUT",
        Patch = "PATCH",
        Delete = "DELETE",
    }
}

/// A filter's operation, perhaps negated: `not_contains`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilterOp {
    pub(crate) op: Op,
    pub(crate) negated: bool,
}

impl FromScalar for FilterOp {
    const EXPECTED: &'static str = "an operation";

    fn describe_scalar() -> Schema {
        Schema::any_of([
            Schema::words(Op::WORDS),
            Schema::pattern(&format!("not_(?:{})", Op::WORDS.join("|"))),
        ])
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        let (word, negated) = match scalar.text.strip_prefix("not_") {
            Some(word) => (word, true),
            None => (scalar.text.as_str(), false),
        };
        let op = Op::from_word(word)
            .ok_or_else(|| Box::new(unknown_word(&scalar.text, Op::WORDS, place)))?;
        Ok(Self { op, negated })
    }
}

impl Key for FilterOp {
    fn describe_key() -> Schema {
        Self::describe_scalar()
    }

    fn from_key(key: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        Self::from_scalar(key, place)
    }
}

scalars! { FilterOp }
