//! `halo.invitation.rehost`: hosting an invitation from the credential that delegates it.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::assertion::halo;
use super::super::super::forge::{CarriedId, DATE, Forge, date, integer, key, message};
use super::super::super::topic::{P256, Topic};
use super::scene::{KEY, NONE, SECRET, Scene, forged, invitation_id};
use crate::class::Class::{
    AuthExpired, AuthSignature, DecodeLength, SchemaConstraint, SchemaRange, SchemaType,
};

const DELEGATION: &str = "dxos.halo.invitations.DelegateSpaceInvitation";

/// When the invitations end, in milliseconds after the beginning.
const TERM: i64 = 3_600_500;

struct Delegation {
    method: i64,
    role: Option<i64>,
    guest: Option<Vec<u8>>,
    expires: Option<i64>,
    multi_use: bool,
}

impl Delegation {
    const fn new(method: i64, role: i64) -> Self {
        Self { method, role: Some(role), guest: None, expires: Some(DATE + TERM), multi_use: false }
    }

    fn value(&self) -> Vec<u8> {
        let mut value = message(1, invitation_id().as_bytes());
        integer(&mut value, 2, self.method);
        value.extend(message(3, &key(&[0x5a; 32])));
        if let Some(role) = self.role {
            integer(&mut value, 4, role);
        }
        if let Some(guest) = &self.guest {
            value.extend(message(5, &key(guest)));
        }
        if let Some(expires) = self.expires {
            value.extend(message(6, &date(expires)));
        }
        integer(&mut value, 7, i64::from(self.multi_use));
        value
    }

    fn forge(&self, scene: &Scene) -> Forge {
        Forge::new(&scene.host, &scene.space.public_key(), DELEGATION, self.value())
    }
}

pub(super) fn rehost() -> Topic {
    let about = "The invitations that peers host for their creator, and those that they do not.";
    let mut topic = Topic::new("halo/invitation/rehost", "halo.invitation.rehost", &[P256], about);
    let scene = Scene::new(&topic);
    let at =
        |credential: &[u8], now: i64| json!({ "credential": to_hex(credential), "now": now.to_string() });
    let of = |delegation: &Delegation| at(&delegation.forge(&scene).build(), DATE + 1000);
    let plain = Delegation::new(NONE, 1);

    let kept = ["HALO-INV-062"];
    topic.accept("admin", &["HALO-INV-062", "HALO-INV-063"], "", of(&plain));
    topic.accept("editor", &["HALO-INV-063"], "", of(&Delegation::new(NONE, 2)));
    topic.accept("reader", &["HALO-INV-063"], "", of(&Delegation::new(NONE, 3)));
    let guest = topic.key(Suite::Ed25519, "key", "pair").public_key();
    let known = Delegation { guest: Some(guest), ..Delegation::new(KEY, 3) };
    topic.accept("key", &kept, "", of(&known));
    topic.accept("multi-use", &kept, "", of(&Delegation { multi_use: true, ..Delegation::new(NONE, 3) }));
    topic.accept("for-ever", &kept, "", of(&Delegation { expires: None, ..Delegation::new(NONE, 3) }));
    let whole = Delegation { expires: Some(DATE + 60_000), ..Delegation::new(NONE, 3) };
    topic.accept("one-minute", &kept, "", of(&whole));
    let other_id = plain.forge(&scene).with(|forge| forge.id = CarriedId::Bytes(vec![0x77; 32]));
    topic.accept("other-id", &kept, "the credential carries another id", at(&other_id.build(), DATE));
    let before = ["HALO-INV-062", "HALO-INV-065"];
    topic.accept("at-last", &before, "", at(&plain.forge(&scene).build(), DATE + TERM - 1));

    let mut reject = |slug: &str, req: &str, class, about: &str, input: Value| {
        topic.reject(slug, "admin", &[req], class, about, input);
    };
    let roles = "HALO-INV-063";
    for (slug, role) in
        [("none", Some(0)), ("owner", Some(4)), ("removed", Some(5)), ("unknown", Some(99)), ("absent", None)]
    {
        let delegation = Delegation { role, ..Delegation::new(NONE, 1) };
        reject(&format!("role-{slug}"), roles, SchemaRange, "", of(&delegation));
    }
    let secret = Delegation::new(SECRET, 1);
    reject("secret", "HALO-INV-064", SchemaConstraint, "", of(&secret));
    let ended = "HALO-INV-065";
    let build = plain.forge(&scene).build();
    reject("expired", ended, AuthExpired, "", at(&build, DATE + TERM));
    reject("long-expired", ended, AuthExpired, "", at(&build, DATE + 10 * TERM));
    let early = Delegation { expires: Some(DATE - 1), ..Delegation::new(NONE, 1) };
    reject(
        "expired-at-once",
        ended,
        AuthExpired,
        "before it was issued",
        at(&early.forge(&scene).build(), DATE),
    );
    reject("signature", ended, AuthSignature, "", at(&forged(&plain.forge(&scene), 10), DATE));
    let raised = plain.forge(&scene).tampered(|forge| forge.value = Some(Delegation::new(NONE, 2).value()));
    reject("role-changed", ended, AuthSignature, "after it was signed", at(&raised, DATE));
    reject("truncated", ended, DecodeLength, "", at(build.get(..build.len() - 1).unwrap_or_default(), DATE));
    for (slug, type_name) in [
        ("type-cancel", "dxos.halo.invitations.CancelDelegatedInvitation"),
        ("type-member", halo!("SpaceMember")),
        ("type-unknown", "dxos.halo.invitations.Unknown"),
    ] {
        let other = plain.forge(&scene).with(|forge| {
            forge.type_url = Some(type_name.to_owned());
            if slug != "type-unknown" {
                forge.value = Some(Vec::new());
            }
        });
        reject(slug, ended, SchemaType, "", at(&other.build(), DATE));
    }
    topic
}
