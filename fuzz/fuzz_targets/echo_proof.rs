//! A reader of a feed, honest blocks, and a message that anybody may have made.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::feeds::echo_proof(bytes));
