//! KUBE: what a server does for its clients, without its sockets, files and processes.

pub mod access;
pub mod capability;
pub mod config;
pub mod endpoint;
pub mod federation;
pub mod process;
pub mod signal;
pub mod supervisor;
pub mod token;
