//! Shapes: which structs an object becomes, with what members, and where a box is needed.

use super::{codes, find_struct, find_type, good, member, members, rendered, structs_of};
use crate::model::{Constructor, Format, Home, How, Item, Shape, Ty, TypeKind};

fn item(rust: &str, home: Home) -> Ty {
    Ty::Item(Item {
        rust: rust.to_owned(),
        home,
    })
}

const USERS: &str = "
resources:
  users:
    path: /users
    type: User
    key: id
    fields:
      id: {type: int, access: read_only}
      login: {type: string, access: create_only}
      password: {type: string, access: write_only, sensitive: true}
      token: {type: string, access: on_create}
      name: string
      nick: string | null
      motto?: string
      tags?: list<string>
      groups?: list<string> | null
      plan: {type: string, default: free, doc: What is paid for}
      level: {type: int, create: optional, min: 1, max: 9}
      color: {type: string | null, create: required}
    methods: [get, create, update, replace]
";

#[test]
fn each_shape_has_the_fields_of_its_direction() {
    let api = good(USERS);
    assert_eq!(
        structs_of(&api, "User"),
        ["User", "NewUser", "UserReplacement", "UserPatch"]
    );
    let read = find_struct(&api, "User");
    let all = [
        "id", "login", "token", "name", "nick", "motto", "tags", "groups", "plan", "level", "color",
    ];
    assert_eq!(members(read), all);
    assert_eq!(read.shape, Shape::Read);
    let new = find_struct(&api, "NewUser");
    let required_first = [
        "login", "password", "name", "color", "nick", "motto", "tags", "groups", "plan", "level",
    ];
    assert_eq!(members(new), required_first);
    assert_eq!(
        new.constructor,
        Constructor::Staged {
            module: "new_user".to_owned()
        }
    );
    let changing = [
        "password", "name", "nick", "motto", "tags", "groups", "plan", "level", "color",
    ];
    assert_eq!(members(find_struct(&api, "UserReplacement")), changing);
    assert_eq!(members(find_struct(&api, "UserPatch")), changing);
    assert_eq!(
        find_struct(&api, "UserReplacement").constructor,
        Constructor::None
    );
}

#[test]
fn presence_follows_from_null_absence_defaults_and_shape() {
    let api = good(USERS);
    let how = |rust: &str, name: &str| {
        let member = member(find_struct(&api, rust), name);
        (member.how, member.ty.clone())
    };
    let table = [
        ("name", ["Required", "Required", "Required", "Optional"]),
        ("nick", ["Optional", "Optional", "Nullable", "Patch"]),
        ("motto", ["Optional", "Optional", "Optional", "Optional"]),
        ("plan", ["Required", "Optional", "Required", "Optional"]),
    ];
    for (name, hows) in table {
        let shapes = ["User", "NewUser", "UserReplacement", "UserPatch"].into_iter();
        for (rust, expected) in shapes.zip(hows) {
            let (how, ty) = how(rust, name);
            assert_eq!(
                (format!("{how:?}").as_str(), ty),
                (expected, Ty::String),
                "{rust}.{name}"
            );
        }
    }
    assert_eq!(how("NewUser", "level"), (How::Optional, Ty::Int));
    assert_eq!(how("User", "token").0, How::Optional);
    assert_eq!(how("NewUser", "password"), (How::Required, Ty::Secret));
    let read = find_struct(&api, "User");
    assert!(member(read, "token").sensitive && read.sensitive);
}

#[test]
fn lists_and_nulls_keep_their_difference() {
    let api = good(USERS);
    let how = |rust: &str, name: &str| {
        let member = member(find_struct(&api, rust), name);
        (member.how, member.ty.clone())
    };
    let texts = || Ty::List(Box::new(Ty::String));
    assert_eq!(how("User", "tags"), (How::List, Ty::String), "the element");
    assert_eq!(how("NewUser", "tags"), (How::List, Ty::String));
    assert_eq!(how("UserReplacement", "tags"), (How::Required, texts()));
    assert_eq!(how("UserPatch", "tags"), (How::Optional, texts()));
    assert_eq!(
        how("User", "groups"),
        (How::Optional, texts()),
        "null and empty differ"
    );
    assert_eq!(how("UserPatch", "groups"), (How::Patch, texts()));
    let nullable = Ty::Nullable(Box::new(Ty::String));
    assert_eq!(how("NewUser", "color"), (How::Required, nullable));
}

#[test]
fn defaults_and_limits_stand_in_the_words() {
    let api = good(USERS);
    let words = |rust: &str, name: &str| member(find_struct(&api, rust), name).doc.text.clone();
    assert_eq!(
        words("NewUser", "plan"),
        "What is paid for. free if absent."
    );
    assert_eq!(words("User", "plan"), "What is paid for");
    assert_eq!(words("NewUser", "level"), "1 to 9.");
}

#[test]
fn an_object_without_marks_is_one_type_for_both_directions() {
    let api = good(
        "
types:
  Address: {doc: Where one lives. With care., fields: {city: string, lines?: list<string>, zip: string | null, country: {type: string, default: DE}}}
resources:
  users:
    path: /users
    type: User
    key: id
    fields: {id: {type: int, access: read_only}, address: Address}
    methods: [get, create, update, replace]
",
    );
    assert_eq!(structs_of(&api, "Address"), ["Address"]);
    let address = find_struct(&api, "Address");
    assert_eq!(
        (address.shape, &address.constructor),
        (Shape::Both, &Constructor::New)
    );
    assert_eq!(
        (address.summary.as_str(), address.doc.text.as_str()),
        ("Where one lives.", "With care.")
    );
    let hows: Vec<How> = address.members.iter().map(|member| member.how).collect();
    assert_eq!(
        hows,
        [How::Required, How::List, How::Optional, How::Optional]
    );
    let home = || Home::Resource("users".to_owned());
    for rust in ["User", "NewUser", "UserReplacement", "UserPatch"] {
        assert_eq!(
            member(find_struct(&api, rust), "address").ty,
            item("Address", home()),
            "{rust}"
        );
    }
    let to_put = Some(("UserReplacement".to_owned(), "to_replacement".to_owned()));
    assert_eq!(find_struct(&api, "User").to_put, to_put);
}

#[test]
fn only_what_is_used_becomes_a_struct() {
    let api = good(
        "
types:
  Sent: {fields: {a: string}}
  Read: {fields: {a: string}}
  Unused: {fields: {a: string}}
resources:
  jobs: {path: /jobs, methods: {run: {http: POST ./run, body: Sent, out: Read}}}
",
    );
    assert_eq!(find_struct(&api, "Sent").shape, Shape::New);
    assert_eq!(find_struct(&api, "Read").shape, Shape::Read);
    assert!(structs_of(&api, "Unused").is_empty());
    assert_eq!(find_type(&api, "Unused").home, Home::Types);
}

#[test]
fn nested_objects_take_their_own_shape() {
    let api = good(
        "
types:
  Line: {fields: {id: {type: int, access: read_only}, text: string}}
  Plan: {fields: {id: {type: int, access: read_only}, text: string | null}}
resources:
  orders:
    path: /orders
    type: Order
    key: id
    fields: {id: {type: int, access: read_only}, lines: list<Line>, plan: {type: Plan, merge: deep}}
    methods: [get, create, update, replace]
",
    );
    let home = || Home::Resource("orders".to_owned());
    let lines = |rust: &str| member(find_struct(&api, rust), "lines").ty.clone();
    let list = |rust: &str| Ty::List(Box::new(item(rust, home())));
    assert_eq!(lines("Order"), list("Line"));
    assert_eq!(lines("NewOrder"), list("NewLine"));
    assert_eq!(lines("OrderReplacement"), list("LineReplacement"));
    assert_eq!(
        lines("OrderPatch"),
        list("NewLine"),
        "a list is replaced whole"
    );
    assert_eq!(
        member(find_struct(&api, "OrderPatch"), "plan").ty,
        item("PlanPatch", home()),
        "merged deep"
    );
    assert!(
        find_struct(&api, "Line").to_put.is_some() && find_struct(&api, "Order").to_put.is_some()
    );
}

#[test]
fn what_cannot_be_taken_from_a_read_struct_has_no_way_to_its_replacement() {
    let api = good(
        "
resources:
  users:
    path: /users
    type: User
    key: id
    fields: {id: {type: int, access: read_only}, name: string, pin: {type: string, access: write_only}}
    methods: [get, replace]
",
    );
    assert_eq!(find_struct(&api, "User").to_put, None);
}

#[test]
fn what_the_server_clears_has_to_be_written() {
    let api = good(
        "
resources:
  skus:
    path: /skus
    type: Sku
    key: id
    fields: {id: {type: int, access: read_only}, name: string, barcode: string | null, weight: float | null, tracked: {type: bool, create: optional}}
    methods:
      create: {}
      bulk_upsert: {http: POST ./bulk, body: {fields: {skus: list<new<Sku>>}}, clears_omitted: [barcode]}
      overwrite: {http: PUT */all, body: patch<Sku>, clears_omitted: all}
",
    );
    let bulk = find_struct(&api, "SkuBulkUpsert");
    assert_eq!(
        (bulk.shape, &bulk.constructor),
        (Shape::Explicit, &Constructor::None)
    );
    let hows = |rust: &str| {
        find_struct(&api, rust)
            .members
            .iter()
            .map(|member| member.how)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        hows("SkuBulkUpsert"),
        [How::Required, How::Nullable, How::Optional, How::Optional]
    );
    assert_eq!(
        hows("SkuOverwrite"),
        [How::Required, How::Nullable, How::Nullable, How::Required]
    );
    let skus = &member(find_struct(&api, "BulkUpsertSkusBody"), "skus").ty;
    assert_eq!(
        *skus,
        Ty::List(Box::new(item(
            "SkuBulkUpsert",
            Home::Resource("skus".to_owned())
        )))
    );
    assert_eq!(
        hows("NewSku"),
        [How::Required, How::Optional, How::Optional, How::Optional]
    );
}

/// Row I9: the edge that closes a circle by value is boxed, and always the same one.
#[test]
fn circles_by_value_get_one_box() {
    let text = "
types:
  A: {fields: {b: B | null, again: list<A>}}
  B: {fields: {c?: C}}
  C: {fields: {a: {type: A | null}, own?: C}}
resources: {as: {path: /as, methods: {get_all: {http: GET, out: A}}}}
";
    let api = good(text);
    let boxed =
        |rust: &str, name: &str| matches!(member(find_struct(&api, rust), name).ty, Ty::Boxed(_));
    assert_eq!(
        (boxed("A", "b"), boxed("A", "again"), boxed("B", "c")),
        (false, false, false)
    );
    assert_eq!((boxed("C", "a"), boxed("C", "own")), (true, true));
    assert_eq!(api, good(text));
}

/// Row I9: what no value can satisfy is refused with the whole circle.
#[test]
fn endless_types_are_refused() {
    let text = "
types:
  A: {fields: {b: B}}
  B: {fields: {u: U}}
  U: {tag: kind, of: {a: A, c: C}, open: false}
  C: {fields: {a: A}}
  Fine: {fields: {a: A | null, u: Open}}
  Open: {tag: kind, of: {a: A}}
";
    let shown = rendered(text);
    assert_eq!(codes(text), ["E048"]);
    assert!(shown.contains("`A` → `B` → `U` → `A`"), "{shown}");
}

#[test]
fn a_long_chain_of_types_needs_no_stack() {
    let mut text =
        "resources: {a: {path: /a, methods: {get_all: {http: GET, out: T0}}}}\ntypes:\n".to_owned();
    for index in 0..3_000 {
        text.push_str(&format!(
            "  T{index}: {{fields: {{next: T{} | null}}}}\n",
            (index + 1) % 3_000
        ));
    }
    let api = good(&text);
    let boxed = |index: usize| {
        matches!(
            member(find_struct(&api, &format!("T{index}")), "next").ty,
            Ty::Boxed(_)
        )
    };
    assert_eq!(
        (0..3_000).filter(|index| boxed(*index)).collect::<Vec<_>>(),
        [2_999]
    );
}

#[test]
fn types_live_where_they_are_used() {
    let api = good(
        "
types:
  Both: {fields: {inner: Inner}}
  Inner: {fields: {a: string}}
  OfB: {fields: {a: string}}
  OfCase: {fields: {a: string}}
errors: {shapes: [{text: true}], cases: {Bad: {status: 400, details: OfCase}}}
resources:
  a: {path: /a, methods: {x: {http: GET, out: Both}}}
  b: {path: /b, methods: {x: {http: GET, out: Both}, z: {http: POST, body: OfB}}}
",
    );
    let home = |name: &str| find_type(&api, name).home.clone();
    assert_eq!(
        (home("Both"), home("Inner"), home("OfCase")),
        (Home::Types, Home::Types, Home::Types)
    );
    assert_eq!(home("OfB"), Home::Resource("b".to_owned()));
    let inner = &member(find_struct(&api, "Both"), "inner").ty;
    assert_eq!(
        *inner,
        item("Inner", Home::Types),
        "references know the home"
    );
}

#[test]
fn forms_of_values_follow_field_and_api() {
    let api = good(
        "
wire: {datetime: {read: [space], write: rfc3339}}
types:
  Log:
    fields:
      at: datetime
      utc: {type: datetime, format: naive, tz: utc}
      civil: {type: datetime, format: naive}
      unix: {type: datetime | null, format: epoch_seconds}
      big: {type: int, format: u64}
      cents: {type: decimal, format: string}
      took: {type: duration, format: millis}
      all: {type: list<int>, format: string}
      known: {type: bool | null, null_is: false}
      kind: {type: string, const: log}
resources: {logs: {path: /logs, type: Log, methods: [list, create]}}
",
    );
    let read = |name: &str| {
        let member = member(find_struct(&api, "Log"), name);
        (member.ty.clone(), member.format)
    };
    assert_eq!(read("at"), (Ty::Timestamp, Format::Space));
    assert_eq!(read("utc"), (Ty::Timestamp, Format::NaiveUtc));
    assert_eq!(read("civil"), (Ty::CivilDateTime, Format::Naive));
    assert_eq!(read("unix"), (Ty::Timestamp, Format::EpochSeconds));
    assert_eq!(read("big"), (Ty::Uint, Format::Usual));
    assert_eq!(read("cents"), (Ty::Decimal, Format::Text));
    assert_eq!(read("took"), (Ty::Duration, Format::Millis));
    assert_eq!(read("all"), (Ty::List(Box::new(Ty::Int)), Format::Text));
    let known = member(find_struct(&api, "Log"), "known");
    assert_eq!(
        (known.how, known.null_is.as_deref()),
        (How::Required, Some("false"))
    );
    // Two forms of a datetime are two types.
    let new = find_struct(&api, "NewLog");
    assert_eq!(member(new, "at").format, Format::Usual);
    assert_eq!(member(new, "kind").constant.as_deref(), Some("\"log\""));
    assert_eq!(member(find_struct(&api, "Log"), "kind").constant, None);
}

#[test]
fn dynamic_members_have_a_map() {
    let api = good(
        "
types: {Form: {fields: {field: string}, extra: keep, dynamic: {prefix: field, key: int, value: string | null}}}
resources: {forms: {path: /forms, type: Form, methods: [list]}}
",
    );
    let form = find_struct(&api, "Form");
    let dynamic = form.dynamic.as_ref().unwrap();
    assert_eq!(
        (dynamic.member.as_str(), &dynamic.key),
        ("dynamic_field", &Ty::Int)
    );
    assert_eq!(dynamic.value, Ty::Nullable(Box::new(Ty::String)));
    assert!(form.keep_extra);
    assert!(matches!(&find_type(&api, "Form").kind, TypeKind::Object(object) if object.keep_extra));
}
