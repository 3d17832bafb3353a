//! Cutting any bytes into frames.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::replication::echo_frames(bytes));
