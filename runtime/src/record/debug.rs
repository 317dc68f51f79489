//! `Debug` of models that hold something sensitive.
//! Must not hand a hidden member's value to the formatter, not even whether there is one.

use std::fmt;

/// `Debug` that shows the first members and says `[REDACTED]` for the others, whatever they hold.
///
/// ```
/// pub struct User {
///     pub id: i64,
///     pub email: Option<String>,
/// }
///
/// etiquette_runtime::debug! { User: id; email }
///
/// let user = User { id: 1, email: None };
/// assert_eq!(format!("{user:?}"), "User { id: 1, email: [REDACTED] }");
/// ```
#[macro_export]
macro_rules! debug {
    ($T:ident: $($shown:ident),* $(,)?; $($hidden:ident),* $(,)?) => {
        impl ::core::fmt::Debug for $T {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::record::fields(
                    __f,
                    ::core::stringify!($T),
                    &[$((::core::stringify!($shown), &self.$shown)),*],
                    &[$(::core::stringify!($hidden)),*],
                )
            }
        }
    };
}

/// For [`debug!`](crate::debug!).
///
/// # Errors
///
/// The formatter's.
pub fn fields(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    shown: &[(&str, &dyn fmt::Debug)],
    hidden: &[&str],
) -> fmt::Result {
    let mut fields = f.debug_struct(name);
    for (name, value) in shown {
        fields.field(name, value);
    }
    for name in hidden {
        fields.field(name, &format_args!("[REDACTED]"));
    }
    fields.finish()
}
