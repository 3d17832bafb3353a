//! What clients send to a signal server.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::signal::frames(bytes));
