//! The DXOS protocols, sans-IO.
#![forbid(unsafe_code)]
