//! The plan file's JSON Schema, printed from the shapes that the plan is read with.

use serde_json::{Map, Value, json};

use crate::source::{Shape, TableShape};

/// A JSON Schema (draft 2020-12) of the plan file.
pub fn schema(shape: &TableShape) -> String {
    let mut schema = table(shape);
    let top = schema
        .as_object_mut()
        .expect("a table's schema is an object");
    top.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    top.insert("title".into(), json!("Backstay plan (backstay.toml)"));
    top.insert("required".into(), json!(["name"]));
    let text = serde_json::to_string_pretty(&schema).expect("the schema has text keys only");
    format!("{text}\n")
}

fn table(shape: &TableShape) -> Value {
    let mut properties = Map::new();
    for field in &shape.fields {
        let mut property = value(&field.shape);
        if let Some(property) = property.as_object_mut() {
            property.insert("description".into(), json!(field.doc));
        }
        properties.insert(field.key.to_owned(), property);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn value(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
        Shape::Choice(choices) => {
            let one =
                |(word, meaning): &(&str, &str)| json!({ "const": word, "description": meaning });
            json!({ "type": "string", "oneOf": choices.iter().map(one).collect::<Vec<_>>() })
        }
        Shape::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Shape::Number => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::List(items) => json!({ "type": "array", "items": value(items) }),
        Shape::Map(pattern, values) => json!({
            "type": "object",
            "propertyNames": { "pattern": pattern },
            "additionalProperties": value(values),
        }),
        Shape::Table(inner) => table(inner),
    }
}
