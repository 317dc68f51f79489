//! A replacing write asks for every member that it would clear.

use etiquette_apis::hive::RestockingShipmentReplacement;

fn main() {
    let _ = RestockingShipmentReplacement {
        warehouse_id: 1,
        po_number: None,
        supplier_name: None,
        tracking_code: None,
    };
}
