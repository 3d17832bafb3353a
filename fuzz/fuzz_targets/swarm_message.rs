//! Reading a message of a swarm, and what a peer does with it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::swarm::message(bytes));
