//! Why a sibling fails: because the client says so, or because the comparison notices it.
//! A sibling that fails for another reason shows nothing, and is a failure.

use serde_json::{Map, Value};

use super::compare::{Difference, shown};
use super::tables::Ran;

pub(crate) fn check(
    because: &Map<String, Value>,
    differences: &[Difference],
    ran: &Ran,
) -> Result<(), String> {
    if differences.is_empty() {
        return Err("it passes".to_owned());
    }
    let all = || {
        let all = differences.iter().map(Difference::to_string);
        all.collect::<Vec<_>>().join("; ")
    };
    if let Some(what) = because.get("differs") {
        return match differences {
            [one] if what == one.what && because.len() == 1 => Ok(()),
            _ => Err(format!("expected only {what} to differ, got {}", all())),
        };
    }
    let expected = Value::Object(because.clone());
    if because.is_empty() {
        return Err("it does not say why".to_owned());
    }
    match &ran.came.result {
        Ok(_) => Err(format!("expected {expected}, got {}", all())),
        Err(error) => {
            let got = shown(error, ran.fault.as_deref(), &expected);
            if got == expected {
                return Ok(());
            }
            Err(format!("expected {expected}, got {got}"))
        }
    }
}
