//! Which methods there are.

use super::RpcError;

/// A service and its methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service<'a> {
    /// Its full name, for example `dxos.mesh.signal.Signal`.
    pub name: &'a str,
    /// Methods, spelled as in the schema, and whether each is a stream.
    pub methods: &'a [(&'a str, bool)],
}

/// What a peer serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Services<'a>(pub &'a [Service<'a>]);

impl<'a> Services<'a> {
    /// The service and the method of a request (MESH-RPC-004, MESH-RPC-005).
    ///
    /// # Errors
    /// What to answer where it is not served, or is a stream and was called or the other way round.
    pub fn find(&self, method: &str, stream: bool) -> Result<(&'a str, &'a str), RpcError> {
        let refused = |what: &str, name: &str| RpcError::named("Error", format!("{what}: {name}"));
        let (service, name) = method.rsplit_once('.').unwrap_or(("", method));
        let known = self.0.iter().find(|known| {
            alter!(MESH_RPC_004, known.name == service,
                "the case of a name is not looked at" => known.name.eq_ignore_ascii_case(service),
                "the service of a method is not looked at" => true)
        });
        let known = known.ok_or_else(|| refused("no such service", service))?;
        let same = |spelled: &str| {
            alter!(MESH_RPC_004, spelled == name,
                "the case of a method is not looked at" => spelled.eq_ignore_ascii_case(name))
        };
        let found = known.methods.iter().find(|(spelled, _)| same(spelled));
        let (spelled, streams) = found.ok_or_else(|| refused("no such method", method))?;
        let kind = require!(
            MESH_RPC_005,
            *streams == stream,
            SchemaConstraint,
            "the method is a stream and was called, or the other way round"
        );
        kind.map_err(|reject| refused(reject.what, method))?;
        Ok((known.name, spelled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        let served = Services(&[Service { name: "a.b.S", methods: &[("Call", false), ("Watch", true)] }]);
        assert_eq!(served.find("a.b.S.Call", false), Ok(("a.b.S", "Call")));
        assert_eq!(served.find("a.b.S.Watch", true), Ok(("a.b.S", "Watch")));
        for (method, stream) in
            [("a.b.S.call", false), ("S.Call", false), ("Call", false), ("", false), ("a.b.S.Call", true)]
        {
            assert!(served.find(method, stream).is_err(), "{method}");
        }
    }
}
