//! Laws of the convergent rule: it does what the book's definitions say, in every order of arrival.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

mod space;

use std::collections::{BTreeMap, BTreeSet};

use dxos_reference::halo::space::{Delegation, Entry, Id, Machine, Outcome, Stated, Statement, View};
use space::naive::{Fate, Naive};
use space::{
    Choices, SPACE, entry, genesis, id, machine, member, orders, replay, roles, scene, statement, written,
};

/// Graphs of a run; `SPACE_GRAPHS` asks for more.
fn graphs() -> u64 {
    std::env::var("SPACE_GRAPHS").ok().and_then(|count| count.parse().ok()).unwrap_or(3_000)
}

const PEOPLE: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A graph as it could be, and as it should not: with several administrators from the beginning.
fn graph(choices: &mut Choices, size: usize) -> Vec<Statement> {
    let start = "B: a>b ADM ^o; C: a>c ADM ^B; D: b>d ADM ^C";
    let mut of: Vec<Statement> = scene(start).into_iter().map(|(_, one)| one).collect();
    let mut names: Vec<String> = ["o", "B", "C", "D"].map(str::to_owned).into();
    for number in 0..size {
        let name = format!("{number}");
        let mut parents: Vec<String> = Vec::new();
        for _ in 0..1 + choices.below(2) {
            // Mostly recent ones, so that graphs are deep and wide.
            let from = names.len().saturating_sub(if choices.below(3) == 0 { names.len() } else { 4 });
            parents.push(choices.of(&names[from..]).clone());
        }
        match choices.below(60) {
            0 => parents.clear(),
            1 => parents.push("nobody".into()),
            2 => parents = vec!["g".into()],
            3 => parents.push(parents[0].clone()),
            _ => {}
        }
        let issuer = if choices.below(9) == 0 { SPACE } else { PEOPLE[choices.below(5)] };
        let subject = if choices.below(40) == 0 { SPACE } else { *choices.of(&PEOPLE) };
        let given: &[i64] =
            if issuer == SPACE { &[1, 2, 3, 4, 4, 5, 5] } else { &[1, 1, 1, 2, 2, 3, 5, 5, 5] };
        let role = if choices.below(40) == 0 { *choices.of(&[0, 4, 6]) } else { *choices.of(given) };
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        of.push(member(&name, issuer, subject, role, &parents));
        names.push(name);
    }
    of
}

fn entries(of: &[Statement]) -> Vec<Entry> {
    of.iter().cloned().map(entry).collect()
}

fn fate(outcome: &Outcome) -> Fate {
    match outcome {
        Outcome::Accepted => Fate::Accepted,
        Outcome::Void(_) => Fate::Void,
        Outcome::Held => Fate::Held,
        _ => panic!("{outcome:?}"),
    }
}

/// That a machine holds what the definitions say.
fn is_as_defined(of: &[Statement], view: &View, outcomes: &BTreeMap<Id, Outcome>) {
    let is_member = |one: &&Statement| matches!(one.stated, Stated::Member { .. });
    let members: Vec<Statement> = of.iter().filter(is_member).cloned().collect();
    let naive = Naive::new(&members, &[id("g")]);
    for one in &members {
        assert_eq!(fate(&outcomes[&one.id]), naive.fate(&one.id), "{one:#?}\nof {}", written(of));
    }
    assert_eq!(view.members, naive.members(), "{}", written(of));
    assert_eq!(view.heads, naive.heads(), "{}", written(of));
}

#[test]
fn the_machine_does_what_the_definitions_say() {
    for seed in 0..graphs() {
        let mut choices = Choices::new(seed);
        let size = 1 + choices.below(12);
        let of = graph(&mut choices, size);
        let (view, outcomes) = replay(&entries(&of));
        is_as_defined(&of, &view, &outcomes);
    }
}

#[test]
fn it_does_so_after_each_credential_in_any_order() {
    for seed in 0..graphs() / 3 {
        let mut choices = Choices::new(seed ^ 0xffff_0000);
        let mut of = graph(&mut choices, 10);
        choices.shuffle(&mut of);
        let mut machine = machine();
        for (count, one) in of.iter().enumerate() {
            machine.process(&entry(one.clone()));
            if choices.below(3) == 0 && of[..=count].iter().any(|one| one.id == id("g")) {
                let ids = of[..=count].iter().map(|one| one.id);
                let outcomes = ids.zip(machine.outcomes()).collect();
                is_as_defined(&of[..=count], &machine.view(), &outcomes);
            }
        }
    }
}

#[test]
fn every_order_of_a_few_has_one_result() {
    let all = orders(6);
    for seed in 0..12 {
        let mut choices = Choices::new(seed ^ 0xaaaa);
        let mut of = scene("B: a>b ADM ^o");
        for name in ["1", "2", "3"] {
            let parents: &[&str] = [&["B"][..], &["B"], &["1"], &["1", "2"]][choices.below(4)];
            let (issuer, subject) = (*choices.of(&["a", "b", "b", "c"]), *choices.of(&["a", "b", "c", "d"]));
            of.push((name.into(), member(name, issuer, subject, *choices.of(&[1, 1, 2, 3, 5, 5]), parents)));
        }
        let entries: Vec<Entry> = of.into_iter().map(|(_, one)| entry(one)).collect();
        let expected = replay(&entries);
        for order in &all {
            assert_eq!(
                replay(order.iter().map(|index| &entries[*index])),
                expected,
                "{order:?} of {entries:#?}"
            );
        }
    }
}

/// Feeds, epochs, profiles, invitations and a second genesis beside a graph.
fn whole(choices: &mut Choices) -> Vec<Statement> {
    let size = 6;
    let mut of = graph(choices, size);
    for number in 0..10 {
        let name = format!("x{number}");
        let (issuer, subject) = (*choices.of(&["a", "b", "c", "d", "e", SPACE]), *choices.of(&PEOPLE));
        let stated = match choices.below(6) {
            0 => {
                Stated::Profile { profile: choices.of(&[None, Some(None), Some(Some(name.clone()))]).clone() }
            }
            1 => Stated::Feed {
                space: choices.of(&[SPACE, SPACE, SPACE, "T"]).as_bytes().to_vec(),
                identity: issuer.into(),
                device: Vec::new(),
                designation: 1 + i64::from(choices.below(2) == 0),
            },
            2 => {
                let invitation_id = name.clone();
                let role = *choices.of(&[1, 2, 3, 4, 0]);
                let expires_on = *choices.of(&[None, Some(-1), Some(5)]);
                Stated::Delegate(Delegation {
                    invitation_id,
                    auth_method: 0,
                    role,
                    expires_on,
                    multi_use: choices.below(2) == 0,
                })
            }
            3 => Stated::Cancel { credential: id(&format!("x{}", choices.below(10))).to_vec() },
            4 => {
                let number = i64::try_from(choices.below(3)).unwrap();
                let previous = (number > 0).then(|| id(&format!("x{}", choices.below(10))).to_vec());
                Stated::Epoch { number, previous }
            }
            _ => Stated::Other("KubeAccess".into()),
        };
        let subject =
            if matches!(stated, Stated::Epoch { .. }) && choices.below(4) > 0 { SPACE } else { subject };
        let subject =
            if matches!(stated, Stated::Profile { .. }) && choices.below(3) > 0 { issuer } else { subject };
        let date = i64::try_from(choices.below(3)).unwrap();
        of.push(Statement { date, ..statement(&name, issuer, subject, stated) });
    }
    for one in &mut of {
        if let Stated::Member { profile, invitation, .. } = &mut one.stated {
            *profile =
                choices.of(&[None, None, Some(Some("given".into())), Some(Some("again".into()))]).clone();
            *invitation = (choices.below(4) == 0).then(|| id(&format!("x{}", choices.below(10))).to_vec());
        }
    }
    if choices.below(2) == 0 {
        of.push(genesis("h"));
    }
    of
}

#[test]
fn a_whole_space_has_one_result_in_every_order() {
    for seed in 0..graphs() / 6 {
        let mut choices = Choices::new(seed ^ 0x5555);
        let mut of = entries(&whole(&mut choices));
        let expected = replay(&of);
        for _ in 0..8 {
            choices.shuffle(&mut of);
            let mut machine = machine();
            for one in &of {
                machine.process(one);
                if choices.below(6) == 0 {
                    machine.view();
                }
            }
            let outcomes: BTreeMap<Id, Outcome> =
                of.iter().map(|one| one.statement.id).zip(machine.outcomes()).collect();
            assert_eq!((machine.view(), outcomes), expected, "{of:#?}");
        }
    }
}

#[test]
fn copies_change_nothing() {
    for seed in 0..graphs() / 10 {
        let mut choices = Choices::new(seed ^ 0x7777);
        let of = entries(&whole(&mut choices));
        let (mut expected, outcomes) = replay(&of);
        let mut copies = of.clone();
        for one in &of {
            let mut copy = one.clone();
            match choices.below(4) {
                0 => copy.statement.carried_id = Some(id("another").to_vec()),
                1 => copy.statement.carried_id = Some(copy.statement.id.to_vec()),
                2 => copy.statement.stated = Stated::Other("dxos.halo.credentials.Auth".into()),
                _ => copy.source_feed.push(b'z'),
            }
            copies.push(copy);
        }
        choices.shuffle(&mut copies);
        let (view, _) = replay(&copies);
        assert_eq!(view, expected);
        // What stands in two feeds stands in that of the smaller key.
        let feeds: Vec<Entry> =
            of.iter().cloned().map(|one| Entry { source_feed: b"A".to_vec(), ..one }).collect();
        let (view, again) = replay(of.iter().chain(&feeds));
        for feed in expected.feeds.values_mut() {
            feed.parent = b"A".to_vec();
        }
        assert_eq!((view, again), (expected, outcomes));
    }
}

/// What the former administrator b and friends write without the removal in sight.
fn revenge(choices: &mut Choices, of: &mut Vec<Statement>, parents: &[String]) {
    let mut names: Vec<String> = parents.to_vec();
    let friends = ["b", "b", "y", "z"];
    for number in 0..6 {
        let name = format!("r{number}");
        let parents: Vec<&str> = (0..1 + choices.below(2)).map(|_| choices.of(&names).as_str()).collect();
        let subject = *choices.of(&["a", "b", "c", "d", "e", "f", "y", "z"]);
        of.push(member(
            &name,
            friends[choices.below(4)],
            subject,
            *choices.of(&[1, 1, 2, 3, 5, 5]),
            &parents,
        ));
        names.push(name);
    }
}

#[test]
fn who_was_removed_by_an_owner_changes_nothing_any_more() {
    for seed in 0..graphs() / 3 {
        let mut choices = Choices::new(seed ^ 0x1234);
        let (of, names) = honest(&mut choices);
        let heads: Vec<&str> = names.iter().rev().take(1).map(String::as_str).collect();
        let mut before = of.clone();
        before.push(member("R", "a", "b", 5, &heads));
        let (expected, _) = replay(&entries(&before));
        revenge(&mut choices, &mut before, &names);
        let (view, outcomes) = replay(&entries(&before));
        assert_eq!(view.members, expected.members, "{}", written(&before));
        for one in before.iter().filter(|one| one.issuer != b"a" && one.issuer != b"c" && one.issuer != b"d")
        {
            if !of.contains(one) && one.issuer != SPACE.as_bytes() {
                assert!(matches!(outcomes[&one.id], Outcome::Void(_)), "{one:#?}\nin {}", written(&before));
            }
        }
    }
}

#[test]
fn who_was_removed_by_an_administrator_gives_nobody_anything() {
    for seed in 0..graphs() / 3 {
        let mut choices = Choices::new(seed ^ 0x4321);
        let (of, names) = honest(&mut choices);
        let heads: Vec<&str> = names.iter().rev().take(1).map(String::as_str).collect();
        let mut before = of.clone();
        before.push(member("R", "c", "b", 5, &heads));
        let (expected, _) = replay(&entries(&before));
        revenge(&mut choices, &mut before, &names);
        let (view, _) = replay(&entries(&before));
        for (key, role) in &view.members {
            let was = expected.members.get(key).copied().unwrap_or(5);
            assert!(
                was != 5 || *role == 5,
                "{} is back in {}",
                String::from_utf8_lossy(key),
                written(&before)
            );
        }
        assert_eq!(view.members[b"a".as_slice()], 4);
    }
}

/// What a, b, c and d write one after the other, with their names.
fn honest(choices: &mut Choices) -> (Vec<Statement>, Vec<String>) {
    let start = "B: a>b ADM ^o; C: a>c ADM ^B; D: b>d ADM ^C";
    let mut of: Vec<Statement> = scene(start).into_iter().map(|(_, one)| one).collect();
    let mut names: Vec<String> = ["o", "B", "C", "D"].map(str::to_owned).into();
    for number in 0..choices.below(6) {
        let name = format!("{number}");
        let parent = names.last().unwrap().clone();
        let (issuer, subject) = (*choices.of(&["a", "b", "c", "d"]), *choices.of(&["e", "f"]));
        of.push(member(&name, issuer, subject, *choices.of(&[1, 2, 3, 5]), &[&parent]));
        names.push(name);
    }
    (of, names)
}

/// That a scene has these members in every order, or in many where there are too many.
fn ends(text: &str, expected: &str) {
    let entries: Vec<Entry> = scene(text).into_iter().map(|(_, one)| entry(one)).collect();
    let (view, outcomes) = replay(&entries);
    assert_eq!(roles(&view), expected, "{text}\n{outcomes:#?}");
    let mut choices = Choices::new(1);
    let mut order: Vec<&Entry> = entries.iter().collect();
    for _ in 0..40 {
        choices.shuffle(&mut order);
        let again = replay(order.iter().copied());
        assert_eq!(again, (view.clone(), outcomes.clone()), "{text}");
    }
}

#[test]
fn worked_examples() {
    let admins = "B: a>b ADM ^o; C: a>c ADM ^B; ";
    let three = "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d ADM ^C; ";
    let editor = "B: a>b ADM ^o; C: a>c ADM ^B; D: a>d EDT ^C; ";
    let after = |start: &str, rest: &str, expected: &str| ends(&format!("{start}{rest}"), expected);
    ends("", "a=OWN");
    ends("B: a>b ADM ^o; C: b>c EDT ^B; D: c>d RDR ^C; E: a>d RDR ^C", "a=OWN b=ADM c=EDT d=RDR");
    ends("B: a>b ADM ^o; X: b>a REM ^B; Y: a>a REM ^X", "a=OWN b=ADM");
    ends("B: a>b OWN ^o; C: S>c OWN ^B", "a=OWN c=OWN");
    ends("B: a>b EDT ^o; C: a>b REM ^B; D: a>b EDT ^C", "a=OWN b=EDT");
    ends("B: a>b ADM ^o; C: b>b EDT ^B", "a=OWN b=ADM");
    ends("B: a>b ADM ^o; C: b>c EDT ^B", "a=OWN b=ADM c=EDT");
    ends("B: a>b ADM ^o; M: b>f ADM ^B,zzz", "a=OWN b=ADM");
    after(editor, "P: b>d ADM ^D @100; Q: c>d REM ^D @101", "a=OWN b=ADM c=ADM d=REM");
    after(editor, "P: b>d ADM ^D @101; Q: c>d REM ^D @100", "a=OWN b=ADM c=ADM d=REM");
    after(editor, "P: a>d REM ^D @100; Q: b>d ADM ^D @200", "a=OWN b=ADM c=ADM d=REM");
    after(
        editor,
        "P: b>d REM ^D @200; Q: c>e ADM ^D @100; R: e>d RDR ^Q @101",
        "a=OWN b=ADM c=ADM d=REM e=ADM",
    );
    ends("B: a>b ADM ^o; X: a>b REM ^B; Y: b>e EDT ^B", "a=OWN b=REM");
    ends("B: a>b ADM ^o; X: a>b RDR ^B; Y: b>e EDT ^B", "a=OWN b=RDR");
    ends("B: a>b ADM ^o; X: a>b REM ^B; Y: b>e ADM ^B; Z: e>f EDT ^Y", "a=OWN b=REM");
    after(admins, "X: b>c REM ^C; Y: c>b REM ^C", "a=OWN b=REM c=REM");
    after(three, "P: b>c REM ^D; Q: c>d REM ^D; R: d>b REM ^D", "a=OWN b=REM c=REM d=REM");
    after(editor, "P: b>d ADM ^D; Q: c>d REM ^D; M: a>d RDR ^P,Q @50", "a=OWN b=ADM c=ADM d=RDR");
    after(
        admins,
        "P: b>d EDT ^C; P2: b>e EDT ^P; P3: c>e RDR ^P; Q: c>d RDR ^C",
        "a=OWN b=ADM c=ADM d=RDR e=RDR",
    );
    after(
        admins,
        "X: a>b REM ^C; Y: b>e EDT ^C; Z: c>f EDT ^Y; N: a>h EDT ^X",
        "a=OWN b=REM c=ADM f=EDT h=EDT",
    );
    ends(
        "B: a>b ADM ^o; C: a>c ADM ^o; M: a>d EDT ^B,C; Y: b>e EDT ^M; X: a>b REM ^M; N: a>f EDT ^Y,X",
        "a=OWN b=REM c=ADM d=EDT f=EDT",
    );
    ends(
        "s: a>h EDT ^o; x1: a>b EDT ^o; y1: a>c EDT ^o; m1: a>d EDT ^x1,y1; x2: a>e EDT ^m1; y2: a>f EDT ^m1; z: a>g EDT ^x2,y2,s",
        "a=OWN b=EDT c=EDT d=EDT e=EDT f=EDT g=EDT h=EDT",
    );
    ends("B: a>b ADM; X: b>a REM", "a=OWN");
    ends("B: a>b ADM; Y: b>e EDT; X: a>b REM", "a=OWN");
    ends("B: a>b ADM ^o; X: a>b REM @9; Y: b>e EDT ^B", "a=OWN b=ADM e=EDT");
}

#[test]
fn an_administrators_removal_of_an_editor_stands_although_it_is_losing_its_right() {
    let start = "B: a>b ADM ^o; C: a>c ADM ^B; E: a>e EDT ^C; ";
    ends(&format!("{start}X: b>c REM ^E; Y: c>e REM ^E"), "a=OWN b=ADM c=REM e=REM");
    ends(&format!("{start}X: a>c REM ^E; Y: c>e REM ^E"), "a=OWN b=ADM c=REM e=EDT");
}

#[test]
fn an_owner_is_changed_by_the_space_key_alone() {
    ends("B: a>b ADM ^o; C: S>c OWN ^B; X: a>c REM ^C; Y: b>c REM ^C; Z: c>a REM ^C", "a=OWN b=ADM c=OWN");
    ends("C: S>c OWN ^o; X: S>c ADM ^C; Y: a>c EDT ^X", "a=OWN c=EDT");
    // One that did not know of the other of two words of the space key.
    ends("C: S>c OWN ^o; D: S>c ADM ^o; X: a>c EDT ^D", "a=OWN c=ADM");
    ends("C: S>c OWN ^o; B: a>b ADM ^o; X: b>c REM ^B; Y: c>d EDT ^C", "a=OWN b=ADM c=OWN d=EDT");
}

#[test]
fn what_stands_in_for_another_does_not_keep_it_out() {
    let of = scene("B: a>b ADM ^o; C: b>c EDT ^B");
    let mut entries: Vec<Entry> = of.into_iter().map(|(_, one)| entry(one)).collect();
    let forged = Entry {
        verified: Err(dxos_reference::halo::Credential::read(&[0xff]).map(drop).unwrap_err()),
        ..entries[2].clone()
    };
    let mut poison = entry(statement("poison", "m", "m", Stated::Other("KeyInfo".into())));
    poison.statement.carried_id = Some(id("B").to_vec());
    entries.splice(0..0, [forged, poison]);
    let mut machine = machine();
    for one in &entries {
        machine.process(one);
    }
    assert_eq!(roles(&machine.view()), "a=OWN b=ADM c=EDT");
    let words: Vec<&str> = machine.outcomes().iter().map(Outcome::name).collect();
    assert_eq!(words, ["refused", "accepted", "accepted", "accepted", "accepted", "accepted"]);
}

#[test]
fn long_graphs_end() {
    // A chain, branches beside each other, and forks that are put together again, with the last one that removes.
    let chain = (0..3_000).map(|number| {
        (format!("{number}"), vec![if number == 0 { "o".into() } else { format!("{}", number - 1) }])
    });
    let wide = (0..3_000).map(|number| (format!("{number}"), vec!["o".into()]));
    let forks = (0..3_000).map(|number: i32| {
        let base = number - number % 3;
        let before = if base == 0 { "o".into() } else { format!("{}", base - 1) };
        let parents =
            if number % 3 == 2 { vec![format!("{base}"), format!("{}", base + 1)] } else { vec![before] };
        (format!("{number}"), parents)
    });
    for shape in [chain.collect::<Vec<_>>(), wide.collect(), forks.collect()] {
        let mut of = vec![genesis("g"), member("o", SPACE, "a", 4, &[])];
        let ends: BTreeSet<&str> = shape.iter().map(|(name, _)| name.as_str()).collect();
        for (name, parents) in &shape {
            let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
            of.push(member(name, "a", &format!("m{name}"), 1, &parents));
        }
        let all: Vec<&str> = ends.into_iter().collect();
        of.push(member("end", "a", "m7", 5, &all));
        let mut machine = machine();
        for one in entries(&of) {
            machine.process(&one);
        }
        let view = machine.view();
        assert_eq!((view.members.len(), view.heads.len()), (3_001, 1));
        assert_eq!(view.members[b"m7".as_slice()], 5);
    }
}

#[test]
fn bounds_are_kept() {
    let mut machine = machine();
    let mut early = |number: usize, parents: Vec<Vec<u8>>| {
        let mut one = member(&format!("{number}"), "a", "b", 2, &[]);
        one.parents = parents;
        machine.process(&entry(one))
    };
    let refused = |outcome: Outcome| matches!(outcome, Outcome::Refused(reject) if reject.class.name() == "resource.count");
    for number in 0..4_096 {
        assert_eq!(early(number, Vec::new()), Outcome::Held);
    }
    assert!(refused(early(4_096, Vec::new())));
    assert!(refused(early(4_097, vec![vec![0; 32]; 8_193])));
    assert_eq!(machine.process(&entry(genesis("g"))), Outcome::Accepted);
    assert_eq!(machine.process(&entry(member("4096", "a", "b", 2, &[]))).name(), "void");
}
