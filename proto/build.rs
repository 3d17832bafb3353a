//! Compiles the `.proto` files in pure Rust: nothing to install.

use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

/// Every file that is an entry of its own; imports follow.
const FILES: &[&str] = &[
    "dxos/client/services.proto",
    "dxos/echo/feed.proto",
    "dxos/echo/metadata.proto",
    "dxos/echo/object.proto",
    "dxos/echo/timeframe.proto",
    "dxos/halo/credentials.proto",
    "dxos/halo/invitations.proto",
    "dxos/halo/keyring.proto",
    "dxos/keys.proto",
];

fn main() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed=dxos");
    let descriptors = protox::Compiler::new(["."])?
        .include_source_info(true)
        .include_imports(true)
        .open_files(FILES)?
        .file_descriptor_set();

    let mut without_comments = descriptors.clone();
    for file in &mut without_comments.file {
        file.source_code_info = None;
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), without_comments.encode_to_vec())?;

    prost_build::Config::new().include_file("dxos.rs").compile_fds(descriptors)?;
    Ok(())
}
