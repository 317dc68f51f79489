//! The allow-list: which kinds of items, attributes, expressions and paths generated code may hold.
//!
//! A second look at what the emitters wrote, independent of how they wrote it: whatever a
//! description contains, no `unsafe`, no block of code of its own, no foreign path or macro can
//! come out (the class of injection faults that other generators had).

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, Expr, File, ImplItem, Item, Meta, Pat, Stmt, Token, Type};

/// The first thing that is not on the list, in words.
pub(super) fn check(file: &File) -> Result<(), String> {
    let mut seen = Seen { found: None };
    seen.visit_file(file);
    match seen.found {
        Some(found) => Err(found),
        None => Ok(()),
    }
}

struct Seen {
    found: Option<String>,
}

impl Seen {
    fn refuse(&mut self, what: impl Into<String>) {
        self.found.get_or_insert_with(|| what.into());
    }
}

/// Attributes by path.
const ATTRIBUTES: &[&str] = &[
    "allow",
    "cfg",
    "deprecated",
    "derive",
    "doc",
    "forbid",
    "must_use",
    "non_exhaustive",
    "rustfmt::skip",
    "warn",
];

/// Derives.
const DERIVES: &[&str] = &[
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

/// Lints that a whole file may be excused from.
const LINTS: &[&str] = &[
    "deprecated",
    "clippy::large_enum_variant",
    "clippy::module_inception",
    "clippy::needless_pass_by_value",
];

/// The first segments that a path of several segments may begin with.
const ROOTS: &[&str] = &["runtime", "self", "super", "crate"];

impl<'ast> Visit<'ast> for Seen {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Enum(_) | Item::Struct(_) | Item::Static(_) | Item::Const(_) | Item::Use(_) => {}
            Item::Impl(item)
                if item.trait_.is_none() && item.unsafety.is_none() && is_plain(&item.generics) => {
            }
            Item::Mod(item) if item.content.is_none() && item.unsafety.is_none() => {}
            Item::Macro(item) if item.ident.is_none() => return,
            other => return self.refuse(format!("an item: {}", quote::quote!(#other))),
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        match item {
            ImplItem::Fn(function) => {
                let signature = &function.sig;
                if !matches!(signature.safety, syn::Safety::Default)
                    || signature.asyncness.is_some()
                    || signature.abi.is_some()
                {
                    self.refuse(format!("the signature of `{}`", signature.ident));
                }
            }
            _ => self.refuse("a member of an `impl` that is no function"),
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let path = attribute
            .path()
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect::<Vec<_>>()
            .join("::");
        if !ATTRIBUTES.contains(&path.as_str()) {
            return self.refuse(format!("the attribute `{path}`"));
        }
        if path == "derive" {
            let result = attribute.parse_nested_meta(|meta| {
                let name = meta
                    .path
                    .get_ident()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                if DERIVES.contains(&name.as_str()) {
                    Ok(())
                } else {
                    Err(meta.error(name))
                }
            });
            if let Err(error) = result {
                self.refuse(format!("the derive `{error}`"));
            }
        }
        if path == "allow" && !is_allowed_lint(attribute) {
            self.refuse("an `allow` of a lint that is not on the list");
        }
        if path == "doc"
            && !matches!(&attribute.meta, Meta::NameValue(pair) if is_text(&pair.value))
        {
            self.refuse("a `doc` attribute that is no text");
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.refuse(format!(
            "the macro `{}` inside an item",
            quote::quote!(#mac)
        ));
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Local(_) | Stmt::Expr(..) => visit::visit_stmt(self, statement),
            Stmt::Item(_) | Stmt::Macro(_) => self.refuse("an item inside a function"),
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Array(_)
            | Expr::Call(_)
            | Expr::Closure(_)
            | Expr::Field(_)
            | Expr::ForLoop(_)
            | Expr::Lit(_)
            | Expr::MethodCall(_)
            | Expr::Paren(_)
            | Expr::Path(_)
            | Expr::Reference(_)
            | Expr::Struct(_)
            | Expr::Tuple(_)
            | Expr::Unary(_) => visit::visit_expr(self, expr),
            other => self.refuse(format!("the expression `{}`", quote::quote!(#other))),
        }
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        match pattern {
            Pat::Ident(_) | Pat::Tuple(_) | Pat::Type(_) => visit::visit_pat(self, pattern),
            other => self.refuse(format!("the pattern `{}`", quote::quote!(#other))),
        }
    }

    fn visit_type(&mut self, ty: &'ast Type) {
        match ty {
            Type::Path(_)
            | Type::Reference(_)
            | Type::Tuple(_)
            | Type::ImplTrait(_)
            | Type::Slice(_) => {
                visit::visit_type(self, ty);
            }
            other => self.refuse(format!("the type `{}`", quote::quote!(#other))),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect::<Vec<_>>();
        let foreign = match segments.as_slice() {
            [first, _, ..] => {
                let lower = first.chars().next().is_some_and(char::is_lowercase);
                lower && !ROOTS.contains(&first.as_str())
            }
            _ => false,
        };
        if path.leading_colon.is_some() || foreign {
            self.refuse(format!("the path `{}`", segments.join("::")));
        }
        visit::visit_path(self, path);
    }

    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        let first = path.ident.to_string();
        if !ROOTS.contains(&first.as_str()) && first.chars().next().is_some_and(char::is_uppercase)
        {
            self.refuse(format!("the import `{first}`"));
        }
        visit::visit_use_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let root = match &item.tree {
            syn::UseTree::Path(path) => path.ident.to_string(),
            _ => String::new(),
        };
        if !ROOTS.contains(&root.as_str()) {
            self.refuse(format!("an import from `{root}`"));
        }
        visit::visit_item_use(self, item);
    }

    fn visit_use_glob(&mut self, _: &'ast syn::UseGlob) {
        self.refuse("a glob import");
    }
}

/// Types without bounds, and nothing else.
fn is_plain(generics: &syn::Generics) -> bool {
    let plain = |param: &syn::GenericParam| match param {
        syn::GenericParam::Type(ty) => ty.bounds.is_empty() && ty.default.is_none(),
        syn::GenericParam::Lifetime(_) | syn::GenericParam::Const(_) => false,
    };
    generics.where_clause.is_none() && generics.params.iter().all(plain)
}

/// `#![allow(<one lint of the list>, reason = "…")]`
fn is_allowed_lint(attribute: &Attribute) -> bool {
    let parts = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let Ok(parts) = parts else { return false };
    let [lint, reason] = Vec::from_iter(&parts)[..] else {
        return false;
    };
    let Meta::Path(lint) = lint else { return false };
    let name = Vec::from_iter(lint.segments.iter().map(|one| one.ident.to_string())).join("::");
    matches!(attribute.style, AttrStyle::Inner(_))
        && LINTS.contains(&name.as_str())
        && matches!(reason, Meta::NameValue(pair) if pair.path.is_ident("reason") && is_text(&pair.value))
}

/// A text of one line: more would end a comment.
fn is_text(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => !text.value().contains(|c: char| c.is_control()),
            _ => false,
        },
        _ => false,
    }
}
