//! What the server answers grows; it cannot be built as a literal.

use etiquette_apis::hive::Warehouse;

fn main() {
    let _ = Warehouse { id: 1 };
}
