//! What one server says to another.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::federation::federation_messages(bytes));
