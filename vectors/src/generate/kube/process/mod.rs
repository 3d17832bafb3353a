//! Programs that a KUBE runs.

use serde_json::json;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![run()]
}

fn run() -> Topic {
    let about = "What is done to a program and how it is shown, event by event: a time in milliseconds and what happens.";
    let mut topic = Topic::new("kube/process/run", "kube.process.run", &[], about);
    let case = |topic: &mut Topic, slug: &str, req: &[&str], about: &str, events: &[(u64, &str)]| {
        topic.accept(slug, req, about, json!({ "events": events }));
    };
    let begun = [(0, "start"), (5, "spawned")];
    let then = |more: &[(u64, &'static str)]| [&begun[..], more].concat();

    case(&mut topic, "never-started", &["KUBE-SUP-022"], "", &[(0, "tick"), (100, "exited")]);
    case(&mut topic, "started", &["KUBE-SUP-020", "KUBE-SUP-022"], "", &begun);
    case(&mut topic, "started-twice", &["KUBE-SUP-027"], "", &then(&[(6, "start"), (7, "start")]));
    case(&mut topic, "exited", &["KUBE-SUP-021", "KUBE-SUP-023"], "", &{
        then(&[(50, "exited"), (149, "tick"), (150, "tick"), (152, "spawned")])
    });
    case(
        &mut topic,
        "cannot-be-started",
        &["KUBE-SUP-021", "KUBE-SUP-023"],
        "it never runs",
        &[(0, "start"), (1, "exited"), (101, "tick"), (102, "exited"), (302, "tick")],
    );
    let mut events = begun.to_vec();
    let mut at = 5;
    for delay in [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
        events.extend([(at + 1, "exited"), (at + delay, "tick"), (at + 1 + delay, "tick")]);
        at += 1 + delay;
        events.push((at, "spawned"));
    }
    case(
        &mut topic,
        "delays",
        &["KUBE-SUP-023", "KUBE-SUP-021"],
        "twice as long each time, up to 30 s",
        &events,
    );
    case(&mut topic, "steady", &["KUBE-SUP-024"], "after 10 s the delay begins again", &{
        then(&[
            (6, "exited"),
            (106, "tick"),
            (106, "spawned"),
            (107, "exited"),
            (307, "tick"),
            (307, "spawned"),
            (10_307, "exited"),
            (10_407, "tick"),
        ])
    });
    case(&mut topic, "not-quite-steady", &["KUBE-SUP-024", "KUBE-SUP-023"], "", &{
        then(&[
            (6, "exited"),
            (106, "tick"),
            (106, "spawned"),
            (10_105, "exited"),
            (10_205, "tick"),
            (10_305, "tick"),
        ])
    });
    case(&mut topic, "stopped", &["KUBE-SUP-025", "KUBE-SUP-022", "KUBE-SUP-029"], "", &{
        then(&[(100, "stop"), (120, "exited"), (60_000, "tick")])
    });
    case(&mut topic, "killed", &["KUBE-SUP-025"], "it does not end when it is asked to", &{
        then(&[
            (100, "stop"),
            (5099, "tick"),
            (5100, "tick"),
            (5101, "tick"),
            (5102, "exited"),
            (60_000, "tick"),
        ])
    });
    case(
        &mut topic,
        "stopped-twice",
        &["KUBE-SUP-025"],
        "",
        &then(&[(100, "stop"), (200, "stop"), (300, "exited")]),
    );
    case(
        &mut topic,
        "stopped-before-it-runs",
        &["KUBE-SUP-025"],
        "it is ended as soon as it does",
        &[(0, "start"), (1, "stop"), (2, "spawned"), (3, "exited"), (60_000, "tick")],
    );
    case(&mut topic, "stopped-while-waiting", &["KUBE-SUP-026", "KUBE-SUP-022"], "", &{
        then(&[(50, "exited"), (60, "stop"), (150, "tick"), (60_000, "tick")])
    });
    case(&mut topic, "started-while-waiting", &["KUBE-SUP-023"], "at once, and the delay begins again", &{
        then(&[
            (6, "exited"),
            (106, "tick"),
            (106, "spawned"),
            (107, "exited"),
            (110, "start"),
            (111, "spawned"),
            (112, "exited"),
        ])
    });
    case(&mut topic, "restarted", &["KUBE-SUP-027", "KUBE-SUP-029"], "", &{
        then(&[(100, "restart"), (120, "exited"), (121, "spawned")])
    });
    case(&mut topic, "restarted-and-killed", &["KUBE-SUP-027", "KUBE-SUP-025"], "", &{
        then(&[(100, "restart"), (5100, "tick"), (5101, "exited"), (5102, "spawned")])
    });
    case(&mut topic, "restarted-then-stopped", &["KUBE-SUP-025", "KUBE-SUP-027"], "", &{
        then(&[(100, "restart"), (110, "stop"), (120, "exited"), (60_000, "tick")])
    });
    case(&mut topic, "stopped-then-started", &["KUBE-SUP-027"], "while it ends", &{
        then(&[(100, "stop"), (110, "start"), (120, "exited"), (121, "spawned")])
    });
    case(
        &mut topic,
        "restarted-when-stopped",
        &["KUBE-SUP-027", "KUBE-SUP-022"],
        "",
        &[(0, "restart"), (1, "spawned")],
    );
    case(&mut topic, "healthy", &["KUBE-SUP-028"], "", &then(&[(1000, "healthy"), (2000, "healthy")]));
    case(&mut topic, "unhealthy-once", &["KUBE-SUP-028", "KUBE-SUP-020"], "", &{
        then(&[(1000, "unhealthy"), (2000, "healthy")])
    });
    case(&mut topic, "unhealthy-not-in-a-row", &["KUBE-SUP-028"], "", &{
        then(&[
            (1000, "unhealthy"),
            (2000, "unhealthy"),
            (3000, "healthy"),
            (4000, "unhealthy"),
            (5000, "unhealthy"),
        ])
    });
    case(
        &mut topic,
        "unhealthy",
        &["KUBE-SUP-028", "KUBE-SUP-021"],
        "ended and started again after the delay",
        &{
            then(&[
                (1000, "unhealthy"),
                (2000, "unhealthy"),
                (3000, "unhealthy"),
                (3010, "exited"),
                (3109, "tick"),
                (3110, "tick"),
                (3111, "spawned"),
            ])
        },
    );
    case(&mut topic, "unhealthy-and-killed", &["KUBE-SUP-028", "KUBE-SUP-025"], "", &{
        then(&[
            (1000, "unhealthy"),
            (2000, "unhealthy"),
            (3000, "unhealthy"),
            (8000, "tick"),
            (8010, "exited"),
            (8110, "tick"),
        ])
    });
    case(
        &mut topic,
        "checked-while-it-ends",
        &["KUBE-SUP-028", "KUBE-SUP-029"],
        "the checks do not count",
        &{
            then(&[
                (100, "stop"),
                (110, "unhealthy"),
                (120, "unhealthy"),
                (130, "unhealthy"),
                (140, "exited"),
                (60_000, "tick"),
            ])
        },
    );
    topic
}
