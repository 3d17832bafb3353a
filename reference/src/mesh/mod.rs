//! MESH: how peers call each other, exchange messages and agree on connections, as state machines.

pub mod messenger;
pub mod rpc;
pub mod swarm;
