//! What is built in: the reference and the null testees.

use std::io;

use anyhow::{Context, bail};
use clap::Args;
use dxos_conformance::dial::Target;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::kube_address::Address;
use dxos_conformance::null::Null;
use dxos_conformance::plan::Plan;
use dxos_conformance::serve::Server;
use dxos_conformance::testee::{Carrier, Registry};
use dxos_conformance_kube::AtAddress;

use crate::reference::Reference;

/// What runs in the runner itself.
pub(crate) const REGISTRY: Registry = Registry { built_in, kube };

/// The clients of a KUBE at an address.
fn kube(address: &Address) -> Result<Box<dyn Implementation>, String> {
    match AtAddress::connect(address) {
        Ok(kube) => Ok(Box::new(kube)),
        Err(error) => Err(error.to_string()),
    }
}

/// Leaves out of a plan what cannot be carried to a testee.
pub(crate) fn restrict(plan: &mut Plan, carrier: &Carrier) {
    if let Carrier::Kube(address) = carrier {
        dxos_conformance_kube::restrict(plan, address);
    }
}

/// The implementation with a name.
pub(crate) fn built_in(name: &str) -> Option<Box<dyn Implementation>> {
    match name {
        "reference" => Some(Box::<Reference>::default()),
        _ => Null::named(name).map(|null| Box::new(null) as Box<dyn Implementation>),
    }
}

/// The judge of randomised outputs.
pub(crate) fn judge() -> Box<dyn Implementation> {
    Box::<Reference>::default()
}

#[derive(Debug, Args)]
#[command(after_help = "\
The eight null testees implement nothing: null-accept-all, null-reject-all, null-constant, null-echo, null-empty, null-random, null-crash, null-hang.  None of them may ever score.

Examples:
  dxspec run 'dxspec serve null-reject-all' --no-probes
  dxspec serve reference --dial tcp:127.0.0.1:9000       to a waiting `dxspec run tcp:9000`
  dxspec serve reference --dial ws://127.0.0.1:9000/     to a waiting `dxspec run ws:9000`")]
pub(crate) struct ServeArgs {
    /// `reference`, or one of the null testees.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// Dial a runner that waits, instead of reading standard input: what it printed, tcp:HOST:PORT or
    /// ws://HOST:PORT/.
    #[arg(long, value_name = "TARGET")]
    pub(crate) dial: Option<Target>,
}

/// Serves one of them until the input ends, or the runner hangs up.
pub(crate) fn verb_serve(args: &ServeArgs) -> anyhow::Result<()> {
    let name = &args.name;
    let mut server = match (Null::named(name), built_in(name)) {
        (Some(null), _) => Server::null(null),
        (None, Some(implementation)) => Server::new(implementation),
        (None, None) => {
            let names: Vec<&str> = Null::ALL.iter().map(|null| null.name()).collect();
            bail!("nothing is called \"{name}\" here; there are reference, {}", names.join(", "));
        }
    };
    match &args.dial {
        None => server.serve_lines(io::stdin().lock(), io::stdout().lock()).context("cannot serve"),
        Some(target) => target.serve(&mut server).with_context(|| {
            format!(
                "cannot serve {target}; is there a runner that waits, as `dxspec run {}`?",
                target.carrier()
            )
        }),
    }
}
