//! The JSON Schema of vector files, made from the types in [`crate::format`].

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, schema_for};
use serde_json::{Value, json};

use crate::format::{FORMAT, VectorFile};

/// Path of the schema in the folder of the vectors.
pub const PATH: &str = "schema/vectors-1.schema.json";

/// The text of the schema file.
pub fn schema_text() -> String {
    let mut schema = schema_for!(VectorFile);
    RecursiveTransform(without_null).transform(&mut schema);
    schema.insert("title".to_owned(), "DXOS vectors, format 1".into());
    if let Some(format) = schema.pointer_mut("/properties/format").and_then(Value::as_object_mut) {
        format.retain(|key, _| key == "description");
        format.insert("const".to_owned(), FORMAT.into());
    }
    format!("{:#}\n", schema.as_value())
}

/// The path from a group's file to the schema: what stands in its `$schema`.
pub fn path_from(group: &str) -> String {
    format!("{}{PATH}", "../".repeat(group.split('/').count()))
}

/// A member that may be absent is never `null` here, as schemars says of every `Option`.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| *choice != json!({ "type": "null" }));
        if let [Value::Object(one)] = choices.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                schema.insert(key, value);
            }
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every schema that names members must refuse others.
    fn open_objects(at: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if members.contains_key("properties")
                    && members.get("additionalProperties") != Some(&json!(false))
                {
                    found.push(at.to_owned());
                }
                for (key, value) in members {
                    open_objects(&format!("{at}/{key}"), value, found);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    open_objects(&format!("{at}/{index}"), value, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn unknown_keys_and_nulls_are_refused_everywhere() {
        let text = schema_text();
        let schema: Value = serde_json::from_str(&text).unwrap();
        let mut open = Vec::new();
        open_objects("", &schema, &mut open);
        assert_eq!(open, Vec::<String>::new());
        assert!(!text.contains("null\""), "{text}");
    }

    #[test]
    fn the_path_leads_out_of_data() {
        assert_eq!(path_from("halo/key/parse"), "../../../schema/vectors-1.schema.json");
    }
}
