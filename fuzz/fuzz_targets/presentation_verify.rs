//! Verifying a presentation.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::presentation_verify(bytes));
