//! Delivery of any feeds, held against the judge.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::messages::order(bytes));
