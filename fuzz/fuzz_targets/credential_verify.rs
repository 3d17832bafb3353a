//! Verifying a credential.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::credential_verify(bytes));
