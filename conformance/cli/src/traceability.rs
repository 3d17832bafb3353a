//! The generated parts of the book: the chapter that shows each requirement with its cases and mutants, and the
//! links to it from where the requirement stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use dxos_conformance::trace::Row;
use dxos_spec::Book;

use crate::{kills, output};

/// Path of the chapter, from the folder of chapters.
const CHAPTER: &str = "traceability.md";

/// What stands before the links at the end of a chapter.
const LINKS: &str = "<!-- Links of the requirements to their cases; written by `dxspec trace --write` -->";

/// Writes what differs; the number of files written.
pub(crate) fn write(book: &Path, rows: &[Row]) -> anyhow::Result<usize> {
    let stale = stale(book, rows)?;
    for (path, text) in &stale {
        output::write(path, text)?;
    }
    Ok(stale.len())
}

/// The generated parts that are not as they would be written.
pub(crate) fn differences(book: &Path, rows: &[Row]) -> anyhow::Result<Vec<String>> {
    let stale = stale(book, rows)?;
    let next = format!("run `dxspec trace --write {}`", book.display());
    Ok(stale.keys().map(|path| format!("{}: not as it is generated; {next}", path.display())).collect())
}

fn stale(book: &Path, rows: &[Row]) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let source = book.join("src");
    let mut wanted = BTreeMap::from([(source.join(CHAPTER), chapter(rows)?)]);
    let chapters: BTreeSet<&str> = rows.iter().map(file).collect();
    for chapter in chapters {
        let path = source.join(chapter);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let own = text.split(LINKS).next().unwrap_or(&text).trim_end();
        let depth = chapter.matches('/').count();
        let links: String = rows
            .iter()
            .filter(|row| file(row) == chapter)
            .map(|row| {
                format!("[{}]: {}{CHAPTER}#{}\n", row.req, "../".repeat(depth), row.req.to_ascii_lowercase())
            })
            .collect();
        wanted.insert(path, format!("{own}\n\n{LINKS}\n\n{links}"));
    }
    wanted.retain(|path, text| std::fs::read_to_string(path).ok().as_ref() != Some(text));
    Ok(wanted)
}

/// Path of the chapter in which a requirement stands.
fn file(row: &Row) -> &str {
    row.place.rsplit_once(':').map_or(&row.place, |(file, _)| file)
}

fn chapter(rows: &[Row]) -> anyhow::Result<String> {
    let figures = kills::table()?.figures(kills::excuses()?);
    let mut text = format!(
        "# Traceability\n\n<!-- Written by `dxspec trace --write` -->\n\n\
        Each requirement with the cases that test it, the places in the reference that carry it out, and the mutants of those places: the reference made\n\
        wrong there on purpose, and the first case that notices. {}.\n\n\
        `dxspec trace --ci` fails where this chain is broken, `dxspec mutants --ci` where a mutant is not noticed.\n",
        kills::sentence(&figures)
    );
    for chapter in Book::embedded().chapters() {
        let of_chapter: Vec<&Row> = rows.iter().filter(|row| file(row) == chapter.path).collect();
        if of_chapter.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {}\n\n", chapter.title));
        text.push_str("| requirement | level | cases | of them rejections | mutants killed | profiles |\n|---|---|---|---|---|---|\n");
        for row in &of_chapter {
            let (killed, mutants) = row.killed();
            text.push_str(&format!(
                "| [{}](#{}) | {} | {} | {} | {killed} of {mutants} | {} |\n",
                row.req,
                row.req.to_ascii_lowercase(),
                row.level,
                row.cases.len(),
                row.cases.iter().filter(|case| case.rejects).count(),
                row.profiles.join(", ")
            ));
        }
        of_chapter.iter().for_each(|row| text.push_str(&section(row)));
    }
    Ok(text)
}

fn section(row: &Row) -> String {
    let mut text = format!("\n### {}\n\n{}, in [{}]({}).", row.req, row.level, file(row), file(row));
    if let Some(why) = &row.excluded {
        text.push_str(&format!(" Without cases: {why}"));
    }
    text.push('\n');
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in &row.cases {
        let (group, name) = case.id.rsplit_once('/').unwrap_or(("", &case.id));
        match groups.last_mut() {
            Some((last, names)) if *last == group => names.push(name),
            _ => groups.push((group, vec![name])),
        }
    }
    if !groups.is_empty() {
        text.push_str("\nCases:\n\n");
    }
    for (group, names) in groups {
        text.push_str(&format!(
            "- `{group}/`: {}\n",
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    let places: Vec<String> = {
        let mut places: Vec<&str> =
            row.sites.iter().map(|site| site.place.split(':').next().unwrap_or_default()).collect();
        places.dedup();
        places.into_iter().map(|place| format!("`reference/{place}`")).collect()
    };
    if !places.is_empty() {
        text.push_str(&format!("\nCarried out in {}. Mutants:\n\n", places.join(", ")));
    }
    for mutant in &row.mutants {
        let name = mutant.id.strip_prefix(&row.req).unwrap_or(&mutant.id).trim_start_matches('/');
        let mut parts = mutant.fate.split("  ");
        let fate = match (parts.next(), parts.next(), parts.next()) {
            (Some("killed"), Some(case), Some(verdict)) => format!("killed by `{case}` ({verdict})"),
            _ => mutant.fate.clone(),
        };
        let why = mutant.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        text.push_str(&format!("- `{name}`: {fate}{why}\n"));
    }
    text
}
