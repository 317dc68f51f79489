//! Tables of described names and what they become.

use super::*;

#[test]
fn names_take_the_casing_of_their_position() {
    assert_eq!(type_name("user_account"), "UserAccount");
    assert_eq!(type_name("SKUBulk"), "SkuBulk");
    assert_eq!(type_name("v1_0"), "V1_0");
    assert_eq!(value_name("userId"), "user_id");
    assert_eq!(value_name("address_line1"), "address_line1");
    assert_eq!(constant_name("bulkUpsert"), "BULK_UPSERT");
    assert_eq!(join_types(&["get", "Order"]), "GetOrder");
    assert_eq!(join_types(&["new_", "Type_"]), "NewType");
}

/// Row I12: all strict and reserved keywords, including the four that cannot be raw.
#[test]
fn keywords_get_an_underscore() {
    for keyword in [
        "type", "async", "gen", "try", "self", "super", "crate", "match", "yield", "box",
    ] {
        let name = value_name(keyword);
        assert_eq!(name, format!("{keyword}_"));
        assert!(is_identifier(&name) && !is_keyword(&name));
    }
    assert_eq!(type_name("Self"), "Self_");
    assert_eq!(type_name("self"), "Self_");
    assert_eq!(variant_name("self"), "Self_");
    assert_eq!(value_name("_"), "underscore");
    assert_eq!(type_name("__"), "Underscore");
    assert_eq!(value_name("_1"), "_1");
    assert_eq!(type_name("_1"), "N1");
}

#[test]
fn names_of_ours_get_an_underscore() {
    assert_eq!(method_name("items"), "items_");
    assert_eq!(method_name("with_cost"), "with_cost_");
    assert_eq!(method_name("width"), "width");
    assert_eq!(member_name("new"), "new_");
    assert_eq!(member_name("items"), "items");
    assert_eq!(member_name("default"), "default_");
}

#[test]
fn wire_names_split_at_underscores_only() {
    let camel = |name| wire_name(name, WireCase::Camel);
    assert_eq!(camel("created_at"), "createdAt");
    assert_eq!(camel("address_line1"), "addressLine1");
    assert_eq!(camel("address_line_1"), "addressLine1");
    assert_eq!(camel("user_ID"), "userID");
    assert_eq!(camel("_id"), "_id");
    assert_eq!(camel("_"), "_");
    assert_eq!(wire_name("created_at", WireCase::Pascal), "CreatedAt");
    assert_eq!(wire_name("created_At", WireCase::AsIs), "created_At");
}

/// Row I18: quotes, newlines, the empty text, symbols, digits, other alphabets.
#[test]
fn any_value_has_a_variant() {
    let table = [
        ("applying changes", "ApplyingChanges"),
        ("in_progress", "InProgress"),
        ("inProgress", "InProgress"),
        ("", "Empty"),
        (" ", "Space"),
        ("__", "UnderscoreUnderscore"),
        ("_private", "Private"),
        ("404", "N404"),
        ("1.0", "N1_0"),
        ("10", "N10"),
        ("-1", "Minus1"),
        ("-created_at", "MinusCreatedAt"),
        ("created_at", "CreatedAt"),
        ("<=", "LessEqual"),
        ("C++", "CPlusPlus"),
        ("50%", "N50Percent"),
        ("a/b", "AB"),
        ("a\"b", "AB"),
        ("\n", "Newline"),
        (
            "x; fn evil(){}",
            "XFnEvilOpenParenCloseParenOpenBraceCloseBrace",
        ),
        ("größe", "GrU00f6U00dfE"),
        ("中文", "U4e2dU6587"),
        ("\u{1f600}", "U1f600"),
        ("Self", "Self_"),
    ];
    for (wire, variant) in table {
        assert_eq!(variant_name(wire), variant, "{wire:?}");
        assert!(is_identifier(variant), "{variant}");
    }
}

/// Row I11: whatever the text, what comes out is an identifier and no keyword.
#[test]
fn no_text_becomes_anything_but_an_identifier() {
    let hostile = [
        "x; fn evil(){}",
        "a\"b",
        "}} mod x {",
        "  ",
        "\0",
        "\u{202e}",
        "\u{200b}",
        "e\u{301}",
        "r#type",
        "'a",
        "//",
        "/*",
        "$crate",
        "\u{1f600}\u{1f600}",
        "1",
        "-",
        "ﬁ",
        "Ⅷ",
        "٣",
    ];
    for text in hostile {
        let name = variant_name(text);
        assert!(
            is_identifier(&name) && !is_keyword(&name),
            "{text:?} gave {name:?}"
        );
    }
}

/// Row I22: an override is a name and nothing else.
#[test]
fn overrides_are_identifiers_in_the_casing_of_their_position() {
    for good in ["Sku", "IPAddress", "Option_", "V1"] {
        assert_eq!(check_override(good, Position::Type), Ok(()), "{good}");
    }
    for good in ["sku", "type_", "line1", "_private"] {
        assert_eq!(check_override(good, Position::Value), Ok(()), "{good}");
    }
    for bad in [
        "sku", "new_user", "Self", "r#Type", "Vec<u8>", "", "_", "std::Vec", "Ünder",
    ] {
        assert!(check_override(bad, Position::Type).is_err(), "{bad}");
    }
    for bad in ["Sku", "type", "self", "_", "__x", "a b", "1a", "a-b"] {
        assert!(check_override(bad, Position::Value).is_err(), "{bad}");
    }
    assert_eq!(
        check_override("userId", Position::Value),
        Err("write `user_id`".to_owned())
    );
}
