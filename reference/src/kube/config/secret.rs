//! What is never served.

use dxos_proto::dxos::config::Config;

/// The configuration without its secrets (KUBE-CONF-011); all else stays (KUBE-CONF-012).
///
/// The user names and passwords of `services.ice` stay: they are for clients.
#[must_use]
pub fn without_secrets(document: &Config) -> Config {
    let mut shown = document.clone();
    let Some(runtime) = &mut shown.runtime else { return shown };
    alter!(KUBE_CONF_011, runtime.keys.clear(), "keys are served" => ());
    if let Some(client) = &mut runtime.client {
        client.remote_source_authentication_token = None;
    }
    if let Some(kube) = &mut runtime.kube {
        if let Some(p2p) = &mut kube.p2p {
            alter!(KUBE_CONF_011, p2p.privatekey.clear(), "the private key is served" => ());
        }
        for authorization in &mut kube.ipfs_api_authorizations {
            alter!(KUBE_CONF_011, authorization.auth_secret.clear(),
                "secrets of the IPFS API are served" => ());
        }
        // Variables of programs are where passwords are put.
        for variable in &mut kube.env {
            let name = variable.split_once('=').map_or(variable.as_str(), |(name, _)| name);
            let hidden = format!("{name}=");
            alter!(KUBE_CONF_011, *variable = hidden, "values of variables are served" => ());
        }
    }
    if let Some(services) = &mut runtime.services {
        if let Some(dxns) = &mut services.dxns {
            alter!(KUBE_CONF_011, dxns.account_uri = None, "the account is served" => ());
        }
        if let Some(ipfs) = &mut services.ipfs {
            alter!(KUBE_CONF_011, ipfs.server_auth_secret = None, "the secret of the IPFS server is served" => ());
        }
        if let Some(machine) = &mut services.machine {
            alter!(KUBE_CONF_011, {
                machine.do_access_token = None;
                machine.github_access_token = None;
                machine.npm_access_token = None;
            }, "tokens of other services are served" => ());
        }
        if let Some(faasd) = &mut services.faasd {
            alter!(KUBE_CONF_011, faasd.password = None, "passwords are served" => ());
        }
    }
    alter!(KUBE_CONF_012, shown, "of the configuration only runtime.kube is served" => {
        let kube = shown.runtime.and_then(|runtime| runtime.kube);
        let runtime = dxos_proto::dxos::config::Runtime { kube, ..Default::default() };
        Config { runtime: Some(runtime), ..Config::default() }
    })
}
