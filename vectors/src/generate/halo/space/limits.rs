//! Larger spaces.

use dxos_reference::keys::Suite;

use super::super::super::topic::{ED25519, Topic};
use super::play::{CONVERGENT, REPLAY, replay_one};
use super::scene::Scene;

/// Credentials of a shape: the text, and what comes of it.
struct Shape {
    slug: &'static str,
    req: &'static [&'static str],
    text: String,
    short: String,
}

fn members(count: usize, role: &str) -> String {
    (0..count).map(|number| format!(" m{number}={role}")).collect()
}

/// A line of admissions, each behind the one before.
fn line(count: usize) -> Shape {
    let parent = |number: usize| if number == 0 { "o".to_owned() } else { format!("M{}", number - 1) };
    let statements: Vec<String> =
        (0..count).map(|number| format!("M{number}: a>m{number} EDT ^{}", parent(number))).collect();
    let short = format!("a=OWN heads=M{}{}", count - 1, members(count, "EDT"));
    Shape { slug: "line", req: &["HALO-MEMBER-008"], text: statements.join("; "), short }
}

/// Each member admits the next one.
fn relay(count: usize) -> Shape {
    let statement = |number: usize| match number {
        0 => "M0: a>m0 ADM ^o".to_owned(),
        _ => format!("M{number}: m{}>m{number} ADM ^M{}", number - 1, number - 1),
    };
    let statements: Vec<String> = (0..count).map(statement).collect();
    let short = format!("a=OWN heads=M{}{}", count - 1, members(count, "ADM"));
    Shape { slug: "relay", req: &["HALO-MEMBER-008"], text: statements.join("; "), short }
}

/// All at the same time.
fn star(count: usize) -> Shape {
    let statements: Vec<String> = (0..count).map(|number| format!("M{number}: a>m{number} EDT ^o")).collect();
    let heads: Vec<String> = (0..count).map(|number| format!("M{number}")).collect();
    let short = format!("a=OWN heads={}{}", heads.join(","), members(count, "EDT"));
    Shape { slug: "star", req: &["HALO-MEMBER-018"], text: statements.join("; "), short }
}

/// All at the same time, and one behind them all.
fn gathered(count: usize) -> Shape {
    let star = star(count);
    let heads: Vec<String> = (0..count).map(|number| format!("M{number}")).collect();
    let text = format!("{}; Z: a>z EDT ^{}", star.text, heads.join(","));
    let short = format!("a=OWN z=EDT heads=Z{}", members(count, "EDT"));
    Shape { slug: "gathered", req: &["HALO-MEMBER-018"], text, short }
}

/// Forks that merge again, one behind the other.
fn diamonds(count: usize) -> Shape {
    let mut text = Vec::new();
    let mut last = "o".to_owned();
    for number in 0..count {
        let [left, right, merge] = [0, 1, 2].map(|place| 3 * number + place);
        text.push(format!("M{left}: a>m{left} EDT ^{last}; M{right}: a>m{right} EDT ^{last}"));
        last = format!("M{merge}");
        text.push(format!("{last}: a>m{merge} EDT ^M{left},M{right}"));
    }
    let short = format!("a=OWN heads={last}{}", members(3 * count, "EDT"));
    Shape { slug: "diamonds", req: &["HALO-MEMBER-018"], text: text.join("; "), short }
}

/// Administrators of whom each removes the next one, in a circle, and of whom each admitted somebody.
fn circle(count: usize) -> Shape {
    let mut text = Vec::new();
    for number in 0..count {
        let parent = if number == 0 { "o".to_owned() } else { format!("M{}", number - 1) };
        text.push(format!("M{number}: a>m{number} ADM ^{parent}"));
    }
    let last = format!("M{}", count - 1);
    let mut short = "a=OWN".to_owned();
    for number in 0..count {
        let next = (number + 1) % count;
        text.push(format!(
            "R{number}: m{number}>m{next} REM ^{last}; V{number}: m{number}>n{number} EDT ^{last}"
        ));
        short += &format!(" V{number}:void m{number}=REM");
    }
    Shape { slug: "circle", req: &["HALO-MEMBER-015", "HALO-MEMBER-017"], text: text.join("; "), short }
}

/// One member whose role is changed again and again.
fn changes(count: usize) -> Shape {
    let role = |number: usize| match number % 4 {
        0 => "ADM",
        1 => "RDR",
        2 => "REM",
        _ => "EDT",
    };
    let parent = |number: usize| if number == 0 { "o".to_owned() } else { format!("M{}", number - 1) };
    let statements: Vec<String> =
        (0..count).map(|number| format!("M{number}: a>b {} ^{}", role(number), parent(number))).collect();
    let short = format!("a=OWN b={} heads=M{}", role(count - 1), count - 1);
    Shape { slug: "changes", req: &["HALO-MEMBER-011"], text: statements.join("; "), short }
}

pub(super) fn topics() -> Vec<Topic> {
    let parts = [
        ("lines", vec![line(30), relay(20), changes(24)]),
        ("forks", vec![star(30), gathered(24), diamonds(8), circle(7)]),
        ("gathered", vec![gathered(104)]),
        ("circle", vec![circle(36)]),
        ("diamonds", vec![diamonds(36)]),
    ];
    parts.into_iter().map(|(name, shapes)| many(name, shapes)).collect()
}

fn many(name: &str, shapes: Vec<Shape>) -> Topic {
    let about =
        "Spaces of many credentials, in the order in which they were written and in the opposite one.";
    let mut topic = Topic::new(&format!("halo/space/replay/many-{name}"), REPLAY, &[ED25519], about);
    for shape in shapes {
        let scene = Scene::new(&topic, Suite::Ed25519, shape.slug, &shape.text);
        let reversed: Vec<&str> = scene.order.iter().rev().map(String::as_str).collect();
        let reversed = reversed.join(" ");
        for (suffix, order) in [("", ""), ("-reversed", reversed.as_str())] {
            let slug = format!("{}{suffix}", shape.slug);
            replay_one(&mut topic, CONVERGENT, &slug, shape.req, "", &scene, order, &shape.short, None);
            if let Some(case) = topic.last() {
                // The whole scene would be longer than the answer.
                case.about = (!order.is_empty()).then(|| "in the opposite order".to_owned());
            }
        }
    }
    topic
}
