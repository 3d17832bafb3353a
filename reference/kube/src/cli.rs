//! The command line of `kube`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::bench;
use crate::config::{Configuration, environment};
use crate::control::{self, Answer, Request};
use crate::daemon::{Daemon, Options};
use crate::logs::{self, Tail};

/// Name of the configuration file in the data directory, which is read if none is named.
pub const CONFIG: &str = "kube.yml";

/// Signalling, administration and supervision for DXOS applications.
#[derive(Debug, Parser)]
#[command(name = "kube", version)]
pub struct Cli {
    /// Where the server keeps its files [default: $KUBE_DATA_DIR, else ~/.kube]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server in the foreground
    Daemon(DaemonArgs),
    /// Show the server's services and processes
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show or change the configuration of the running server
    Config {
        /// Dotted key below runtime.kube, for example https.port; all that are set without it
        key: Option<String>,
        /// The value to set
        value: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the last log lines of the server or of one of its processes
    Logs {
        /// Name of a process
        process: Option<String>,
        /// How many lines
        #[arg(long, short = 'n', default_value_t = 100, value_name = "COUNT")]
        lines: usize,
        /// Go on with those that come
        #[arg(long, short)]
        follow: bool,
    },
    /// Give an operator access: prints a seed for the first one, unless told otherwise
    Auth {
        /// Let this identity, a key in hex, have a credential
        #[arg(long, value_name = "KEY", conflicts_with = "token")]
        identity: Option<String>,
        /// Print a token for programs, valid for this long
        #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
        token: Option<std::time::Duration>,
        /// What is allowed, for example config/read [default: everything]
        #[arg(long = "capability", value_name = "PATH")]
        capabilities: Vec<String>,
    },
    /// Stop the running server
    Stop,
    /// Measure a signal server, or two in turns
    Bench(bench::Args),
}

#[derive(Debug, Args)]
struct DaemonArgs {
    /// Where to listen, in place of runtime.kube.port [default: $KUBE_LISTEN]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Configuration file [default: $KUBE_CONFIG, else kube.yml in the data directory if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write logs as JSON, one object a line
    #[arg(long)]
    log_json: bool,
}

/// Runs a command.
///
/// # Errors
/// In words for people.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Connections that are woken from elsewhere take turns with those at hand, and sockets are looked at once many
        // had theirs: under load a write then carries what came for a client meanwhile.
        .global_queue_interval(2)
        .event_interval(500)
        .enable_all()
        .build()?;
    let directory = match cli.data_dir.or_else(|| variable("KUBE_DATA_DIR").map(PathBuf::from)) {
        Some(directory) => directory,
        None => {
            PathBuf::from(variable("HOME").context("no --data-dir, and no HOME to look in")?).join(".kube")
        }
    };
    let asked = |request| runtime.block_on(ask(&directory, &request));
    match cli.command {
        Command::Daemon(args) => runtime.block_on(daemon(directory, args))?,
        Command::Status { json } => show(asked(Request::Status {})?, json)?,
        Command::Config { key, value, json } => show(asked(Request::Config { key, value })?, json)?,
        Command::Logs { process, lines, follow } => {
            runtime.block_on(control::ask(
                &directory,
                &Request::Logs { process, lines, follow },
                |answer| {
                    if let Answer::Line(line) = answer {
                        print(&line)?;
                    }
                    Ok(())
                },
            ))?;
        }
        Command::Auth { identity, token, capabilities } => {
            let token = token.map(|time| time.as_secs());
            show(asked(Request::Auth { identity, capabilities, token })?, false)?;
        }
        Command::Bench(args) => runtime.block_on(bench::run(args))?,
        Command::Stop => {
            asked(Request::Stop {})?;
            runtime.block_on(gone(&directory));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Writes a line; an error when whoever read it is gone.
fn print(line: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

async fn daemon(directory: PathBuf, args: DaemonArgs) -> anyhow::Result<()> {
    let listen = match (args.listen, variable("KUBE_LISTEN")) {
        (Some(listen), _) => Some(listen),
        (None, Some(text)) => Some(text.parse().context("KUBE_LISTEN: no address and port")?),
        (None, None) => None,
    };
    let named = args.config.or_else(|| variable("KUBE_CONFIG").map(PathBuf::from));
    let file = named.or_else(|| Some(directory.join(CONFIG)).filter(|path| path.exists()));
    let variables: Vec<(String, String)> =
        std::env::vars().filter(|(name, _)| name.starts_with(environment::PREFIX)).collect();
    let names = variables.iter().map(|(name, _)| name.clone()).collect();
    let configuration = Configuration::load(file.as_deref(), variables)?;

    let tail = Tail::default();
    let log = configuration.settings.log.clone().unwrap_or_default();
    let json = match log.format.as_deref() {
        None | Some("text") => args.log_json,
        Some("json") => true,
        Some(other) => anyhow::bail!("kube.log.format: `{other}` is neither text nor json"),
    };
    let filter = variable("KUBE_LOG").or(log.filter).unwrap_or_else(|| "info".to_owned());
    logs::start(&filter, json, tail.clone())?;

    let running = Daemon::start(Options { directory, listen, configuration, variables: names, tail }).await?;
    print(&format!("kube serves at http://{}", running.address))?;
    if let Some(https) = running.https {
        print(&format!("kube serves at https://{https}"))?;
    }
    let stopping = running.kube().stopping.clone();
    let signals = tokio::spawn(async move {
        signalled().await;
        stopping.send_replace(true);
    });
    running.wait().await;
    signals.abort();
    Ok(())
}

/// Waits for a signal to stop.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let Ok(mut terminate) = terminate else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

async fn ask(directory: &Path, request: &Request) -> anyhow::Result<Answer> {
    let mut last = Answer::Done;
    control::ask(directory, request, |answer| {
        last = answer;
        Ok(())
    })
    .await?;
    Ok(last)
}

/// Waits until a server that was told to stop no longer answers.
async fn gone(directory: &Path) {
    let path = control::path(directory);
    while tokio::net::UnixStream::connect(&path).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn show(answer: Answer, json: bool) -> anyhow::Result<()> {
    match answer {
        Answer::Status { version, key, uptime, sockets, services } => {
            if json {
                return print(&serde_json::to_string_pretty(&serde_json::json!({
                    "version": version, "key": key, "uptime": uptime, "sockets": sockets, "services": services,
                }))?);
            }
            let up = humantime::format_duration(std::time::Duration::from_secs(uptime));
            print(&format!("kube {version}, up {up}, {sockets} sockets\nkey {key}\n"))?;
            let width = services.iter().map(|service| service.name.len()).max().unwrap_or_default();
            for service in services {
                let places =
                    service.addresses.iter().chain(&service.well_knowns).cloned().collect::<Vec<_>>();
                let line = format!(
                    "{:width$}  {:8} {:8} {}",
                    service.name,
                    service.r#type,
                    service.status,
                    places.join(" ")
                );
                print(line.trim_end())?;
            }
            Ok(())
        }
        Answer::Config { entries, .. } if json => {
            let object: serde_json::Map<String, serde_json::Value> =
                entries.into_iter().map(|(key, value)| (key, value.into())).collect();
            print(&serde_json::to_string_pretty(&object)?)
        }
        Answer::Config { entries, effect } => {
            for (key, value) in entries {
                print(&format!("{key}: {value}"))?;
            }
            match effect.as_deref() {
                Some("restart") => print("takes effect when the server is started again"),
                _ => Ok(()),
            }
        }
        Answer::Line(text) | Answer::Token(text) => print(&text),
        Answer::Done => Ok(()),
        Answer::Error(error) => anyhow::bail!(error),
    }
}
