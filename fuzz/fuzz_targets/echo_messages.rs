//! Messages in any bytes, and a stream that is given them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::replication::echo_messages(bytes));
