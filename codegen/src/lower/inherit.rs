//! Inheritance: what a method says, what is said for all methods of its name, and what its
//! resource, the resources above and the file say.
//!
//! The nearest value replaces the farther ones whole; only headers, query and cases are joined.

use crate::document::{Defaults, Entries, Method, OptionalName, OrNone, Param, Spanned};

/// One place where something may be said; nearest first in [`Levels`].
#[derive(Clone, Copy)]
enum Level<'d> {
    Method(&'d Method),
    Defaults(&'d Defaults),
}

/// Everything that a method inherits from, nearest first.
pub(super) struct Levels<'d>(Vec<Level<'d>>);

impl<'d> Levels<'d> {
    /// `defaults` are those of the resource, of the resources above and of the file, nearest first.
    pub(super) fn new(name: &str, method: Option<&'d Method>, defaults: &[&'d Defaults]) -> Self {
        let mut levels: Vec<Level<'d>> = method.into_iter().map(Level::Method).collect();
        for defaults in defaults {
            levels.extend(defaults.methods.get(name).map(Level::Method));
            levels.push(Level::Defaults(defaults));
        }
        Self(levels)
    }

    /// The nearest value of a key that only methods have.
    pub(super) fn of_method<T>(&self, key: impl Fn(&'d Method) -> Option<&'d T>) -> Option<&'d T> {
        self.nearest(key, |_| None)
    }

    /// The nearest value of a key that methods and defaults have.
    pub(super) fn nearest<T>(
        &self,
        of_method: impl Fn(&'d Method) -> Option<&'d T>,
        of_defaults: impl Fn(&'d Defaults) -> Option<&'d T>,
    ) -> Option<&'d T> {
        self.0.iter().find_map(|level| match level {
            Level::Method(method) => of_method(method),
            Level::Defaults(defaults) => of_defaults(defaults),
        })
    }

    /// Parameters of all levels by name; `none` takes away what stands farther out.
    pub(super) fn params(
        &self,
        of_method: impl Fn(&'d Method) -> &'d Entries<OptionalName, OrNone<Param>>,
        of_defaults: impl Fn(&'d Defaults) -> &'d Entries<OptionalName, OrNone<Param>>,
    ) -> Vec<(&'d Spanned<OptionalName>, &'d Param)> {
        let mut decided: Vec<&str> = Vec::new();
        let mut joined = Vec::new();
        for level in &self.0 {
            let params = match level {
                Level::Method(method) => of_method(method),
                Level::Defaults(defaults) => of_defaults(defaults),
            };
            for (name, param) in params {
                if decided.contains(&name.value.name.as_str()) {
                    continue;
                }
                decided.push(&name.value.name);
                if let OrNone::Some(param) = param {
                    joined.push((name, param));
                }
            }
        }
        joined
    }

    /// Types of placeholders by name, the nearest first.
    pub(super) fn placeholders(&self) -> Vec<&'d (Spanned<String>, Spanned<String>)> {
        let mut joined: Vec<&'d (Spanned<String>, Spanned<String>)> = Vec::new();
        for level in &self.0 {
            let Level::Method(method) = level else {
                continue;
            };
            for param in &method.params {
                if !joined.iter().any(|(known, _)| known.value == param.0.value) {
                    joined.push(param);
                }
            }
        }
        joined
    }

    /// Names of cases of all levels, the nearest first; `none` empties what stands farther out.
    pub(super) fn cases(&self) -> Vec<&'d Spanned<String>> {
        let mut joined = Vec::new();
        for level in &self.0 {
            let cases = match level {
                Level::Method(method) => method.cases.as_ref(),
                Level::Defaults(defaults) => defaults.cases.as_ref(),
            };
            match cases.map(|cases| &cases.value) {
                Some(OrNone::Some(names)) => joined.extend(names),
                Some(OrNone::None) => break,
                None => {}
            }
        }
        joined
    }
}
