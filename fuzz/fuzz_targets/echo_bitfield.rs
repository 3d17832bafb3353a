//! Bitfields of any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::replication::echo_bitfield(bytes));
