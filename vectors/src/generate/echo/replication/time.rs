//! Keep-alives and silence.

use dxos_reference::keys::Suite;
use serde_json::json;

use super::super::super::topic::{P256, Topic};
use super::scene::{Play, Writer, want};
use crate::class::Class::ResourceTime;

pub(super) fn time() -> Topic {
    let about = "A clock that stands still but where it is told the time, in milliseconds.";
    let mut topic = Topic::new("echo/replication/time", "wire.tick", &[P256], about);
    let one = Writer::new(&topic.key(Suite::P256, "feed", "feed"), &[]);
    let reader = || Play::reader(&one);
    let tick = |play: Play, now: u64| play.exactly("wire.tick", json!({ "now": now }));
    let hear = |play: Play, bytes: &str| play.feed(bytes);

    let req = ["ECHO-REPL-030"];
    topic.steps("keep-alive", &req, "at 10 seconds", tick(tick(reader(), 9_999), 10_000).asks());
    topic.steps("no-keep-alive-yet", &req, "", tick(tick(reader(), 5_000), 9_999).asks());
    let play = tick(hear(tick(reader(), 10_000), "00"), 19_999);
    topic.steps("one-keep-alive", &req, "not a second one before 20 seconds", play.asks());
    let play = tick(hear(tick(reader(), 10_000), "00"), 20_000);
    topic.steps("second-keep-alive", &req, "after 10 more seconds", play.asks());
    let play = hear(tick(reader(), 6_000), &one.open(1)).said(&["want"]);
    let play = tick(tick(play, 15_999), 16_000);
    topic.steps("output-is-no-silence", &req, "10 seconds after the Want", play.asks());
    let play = tick(hear(tick(reader(), 6_000), "00"), 10_000);
    topic.steps("input-is-no-output", &req, "the keep-alive of the remote changes nothing", play.asks());

    let req = ["ECHO-REPL-031"];
    let base = |at: u64| tick(tick(reader(), 10_000), at);
    topic.steps("silence", &req, "just short of 20 seconds", base(19_999).asks());
    let play = base(20_000).rejected(ResourceTime);
    topic.steps_reject("silence-of-20-seconds", "silence", &req, "", play.asks());
    let play = base(1_000_000).rejected(ResourceTime);
    topic.steps_reject("silence-of-1000-seconds", "silence", &req, "", play.asks());
    for (slug, bytes) in
        [("keep-alive", "00".to_owned()), ("message", one.open(1)), ("half-a-frame", "0715".to_owned())]
    {
        let heard = |at: u64| {
            let play = hear(tick(tick(reader(), 10_000), 15_000), &bytes);
            tick([20_000, 25_000, 30_000].into_iter().fold(play, &tick), at)
        };
        let slug = format!("heard-{slug}");
        topic.steps(&slug, &req, "", heard(34_999).asks());
        let play = heard(35_000).rejected(ResourceTime);
        topic.steps_reject(&format!("{slug}-too-long-ago"), &slug, &req, "", play.asks());
    }
    let sent = |at: u64| tick(hear(tick(reader(), 2_000), &(one.open(1) + &want(0, 8192))), at);
    topic.steps("output-is-no-input", &req, "", sent(21_999).asks());
    let play = sent(22_000).rejected(ResourceTime);
    topic.steps_reject("output-is-no-input-at-22-seconds", "output-is-no-input", &req, "", play.asks());
    topic
}
