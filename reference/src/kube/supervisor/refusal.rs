//! Rejections as errors of dxRPC.

use crate::{Class, Reject};

/// The name of the error with which a rejection is answered, and what is said of it (KUBE-AUTH-036): to whom has no
/// right, nothing.
pub fn code(reject: &Reject) -> (&'static str, &'static str) {
    let name = reject.class.name();
    let topic = reject.requirement.id();
    match reject.class {
        Class::ResourceCount => ("RATE_LIMIT_EXCEEDED", reject.what),
        _ if name.starts_with("auth.") || topic.starts_with("KUBE-AUTH") || topic.starts_with("HALO") => {
            alter!(KUBE_AUTH_036, ("AUTHORIZATION_ERROR", "not authorized"),
                "a refusal has no name" => ("Error", "not authorized"))
        }
        _ if topic.starts_with("KUBE-CONF") => {
            alter!(KUBE_CONF_017, ("INVALID_CONFIG", reject.what),
                "a bad key or value is an error without a name" => ("Error", reject.what))
        }
        // It is not the client's fault.
        Class::StateConflict => ("Error", reject.what),
        _ => ("PROTOCOL_ERROR", reject.what),
    }
}
