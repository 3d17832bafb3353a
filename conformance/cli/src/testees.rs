//! What is built in: the reference and the null testees.

use std::io;

use anyhow::{Context, bail};
use dxos_conformance::implementation::Implementation;
use dxos_conformance::null::Null;
use dxos_conformance::serve::{serve, serve_null};

use crate::reference::Reference;

/// The implementation with a name.
pub(crate) fn built_in(name: &str) -> Option<Box<dyn Implementation>> {
    match name {
        "reference" => Some(Box::new(Reference)),
        _ => Null::named(name).map(|null| Box::new(null) as Box<dyn Implementation>),
    }
}

/// The judge of randomised outputs.
pub(crate) fn judge() -> Box<dyn Implementation> {
    Box::new(Reference)
}

/// Serves one of them until the input ends.
pub(crate) fn serve_built_in(name: &str) -> anyhow::Result<()> {
    let (input, output) = (io::stdin().lock(), io::stdout().lock());
    let served = match (Null::named(name), built_in(name)) {
        (Some(null), _) => serve_null(null, input, output),
        (None, Some(implementation)) => serve(implementation, input, output),
        (None, None) => {
            let names: Vec<&str> = Null::ALL.iter().map(|null| null.name()).collect();
            bail!("nothing is called \"{name}\" here; there are reference, {}", names.join(", "));
        }
    };
    served.context("cannot serve")
}
