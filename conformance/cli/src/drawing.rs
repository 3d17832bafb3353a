//! Spaces drawn, for `dxspec show` and `dxspec inspect`.

use std::fmt::Write as _;

use anyhow::{Context, bail};
use dxos_conformance::scene::{Scene, Signs};
use dxos_vectors::{Case, VectorFile};

use crate::kinds;

/// The drawings of a case in lines, each after an empty one; empty if the case is about no space.
pub(crate) fn text(file: &VectorFile, case: &Case) -> String {
    let mut text = String::new();
    for step in case.as_steps(&file.op).iter().filter(|step| Scene::shows(step)) {
        let _ = match Scene::of(step, None, &kinds::credential_id) {
            Ok(scene) => write!(text, "\n{}", scene.text(signs())),
            Err(why) => writeln!(text, "\nThere is no drawing: {why}."),
        };
    }
    text
}

/// The drawing of the first space of a case as a file.
pub(crate) fn svg(file: &VectorFile, case: &Case) -> anyhow::Result<String> {
    let steps = case.as_steps(&file.op);
    let Some(step) = steps.iter().find(|step| Scene::shows(step)) else {
        bail!(
            "{} is about no space; only cases of halo.space.replay and halo.space.process are drawn",
            case.id
        );
    };
    let scene =
        Scene::of(step, None, &kinds::credential_id).with_context(|| format!("{} is not drawn", case.id))?;
    Ok(scene.svg_file())
}

/// Box-drawing characters, unless the locale says that the terminal has none.
fn signs() -> Signs {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    match said.into_iter().find(|value| !value.is_empty()) {
        Some(locale) if locale == "C" || locale == "POSIX" => Signs::Ascii,
        Some(locale) => {
            let coded = locale.split_once('.').map(|(_, coding)| coding.to_lowercase().replace('-', ""));
            if coded.is_none_or(|coding| coding.starts_with("utf8")) { Signs::Unicode } else { Signs::Ascii }
        }
        None => Signs::Unicode,
    }
}
