//! A client on a scripted transport: what Hive would answer.

use etiquette_apis::hive;
use runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};

const ADDRESS: &str = r#"{"full_name":"C","line1":"L","city":"Berlin","country_code":"DE","postal_code":"10115",
    "email":null,"phone":null,"company":null,"line2":null,"parcel_point_id":null}"#;

/// The client and the clock that its waits move.
pub fn client() -> Result<(hive::Client, VirtualClock), Box<dyn std::error::Error>> {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    script.respond_with(answer);
    let client = hive::Client::builder()
        .key("not-a-real-key")
        .with_transport(script)
        .with_clock(clock.clone())
        .build()?;
    Ok((client, clock))
}

fn answer(request: &RecordedRequest) -> ScriptReply {
    match (request.method.as_str(), request.path()) {
        ("GET", path) if path.ends_with("/shipments") => ScriptReply::json(
            200,
            format!(
                r#"{{"data":[{},{}],"pagination":{{"current_page":1,"page_count":1,"items_per_page":20}}}}"#,
                shipment(1, "shipped"),
                shipment(2, "a status of tomorrow"),
            ),
        ),
        ("POST", path) if path.ends_with("/orders") => ScriptReply::json(201, order(7)),
        _ => ScriptReply::json(200, order(1)),
    }
}

fn shipment(id: u32, status: &str) -> String {
    format!(
        r#"{{"id":{id},"order_id":1,"merchant_order_id":"S","status":"{status}","delivery_status":"In transit",
        "shipment_provider":null,"created_at":"2022-11-01T17:42:07.409+01:00","shipped_at":null,"delivered_at":null,
        "items":[]}}"#
    )
}

fn order(id: u32) -> String {
    format!(
        r#"{{"id":{id},"merchant_order_id":"S-1001","customer_order_number":null,"status":"fulfillable",
        "carrier_preference":null,"created_at":"2022-11-01T17:42:07.409+01:00","financial_status":null,
        "payment_method":null,"currency":"EUR","total_price_in_cents":1990,"total_net_revenue_in_cents":0,
        "total_tax_in_cents":0,"total_net_refunds_in_cents":0,"total_tax_refunds_in_cents":0,
        "shipping_address":{ADDRESS},"items":[],"tags":[]}}"#
    )
}
