//! Reading a feed message, and writing its timeframe again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::messages::message(bytes));
