//! Which bodies each encoding can carry: JSON anything, forms and parts an object, text and bytes one value.
//! Assumes a resolved type. Whether the members of an object can be written is a rule over the model and
//! not looked at here.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{BodyAs, Spanned};
use crate::model::Ty;

use super::catalogue::{Catalogue, Expr};

/// Refuses keys that say something about another encoding.
pub(super) fn refuse_keys(
    form: BodyAs,
    at: Option<&Place>,
    media_type: Option<&Spanned<String>>,
    diagnostics: &mut Diagnostics,
) {
    let word = BodyAs::WORDS[form as usize];
    if let (Some(at), true) = (at, form != BodyAs::Json) {
        let message = format!("a body that is sent as `{word}` has no places in it");
        let help = "remove `at`, which leads into JSON, or `as`";
        diagnostics.push(Diagnostic::new("E110", at, message).help(help));
    }
    let Some(media_type) = media_type else { return };
    if form != BodyAs::Bytes {
        let message = format!("a body that is sent as `{word}` has a media type of its own");
        let help = "remove `media_type`, or write `as: bytes`";
        diagnostics.push(Diagnostic::new("E110", &media_type.place, message).help(help));
    } else if !is_media_type(&media_type.value) {
        let message = format!("`{}` is no media type", media_type.value.escape_debug());
        let help = "write a type and a subtype, such as `image/png`";
        diagnostics.push(Diagnostic::new("E110", &media_type.place, message).help(help));
    }
}

/// RFC 9110, section 8.3.1: two tokens, and perhaps parameters of visible characters.
fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !part.is_empty() && part.bytes().all(sign)
    };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let (kind, subtype) = essence.trim_end().split_once('/').unwrap_or_default();
    let visible = parameters.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    is_token(kind) && is_token(subtype) && visible
}

/// How a body is sent.
pub(super) struct Sent<'a> {
    pub(super) form: BodyAs,
    pub(super) media_type: Option<&'a str>,
}

/// Refuses a type that the encoding cannot carry.
pub(super) fn refuse_unfit(
    types: &Catalogue,
    sent: &Sent<'_>,
    expr: &Expr,
    place: &Place,
    diagnostics: &mut Diagnostics,
) {
    let is_object = match expr {
        Expr::Named(id) | Expr::Shaped(_, id) => types.object(*id).is_some(),
        Expr::Scalar(_) | Expr::List(_) | Expr::Map(_) | Expr::Nullable(_) => false,
        Expr::Broken => return,
    };
    let (fits, message, help) = match sent.form {
        BodyAs::Json => return,
        BodyAs::Form | BodyAs::Multipart => (
            is_object,
            format!(
                "a body that is sent as `{}` has members, and this is no object",
                BodyAs::WORDS[sent.form as usize]
            ),
            "write the name of an object or one of its shapes, or `fields`",
        ),
        BodyAs::Text => (
            *expr == Expr::Scalar(Ty::String),
            "a body that is sent as `text` is one `string`".to_owned(),
            "write `type: string`, or another `as`",
        ),
        BodyAs::Bytes if *expr == Expr::Scalar(Ty::File) => (
            sent.media_type.is_none(),
            "each file says itself what it is".to_owned(),
            "remove `media_type`, or write `type: bytes`",
        ),
        BodyAs::Bytes => (
            *expr == Expr::Scalar(Ty::Bytes),
            "a body that is sent as `bytes` is sent as it is".to_owned(),
            "write `type: bytes` or `type: file`, or another `as`",
        ),
    };
    if !fits {
        diagnostics.push(Diagnostic::new("E110", place, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn a_media_type_has_two_parts() {
        for good in [
            "image/png",
            "application/vnd.api+json",
            "text/csv; charset=utf-8",
        ] {
            assert!(is_media_type(good), "{good}");
        }
        for bad in [
            "",
            "png",
            "/png",
            "image/",
            "a/b/c",
            "a b/c",
            "image/png; x=\u{e9}",
            "a/b\r\nx: y",
        ] {
            assert!(!is_media_type(bad), "{bad}");
        }
    }
}
