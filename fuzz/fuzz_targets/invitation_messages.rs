//! A host and a guest that are given any messages.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::invitation::messages(bytes));
