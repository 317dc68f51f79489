//! Generated models are read and written by tables, not by derived code.
//!
//! A `record!` table becomes one small function over `dyn` [`Source`] and [`Slot`]: nothing in it is generic, so that
//! hundreds of models cost little to compile. Errors name places and kinds and never repeat a value. Nothing here knows
//! a model by name; what the macros need from this module is public and hidden.

mod debug;
mod enums;
mod expand;
mod parts;
mod read;
#[cfg(feature = "serialize")]
mod serialize;
mod slots;
mod source;
mod staged;
mod tables;
mod unions;
mod write;
mod zones;

#[doc(hidden)]
pub use self::{
    debug::fields,
    enums::{read_closed, read_closed_int, read_int, read_word},
    parts::{constant_part, full_part, one_of_parts},
    slots::{
        Dynamic, Hollow, Keys, Nothing, NullIs, OrNull, Required, Shaped, Slot, collect, object,
        object_with,
    },
    source::{Rest, Table, Take, from},
    unions::{Unfit, fits, no_variant, read_tag, union, unknown, variant},
    write::{Constant, Prefixed, Rows, Scattered},
};
pub use self::{
    read::{Read, Whole},
    source::{Failed, Source},
    write::{Out, Write},
};

#[cfg(feature = "serialize")]
#[doc(hidden)]
pub use self::serialize::serialize;
