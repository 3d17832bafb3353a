//! Compiles the `.proto` files in pure Rust: nothing to install.

use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

/// Every file that is an entry of its own; imports follow.
const FILES: &[&str] = &[
    "dxos/client/services.proto",
    "dxos/config.proto",
    "dxos/echo/feed.proto",
    "dxos/echo/metadata.proto",
    "dxos/echo/object.proto",
    "dxos/echo/timeframe.proto",
    "dxos/error.proto",
    "dxos/halo/credentials.proto",
    "dxos/halo/invitations.proto",
    "dxos/halo/keyring.proto",
    "dxos/keys.proto",
    "dxos/kube/settings.proto",
    "dxos/mesh/messaging.proto",
    "dxos/mesh/signal.proto",
    "dxos/mesh/swarm.proto",
    "dxos/rpc.proto",
    "dxos/service/agentmanager.proto",
    "dxos/service/publisher.proto",
    "dxos/service/supervisor.proto",
    "dxos/service/tunnel.proto",
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
    fs::write(out.join("documented.bin"), descriptors.encode_to_vec())?;

    let mut config = prost_build::Config::new();
    config.include_file("dxos.rs");
    compile(config, descriptors)
}

#[cfg(not(feature = "services"))]
fn compile(
    mut config: prost_build::Config,
    descriptors: prost_types::FileDescriptorSet,
) -> anyhow::Result<()> {
    Ok(config.compile_fds(descriptors)?)
}

#[cfg(feature = "services")]
fn compile(config: prost_build::Config, descriptors: prost_types::FileDescriptorSet) -> anyhow::Result<()> {
    Ok(tonic_prost_build::configure().compile_fds_with_config(descriptors, config)?)
}
