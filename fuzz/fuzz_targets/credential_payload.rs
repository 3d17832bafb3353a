//! The canonical form of a credential.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::credential_payload(bytes));
