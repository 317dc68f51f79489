//! Members: a field as it stands in one struct, with its presence, its type and all that is worth
//! knowing in words.

use crate::model::{Access, Doc, How, Member, Shape, Ty};

use super::catalogue::{Catalogue, Expr, Field, Mode};
use super::{shapes, words};

/// What a struct is laid out for.
#[derive(Clone, Copy)]
pub(super) enum Layout<'a> {
    Read,
    /// Wire names of what is answered whatever was selected.
    Partial(&'a [String]),
    Both,
    New,
    Put,
    Patch,
    Explicit {
        base: Mode,
        /// Wire names of what the server clears when it is omitted.
        cleared: &'a [String],
    },
}

impl Layout<'_> {
    pub(super) fn shape(self) -> Shape {
        match self {
            Self::Read => Shape::Read,
            Self::Partial(_) => Shape::Partial,
            Self::Both => Shape::Both,
            Self::New => Shape::New,
            Self::Put => Shape::Put,
            Self::Patch => Shape::Patch,
            Self::Explicit { .. } => Shape::Explicit,
        }
    }

    /// The mode that decides which fields there are and what is nested.
    fn mode(self) -> Mode {
        match self {
            Self::Read | Self::Partial(_) => Mode::Read,
            Self::Both | Self::New => Mode::New,
            Self::Put => Mode::Put,
            Self::Patch => Mode::Patch,
            Self::Explicit { base, .. } => base,
        }
    }

    /// The mode in which nested objects stand; in an explicit body they are made anew.
    fn nested(self) -> Mode {
        match self {
            Self::Explicit { .. } => Mode::New,
            Self::Read | Self::Partial(_) | Self::Both | Self::New | Self::Put | Self::Patch => {
                self.mode()
            }
        }
    }

    fn writes(self) -> bool {
        !matches!(self, Self::Read | Self::Partial(_))
    }

    fn reads(self) -> bool {
        matches!(self, Self::Read | Self::Partial(_) | Self::Both)
    }
}

/// A field whose presence is being decided.
struct Sight<'f> {
    field: &'f Field,
    /// Null may stand there and is no other value.
    nullable: bool,
    list: bool,
}

/// The field as a member; `None` if it is none of this struct.
pub(super) fn lower(types: &Catalogue, field: &Field, layout: Layout<'_>) -> Option<Member> {
    let described = &field.field;
    if !shapes::is_in(described.access, layout.mode()) {
        return None;
    }
    let own_form = field.sent.as_ref().filter(|_| layout.writes());
    let (expr, nullable) = own_form.map_or((&field.read, described.nullable), Expr::split_null);
    let list = matches!(expr, Expr::List(_));
    let sight = Sight {
        field,
        nullable: nullable && described.null_is.is_none(),
        list,
    };
    let how = presence(&sight, layout);
    let merged = described.merge_deep && matches!(layout, Layout::Patch);
    let secret = described.sensitive && described.access == Access::WriteOnly;
    let ty = match (how, types.ty(expr, layout.nested(), merged)) {
        (How::List, Ty::List(element)) => *element,
        (How::Required, ty) if sight.nullable => Ty::Nullable(Box::new(ty)),
        (_, Ty::String) if secret => Ty::Secret,
        (_, ty) => ty,
    };
    Some(Member {
        name: described.name.clone(),
        ty,
        how,
        format: if layout.reads() {
            described.format
        } else {
            field.write_format
        },
        sensitive: described.sensitive,
        null_is: described.null_is.clone().filter(|_| layout.reads()),
        hollow: described.hollow && layout.reads(),
        constant: described.constant.clone().filter(|_| layout.writes()),
        doc: doc(&sight, how, layout),
        field: described.name.wire.clone(),
    })
}

fn presence(sight: &Sight<'_>, layout: Layout<'_>) -> How {
    let field = &sight.field.field;
    match layout {
        Layout::Partial(keeps) if keeps.contains(&field.name.wire) => presence(sight, Layout::Read),
        Layout::Partial(_) => How::Optional,
        // Null is a value of its own there, and the runtime asks for one of the two.
        Layout::Read | Layout::Both if field.null_is.is_some() && !field.optional => How::Required,
        Layout::Read if sight.nullable || field.access == Access::OnCreate => How::Optional,
        Layout::Read if field.optional => optional(sight),
        Layout::Read => How::Required,
        Layout::Both | Layout::New
            if field.required_on_create && (layout.shape() == Shape::New || !field.optional) =>
        {
            How::Required
        }
        // An empty list is something else than the server's own choice.
        Layout::Both | Layout::New if sight.nullable || field.default.is_some() => How::Optional,
        Layout::Both | Layout::New => optional(sight),
        Layout::Put => replaced(sight),
        Layout::Patch if sight.nullable => How::Patch,
        Layout::Patch => How::Optional,
        Layout::Explicit { cleared, .. } if cleared.contains(&field.name.wire) => replaced(sight),
        Layout::Explicit {
            base: Mode::Patch, ..
        } => How::Optional,
        Layout::Explicit { .. } => presence(sight, Layout::New),
    }
}

fn optional(sight: &Sight<'_>) -> How {
    if sight.list && !sight.nullable {
        How::List
    } else {
        How::Optional
    }
}

/// Every member is written; only what has neither null nor an empty form can be left out.
fn replaced(sight: &Sight<'_>) -> How {
    if sight.nullable {
        How::Nullable
    } else if sight.field.field.optional && !sight.list {
        How::Optional
    } else {
        How::Required
    }
}

/// The field's words, the server's default where it may be left out, limits and an example.
fn doc(sight: &Sight<'_>, how: How, layout: Layout<'_>) -> Doc {
    let field = &sight.field.field;
    let mut doc = field.doc.clone();
    let may_be_left_out =
        matches!(how, How::Optional | How::List) && !matches!(layout, Layout::Patch);
    if let Some(default) = field
        .default
        .as_ref()
        .filter(|_| layout.writes() && may_be_left_out)
    {
        words::add_sentence(&mut doc.text, &format!("{default} if absent."));
    }
    if let Some(limits) = limits(sight) {
        words::add_sentence(&mut doc.text, &limits);
    }
    if let Some(example) = &field.example {
        words::add_sentence(
            &mut doc.text,
            &format!("Such as `{}`.", example.replace('`', "'")),
        );
    }
    doc
}

fn limits(sight: &Sight<'_>) -> Option<String> {
    let field = &sight.field.field;
    let unit = match sight.field.read.split_null().0 {
        Expr::List(_) | Expr::Map(_) => " items",
        Expr::Scalar(Ty::String | Ty::Url | Ty::Bytes) => " characters",
        Expr::Scalar(_) | Expr::Named(_) | Expr::Shaped(..) | Expr::Nullable(_) | Expr::Broken => {
            ""
        }
    };
    Some(match (&field.min, &field.max) {
        (Some(min), Some(max)) if min == max => format!("Exactly {min}{unit}."),
        (Some(min), Some(max)) => format!("{min} to {max}{unit}."),
        (Some(min), None) => format!("At least {min}{unit}."),
        (None, Some(max)) => format!("At most {max}{unit}."),
        (None, None) => return None,
    })
}
