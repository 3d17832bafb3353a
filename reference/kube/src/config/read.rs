//! YAML against a schema: every key is known, every value of its type, and what is not is named with its line.

use std::fmt;

use dxos_proto::prost::Message;
use prost_reflect::{Cardinality, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_yaml_ng::{Deserializer, Mapping, Value};

use super::{ConfigError, Configuration, OWN, descriptor};

/// A checked document: keys are as the schema spells them.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// `dxos.config.Config`.
    pub config: Mapping,
    /// `dxos.kube.Settings`.
    pub settings: Mapping,
}

/// A key or an index.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

/// What is wrong, and where in the document.
struct Wrong {
    path: Vec<Step>,
    what: String,
}

/// Reads a document; `name` is what errors call it.
pub fn document(text: &str, name: &str) -> Result<Document, ConfigError> {
    let at = |line: usize| format!("{name}:{line}");
    let value: Value = serde_yaml_ng::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        ConfigError::wrong(at(line), what)
    })?;
    let entries = match value {
        Value::Null => Mapping::new(),
        Value::Mapping(entries) => entries,
        other => return Err(ConfigError::wrong(at(1), format!("{} where keys are wanted", kind_of(&other)))),
    };
    let mut document = Document::default();
    let mut own = Mapping::new();
    let mut rest = Mapping::new();
    for (key, value) in entries {
        if key.as_str() == Some(OWN) {
            own.insert(key, value)
        } else {
            rest.insert(key, value)
        };
    }
    let placed = |wrong: Wrong| ConfigError::wrong(at(line_of(text, &wrong.path)), wrong.what);
    document.config =
        message(rest, &descriptor("dxos.config.Config"), &mut Vec::new(), &[OWN]).map_err(placed)?;
    if let Some(value) = own.remove(OWN) {
        let mut path = vec![Step::Key(OWN.to_owned())];
        document.settings = section(value, &descriptor("dxos.kube.Settings"), &mut path).map_err(placed)?;
    }
    Ok(document)
}

impl Document {
    /// The messages.
    ///
    /// # Errors
    /// [`ConfigError`] if a value does not fit after all.
    pub fn configuration(self) -> Result<Configuration, ConfigError> {
        fn read<M: Message + Default>(entries: Mapping, name: &str) -> Result<M, ConfigError> {
            let fail = |what: String| ConfigError::wrong("configuration", what);
            let dynamic = DynamicMessage::deserialize(descriptor(name), Value::Mapping(entries))
                .map_err(|error| fail(error.to_string()))?;
            dynamic.transcode_to().map_err(|error| fail(error.to_string()))
        }
        Ok(Configuration {
            config: read(self.config, "dxos.config.Config")?,
            settings: read(self.settings, "dxos.kube.Settings")?,
        })
    }
}

/// A field by either of its spellings.
pub fn field(of: &MessageDescriptor, key: &str) -> Option<FieldDescriptor> {
    of.get_field_by_name(key).or_else(|| of.get_field_by_json_name(key))
}

/// Checks one value for a field, as the environment gives it.
pub(super) fn checked(value: Value, field: &FieldDescriptor) -> Result<Value, String> {
    self::value(value, field, &mut Vec::new()).map_err(|wrong| wrong.what)
}

fn section(value: Value, of: &MessageDescriptor, path: &mut Vec<Step>) -> Result<Mapping, Wrong> {
    match value {
        Value::Null => Ok(Mapping::new()),
        Value::Mapping(entries) => message(entries, of, path, &[]),
        other => {
            Err(Wrong { path: path.clone(), what: format!("{} where keys are wanted", kind_of(&other)) })
        }
    }
}

fn message(
    entries: Mapping,
    of: &MessageDescriptor,
    path: &mut Vec<Step>,
    others: &[&str],
) -> Result<Mapping, Wrong> {
    let mut checked = Mapping::new();
    for (key, entry) in entries {
        let Some(key) = key.as_str() else {
            return Err(Wrong { path: path.clone(), what: format!("{} is no key", kind_of(&key)) });
        };
        path.push(Step::Key(key.to_owned()));
        let Some(field) = field(of, key) else {
            return Err(Wrong { path: path.clone(), what: unknown(key, of, path, others) });
        };
        let entry = value(entry, &field, path)?;
        if !entry.is_null() && checked.insert(Value::from(field.json_name()), entry).is_some() {
            return Err(Wrong { path: path.clone(), what: format!("`{key}` is there in both spellings") });
        }
        path.pop();
    }
    Ok(checked)
}

fn value(value: Value, field: &FieldDescriptor, path: &mut Vec<Step>) -> Result<Value, Wrong> {
    if field.cardinality() != Cardinality::Repeated {
        return single(value, field, path);
    }
    match value {
        Value::Null => Ok(Value::Null),
        Value::Sequence(items) => {
            let mut checked = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                path.push(Step::Index(index));
                checked.push(single(item, field, path)?);
                path.pop();
            }
            Ok(Value::Sequence(checked))
        }
        other => Err(Wrong {
            path: path.clone(),
            what: format!("`{}`: {} where a list is wanted", field.name(), kind_of(&other)),
        }),
    }
}

fn single(value: Value, field: &FieldDescriptor, path: &mut Vec<Step>) -> Result<Value, Wrong> {
    let (fits, wanted) = match field.kind() {
        Kind::Message(of) if of.full_name().starts_with("google.protobuf.") => (true, ""),
        Kind::Message(of) => return section(value, &of, path).map(Value::Mapping),
        // Ports are texts in the schema, and numbers to people.
        Kind::String => match value {
            Value::Number(number) => return Ok(Value::from(number.to_string())),
            ref other => (other.is_string() || other.is_null(), "a text"),
        },
        Kind::Bool => (value.is_bool() || value.is_null(), "true or false"),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            (value.is_null() || value.as_i64().is_some_and(|n| i32::try_from(n).is_ok()), "a whole number")
        }
        Kind::Uint32 | Kind::Fixed32 => (
            value.is_null() || value.as_u64().is_some_and(|n| u32::try_from(n).is_ok()),
            "a whole number that is not negative",
        ),
        Kind::Enum(of) => {
            let known = value.as_str().is_some_and(|name| of.get_value_by_name(name).is_some());
            (known || value.is_null(), "one of the names in the schema")
        }
        _ => (true, ""),
    };
    if fits {
        return Ok(value);
    }
    Err(Wrong {
        path: path.clone(),
        what: format!("`{}`: {} where {wanted} is wanted", field.name(), kind_of(&value)),
    })
}

fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(value) => format!("`{value}`"),
        Value::String(value) => format!("the text `{value}`"),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "keys".to_owned(),
        Value::Tagged(_) => "a tagged value".to_owned(),
    }
}

fn unknown(key: &str, of: &MessageDescriptor, path: &[Step], others: &[&str]) -> String {
    let names: Vec<String> = of
        .fields()
        .map(|field| field.json_name().to_owned())
        .chain(others.iter().map(|&name| name.to_owned()))
        .collect();
    let place: Vec<&str> = path
        .iter()
        .rev()
        .skip(1)
        .rev()
        .filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None })
        .collect();
    let place = if place.is_empty() { "at the top".to_owned() } else { format!("in `{}`", place.join(".")) };
    match nearest(key, &names) {
        Some(name) => format!("no key `{key}` {place}; did you mean `{name}`?"),
        None => format!("no key `{key}` {place}; there are {}", names.join(", ")),
    }
}

/// The name that differs from `key` in the fewest letters, if those are few.
pub(crate) fn nearest<'a>(key: &str, names: &'a [String]) -> Option<&'a str> {
    let wanted = key.to_lowercase().replace('_', "");
    names
        .iter()
        .map(|name| (distance(&wanted, &name.to_lowercase()), name.as_str()))
        .min()
        .filter(|(distance, _)| *distance <= 1 + wanted.len() / 4)
        .map(|(_, name)| name)
}

/// Letters to put in, take out or change.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        let mut next = vec![last];
        for (right, &above) in b.chars().zip(row.iter().skip(1)) {
            last = (diagonal + usize::from(left != right)).min(above + 1).min(last + 1);
            diagonal = above;
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The line of a place in a document, counted from 1.
///
/// Values do not know where they stand; a reader that fails at the place does.
fn line_of(text: &str, path: &[Step]) -> usize {
    Finder(path)
        .deserialize(Deserializer::from_str(text))
        .err()
        .and_then(|error| error.location())
        .map_or(1, |location| location.line())
}

/// Fails where the path ends.
struct Finder<'a>(&'a [Step]);

const HERE: &str = "here";

impl<'de> DeserializeSeed<'de> for Finder<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.0 {
            [] => Err(serde::de::Error::custom(HERE)),
            [Step::Key(_), ..] => from.deserialize_map(self),
            [Step::Index(_), ..] => from.deserialize_seq(self),
        }
    }
}

/// A key that fails if it is the one that the path ends with, so that the line is the key's.
struct KeyFinder<'a> {
    wanted: &'a str,
    last: bool,
}

impl<'de> DeserializeSeed<'de> for KeyFinder<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyFinder<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<bool, E> {
        match key == self.wanted {
            true if self.last => Err(E::custom(HERE)),
            found => Ok(found),
        }
    }
}

impl<'de> Visitor<'de> for Finder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what the path leads to")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Some((Step::Key(wanted), rest)) = self.0.split_first() else { return Ok(()) };
        while let Some(found) = entries.next_key_seed(KeyFinder { wanted, last: rest.is_empty() })? {
            if found {
                return entries.next_value_seed(Finder(rest));
            }
            entries.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Step::Index(wanted), rest)) = self.0.split_first() else { return Ok(()) };
        for _ in 0..*wanted {
            items.next_element::<IgnoredAny>()?;
        }
        items.next_element_seed(Finder(rest)).map(drop)
    }
}
