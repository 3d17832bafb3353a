//! `kube bench`: load on signal servers, measured from outside, so that any server can be compared with any other.
//!
//! Each peer has a socket and a task of its own and calls the service as deployed clients do: Join, ReceiveMessages,
//! and then SendMessage with so many calls in flight.  Two servers are measured in turns, round by round, because a
//! machine is never equally quiet twice.

mod histogram;
mod identity;
mod peer;
mod process;
mod report;
mod round;
mod vanish;
mod wire;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args as ClapArgs;

use self::report::Report;

/// What to measure, and against what.
#[derive(Clone, Debug, ClapArgs)]
pub struct Args {
    /// The signal server, for example ws://127.0.0.1:80/.well-known/dx/signal
    #[arg(long)]
    pub url: String,
    /// A second server, measured in turns with the first
    #[arg(long, value_name = "URL", conflicts_with = "vanish")]
    pub against: Option<String>,
    /// Process of the first server, for its memory and CPU time
    #[arg(long)]
    pub pid: Option<u32>,
    /// Process of the second server
    #[arg(long, value_name = "PID", requires = "against")]
    pub against_pid: Option<u32>,
    /// How many peers, each with a socket of its own
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=60_000))]
    pub peers: u32,
    /// How many peers share a swarm; messages go to others of the same swarm
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..))]
    pub swarm: u32,
    /// How long each round sends, or the whole of --vanish lasts
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// How many messages each peer has in flight
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub window: u32,
    /// Bytes of a message's payload
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(8..=60_000))]
    pub size: u32,
    /// How many rounds against each server
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// Soak instead: peers join, send and vanish without a word, and the server's memory is watched
    #[arg(long)]
    pub vanish: bool,
    /// With --vanish: the server's metrics, for example http://127.0.0.1:80/metrics
    #[arg(long, value_name = "URL", requires = "vanish")]
    pub metrics: Option<String>,
    /// Write the figures as JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures, and writes the figures to standard output.
///
/// # Errors
/// A server cannot be reached, or, with `--vanish`, its memory grew.
pub async fn run(args: Args) -> Result<()> {
    process::raise_file_limit();
    if args.vanish {
        return vanish::run(&args).await;
    }
    let mut targets = vec![Target::new("server", &args.url, args.pid).await?];
    if let Some(against) = &args.against {
        targets.push(Target::new("against", against, args.against_pid).await?);
    }
    let mut rounds = vec![Vec::new(); targets.len()];
    for number in 0..args.rounds {
        let mut turn: Vec<usize> = (0..targets.len()).collect();
        // Who comes first takes turns as well.
        if number % 2 == 1 {
            turn.reverse();
        }
        for index in turn {
            let (Some(target), Some(figures)) = (targets.get(index), rounds.get_mut(index)) else { continue };
            eprintln!("round {} of {}: {}", number + 1, args.rounds, target.url);
            figures.push(round::run(&args, target).await.with_context(|| target.url.clone())?);
        }
    }
    let report = Report::new(&args, &targets, &rounds);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// A server that is measured.
#[derive(Clone, Debug)]
struct Target {
    name: &'static str,
    url: String,
    address: std::net::SocketAddr,
    pid: Option<u32>,
}

impl Target {
    async fn new(name: &'static str, url: &str, pid: Option<u32>) -> Result<Self> {
        let uri: axum::http::Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
        let secure = uri.scheme_str() == Some("wss");
        ensure!(secure || uri.scheme_str() == Some("ws"), "{url} begins with neither ws:// nor wss://");
        let host = uri.host().with_context(|| format!("{url} names no host"))?;
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let mut found = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await?;
        let address = found.next().with_context(|| format!("{host} has no address"))?;
        if let Some(pid) = pid {
            process::memory(pid).with_context(|| format!("there is no process {pid}"))?;
        }
        Ok(Self { name, url: url.to_owned(), address, pid })
    }
}

/// Waits until `done`, or until nothing has changed for `patience`; whether it is done.
async fn settled(patience: Duration, mut progress: impl FnMut() -> (u64, bool)) -> bool {
    let mut last = (progress().0, tokio::time::Instant::now());
    loop {
        let (now, done) = progress();
        if done {
            return true;
        }
        if now != last.0 {
            last = (now, tokio::time::Instant::now());
        } else if last.1.elapsed() > patience {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
