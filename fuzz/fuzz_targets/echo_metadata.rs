//! Reading a metadata record.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::messages::metadata(bytes));
