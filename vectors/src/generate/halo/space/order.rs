//! Spaces of several replicas that exchange what they have now and then, in orders that are drawn.

use dxos_reference::keys::Suite;
use sha2::{Digest as _, Sha256};

use super::super::super::topic::Topic;
use super::play::{CONVERGENT, REPLAY, replay_one, topic};
use super::scene::Scene;

/// Slug, scene, and what is to come of it.
type Drawn = (&'static str, &'static str, &'static str);

const SPACES: [Drawn; 9] = [
    (
        "two-offices",
        "B: a>b ADM ^o name=Bob; C: a>c ADM ^B; D: b>d EDT ^C; E: c>e EDT ^C; q: d>f1 feed; r: e>f2 feed kind=2; M: a>d RDR ^D,E",
        "a=OWN b=ADM c=ADM d=RDR e=EDT names=b:Bob feeds=f1:F:1,f2:F:2 heads=M",
    ),
    (
        "removal-in-one-office",
        "B: a>b ADM ^o; C: a>c ADM ^B; X: a>b REM ^C; Y: b>e EDT ^C; q: e>f1 feed; Z: c>h EDT ^C; N: c>e EDT ^X,Y,Z; k: b>S epoch n=0",
        "Y:void k:void a=OWN b=REM c=ADM e=EDT h=EDT feeds=f1 heads=N",
    ),
    (
        "invitations-on-the-way",
        "B: a>b ADM ^o; i: b>b delegate; j: a>a delegate multi; C: b>c EDT ^B inv=i; D: b>d RDR ^B inv=j; X: a>b RDR ^C",
        "D:void i:void a=OWN b=RDR c=EDT open=j",
    ),
    (
        "rivals",
        "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; P: b>c RDR ^D; Q: c>d RDR ^D; V: d>e EDT ^D; W: b>h EDT ^D; U: a>h ADM ^P,Q,W",
        "V:void a=OWN b=ADM c=RDR d=RDR h=ADM",
    ),
    (
        "owner-steps-back",
        "B: S>b OWN ^o; X: S>a EDT ^B; Y: a>c ADM ^B; Z: c>d EDT ^Y; N: b>c EDT ^X,Y; q: c>f1 feed",
        "Y:void Z:void a=EDT b=OWN c=EDT feeds=f1",
    ),
    (
        "epochs-and-removal",
        "B: a>b ADM ^o; e: S>S epoch n=0; k: b>S epoch n=1 prev=e; l: a>S epoch n=2 prev=k; m: b>S epoch n=3 prev=l; X: a>b EDT ^B",
        "m:void a=OWN b=EDT epoch=l",
    ),
    (
        "long-partition",
        "B: a>b ADM ^o; C: b>c EDT ^B; D: b>d EDT ^C; E: b>e ADM ^D; H: e>h RDR ^E; J: a>j EDT ^B; K: a>b ADM ^J; L: a>l EDT ^K,H",
        "a=OWN b=ADM c=EDT d=EDT e=ADM h=RDR j=EDT l=EDT heads=L",
    ),
    (
        "removed-at-the-end-of-it",
        "B: a>b ADM ^o; C: b>c EDT ^B; D: b>d ADM ^C; E: d>e EDT ^D; J: a>j EDT ^B; X: a>b REM ^J; L: a>l EDT ^X,E",
        "C:void D:void E:void a=OWN b=REM j=EDT l=EDT heads=L",
    ),
    (
        "profiles-on-the-way",
        "B: a>b EDT ^o name=Bob; p: b>b profile name=Rob @10; q: b>b profile name=Bert @20; r: a>b profile name=Evil @30; C: a>b ADM ^B name=Robert @40; s: a>a profile name=Ann",
        "r:void a=OWN b=ADM names=a:Ann,b:Bert",
    ),
];

/// In how many orders each space comes.
const ORDERS: usize = 4;

/// The names of a scene in an order that is drawn by a number.
fn drawn(scene: &Scene, slug: &str, number: usize) -> String {
    let mut names: Vec<&str> = scene.order.iter().map(String::as_str).collect();
    names.sort_by_key(|name| Sha256::digest(format!("{slug} {number} {name}")).to_vec());
    names.join(" ")
}

pub(super) fn topics() -> Vec<Topic> {
    let about = "Spaces of several replicas, in orders that are drawn: there is one result.";
    let mut topics = Vec::new();
    for (part, spaces) in SPACES.chunks(3).enumerate() {
        let mut topic = topic(&format!("drawn-orders-{}", part + 1), REPLAY, about);
        for (slug, text, short) in spaces {
            let scene = Scene::new(&topic, Suite::P256, slug, text);
            for number in 0..ORDERS {
                let order = if number == 0 { String::new() } else { drawn(&scene, slug, number) };
                let slug =
                    if number == 0 { (*slug).to_owned() } else { format!("{slug}-order-{}", number + 1) };
                let req = &["HALO-SPACE-001"];
                replay_one(&mut topic, CONVERGENT, &slug, req, text, &scene, &order, short, None);
            }
        }
        topics.push(topic);
    }
    topics
}
