//! Unknown values come from answers, not from programs.

use etiquette_apis::hive::OrderStatus;

fn main() {
    let _ = OrderStatus::Unknown("new".into());
}
