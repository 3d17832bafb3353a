//! The KUBE: a server around the sans-IO protocols of `dxos_reference::kube`.
#![forbid(unsafe_code)]

pub mod config;
pub mod websocket;
