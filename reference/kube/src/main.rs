//! `kube`, the binary.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use dxos_kube::cli::{Cli, run};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("kube: {error:#}");
            ExitCode::FAILURE
        }
    }
}
