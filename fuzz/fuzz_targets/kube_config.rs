//! Setting a key of a KUBE's configuration, and serving it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::kube::config(bytes));
