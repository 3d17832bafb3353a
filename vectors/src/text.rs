//! The one text of a vector file: UTF-8, LF, two spaces, keys in the order of the types, a newline at the end.
//! Arrays and objects that fit into a line of [`WIDTH`] columns stand in one.

use std::path::Path;
use std::{fmt, fs, io, process};

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::format::VectorFile;

/// Widest line in which a whole array or object may stand.
pub const WIDTH: usize = 100;

/// The canonical text of a vector file.
pub fn canonical(file: &VectorFile) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    serde_json::from_str::<Node>(&serde_json::to_string(file)?)?.write(&mut out, 0, 0);
    out.push('\n');
    Ok(out)
}

/// Writes a vector file in its canonical text.
pub fn write(path: &Path, file: &VectorFile) -> io::Result<()> {
    write_text(path, &canonical(file)?)
}

/// Replaces a file by a text, whole or not at all: a reader never sees half of it.
pub fn write_text(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", process::id()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    })
}

/// A JSON value that keeps the order of its keys, which `serde_json::Value` sorts.
enum Node {
    Scalar(Value),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Node {
    /// Writes the value at an indentation, in a line that has `used` columns already.
    fn write(&self, out: &mut String, indent: usize, used: usize) {
        let short = self.inline();
        // One column is kept for the comma behind it.
        if matches!(self, Self::Scalar(_)) || used + short.chars().count() < WIDTH {
            out.push_str(&short);
            return;
        }
        let inner = indent + 2;
        let line = |out: &mut String, first: bool, columns: usize| {
            out.push_str(if first { "\n" } else { ",\n" });
            out.extend(std::iter::repeat_n(' ', columns));
        };
        let close = match self {
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    line(out, index == 0, inner);
                    item.write(out, inner, inner);
                }
                ']'
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    line(out, index == 0, inner);
                    let key = format!("{}: ", quoted(key));
                    out.push_str(&key);
                    value.write(out, inner, inner + key.chars().count());
                }
                '}'
            }
            Self::Scalar(_) => return,
        };
        line(out, true, indent);
        out.push(close);
    }

    /// The value in one line.
    fn inline(&self) -> String {
        match self {
            Self::Scalar(value) => value.to_string(),
            Self::Array(items) => {
                format!("[{}]", items.iter().map(Self::inline).collect::<Vec<_>>().join(", "))
            }
            Self::Object(members) if members.is_empty() => "{}".to_owned(),
            Self::Object(members) => {
                let member = |(key, value): &(String, Self)| format!("{}: {}", quoted(key), value.inline());
                format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn quoted(key: &str) -> String {
    Value::from(key).to_string()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered;

        impl<'de> Visitor<'de> for Ordered {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Bool(value)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
                let mut found = Vec::new();
                while let Some(item) = items.next_element()? {
                    found.push(item);
                }
                Ok(Node::Array(found))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
                let mut found = Vec::new();
                while let Some(member) = members.next_entry()? {
                    found.push(member);
                }
                Ok(Node::Object(found))
            }
        }

        deserializer.deserialize_any(Ordered)
    }
}
