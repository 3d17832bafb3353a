//! Local control: a Unix socket in the data directory, which only its owner can open.
//!
//! One JSON object a line each way: a [`Request`], then one or more [`Answer`]s.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use dxos_proto::dxos::service::supervisor::service::Type;
use dxos_proto::dxos::service::supervisor::{ConfigPair, SetConfigRequest};
use dxos_reference::keys::{Suite, from_hex};
use dxos_reference::kube::capability::Capabilities;
use dxos_reference::kube::config::{check, entries, shown};
use dxos_reference::kube::token::Claims;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use crate::kube::{Kube, stopped};
use crate::logs::Tail;
use crate::metrics::word;

/// Name of the socket in the data directory.
pub const SOCKET: &str = "control.sock";
/// Longest request, in bytes.
const LONGEST: u64 = 64 << 10;
/// Seconds for which a seed can be used.
pub const SEED: u64 = 3600;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// How it is.
    Status {},
    /// What is configured.
    Config {
        /// One key; all that are set without it.
        key: Option<String>,
        /// Sets it.
        value: Option<String>,
    },
    /// Its last lines.
    Logs {
        /// Of this process, not of the server.
        process: Option<String>,
        /// How many.
        lines: usize,
        /// And those that come.
        follow: bool,
    },
    /// A first access for an operator.
    Auth {
        /// Allows this identity, a key in hex; without it a seed is made.
        identity: Option<String>,
        /// What it may do; everything if none is named.
        capabilities: Vec<String>,
        /// Makes a token for programs, valid for so many seconds.
        token: Option<u64>,
    },
    /// That it stop.
    Stop {},
}

/// A service or process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// `STARTED`, `STOPPED`, `FAILED` or `UNKNOWN`.
    pub status: String,
    /// `PROCESS` or `SERVICE`.
    pub r#type: String,
    /// Where it listens.
    pub addresses: Vec<String>,
    /// Its paths.
    pub well_knowns: Vec<String>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// How it is.
    Status {
        /// Of the program.
        version: String,
        /// The server's public key in hex.
        key: String,
        /// Seconds since the start.
        uptime: u64,
        /// Connected clients of signalling.
        sockets: u64,
        /// Its services and processes.
        services: Vec<Entry>,
    },
    /// Keys and values.
    Config {
        /// In the order of the keys.
        entries: Vec<(String, String)>,
        /// When a change takes effect: `now` or `restart`.
        effect: Option<String>,
    },
    /// A line of a log.
    Line(String),
    /// A token or a seed.
    Token(String),
    /// It was done.
    Done,
    /// It was not.
    Error(String),
}

/// The path of the socket.
pub fn path(directory: &Path) -> PathBuf {
    directory.join(SOCKET)
}

/// Listens in the data directory.  Whoever holds the store may remove what another server has left.
///
/// # Errors
/// If the socket cannot be made.
pub fn bind(directory: &Path) -> anyhow::Result<UnixListener> {
    let path = path(directory);
    let _ = std::fs::remove_file(&path);
    let failed = || format!("cannot make the control socket {}", path.display());
    let listener = UnixListener::bind(&path).with_context(failed)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).with_context(failed)?;
    Ok(listener)
}

/// Serves until the server stops.
pub async fn serve(kube: Arc<Kube>, listener: UnixListener) {
    let mut stop = kube.stopping.subscribe();
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => { callers.spawn(caller(kube.clone(), stream)); }
            () = stopped(&mut stop) => break,
            Some(_) = callers.join_next() => {}
        }
    }
    let _ = std::fs::remove_file(path(&kube.directory));
}

async fn caller(kube: Arc<Kube>, stream: UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    if BufReader::new(reader.take(LONGEST)).read_line(&mut line).await.is_err() {
        return;
    }
    let answered = match serde_json::from_str(&line) {
        Ok(request) => answer(&kube, request, &mut writer).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = answered {
        // The caller may be gone, which is then the error.
        let _ = put_line(&mut writer, &Answer::Error(format!("{error:#}"))).await;
    }
}

async fn put_line(writer: &mut (impl AsyncWriteExt + Unpin), answer: &Answer) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    Ok(writer.write_all(&line).await?)
}

async fn answer(
    kube: &Arc<Kube>,
    request: Request,
    writer: &mut (impl AsyncWriteExt + Unpin),
) -> anyhow::Result<()> {
    let answer = match request {
        Request::Status {} => status(kube),
        Request::Config { key: Some(key), value: Some(value) } => configure(kube, &key, &value)?,
        Request::Config { key, .. } => configuration(kube, key.as_deref())?,
        Request::Logs { process, lines, follow } => {
            let tail = match process {
                Some(name) => kube.known_tail(&name).with_context(|| format!("no process `{name}`"))?,
                None => kube.tail.clone(),
            };
            return logs(kube, &tail, lines, follow, writer).await;
        }
        Request::Auth { identity, capabilities, token } => auth(kube, identity, capabilities, token)?,
        Request::Stop {} => {
            put_line(writer, &Answer::Done).await?;
            kube.stopping.send_replace(true);
            return Ok(());
        }
    };
    put_line(writer, &answer).await
}

fn status(kube: &Kube) -> Answer {
    let entry = |service: dxos_proto::dxos::service::supervisor::Service| Entry {
        status: word(service.status()).to_owned(),
        r#type: match service.r#type() {
            Type::None => "NONE",
            Type::Process => "PROCESS",
            Type::Service => "SERVICE",
        }
        .to_owned(),
        name: service.name,
        addresses: service.addresses,
        well_knowns: service.well_knowns.into_iter().map(|known| known.url).collect(),
    };
    Answer::Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        key: hex::encode(kube.supervisor().kube_key()),
        uptime: kube.started.elapsed().as_secs(),
        sockets: kube.board().counters().sockets,
        services: kube.services().into_iter().map(entry).collect(),
    }
}

/// Keys may be given from the root of the configuration, or from `runtime.kube` on.
fn short(key: &str) -> &str {
    key.strip_prefix("runtime.kube.").unwrap_or(key)
}

fn configuration(kube: &Kube, key: Option<&str>) -> anyhow::Result<Answer> {
    let supervisor = kube.supervisor();
    let document = supervisor.document();
    let entries = match key.map(short) {
        None => entries(document).into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        Some(name) => {
            let key = dxos_reference::kube::config::KEYS.iter().find(|key| key.name == name);
            let key = key.with_context(|| unknown(name))?;
            vec![(key.name.to_owned(), shown(document, key))]
        }
    };
    Ok(Answer::Config { entries, effect: None })
}

fn configure(kube: &Kube, key: &str, value: &str) -> anyhow::Result<Answer> {
    let name = short(key);
    let known = check(name, value).map_err(|reject| {
        match dxos_reference::kube::config::KEYS.iter().any(|key| key.name == name) {
            true => anyhow::anyhow!("{name}: {}", reject.what),
            false => anyhow::anyhow!(unknown(name)),
        }
    })?;
    let now = kube.now();
    // Whoever can open the control socket owns the server.
    let claims = Claims {
        identity: Vec::new(),
        capabilities: Capabilities::everything(),
        issued: now / 1000,
        expires: now / 1000 + 60,
        id: String::new(),
    };
    let mut supervisor = kube.supervisor();
    let socket = supervisor.open(Some(claims));
    let pair = ConfigPair { key: name.to_owned(), value: value.to_owned() };
    let asked = supervisor.set_config(socket, &SetConfigRequest { config: Some(pair) }, now);
    supervisor.closed(socket);
    asked.map_err(|reject| anyhow::anyhow!(reject.what))?;
    for (_, outcome) in crate::supervising::store(kube, &mut supervisor) {
        outcome.map_err(|reject| anyhow::anyhow!(reject.what))?;
    }
    let entries = vec![(known.name.to_owned(), shown(supervisor.document(), known))];
    Ok(Answer::Config { entries, effect: Some(known.when.name().to_owned()) })
}

fn unknown(name: &str) -> String {
    let names: Vec<String> =
        dxos_reference::kube::config::KEYS.iter().map(|key| key.name.to_owned()).collect();
    match crate::config::read::nearest(name, &names) {
        Some(near) => format!("no key `{name}`; did you mean `{near}`?"),
        None => format!("no key `{name}`; there are {}", names.join(", ")),
    }
}

async fn logs(
    kube: &Kube,
    tail: &Tail,
    lines: usize,
    follow: bool,
    writer: &mut (impl AsyncWriteExt + Unpin),
) -> anyhow::Result<()> {
    let mut news = tail.follow();
    for line in tail.last(lines) {
        put_line(writer, &Answer::Line(line)).await?;
    }
    let mut stop = kube.stopping.subscribe();
    if !follow {
        return put_line(writer, &Answer::Done).await;
    }
    loop {
        tokio::select! {
            line = news.recv() => match line {
                Ok(line) => put_line(writer, &Answer::Line(line)).await?,
                Err(tokio::sync::broadcast::error::RecvError::Lagged(count)) => {
                    put_line(writer, &Answer::Line(format!("kube: {count} lines were left out"))).await?;
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
            },
            () = stopped(&mut stop) => break,
        }
    }
    put_line(writer, &Answer::Done).await
}

fn auth(
    kube: &Kube,
    identity: Option<String>,
    capabilities: Vec<String>,
    token: Option<u64>,
) -> anyhow::Result<Answer> {
    if let Some(bad) =
        capabilities.iter().find(|text| !dxos_reference::kube::capability::is_well_formed(text))
    {
        anyhow::bail!("`{bad}` is not a capability: `*`, or a path such as config/read");
    }
    let granted = match capabilities.is_empty() {
        true => Capabilities::everything(),
        false => Capabilities::new(capabilities),
    };
    let mut supervisor = kube.supervisor();
    let now = kube.now();
    if let Some(identity) = &identity {
        let key = from_hex(identity).ok().filter(|key| Suite::of(key).is_ok());
        let key = key.with_context(|| format!("`{identity}` is not the key of an identity in hex"))?;
        kube.store.allow(&key, granted.texts())?;
        supervisor.allow(key, granted);
        return Ok(Answer::Done);
    }
    let made = match token {
        Some(seconds) => supervisor.mint(&[], granted, seconds, &crate::random(), now),
        None => supervisor.seed(SEED, &crate::random(), now),
    };
    Ok(Answer::Token(made.map_err(|reject| anyhow::anyhow!(reject.what))?))
}

/// Asks the server of a directory; `each` takes every answer, and says whether more are wanted.
///
/// # Errors
/// If no server runs there, or it answers with an error.
pub async fn ask(
    directory: &Path,
    request: &Request,
    mut each: impl FnMut(Answer) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let stream = UnixStream::connect(path(directory))
        .await
        .with_context(|| format!("no kube runs on {}", directory.display()))?;
    let (reader, mut writer) = stream.into_split();
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    writer.write_all(&line).await?;
    let mut lines = BufReader::new(reader).lines();
    let mut answered = false;
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Answer::Error(error) => anyhow::bail!(error),
            answer => each(answer)?,
        }
        answered = true;
    }
    anyhow::ensure!(answered, "the server has ended without an answer");
    Ok(())
}
