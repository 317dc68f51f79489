//! A replacement is a literal, so that nothing is cleared by default.

use etiquette_apis::hive::RestockingShipmentReplacement;

fn main() {
    let _ = RestockingShipmentReplacement::default();
}
