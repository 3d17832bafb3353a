//! Opening a feed from files with any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::feeds::echo_storage(bytes));
