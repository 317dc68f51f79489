//! Methods that join a civil datetime of a model with the zone that another of its members names.
//! Assumes that the way to the zone leads through structs of generated code. Must not fail where something on the way is
//! not there: that is a zone without a name.

/// Gives a model a method for each civil datetime whose zone another member names.
///
/// An entry is `how name = member in how member & …`: before `in` the method and the datetime, behind it the way to the
/// name of the zone; `how` is `required`, or `optional` for what may not be there.
///
/// ```
/// use etiquette_runtime::codegen::DateTime;
///
/// pub struct Device {
///     pub checked_at: DateTime,
///     pub seen_at: Option<DateTime>,
///     pub zone: String,
/// }
///
/// etiquette_runtime::zoned! {
///     Device:
///     required checked_at_zoned = checked_at in required zone,
///     optional seen_at_zoned = seen_at in required zone
/// }
///
/// let at = jiff::civil::date(2024, 1, 31).at(10, 30, 0, 0);
/// let device = Device { checked_at: at, seen_at: None, zone: "Mars/Olympus".to_owned() };
/// let unknown = device.checked_at_zoned().unwrap_err();
/// assert_eq!((unknown.civil, unknown.zone.as_str()), (at, "Mars/Olympus"));
/// assert!(device.seen_at_zoned().is_none());
/// ```
#[macro_export]
macro_rules! zoned {
    ($T:ident: $($how:ident $name:ident = $civil:ident in $($step:ident $at:ident)&+),+ $(,)?) => {
        impl $T {
            $(
                #[doc = ::core::concat!("`", ::core::stringify!($civil), "` in the time zone that the answer names.")]
                ///
                /// # Errors
                ///
                /// The zone is not known; the error holds the datetime and the name.
                pub fn $name(&self) -> $crate::__zoned!($how) {
                    let __zone = (|| {
                        let __at = self;
                        $(let __at = $crate::__held!($step __at $at);)+
                        ::core::option::Option::Some(::std::string::String::as_str(__at))
                    })();
                    $crate::__zoned!($how self.$civil, __zone)
                }
            )+
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __zoned {
    (required) => {
        ::core::result::Result<$crate::codegen::Zoned, $crate::value::UnknownZone>
    };
    (optional) => {
        ::core::option::Option<
            ::core::result::Result<$crate::codegen::Zoned, $crate::value::UnknownZone>,
        >
    };
    (required $civil:expr, $zone:ident) => {
        $crate::value::zoned($civil, $zone)
    };
    (optional $civil:expr, $zone:ident) => {
        $civil.map(|__civil| $crate::value::zoned(__civil, $zone))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __held {
    (required $at:ident $member:ident) => {
        &$at.$member
    };
    (optional $at:ident $member:ident) => {
        $at.$member.as_ref()?
    };
}
