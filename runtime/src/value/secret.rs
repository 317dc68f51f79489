//! Texts that are sent and never shown.
//! Assumes that a text leaves only inside a request or through `expose_secret`. Must not have `Display`, `Serialize` or
//! a `Debug` that shows it, nor its length.

use std::fmt;

use secrecy::ExposeSecret as _;

use crate::record::{Out, Write};

/// A text that is sent and never shown: `Debug` says `[REDACTED]` whatever it holds, and its memory is wiped when it is
/// dropped.
///
/// ```
/// use etiquette_runtime::value::SecretString;
///
/// let password = SecretString::from("hunter2");
/// assert_eq!(format!("{password:?}"), "[REDACTED]");
/// ```
#[derive(Clone, Default)]
pub struct SecretString(secrecy::SecretString);

impl SecretString {
    /// The text itself. Whoever takes it keeps it out of logs.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for SecretString {
    fn from(text: &str) -> SecretString {
        SecretString(text.into())
    }
}

impl From<String> for SecretString {
    fn from(text: String) -> SecretString {
        SecretString(text.into())
    }
}

impl PartialEq for SecretString {
    fn eq(&self, other: &SecretString) -> bool {
        self.expose_secret() == other.expose_secret()
    }
}

impl Eq for SecretString {}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Write for SecretString {
    fn write(&self, out: &mut Out) {
        out.string(self.expose_secret());
    }
}
