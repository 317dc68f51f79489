//! The methods that the language knows: what they send, answer and do when nothing else is said.
//! The one place for these defaults; assumes nothing. Must not know a description: what a method
//! says about itself wins in `methods`, `bodies` and `answers`.

use crate::model::{Effect, Verb};

use super::catalogue::Mode;
use super::paths::Target;

/// The methods that the language knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    List,
    Get,
    Create,
    Update,
    Replace,
    Delete,
    Count,
}

impl Standard {
    /// The standard method of this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "list" => Self::List,
            "get" => Self::Get,
            "create" => Self::Create,
            "update" => Self::Update,
            "replace" => Self::Replace,
            "delete" => Self::Delete,
            "count" => Self::Count,
            _ => return None,
        })
    }

    /// The verb, and what the path is of.
    pub(super) fn request(self) -> (Verb, Target) {
        match self {
            Self::List | Self::Count => (Verb::Get, Target::Collection),
            Self::Get => (Verb::Get, Target::Item),
            Self::Create => (Verb::Post, Target::Collection),
            Self::Update => (Verb::Patch, Target::Item),
            Self::Replace => (Verb::Put, Target::Item),
            Self::Delete => (Verb::Delete, Target::Item),
        }
    }

    /// What it does when it is sent again.
    pub(super) fn effect(self) -> Effect {
        match self {
            Self::List | Self::Get | Self::Count => Effect::Read,
            Self::Create | Self::Update => Effect::Once,
            Self::Replace | Self::Delete => Effect::Idempotent,
        }
    }

    /// The shape that is sent.
    pub(super) fn body_mode(self) -> Option<Mode> {
        match self {
            Self::List | Self::Get | Self::Delete | Self::Count => None,
            Self::Create => Some(Mode::New),
            Self::Update => Some(Mode::Patch),
            Self::Replace => Some(Mode::Put),
        }
    }

    /// What it does, for a method that says nothing about itself.
    pub(super) fn words(self, one: &str, many: &str) -> String {
        match self {
            Self::List => format!("Lists {many}."),
            Self::Get => format!("Gets one {one}."),
            Self::Create => format!("Creates one {one}."),
            Self::Update => format!("Changes one {one}: what the patch leaves out stays as it is."),
            Self::Replace => format!("Replaces one {one}: what is left out is cleared."),
            Self::Delete => format!("Deletes one {one}."),
            Self::Count => format!("Counts {many}."),
        }
    }
}
