//! Reading the members of a request.

use serde_json::{Map, Value};

use super::Failure;
use crate::keys::{SigningKey, Suite};

/// The members of an answer.
pub(super) fn members(answer: Value) -> Map<String, Value> {
    match answer {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A request that is not as the book says.
pub(super) const fn wrong(member: &'static str, problem: &'static str) -> Failure {
    Failure::Request { member, problem }
}

/// The members of `in`.
pub(super) struct Input<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Input<'a> {
    pub(super) fn optional<T>(
        &self,
        member: &'static str,
        get: impl Fn(&Self, &'static str) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        self.0.contains_key(member).then(|| get(self, member)).transpose()
    }

    pub(super) fn get(&self, member: &'static str) -> Result<&'a Value, Failure> {
        self.0.get(member).ok_or_else(|| wrong(member, "absent"))
    }

    pub(super) fn text(&self, member: &'static str) -> Result<&'a str, Failure> {
        self.get(member)?.as_str().ok_or_else(|| wrong(member, "not a text"))
    }

    pub(super) fn bytes(&self, member: &'static str) -> Result<Vec<u8>, Failure> {
        unhex(member, self.get(member)?)
    }

    pub(super) fn list(&self, member: &'static str) -> Result<Vec<Vec<u8>>, Failure> {
        let items = self.get(member)?.as_array().ok_or_else(|| wrong(member, "not a list"))?;
        items.iter().map(|item| unhex(member, item)).collect()
    }

    pub(super) fn object(&self, member: &'static str) -> Result<Self, Failure> {
        self.get(member)?.as_object().map(Self).ok_or_else(|| wrong(member, "not an object"))
    }

    pub(super) fn time(&self, member: &'static str) -> Result<i64, Failure> {
        self.text(member)?.parse().map_err(|_| wrong(member, "not a decimal number of milliseconds"))
    }

    pub(super) fn flag(&self, member: &'static str) -> Result<bool, Failure> {
        self.get(member)?.as_bool().ok_or_else(|| wrong(member, "neither true nor false"))
    }

    pub(super) fn items(&self, member: &'static str) -> Result<&'a [Value], Failure> {
        self.get(member)?.as_array().map(Vec::as_slice).ok_or_else(|| wrong(member, "not a list"))
    }

    /// An integer: a number, or a decimal string where it can pass 2^53.
    pub(super) fn number(&self, member: &'static str) -> Result<u64, Failure> {
        let value = self.get(member)?;
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.ok_or_else(|| wrong(member, "not a number"))
    }

    /// A list of integers, each as [`Self::number`] takes it.
    pub(super) fn numbers(&self, member: &'static str) -> Result<Vec<u64>, Failure> {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        let numbers = self.items(member)?.iter().map(number).collect::<Option<_>>();
        numbers.ok_or_else(|| wrong(member, "not a list of numbers"))
    }

    /// The key of `suite` and `private_key`.
    pub(super) fn signing_key(&self) -> Result<SigningKey, Failure> {
        let suite = match self.text("suite")? {
            "p256" => Suite::P256,
            "ed25519" => Suite::Ed25519,
            _ => return Err(wrong("suite", "neither p256 nor ed25519")),
        };
        Ok(SigningKey::new(suite, &self.bytes("private_key")?)?)
    }

    pub(super) fn index(&self, member: &'static str) -> Result<usize, Failure> {
        let index = self.get(member)?.as_u64().and_then(|index| usize::try_from(index).ok());
        index.ok_or_else(|| wrong(member, "not an index"))
    }
}

/// The bytes of a text of lower-case hex.
pub(super) fn unhex(member: &'static str, value: &Value) -> Result<Vec<u8>, Failure> {
    let text = value.as_str().ok_or_else(|| wrong(member, "not a text"))?;
    data_encoding::HEXLOWER.decode(text.as_bytes()).map_err(|_| wrong(member, "not lower-case hex"))
}

/// The most bytes of a block that is given by its length.
const MAX_BLOCK: u64 = 1 << 24;

/// A block: hex, or `{"byte": "61", "count": 8388609}`.
pub(super) fn block(member: &'static str, value: &Value) -> Result<Vec<u8>, Failure> {
    let Some(members) = value.as_object().map(Input) else { return unhex(member, value) };
    let (byte, count) = (members.bytes("byte")?, members.number("count")?);
    match (byte.as_slice(), usize::try_from(count)) {
        ([byte], Ok(length)) if count <= MAX_BLOCK => Ok(vec![*byte; length]),
        _ => Err(wrong(member, "neither hex nor at most 16 MiB of one byte")),
    }
}
