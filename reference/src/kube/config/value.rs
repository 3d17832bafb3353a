//! What the value of a key must be.

use super::Kind;
use crate::Reject;

/// The longest value, in bytes.
const LONGEST: usize = 4096;
/// The longest list.
const ITEMS: usize = 64;

/// Checks a value.
pub(super) fn check(kind: Kind, value: &str) -> Result<(), Reject> {
    require!(KUBE_CONF_008, value.len() <= LONGEST, ResourceSize, "a value is too long")?;
    match kind {
        Kind::Flag => {
            let known = alter!(KUBE_CONF_002, matches!(value, "true" | "false"),
                "true and false are taken in any case" =>
                    ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value)),
                "1 and 0 are taken for true and false" => matches!(value, "true" | "false" | "1" | "0"));
            require!(KUBE_CONF_002, known, CanonForm, "a flag is neither true nor false")
        }
        Kind::Port => {
            let number = decimal(value, || {
                require!(KUBE_CONF_003, is_decimal(value), CanonForm, "a port is not a decimal number")
            })?;
            let there = alter!(KUBE_CONF_003, (1..=65_535).contains(&number),
                "the port 0 is taken" => number <= 65_535,
                "ports have no upper limit" => number >= 1);
            require!(KUBE_CONF_003, there, SchemaRange, "there is no such port")
        }
        Kind::Seconds => {
            let number = decimal(value, || {
                require!(KUBE_CONF_004, is_decimal(value), CanonForm, "an interval is not a decimal number")
            })?;
            let there = alter!(KUBE_CONF_004, (1..=0x7fff_ffff).contains(&number),
                "an interval of 0 is taken" => number <= 0x7fff_ffff);
            require!(KUBE_CONF_004, there, SchemaRange, "an interval is out of range")
        }
        Kind::Host => host(value),
        Kind::Address => {
            let rest = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
            let named =
                value.is_empty() || rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
            require!(KUBE_CONF_006, named, CanonForm, "an address does not begin with http:// or https://")?;
            text(value)
        }
        Kind::Text => text(value),
        Kind::Texts | Kind::Hosts | Kind::Variables => list(kind, value),
    }
}

/// Digits without a leading zero.
fn is_decimal(value: &str) -> bool {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    alter!(KUBE_CONF_003, digits && !(value.starts_with('0') && value.len() > 1),
        "leading zeros are taken" => digits,
        "a sign is taken" => value.parse::<i64>().is_ok())
}

fn decimal(value: &str, checked: impl FnOnce() -> Result<(), Reject>) -> Result<u64, Reject> {
    checked()?;
    Ok(value.parse().unwrap_or(u64::MAX))
}

/// A name of DNS, an IPv4 address among them, or nothing.
fn host(value: &str) -> Result<(), Reject> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let named = value.is_empty() || value.len() <= 253 && value.split('.').all(label);
    require!(KUBE_CONF_005, named, CanonForm, "the name of a host is not one")
}

fn text(value: &str) -> Result<(), Reject> {
    let plain = !value.chars().any(char::is_control);
    require!(KUBE_CONF_008, plain, CanonForm, "a text has control characters")
}

fn list(kind: Kind, value: &str) -> Result<(), Reject> {
    let items: Option<Vec<String>> = serde_json::from_str(value).ok();
    let items = alter!(KUBE_CONF_007, items,
        "a text that is no list is taken for its only item" => items.or_else(|| Some(vec![value.to_owned()])));
    require!(KUBE_CONF_007, items.is_some(), CanonForm, "a list is not a JSON array of texts")?;
    let items = items.unwrap_or_default();
    require!(KUBE_CONF_007, items.len() <= ITEMS, ResourceCount, "a list has too many items")?;
    for item in &items {
        text(item)?;
        match kind {
            Kind::Hosts => {
                host(item)?;
                require!(KUBE_CONF_007, !item.is_empty(), CanonForm, "an item of a list is empty")?;
            }
            Kind::Variables => {
                let name = item.split_once('=').map(|(name, _)| name).unwrap_or_default();
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                let named = !name.is_empty()
                    && name.bytes().all(plain)
                    && !name.starts_with(|first: char| first.is_ascii_digit());
                require!(KUBE_CONF_018, named, CanonForm, "a variable is not NAME=value")?;
            }
            _ => {}
        }
    }
    Ok(())
}
