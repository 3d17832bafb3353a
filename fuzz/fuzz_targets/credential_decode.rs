//! Reading a credential, and writing it again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::credential_decode(bytes));
