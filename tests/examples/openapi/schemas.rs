//! Types as schemas: each struct, enum, union and newtype that the generator would write is a component,
//! since OpenAPI has no shapes and a schema for reading and writing would be wrong for both.

use etiquette_codegen::model::{
    Api, Doc, EnumType, Format, How, Item, Member, Struct, Ty, TypeKind, UnionType,
};
use serde_json::{Map, Value, json};

/// Every component, by its name.
pub(crate) fn components(api: &Api) -> Map<String, Value> {
    let mut all = Map::new();
    for described in &api.types {
        let name = described.name.rust.clone();
        let schema = match &described.kind {
            TypeKind::Object(object) => {
                for one in &object.structs {
                    all.insert(one.rust.clone(), with_doc(of_struct(one), &described.doc));
                }
                continue;
            }
            TypeKind::Enum(values) => of_enum(values),
            TypeKind::Union(union) => of_union(union),
            TypeKind::Alias(alias) => {
                let mut schema = of(&alias.inner, Format::Usual);
                if let Some(example) = &alias.example {
                    schema["examples"] = json!([example]);
                }
                schema
            }
        };
        all.insert(name, with_doc(schema, &described.doc));
    }
    all
}

/// A type where it is used.
pub(crate) fn of(ty: &Ty, format: Format) -> Value {
    match ty {
        Ty::String => json!({"type": "string"}),
        Ty::Int if format == Format::Text => json!({"type": "string", "pattern": "^-?[0-9]+$"}),
        Ty::Int => json!({"type": "integer", "format": "int64"}),
        Ty::Uint => json!({"type": "integer", "minimum": 0}),
        Ty::Float => json!({"type": "number", "format": "double"}),
        Ty::Decimal if format == Format::Text => json!({"type": "string", "format": "decimal"}),
        Ty::Decimal => json!({"type": "number"}),
        Ty::Bool => json!({"type": "boolean"}),
        Ty::Timestamp => of_moment(format),
        Ty::CivilDateTime => json!({"type": "string", "format": "date-time-local"}),
        Ty::Date => json!({"type": "string", "format": "date"}),
        Ty::Time => json!({"type": "string", "format": "time"}),
        Ty::Duration => match format {
            Format::Seconds | Format::Millis => json!({"type": "number"}),
            _ => json!({"type": "string", "format": "duration"}),
        },
        Ty::Uuid => json!({"type": "string", "format": "uuid"}),
        Ty::Url => json!({"type": "string", "format": "uri"}),
        Ty::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
        Ty::Json => json!({}),
        Ty::Secret => json!({"type": "string", "format": "password"}),
        Ty::File => json!({"type": "string", "contentMediaType": "application/octet-stream"}),
        Ty::List(inner) => json!({"type": "array", "items": of(inner, format)}),
        Ty::Map(inner) => json!({"type": "object", "additionalProperties": of(inner, format)}),
        Ty::Nullable(inner) => nullable(of(inner, format)),
        Ty::Item(item) | Ty::Boxed(item) => of_item(item),
    }
}

fn of_moment(format: Format) -> Value {
    match format.written() {
        Format::EpochSeconds | Format::EpochMillis => json!({"type": "integer"}),
        _ => json!({"type": "string", "format": "date-time"}),
    }
}

fn of_item(item: &Item) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", item.rust)})
}

fn nullable(mut schema: Value) -> Value {
    match schema.get("type").cloned() {
        Some(Value::String(kind)) => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

fn of_struct(one: &Struct) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for member in &one.members {
        properties.insert(member.name.wire.clone(), of_member(member));
        if matches!(member.how, How::Required | How::Nullable) {
            required.push(Value::String(member.name.wire.clone()));
        }
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if let Some(dynamic) = &one.dynamic {
        let pattern = format!("^{}", dynamic.prefix);
        schema["patternProperties"] = json!({ pattern: of(&dynamic.value, Format::Usual) });
    }
    schema
}

fn of_member(member: &Member) -> Value {
    let mut schema = of(&member.ty, member.format);
    schema = match member.how {
        How::List => json!({"type": "array", "items": schema}),
        How::Nullable | How::Optional | How::Patch => nullable(schema),
        How::Required => schema,
    };
    if let Some(constant) = &member.constant {
        let value = serde_json::from_str(constant).expect("a constant is a JSON text");
        schema = json!({ "const": Value::clone(&value) });
    }
    with_doc(schema, &member.doc)
}

fn of_enum(values: &EnumType) -> Value {
    let list = values.values.iter().map(|value| {
        let number = value
            .name
            .wire
            .parse::<i64>()
            .ok()
            .filter(|_| values.of_int);
        number.map_or_else(|| Value::from(value.name.wire.as_str()), Value::from)
    });
    let kind = if values.of_int { "integer" } else { "string" };
    let documented = values
        .values
        .iter()
        .filter(|value| !value.doc.text.is_empty());
    let words: Vec<String> = documented
        .map(|value| format!("{}: {}", value.name.wire, value.doc.text))
        .collect();
    let mut schema = json!({"type": kind, "enum": list.collect::<Vec<_>>()});
    if !words.is_empty() {
        schema["description"] = words.join(" ").into();
    }
    schema
}

fn of_union(union: &UnionType) -> Value {
    let ways: Vec<Value> = union
        .variants
        .iter()
        .map(|variant| of(&variant.ty, Format::Usual))
        .collect();
    let Some(tag) = &union.tag else {
        return json!({ "anyOf": ways });
    };
    if let Some(content) = &union.content {
        let way = |(variant, way): (&etiquette_codegen::model::Variant, Value)| {
            let kind = json!({"const": variant.name.wire});
            json!({"type": "object", "properties": {tag: kind, content: way}, "required": [tag, content]})
        };
        let ways: Vec<Value> = union.variants.iter().zip(ways).map(way).collect();
        return json!({ "oneOf": ways });
    }
    let mapping: Map<String, Value> = union
        .variants
        .iter()
        .zip(&ways)
        .filter_map(|(variant, way)| Some((variant.name.wire.clone(), way.get("$ref")?.clone())))
        .collect();
    json!({"oneOf": ways, "discriminator": {"propertyName": tag, "mapping": mapping}})
}

/// With the words about it, before those that it has.
pub(crate) fn with_doc(mut schema: Value, doc: &Doc) -> Value {
    let own = schema["description"].as_str().unwrap_or_default();
    let words = format!("{} {own}", doc.text);
    if !words.trim().is_empty() {
        schema["description"] = words.trim().into();
    } else if let Value::Object(members) = &mut schema {
        members.remove("description");
    }
    if doc.deprecated.is_some() {
        schema["deprecated"] = true.into();
    }
    schema
}
