//! Puts the suite's requests to a KUBE at an address.
#![forbid(unsafe_code)]
