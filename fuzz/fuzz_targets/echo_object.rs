//! Reading a batch of the older data plane, and writing it again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::messages::object(bytes));
