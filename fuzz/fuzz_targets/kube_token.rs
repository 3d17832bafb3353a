//! Verifying a token of a KUBE.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::kube::token(bytes));
