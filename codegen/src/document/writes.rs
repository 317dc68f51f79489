//! What writes say about being sent twice: locks, idempotency keys, and how to look for what was made.
//! Each value is well formed by itself once it was read. Must not ask whether a place can be used or a
//! name exists: lowering and the checks do.

use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::parse::{Kind, Node};

use super::Spanned;
use super::common::{Judged, is_word};
use super::places::{RequestPlace, ResponsePlace};
use super::read::{Read, document, plain_documents, read_table};
use super::schema::{Book, Described, Schema};
use super::words::{EffectWord, ReplayMeans, Trust};

document! {
    /// A version that a write names, so that it overwrites nothing that it has not seen.
    struct Lock {
        /// Where a write carries the version.
        send: required Spanned<RequestPlace>,
        /// Where an answer carries it.
        from: required Spanned<ResponsePlace>,
        /// What stands around it when it is sent, `{}` being the version.
        format: optional Spanned<String>,
        /// Whether a write without a version is refused.
        required: optional Spanned<bool>,
        /// The error case of a version that is stale.
        stale: required Spanned<String>,
        /// What is worth knowing.
        doc: optional Spanned<String>,
    }

    /// A write that is known by a key.
    struct KeyedEffect {
        /// The key and what the server does with it.
        keyed: required Keyed,
    }

    /// A key by which the server knows that it has seen a write before.
    struct Keyed {
        /// Where a write carries it.
        at: required Spanned<RequestPlace>,
        /// How long the server remembers it.
        within: optional Judged<Duration>,
        /// What the server answers to a repetition, unless it repeats its first answer.
        replay: optional Replay,
    }

    /// What the server answers to a repetition.
    struct Replay {
        /// The status.
        status: required Spanned<u16>,
        /// What it says about the first one.
        means: required Spanned<ReplayMeans>,
    }

    /// How to find out what became of a create whose answer was lost.
    struct Reconcile {
        /// The fields of an item that must equal what was sent.
        by: required Spanned<Vec<Spanned<String>>>,
        /// The list that is searched.
        call: optional Spanned<String>,
        /// How sure the description is that these fields tell items apart.
        trust: optional Spanned<Trust>,
        /// Where this is known from.
        source: optional Spanned<String>,
    }
}

plain_documents! { Lock KeyedEffect Keyed Replay Reconcile }

/// What a call does to the server when it is sent again.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Word(EffectWord),
    Keyed(Box<Keyed>),
}

impl Described for Effect {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([EffectWord::describe(book), book.table::<KeyedEffect>()])
    }
}

impl Read for Effect {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "keyed") {
            let message = "`keyed` has to say where the key stands";
            let help = "write `effect: {keyed: {at: {header: Idempotency-Key}}}`";
            diagnostics.push(Diagnostic::new("E022", &node.place, message).help(help));
            return None;
        }
        if let Kind::Scalar(_) = node.kind {
            return Read::read(node, diagnostics).map(Self::Word);
        }
        let KeyedEffect { keyed } = read_table(node, diagnostics)?;
        Some(Self::Keyed(Box::new(keyed)))
    }
}
