//! Patches: how a rejected input is made from an accepted one.

mod diff;

use serde_json::{Map, Value};

use crate::format::Edit;

pub use diff::{between, between_steps, edits};

/// Why a patch does not apply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The path leads nowhere.
    #[error("edit {index}: the input has no \"{field}\"")]
    NoMember {
        /// Number of the edit, counted from 0.
        index: usize,
        /// The path.
        field: String,
    },
    /// A member whose bytes are edited does not hold any.
    #[error("edit {index}: \"{field}\" is not lower-case hex")]
    NotHex {
        /// Number of the edit, counted from 0.
        index: usize,
        /// The path.
        field: String,
    },
    /// The edit reaches behind the end.
    #[error("edit {index}: \"{field}\" has {length} bytes, and the edit needs {needed}")]
    Range {
        /// Number of the edit, counted from 0.
        index: usize,
        /// The path.
        field: String,
        /// Bytes that are there.
        length: usize,
        /// Bytes that would have to be there.
        needed: usize,
    },
    /// Not one of the forms that an edit may have.
    #[error(
        "edit {index}: it must have just one of: `at` and `xor`; `at` and `del`, `ins` or both; `set`; `unset`"
    )]
    Form {
        /// Number of the edit, counted from 0.
        index: usize,
    },
}

/// Applies a patch to the input of a case with one request.
pub fn apply(patch: &[Edit], base: &Map<String, Value>) -> Result<Map<String, Value>, PatchError> {
    match apply_value(patch, Value::Object(base.clone()))? {
        Value::Object(members) => Ok(members),
        // An edit has a path, so that the input itself cannot be replaced.
        _ => Err(PatchError::Form { index: 0 }),
    }
}

/// Applies a patch to the inputs of a case with several steps.  The first part of each path is the number of
/// the step, counted from 0.
pub fn apply_steps(
    patch: &[Edit],
    base: &[Map<String, Value>],
) -> Result<Vec<Map<String, Value>>, PatchError> {
    let inputs = base.iter().cloned().map(Value::Object).collect();
    let Value::Array(inputs) = apply_value(patch, Value::Array(inputs))? else {
        return Err(PatchError::Form { index: 0 });
    };
    inputs
        .into_iter()
        .map(|input| match input {
            Value::Object(members) => Ok(members),
            _ => Err(PatchError::Form { index: 0 }),
        })
        .collect()
}

fn apply_value(patch: &[Edit], mut input: Value) -> Result<Value, PatchError> {
    for (index, edit) in patch.iter().enumerate() {
        apply_one(index, edit, &mut input)?;
    }
    Ok(input)
}

fn apply_one(index: usize, edit: &Edit, input: &mut Value) -> Result<(), PatchError> {
    let missing = || PatchError::NoMember { index, field: edit.field.clone() };
    let (parent, name) = match edit.field.rsplit_once('/') {
        Some((parent, name)) => (Some(parent), name),
        None => (None, edit.field.as_str()),
    };
    let parent = match parent {
        Some(path) => {
            path.split('/').try_fold(input, |value, name| child(value, name)).ok_or_else(missing)?
        }
        None => input,
    };
    match edit {
        Edit { set: Some(value), at: None, del: None, ins: None, xor: None, unset: false, .. } => {
            put(parent, name, value.clone()).ok_or_else(missing)
        }
        Edit { unset: true, set: None, at: None, del: None, ins: None, xor: None, .. } => {
            take(parent, name).ok_or_else(missing)
        }
        Edit { at: Some(at), set: None, unset: false, .. } => {
            let member = child(parent, name).ok_or_else(missing)?;
            let not_hex = || PatchError::NotHex { index, field: edit.field.clone() };
            let mut bytes = bytes_of(member).ok_or_else(not_hex)?;
            edit_bytes(index, edit, *at, &mut bytes)?;
            *member = hex::encode(bytes).into();
            Ok(())
        }
        _ => Err(PatchError::Form { index }),
    }
}

fn edit_bytes(index: usize, edit: &Edit, at: usize, bytes: &mut Vec<u8>) -> Result<(), PatchError> {
    let payload =
        |text: &str| decode(text).ok_or_else(|| PatchError::NotHex { index, field: edit.field.clone() });
    let (length, payload) = match (&edit.xor, edit.del, &edit.ins) {
        (Some(mask), None, None) => (mask.len() / 2, payload(mask)?),
        (None, None, None) | (Some(_), ..) => return Err(PatchError::Form { index }),
        (None, del, ins) => (del.unwrap_or_default(), payload(ins.as_deref().unwrap_or_default())?),
    };
    let needed = at.saturating_add(length);
    let Some(found) = bytes.get(at..needed) else {
        return Err(PatchError::Range { index, field: edit.field.clone(), length: bytes.len(), needed });
    };
    let new: Vec<u8> = match edit.xor {
        Some(_) => found.iter().zip(&payload).map(|(byte, mask)| byte ^ mask).collect(),
        None => payload,
    };
    bytes.splice(at..needed, new);
    Ok(())
}

fn child<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(members) => members.get_mut(name),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Sets a member; in an array also the one behind the last.
fn put(parent: &mut Value, name: &str, value: Value) -> Option<()> {
    match parent {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(items) => {
            let index = name.parse::<usize>().ok()?;
            if index == items.len() {
                items.push(value);
            } else {
                *items.get_mut(index)? = value;
            }
        }
        _ => return None,
    }
    Some(())
}

fn take(parent: &mut Value, name: &str) -> Option<()> {
    match parent {
        Value::Object(members) => members.remove(name).map(drop),
        Value::Array(items) => {
            let index = name.parse::<usize>().ok()?;
            (index < items.len()).then(|| drop(items.remove(index)))
        }
        _ => None,
    }
}

/// The bytes of a hex member.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    decode(value.as_str()?)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    hex::decode(text).ok()
}
