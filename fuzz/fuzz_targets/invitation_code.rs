//! Reading the code of an invitation, and writing it again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::invitation::code(bytes));
