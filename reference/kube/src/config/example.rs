//! The example configuration: it is valid, and names every key of the KUBE.

/// Its text.
pub const TEXT: &str = include_str!("../../kube.example.yml");

#[cfg(test)]
mod tests {
    use prost_reflect::{Kind, MessageDescriptor};

    use super::super::{Configuration, descriptor};
    use super::TEXT;

    /// With the keys that are commented out: comments that are keys, not prose.
    fn uncommented() -> String {
        let is_key = |rest: &str| {
            let rest = rest.trim_start().trim_start_matches("- ").trim_start_matches("# ");
            rest.split_once(':').is_some_and(|(key, _)| {
                !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
        };
        let plain = |line: &str| match line.trim_start().strip_prefix("# ") {
            Some(rest) if is_key(rest) => {
                format!("{}{}", " ".repeat(line.len() - line.trim_start().len()), rest)
            }
            _ => line.to_owned(),
        };
        TEXT.lines().map(plain).collect::<Vec<_>>().join("\n")
    }

    fn names(of: &MessageDescriptor, found: &mut Vec<String>) {
        for field in of.fields() {
            found.push(field.json_name().to_owned());
            if let Kind::Message(inner) = field.kind() {
                names(&inner, found);
            }
        }
    }

    #[test]
    fn the_example_is_valid_as_it_is_and_with_its_comments_as_keys() {
        Configuration::parse(TEXT, "kube.example.yml").unwrap();
        let all = Configuration::parse(&uncommented(), "kube.example.yml").unwrap();
        assert_eq!(all.settings.processes[0].name, "agent");
        assert_eq!(all.settings.signalling.unwrap().queue_bytes, Some(1 << 20));
    }

    #[test]
    fn every_key_of_the_kube_is_in_the_example() {
        let mut wanted = Vec::new();
        names(&descriptor("dxos.config.Runtime.Kube"), &mut wanted);
        names(&descriptor("dxos.kube.Settings"), &mut wanted);
        let missing: Vec<&String> =
            wanted.iter().filter(|name| !TEXT.contains(&format!("{name}:"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
