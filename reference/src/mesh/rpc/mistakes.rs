//! What the mutants of dxRPC do.

use std::collections::BTreeMap;

use crate::{Class, Reject, requirement};

/// The rejection of a field that should have been passed over.
pub(super) const fn unknown_field() -> Reject {
    Reject::new(requirement::MESH_RPC_003, Class::DecodeWireType, "a field is not known")
}

/// The oldest entry of a table.
pub(super) fn oldest<T>(table: &BTreeMap<i32, T>) -> Option<i32> {
    table.keys().next().copied()
}
