//! KUBE: what a server does for its clients, without its sockets, files and processes.

pub mod endpoint;
pub mod signal;
