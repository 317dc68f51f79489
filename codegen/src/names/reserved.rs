//! Names that an API cannot have: Rust's keywords and what generated code uses itself.
//!
//! Two cures: functions, setters and members get a trailing `_`; a type that is named like an item
//! that generated modules import needs a `rust:`, because nobody would guess the other name.

/// Strict and reserved keywords of all editions up to 2024 (the Rust reference, "Keywords").
const KEYWORDS: &[&str] = &[
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Functions of ours on handles and calls.
const METHODS: &[&str] = &[
    "builder",
    "checkpoint",
    "clone",
    "estimate",
    "items",
    "mock",
    "new",
    "pages",
    "poll",
    "send_raw",
];

/// Functions of ours on calls, beside those above; a handle may have them.
const CALLS: &[&str] = &[
    "download",
    "expect",
    "export",
    "plan",
    "ready",
    "reconcile",
    "request",
    "resume",
];

/// Functions of ours on bodies and models; a setter of the same name would hide them.
const MEMBERS: &[&str] = &["builder", "clone", "default", "new"];

/// Names inside of our functions and handles.
const ARGUMENTS: &[&str] = &["core", "request"];

/// Functions of ours on a client and its builder.
const CLIENT_FUNCTIONS: &[&str] = &[
    "build", "builder", "clone", "default", "from_env", "limits", "log_in", "mock", "new",
];

/// Items that generated modules define, import or name without a path. What only our macros name
/// is not among them: those use absolute paths.
const ITEMS: &[&str] = &[
    "Api",
    "AsJson",
    "AsRef",
    "Authorize",
    "BTreeMap",
    "Base64",
    "Box",
    "Bucket",
    "Builder",
    "BulkWrite",
    "Bytes",
    "Call",
    "Charge",
    "Client",
    "ClientBuilder",
    "ClientParam",
    "Concurrency",
    "Core",
    "Credential",
    "CredentialKind",
    "CredentialSource",
    "Date",
    "DateTime",
    "Decimal",
    "Digits",
    "Download",
    "Downloading",
    "Duration",
    "Effect",
    "EpochMillis",
    "EpochSeconds",
    "Err",
    "Error",
    "ErrorShape",
    "Fault",
    "Filtered",
    "Follow",
    "Following",
    "Forms",
    "Hold",
    "IdempotencyKey",
    "Into",
    "IntoIterator",
    "Json",
    "Learn",
    "LimitsSnapshot",
    "ListCall",
    "Lock",
    "Messages",
    "Millis",
    "Naive",
    "NaiveUtc",
    "None",
    "OAuth2",
    "OffsetNoColon",
    "Ok",
    "Operation",
    "Option",
    "Paging",
    "PagingKind",
    "Patch",
    "Place",
    "PollUntil",
    "RangeBounds",
    "RateLimitFields",
    "Reconcile",
    "Refusal",
    "Replay",
    "ReplayMeans",
    "Request",
    "Result",
    "Retry",
    "Rfc3339",
    "Scope",
    "Seconds",
    "SecretString",
    "SendAt",
    "SignedDuration",
    "Some",
    "Space",
    "Stop",
    "String",
    "Text",
    "Then",
    "Time",
    "Timestamp",
    "TokenPlace",
    "Unfiltered",
    "Unit",
    "UnknownObject",
    "UnknownValue",
    "Upload",
    "Url",
    "Uuid",
    "Vec",
    "Verb",
    "Wait",
    "WebhookEncoding",
    "WebhookProof",
    "WebhookTable",
    "WebhookVerifier",
    "Window",
];

/// Whether the text is a keyword, which cannot be a name.
pub(crate) fn is_keyword(text: &str) -> bool {
    KEYWORDS.contains(&text)
}

/// Whether generated modules already mean something else by this type name.
pub(crate) fn is_item_of_ours(name: &str) -> bool {
    ITEMS.contains(&name)
}

/// Whether a client or its builder has a function of this name.
pub(crate) fn is_client_function(name: &str) -> bool {
    CLIENT_FUNCTIONS.contains(&name)
}

/// Options of ours start with `with_`, so that a new one never takes an API's name.
pub(super) fn escape_method(name: String) -> String {
    if METHODS.contains(&name.as_str()) || name.starts_with("with_") {
        name + "_"
    } else {
        name
    }
}

/// Setters of a call stand beside all functions of ours.
pub(super) fn escape_setter(name: String) -> String {
    if CALLS.contains(&name.as_str()) {
        name + "_"
    } else {
        escape_method(name)
    }
}

pub(super) fn escape_argument(name: String) -> String {
    if ARGUMENTS.contains(&name.as_str()) {
        name + "_"
    } else {
        name
    }
}

pub(super) fn escape_member(name: String) -> String {
    if MEMBERS.contains(&name.as_str()) {
        name + "_"
    } else {
        name
    }
}
