//! A member of a patch: left out, set to null, or set to a value. These are three different things on the wire.
//! Assumes that whoever writes it leaves the member out where it is absent: it has no JSON of its own, so that no value
//! can stand for "absent" by mistake.

/// A member of a patch.
///
/// ```
/// use etiquette_runtime::patch::Patch;
///
/// let note: Patch<String> = "fragile".into();
/// assert_eq!(note, Patch::Value("fragile".to_owned()));
/// assert_eq!(Patch::<i64>::from(None), Patch::Null);
/// assert_eq!(Patch::<i64>::default(), Patch::Absent);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Leave the member as it is.
    #[default]
    Absent,
    /// Set the member to null.
    Null,
    /// Set the member to this value.
    Value(T),
}

impl<T> Patch<T> {
    /// The value, if it is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Patch::Value(value) => Some(value),
            Patch::Absent | Patch::Null => None,
        }
    }

    /// Whether the member is left as it is.
    pub fn is_absent(&self) -> bool {
        matches!(self, Patch::Absent)
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Patch<T> {
        Patch::Value(value)
    }
}

/// `None` clears the member.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Patch<T> {
        value.map_or(Patch::Null, Patch::Value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Patch<String> {
        Patch::Value(value.to_owned())
    }
}
