//! The server by what its clients, and whoever runs it, see of it.

mod cli;
mod grpc;
mod http;
mod killed;
mod processes;
mod signalling;
mod support;
