//! Names that two things would share: refused with both places, or moved aside where we made them.

use super::{codes, good, method, rendered};
use crate::model::TypeKind;

/// Row I13: names that differ only in casing.
#[test]
fn names_that_casing_makes_equal_are_refused_with_both_places() {
    for text in [
        "types: {User: {fields: {userId: int, user_id: int}}}",
        "types: {User: {fields: {M: int, m: int}}}",
        "types: {user_account: {fields: {a: int}}, UserAccount: {fields: {b: int}}}",
        "types: {Kind: [Card, card]}",
        "types: {Kind: [\"a b\", a_b]}",
        "resources: {userItems: {path: /a}, user_items: {path: /b}}",
        "resources: {a: {path: /a, methods: {x: {http: GET}}, children: {x: {path: /x}}}}",
        "auth: {key: {kind: bearer}, Key: {kind: basic}}",
        "auth: {staging: {kind: bearer}}\nclient: {staging: {type: string, at: {header: X-A}}}",
        "errors: {cases: {not_found: {status: 404}, NotFound: {status: 410}}}",
    ] {
        let found = codes(text);
        assert!(
            !found.is_empty() && found.iter().all(|code| *code == "E043"),
            "{text}\n{}",
            rendered(text)
        );
        assert!(
            rendered(text).contains("the other one"),
            "{}",
            rendered(text)
        );
    }
}

#[test]
fn a_name_of_ours_heals_a_collision() {
    let api = good(
        "types: {Kind: {values: [Card, {wire: card, rust: LowerCard}]}, User: {rust: Person, fields: {a: int}}}",
    );
    let TypeKind::Enum(kind) = &api.types[0].kind else {
        panic!("an enum")
    };
    assert_eq!(
        kind.values
            .iter()
            .map(|value| value.name.rust.as_str())
            .collect::<Vec<_>>(),
        ["Card", "LowerCard"]
    );
    assert_eq!(
        (
            api.types[1].name.wire.as_str(),
            api.types[1].name.rust.as_str()
        ),
        ("User", "Person")
    );
}

/// Row I13: names that the generated modules themselves use.
#[test]
fn names_that_generated_code_needs_are_refused() {
    for name in [
        "Client",
        "ClientBuilder",
        "Fault",
        "Timestamp",
        "Json",
        "Option",
        "Vec",
        "String",
        "Box",
    ] {
        assert_eq!(
            codes(&format!("types: {{{name}: {{fields: {{a: int}}}}}}")),
            ["E044"],
            "{name}"
        );
        good(&format!(
            "types: {{{name}: {{rust: Api{name}, fields: {{a: int}}}}}}"
        ));
    }
    for name in ["string", "datetime", "list", "none"] {
        assert_eq!(
            codes(&format!("types: {{{name}: {{fields: {{a: int}}}}}}")),
            ["E044"],
            "{name}"
        );
    }
    // Only our macros name these, and by absolute paths.
    good(
        "types: {Member: {fields: {a: int}}, Debug: {fields: {a: int}}, Clone: {fields: {a: int}}}",
    );
}

#[test]
fn shapes_collide_with_types_of_their_name() {
    let text = "
types: {NewUser: {fields: {a: int}}}
resources: {users: {path: /users, type: User, fields: {id: {type: int, access: read_only}, name: string}, methods: [create]}}
";
    assert_eq!(codes(text), ["E043"]);
    let text = "
types: {ListUsers: {fields: {a: int}}}
resources: {users: {path: /users, type: User, fields: {id: int}, methods: {list: {query: {a?: int}}}}}
";
    assert_eq!(codes(text), ["E043"]);
}

#[test]
fn handles_and_calls_move_aside() {
    let api = good(
        "
types: {GetOrder: {fields: {a: int}}}
resources:
  device: {path: /device, fields: {id: int}, methods: [list]}
  client: {path: /client, methods: {ping: {http: GET}}}
  orders:
    path: /orders
    fields: {id: int}
    type: Order
    key: id
    methods: {list: {query: {a?: int}}, get: {query: {a?: int}}}
    children:
      items: {path: /items, type: Item, fields: {id: int}, key: {item: id}, methods: {list: {query: {a?: int}}, get: {query: {a?: int}}}}
  carts:
    path: /carts
    key: {cart: {type: int}}
    children:
      items: {path: /items, type: Item, key: {item: id}, methods: {list: {query: {a?: int}}, get: {query: {a?: int}}}}
  types: {path: /types, methods: {ping: {http: GET}}}
",
    );
    let handle = |index: usize| api.resources[index].handle.as_str();
    assert_eq!(
        (handle(0), handle(1), handle(2)),
        ("DeviceResource", "ClientResource", "Orders")
    );
    let items = |index: usize| {
        let child = &api.resources[index].children[0];
        (child.handle.as_str(), child.module.as_str())
    };
    assert_eq!(
        (items(2), items(3)),
        (("Items", "items"), ("CartsItems", "carts_items"))
    );
    let call = |operation: &str| method(&api, operation).call_type.as_deref();
    assert_eq!(
        (call("orders.list"), call("orders.get")),
        (Some("ListOrders"), Some("GetOrders"))
    );
    assert_eq!(
        (call("orders.items.list"), call("carts.items.list")),
        (Some("ListItems"), Some("ListCartsItems"))
    );
    assert_eq!(
        (call("orders.items.get"), call("carts.items.get")),
        (Some("GetItem"), Some("GetCartsItems"))
    );
    assert_eq!(api.resources[4].module, "types_");
}

#[test]
fn functions_of_ours_are_not_hidden() {
    let api = good(
        "
resources:
  builder:
    path: /builder
    methods: {new: {http: GET ./a}, read: {http: GET ./b}, x_retry: {http: GET ./c}, send_raw: {http: GET ./d}}
",
    );
    let resource = &api.resources[0];
    assert_eq!(resource.name.rust, "builder_");
    let names: Vec<(&str, &str)> = resource
        .methods
        .iter()
        .map(|method| (method.name.rust.as_str(), method.constant.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("new_", "NEW"),
            ("read", "READ_CALL"),
            ("x_retry", "X_RETRY_CALL"),
            ("send_raw_", "SEND_RAW")
        ]
    );
}

/// Row I22: an override is a name in the casing of its position.
#[test]
fn bad_overrides_are_refused_where_they_stand() {
    for (text, code) in [
        (
            "types: {User: {rust: \"std::Vec\", fields: {a: int}}}",
            "E045",
        ),
        ("types: {User: {rust: user, fields: {a: int}}}", "E045"),
        (
            "types: {User: {fields: {a: {type: int, rust: type}}}}",
            "E045",
        ),
        (
            "types: {User: {fields: {a: {type: int, rust: Abc}}}}",
            "E045",
        ),
        (
            "types: {Kind: {values: [{wire: a, rust: \"A(u8)\"}]}}",
            "E045",
        ),
    ] {
        assert_eq!(codes(text), [code], "{text}");
    }
}

/// Row I18: the same value twice is one finding, and any text has a variant.
#[test]
fn values_of_enums_may_be_any_text() {
    assert_eq!(codes("types: {Kind: [a, a]}"), ["E046"]);
    let api = good(
        "types: {Kind: {values: [\"\", \"a\\\"b\", \"x\\ny\", unknown, Self, \"1\"]}, Closed: {values: [unknown], open: false}}",
    );
    let variants = |index: usize| match &api.types[index].kind {
        TypeKind::Enum(kind) => kind
            .values
            .iter()
            .map(|value| value.name.rust.clone())
            .collect::<Vec<_>>(),
        _ => panic!("an enum"),
    };
    assert_eq!(
        variants(0),
        ["Empty", "AB", "XY", "Unknown_", "Self_", "N1"]
    );
    assert_eq!(variants(1), ["Unknown"]);
}
