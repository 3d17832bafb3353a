//! The captures of the deployed implementation, in `vectors/captures`.

use std::fs;
use std::io::{BufRead as _, BufReader, Cursor};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The lines of a file, which must be as many and of the hash that the manifest says.
pub(crate) fn lines(name: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/captures");
    let manifest: toml::Value =
        toml::from_str(&fs::read_to_string(folder.join("manifest.toml")).unwrap()).unwrap();
    let entries = manifest["file"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["name"].as_str() == Some(name)).unwrap();
    let file = fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(entry["sha256"].as_str(), Some(hex::encode(Sha256::digest(&file)).as_str()), "{name}");
    let lines: Vec<Value> = BufReader::new(GzDecoder::new(Cursor::new(file)))
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    assert_eq!(entry["lines"].as_integer(), i64::try_from(lines.len()).ok(), "{name}");
    lines
}
