//! Variables of the environment: `KUBE_` and the path of a key, in capitals, its words joined by `_`.

use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};
use serde_yaml_ng::{Mapping, Value};

use super::read::{self, Document};
use super::{ConfigError, OWN, descriptor};

/// What the names of the variables begin with.
pub const PREFIX: &str = "KUBE_";

/// Variables of that prefix that are no keys.
pub const OTHERS: [&str; 4] = ["KUBE_DATA_DIR", "KUBE_LISTEN", "KUBE_CONFIG", "KUBE_LOG"];

/// The variable of a key, given from the root of the configuration.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// Puts what the variables say over a document.
///
/// # Errors
/// [`ConfigError`] names the variable.
pub fn apply(
    document: &mut Document,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX).filter(|_| !OTHERS.contains(&name.as_str())) else {
            continue;
        };
        let (of, entries, rest) = match path.strip_prefix("KUBE_") {
            Some(rest) => (descriptor("dxos.kube.Settings"), &mut document.settings, rest),
            None => (descriptor("dxos.config.Config"), &mut document.config, path),
        };
        let fields = fields(&of, rest).ok_or_else(|| {
            let first = of.fields().map(|field| capitals(&field)).collect::<Vec<_>>().join(", ");
            ConfigError::wrong(
                &name,
                format!(
                    "leads to no key; it goes on by the names of the schema, from one of {first}, {}",
                    OWN.to_uppercase()
                ),
            )
        })?;
        let value: Value =
            serde_yaml_ng::from_str(&text).map_err(|error| ConfigError::wrong(&name, error.to_string()))?;
        put(entries, &fields, value).map_err(|what| ConfigError::wrong(&name, what))?;
    }
    Ok(())
}

fn capitals(field: &FieldDescriptor) -> String {
    field.name().to_uppercase()
}

/// The fields that a path leads through.  Names have `_` themselves, so that each beginning is tried.
fn fields(of: &MessageDescriptor, path: &str) -> Option<Vec<FieldDescriptor>> {
    of.fields().find_map(|field| {
        let rest = path.strip_prefix(&capitals(&field))?;
        if rest.is_empty() {
            return Some(vec![field]);
        }
        let rest = rest.strip_prefix('_')?;
        match field.kind() {
            Kind::Message(inner) if field.cardinality() != Cardinality::Repeated => {
                let mut found = fields(&inner, rest)?;
                found.insert(0, field);
                Some(found)
            }
            _ => None,
        }
    })
}

fn put(entries: &mut Mapping, fields: &[FieldDescriptor], value: Value) -> Result<(), String> {
    match fields {
        [] => Ok(()),
        [last] => {
            entries.insert(Value::from(last.json_name()), read::checked(value, last)?);
            Ok(())
        }
        [first, rest @ ..] => {
            let inner = entries
                .entry(Value::from(first.json_name()))
                .or_insert_with(|| Value::Mapping(Mapping::new()));
            match inner {
                Value::Mapping(inner) => put(inner, rest, value),
                _ => Err(format!("`{}` holds no keys", first.name())),
            }
        }
    }
}
