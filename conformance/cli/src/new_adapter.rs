//! `dxspec new-adapter`: the beginnings of an adapter, from files that are compiled in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{Exit, output};

/// A file of the kit.
macro_rules! kit {
    ($path:literal) => {
        include_str!(concat!("../../kit/", $path))
    };
}

#[derive(Debug, Args)]
#[command(after_help = "\
Writes an adapter that serves one operation, the kit beside it (one file, no dependencies), a baseline of known failures (empty), a workflow for GitHub and a README. Nothing that is there is overwritten.

Examples:
  dxspec new-adapter --lang py                          into the folder dxspec-adapter
  dxspec new-adapter --lang ts --dir tests/dxspec --name @example/halo
  dxspec new-adapter --lang rust --dir .                among files that are there

The chapter \"Your first adapter in ten minutes\" of the book goes on from here. For other languages the chapter \"The testee protocol\" is a page long; conformance/adapters/perl is an adapter of 59 lines.")]
pub(crate) struct NewAdapterArgs {
    /// The language; ts writes JavaScript with types in comments, which Node runs as it is.
    #[arg(long, value_enum)]
    lang: Lang,

    /// The folder to write to; made if it is not there.
    #[arg(long, default_value = "dxspec-adapter", value_name = "DIR")]
    dir: PathBuf,

    /// Name of the implementation, as reports show it.
    #[arg(long, default_value = "my-implementation", value_name = "NAME", value_parser = name)]
    name: String,

    /// Print what was written as one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Lang {
    #[value(aliases = ["js", "javascript", "typescript"])]
    Ts,
    #[value(alias = "python")]
    Py,
    #[value(alias = "rs")]
    Rust,
}

/// What differs between the languages.
struct Kit {
    /// Names and texts of the adapter, of the kit, and of what else is needed.
    adapter: (&'static str, &'static str),
    kit: (&'static str, &'static str),
    others: &'static [(&'static str, &'static str)],
    /// The command that starts the adapter, and the one that builds it.
    testee: &'static str,
    build: Option<&'static str>,
    /// Lines of the workflow that install the language.
    setup: &'static str,
}

impl Lang {
    const fn kit(self) -> Kit {
        match self {
            Self::Py => Kit {
                adapter: ("adapter.py", kit!("scaffold/adapter.py")),
                kit: ("dxspec_testee.py", kit!("dxspec_testee.py")),
                others: &[],
                testee: "python3 adapter.py",
                build: None,
                setup: "      - uses: actions/setup-python@v5\n        with:\n          python-version: \"3.x\"\n",
            },
            Self::Ts => Kit {
                adapter: ("adapter.mjs", kit!("scaffold/adapter.mjs")),
                kit: ("dxspec-testee.mjs", kit!("dxspec-testee.mjs")),
                others: &[],
                testee: "node adapter.mjs",
                build: None,
                setup: "      - uses: actions/setup-node@v4\n        with:\n          node-version: \"22\"\n",
            },
            Self::Rust => Kit {
                adapter: ("adapter.rs", kit!("scaffold/adapter.rs")),
                kit: ("dxspec_testee.rs", kit!("dxspec_testee.rs")),
                others: &[("Cargo.toml", kit!("scaffold/Cargo.toml"))],
                testee: "target/release/adapter",
                build: Some("cargo build --release"),
                setup: "",
            },
        }
    }
}

impl Kit {
    /// The run that the README and the workflow name.
    fn run(&self) -> String {
        format!("dxspec run {} --partial --baseline dxspec-baseline.toml", self.quoted())
    }

    fn quoted(&self) -> String {
        shell_words::quote(self.testee).into_owned()
    }

    /// All files, by path.
    fn files(&self, name: &str) -> Vec<(&'static str, String)> {
        let build = |before: &str| self.build.map(|build| format!("{before}{build}\n")).unwrap_or_default();
        let fill = |text: &str, before_build: &str| {
            text.replace("@NAME@", name)
                .replace("@ADAPTER@", self.adapter.0)
                .replace("@KIT@", self.kit.0)
                .replace("@BUILD@", &build(before_build))
                .replace("@SETUP@", self.setup)
                .replace("@TESTEE@", &self.quoted())
                .replace("@RUN@", &self.run())
        };
        let mut files = vec![(self.adapter.0, fill(self.adapter.1, "")), (self.kit.0, self.kit.1.to_owned())];
        files.extend(self.others.iter().map(|(path, text)| (*path, (*text).to_owned())));
        files.push(("dxspec-baseline.toml", kit!("scaffold/dxspec-baseline.toml").to_owned()));
        files.push((".github/workflows/dxspec.yml", fill(kit!("scaffold/dxspec.yml"), "      - run: ")));
        files.push(("README.md", fill(kit!("scaffold/README.md"), "")));
        files
    }
}

/// Writes the files, all or none.
pub(crate) fn new_adapter(args: &NewAdapterArgs) -> anyhow::Result<Exit> {
    let kit = args.lang.kit();
    let files = kit.files(&args.name);
    let dir = &args.dir;
    let present: Vec<String> = files
        .iter()
        .map(|(path, _)| dir.join(path))
        // Also a link that leads nowhere is something.
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| format!("  {}", path.display()))
        .collect();
    if !present.is_empty() {
        bail!(
            "nothing was written, as there is already\n{}\nName another folder with --dir, or move these away.",
            present.join("\n")
        );
    }
    write(dir, &files).with_context(|| format!("nothing was written to {}", dir.display()))?;

    let mut next = Vec::new();
    if dir.as_path() != Path::new(".") {
        next.push(format!("cd {}", shell_words::quote(&dir.to_string_lossy())));
    }
    next.extend(kit.build.map(str::to_owned));
    next.push(format!("dxspec smoke {}", kit.quoted()));
    next.push(kit.run());
    if args.json {
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        let value = json!({ "dir": dir, "files": paths, "testee": kit.testee, "next": next });
        output::print(&format!("{value:#}\n"))?;
    } else {
        let list: String =
            files.iter().map(|(path, _)| format!("  {}\n", dir.join(path).display())).collect();
        output::print(&format!("Written:\n{list}\nNext:\n  {}\n", next.join("\n  ")))?;
    }
    Ok(Exit::Fine)
}

/// Writes the files into a temporary folder.  A folder that is not there yet comes into being by a rename; into
/// one that is there the files are moved, and what was moved is taken back if one of them cannot be.
fn write(dir: &Path, files: &[(&str, String)]) -> anyhow::Result<()> {
    // On the file system of the destination: only so can things be renamed.
    let near = dir.ancestors().find(|folder| folder.is_dir()).unwrap_or_else(|| Path::new("."));
    let temporary = tempfile::Builder::new()
        .prefix(".dxspec-")
        .tempdir_in(near)
        .with_context(|| format!("cannot write to {}", near.display()))?;
    // Inside, as the temporary folder itself is closed to others.
    let staged = temporary.path().join("adapter");
    for (path, text) in files {
        let file = staged.join(path);
        make_parent(&file)?;
        fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
    }
    if dir.symlink_metadata().is_err() {
        make_parent(dir)?;
        return fs::rename(&staged, dir).with_context(|| format!("cannot make the folder {}", dir.display()));
    }
    let mut moved: Vec<PathBuf> = Vec::new();
    for (path, _) in files {
        let place = dir.join(path);
        let done = make_parent(&place).and_then(|()| {
            move_to(&staged.join(path), &place).with_context(|| format!("cannot write {}", place.display()))
        });
        if let Err(error) = done {
            moved.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(error);
        }
        moved.push(place);
    }
    Ok(())
}

fn make_parent(file: &Path) -> anyhow::Result<()> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))
}

/// As a rename, but never over a file that has come into being meanwhile.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    tempfile::TempPath::try_from_path(from)?.persist_noclobber(to).map_err(|error| error.error)
}

/// A name that can stand in a text of every language.
fn name(text: &str) -> Result<String, String> {
    let right = |c: char| c.is_ascii_alphanumeric() || "@/._-".contains(c);
    match text.chars().all(right) && (1..=64).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("give at most 64 letters, digits and @ / . _ -".to_owned()),
    }
}
