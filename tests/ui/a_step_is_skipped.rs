//! A builder asks for each required member in turn.

use etiquette_apis::hive::Address;

fn main() {
    let _ = Address::builder().line1("Main St 1");
}
