//! The book that is compiled in: it is well-formed, and everything that it points at exists.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dxos_spec::{Book, is_id, profiles};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The Markdown files of the book by path, from the file system: what is embedded is checked against it.
fn files() -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&source(), &source(), &mut found);
    found
}

/// What a chapter links to, and the anchors that it has.
struct Links {
    targets: Vec<(usize, String)>,
    anchors: BTreeSet<String>,
}

fn links(text: &str) -> Links {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut links = Links { targets: Vec::new(), anchors: BTreeSet::new() };
    let mut heading: Option<(Option<String>, String)> = None;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let line = text[..range.start].matches('\n').count() + 1;
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.targets.push((line, dest_url.into_string()));
            }
            Event::Start(Tag::Heading { id, .. }) => {
                heading = Some((id.map(|id| id.into_string()), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                let (id, words) = heading.take().unwrap();
                let base = id.unwrap_or_else(|| slug(&words));
                let mut anchor = base.clone();
                for number in 1.. {
                    if links.anchors.insert(anchor.clone()) {
                        break;
                    }
                    anchor = format!("{base}-{number}");
                }
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for attribute in [" id=\"", " name=\""] {
                    for rest in html.split(attribute).skip(1) {
                        links.anchors.insert(rest.split('"').next().unwrap().to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    links
}

/// The anchor that mdBook gives to a heading.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
            c if c.is_whitespace() => Some('-'),
            _ => None,
        })
        .collect()
}

/// Resolves a relative path against the chapter that it stands in.
fn resolve(chapter: &str, target: &str) -> String {
    let mut parts: Vec<&str> = chapter.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What is wrong with the links of a book.
fn broken_links(files: &BTreeMap<String, String>, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let links: BTreeMap<&String, Links> = files.iter().map(|(path, text)| (path, links(text))).collect();
    let mut broken = Vec::new();
    for (path, chapter) in &links {
        for (line, target) in &chapter.targets {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) =
                target.split_once('#').map_or((target.as_str(), None), |(f, a)| (f, Some(a)));
            let file = if file.is_empty() { (*path).clone() } else { resolve(path, file) };
            match (links.get(&file), anchor) {
                (Some(target), Some(anchor)) if !target.anchors.contains(anchor) => {
                    broken.push(format!("{path}:{line}: {file} has no anchor #{anchor}"));
                }
                (None, _) if !exists(&file) => broken.push(format!("{path}:{line}: {file} does not exist")),
                _ => {}
            }
        }
    }
    broken
}

#[test]
fn the_embedded_book_parses_and_is_complete() {
    let book = Book::try_embedded().unwrap_or_else(|error| panic!("spec/src/{error}"));
    let mut embedded: Vec<&str> = book.chapters().iter().map(|chapter| chapter.path.as_str()).collect();
    embedded.sort_unstable();
    let files = files();
    let found: Vec<&str> = files.keys().map(String::as_str).filter(|path| *path != "SUMMARY.md").collect();
    assert_eq!(embedded, found);
}

#[test]
fn each_requirement_is_found_by_its_id_where_it_stands() {
    let book = Book::embedded();
    let files = files();
    let mut ids = BTreeSet::new();
    for requirement in book.requirements() {
        assert!(is_id(&requirement.id));
        assert!(ids.insert(&requirement.id), "{} is used twice", requirement.id);
        assert_eq!(book.requirement(&requirement.id), Some(requirement));
        let line = files[&requirement.chapter].lines().nth(requirement.line - 1).unwrap();
        assert!(line.starts_with(&format!("**[{}]**", requirement.id)));
        assert!(!requirement.text.contains('\n') && requirement.text.contains(requirement.level.key_word()));
    }
    // Independent of the parser: every bold id of the running text is indexed.
    for (path, text) in &files {
        let mut bold = String::new();
        let mut inside = false;
        for event in Parser::new(text) {
            match event {
                Event::Start(Tag::Strong) => (inside, bold) = (true, String::new()),
                Event::Text(words) if inside => bold.push_str(&words),
                Event::End(TagEnd::Strong) => {
                    inside = false;
                    if let Some(id) = bold.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                        assert!(book.requirement(id).is_some(), "{path}: {id} is bold but no requirement");
                    }
                }
                _ => {}
            }
        }
    }
}

#[test]
fn profiles_name_only_requirements_of_the_book() {
    let mut names = BTreeSet::new();
    for profile in profiles().unwrap_or_else(|error| panic!("spec/{error}")) {
        let unknown: Vec<&str> = profile.unknown_in(Book::embedded()).collect();
        assert!(unknown.is_empty(), "profile {} names unknown requirements: {unknown:?}", profile.name);
        assert_eq!(dxos_spec::profile(&profile.name).as_ref(), Some(&profile));
        assert!(names.insert(profile.name));
    }
    assert_eq!(dxos_spec::profile("no such profile"), None);
}

#[test]
fn profiles_list_one_id_a_line() {
    let Ok(folder) = fs::read_dir(source().join("../profiles")) else { return };
    for entry in folder {
        let path = entry.unwrap().path();
        for (index, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let ids = line.split('"').filter(|part| is_id(part)).count();
            assert!(
                ids <= 1,
                "{}:{}: one id a line, so that a change shows as one",
                path.display(),
                index + 1
            );
        }
    }
}

#[test]
fn the_summary_lists_every_chapter_once_and_nothing_else() {
    let files = files();
    let chapters: Vec<&String> = files.keys().filter(|path| *path != "SUMMARY.md").collect();
    let Some(summary) = files.get("SUMMARY.md") else {
        assert!(Book::embedded().requirements().is_empty(), "spec/src/SUMMARY.md does not exist");
        return;
    };
    let mut listed: Vec<String> =
        links(summary).targets.into_iter().map(|(_, target)| resolve("SUMMARY.md", &target)).collect();
    listed.sort();
    assert_eq!(listed.iter().collect::<Vec<_>>(), chapters);
}

#[test]
fn links_and_anchors_resolve() {
    let broken = broken_links(&files(), |path| source().join(path).is_file());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn broken_links_are_seen() {
    let files = BTreeMap::from([
        ("a.md".to_owned(), "# One `two`, three\n\n[](b/c.md#ok) [](#one-two-three) [](#nope)\n".to_owned()),
        (
            "b/c.md".to_owned(),
            "# Same\n# Same\n<a id=\"ok\"></a> [](../a.md#same) [](#same-1) [](d.md) [](https://x.y/z#q)\n"
                .to_owned(),
        ),
    ]);
    insta::assert_snapshot!(broken_links(&files, |_| false).join("\n"), @r"
    a.md:3: a.md has no anchor #nope
    b/c.md:3: a.md has no anchor #same
    b/c.md:3: b/d.md does not exist
    ");
}
