//! The committed table of mutants, built in.

use std::sync::LazyLock;

use anyhow::Context;
use dxos_conformance::kill_table::{Excuses, Figures, KillTable, RowError};

static TABLE: LazyLock<Result<KillTable, RowError>> =
    LazyLock::new(|| KillTable::parse(include_str!("../../mutants/kills.txt")));

static EXCUSES: LazyLock<anyhow::Result<Excuses>> = LazyLock::new(|| {
    Excuses::parse(include_str!("../../mutants/equivalents.toml")).context("in equivalents.toml")
});

/// The table.
pub(crate) fn table() -> anyhow::Result<&'static KillTable> {
    TABLE.as_ref().map_err(|error| error.clone().into())
}

/// The reasons for which mutants live.
pub(crate) fn excuses() -> anyhow::Result<&'static Excuses> {
    EXCUSES.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))
}

/// The figures in a line.
pub(crate) fn sentence(figures: &Figures) -> String {
    format!(
        "{} mutants: {} killed by a case that cites their requirement, {} by others, {} equivalent, {} unobservable, {} silent, {} unreached",
        figures.mutants,
        figures.killed,
        figures.killed_elsewhere,
        figures.equivalent,
        figures.unobservable,
        figures.silent,
        figures.unreached
    )
}
