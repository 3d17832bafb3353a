//! Reading a message of dxRPC, and a peer that takes any of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::rpc::rpc_message(bytes));
