//! Spaces of any credentials, in any order.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::space::replay(bytes));
