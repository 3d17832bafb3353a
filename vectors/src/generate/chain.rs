//! `halo.credential.verify`: chains of authority.

use dxos_reference::keys::{SigningKey, Suite};

use super::assertion::{authorized_device, halo, key_bytes};
use super::forge::{Forge, date};
use super::payload::input;
use super::topic::{P256, Topic, suite_of};
use super::verify::flipped;
use crate::class::Class::{AuthChain, AuthExpired, AuthKey, AuthSignature};

const OP: &str = "halo.credential.verify";

/// A credential that authorises a device for an identity, signed by a key.
pub(super) fn link(identity: &SigningKey, device: &SigningKey) -> Forge {
    let (identity_key, device_key) = (identity.public_key(), device.public_key());
    let value = authorized_device(&identity_key, &device_key);
    Forge::new(identity, &device_key, halo!("AuthorizedDevice"), value)
}

/// The same credential, signed by a device that a chain authorises.
pub(super) fn delegated(forge: &Forge, device: &SigningKey, chain: Vec<u8>) -> Forge {
    forge.with(|f| {
        f.key = device.clone();
        f.signer = Some(device.public_key());
        f.chain = Some(chain);
    })
}

/// The keys of a case.
struct Keys {
    identity: SigningKey,
    /// The device that signs comes first.
    devices: Vec<SigningKey>,
    other: SigningKey,
}

impl Keys {
    fn new(topic: &Topic, suite: Suite, slug: &str, devices: usize) -> Self {
        Self {
            identity: topic.key(suite, slug, "identity"),
            devices: (0..devices).map(|index| topic.key(suite, slug, &format!("device {index}"))).collect(),
            other: topic.key(suite, slug, "other"),
        }
    }

    /// The statement that all cases make.
    fn statement(&self) -> Forge {
        let value = [&[0x0a, 0x01][..], b"k"].concat();
        Forge::new(&self.identity, &key_bytes("subject"), halo!("KeyInfo"), value)
    }

    /// The encoded chain for the device at an index, down to the identity; `alter` changes the link at
    /// the index that is given to it.
    fn chain(&self, from: usize, alter: &dyn Fn(usize, Forge) -> Forge) -> Vec<u8> {
        let mut chain: Option<Vec<u8>> = None;
        for (index, device) in self.devices.iter().enumerate().skip(from).rev() {
            let plain = link(&self.identity, device);
            let forge = match (chain, self.devices.get(index + 1)) {
                (Some(inner), Some(signer)) => delegated(&plain, signer, inner),
                _ => plain,
            };
            chain = Some(alter(index, forge).build());
        }
        chain.unwrap_or_default()
    }

    /// A credential signed by the first device.
    fn credential(&self, alter: &dyn Fn(usize, Forge) -> Forge) -> Vec<u8> {
        match self.devices.first() {
            Some(device) => delegated(&self.statement(), device, self.chain(0, alter)).build(),
            None => self.statement().build(),
        }
    }
}

pub(super) fn links(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let mut topic = Topic::new(
        &format!("halo/credential/verify/chain-{name}"),
        OP,
        &[feature],
        "Credentials signed by a device: every equality of every link, broken one at a time.",
    );
    topic.flag("ChainIgnored", "the chain is not looked at if the signature is good");
    topic.flag("FirstLinkOnly", "only the first link is looked at");
    for depth in 1..=3 {
        let slug = format!("depth-{depth}");
        let keys = Keys::new(&topic, suite, &slug, depth);
        let req: &[&str] =
            if depth == 1 { &["HALO-CHAIN-001"] } else { &["HALO-CHAIN-001", "HALO-CHAIN-007"] };
        topic.accept(&slug, req, "", input(&keys.credential(&|_, forge| forge)));
        for at in 0..depth {
            broken(&mut topic, &keys, &slug, at, depth);
        }
    }
    topic
}

pub(super) fn deep() -> Topic {
    let about = "Chains of many links.";
    let mut topic = Topic::new("halo/credential/verify/chain-deep", OP, &[P256], about);
    for (depth, req) in [(8, "HALO-CHAIN-008"), (32, "HALO-ENC-019")] {
        let slug = format!("depth-{depth}");
        let keys = Keys::new(&topic, Suite::P256, &slug, depth);
        topic.accept(&slug, &[req], "", input(&keys.credential(&|_, forge| forge)));
        let last = depth - 1;
        let forged = |index, f: Forge| if index == last { f.with(|f| f.key = keys.other.clone()) } else { f };
        let rejected = format!("{slug}-last-link");
        let about = "the last link is signed by another key";
        topic.reject(&rejected, &slug, &[req], AuthSignature, about, input(&keys.credential(&forged)));
    }
    topic
}

/// The faults of the link at an index of a chain of some depth.
fn broken(topic: &mut Topic, keys: &Keys, base: &str, at: usize, depth: usize) {
    type Alter<'a> = Box<dyn Fn(Forge) -> Forge + 'a>;
    let identity = keys.identity.public_key();
    let device = keys.devices.get(at).map(SigningKey::public_key).unwrap_or_default();
    let other = keys.other.public_key();
    let faults: Vec<(&str, &str, &str, Alter<'_>)> = vec![
        (
            "subject",
            "HALO-CHAIN-003",
            "the link is about another key",
            Box::new(|f| f.with(|f| f.subject = Some(other.clone()))),
        ),
        (
            "type",
            "HALO-CHAIN-004",
            "the link states a HaloSpace, with the same keys",
            Box::new(|f| f.with(|f| f.type_url = Some(halo!("HaloSpace").to_owned()))),
        ),
        (
            "identity-key",
            "HALO-CHAIN-005",
            "",
            Box::new(|f| f.with(|f| f.value = Some(authorized_device(&other, &device)))),
        ),
        (
            "device-key",
            "HALO-CHAIN-006",
            "",
            Box::new(|f| f.with(|f| f.value = Some(authorized_device(&identity, &other)))),
        ),
        (
            "keys-swapped",
            "HALO-CHAIN-005",
            "",
            Box::new(|f| f.with(|f| f.value = Some(authorized_device(&device, &identity)))),
        ),
        (
            "assertion-empty",
            "HALO-CRED-001",
            "the link names no keys",
            Box::new(|f| f.with(|f| f.value = Some(Vec::new()))),
        ),
    ];
    for (name, req, about, alter) in faults {
        let credential = keys.credential(&|index, forge| if index == at { alter(forge) } else { forge });
        let case = topic.reject(
            &format!("{base}-link-{at}-{name}"),
            base,
            &[req],
            AuthChain,
            about,
            input(&credential),
        );
        case.flags = vec![if at == 0 { "ChainIgnored" } else { "FirstLinkOnly" }.to_owned()];
    }
    // Issued and signed by another identity: good in itself, but not the authority's.
    let foreign = keys.credential(&|index, forge| {
        if index != at {
            return forge;
        }
        forge.with(|f| {
            f.issuer = Some(other.clone());
            f.signer = Some(other.clone());
            f.key = keys.other.clone();
            f.chain = None;
        })
    });
    let slug = format!("{base}-link-{at}-other-identity");
    topic
        .reject(&slug, base, &["HALO-CHAIN-002"], AuthChain, "issued by somebody else", input(&foreign))
        .flags = vec![if at == 0 { "ChainIgnored" } else { "FirstLinkOnly" }.to_owned()];

    let unsigned = keys.credential(&|index, forge| {
        if index == at { forge.with(|f| f.key = keys.other.clone()) } else { forge }
    });
    let slug = format!("{base}-link-{at}-signature");
    topic
        .reject(&slug, base, &["HALO-CHAIN-001"], AuthSignature, "signed by another key", input(&unsigned))
        .flags = vec![if at == 0 { "ChainIgnored" } else { "FirstLinkOnly" }.to_owned()];

    if at + 1 < depth {
        let cut =
            keys.credential(&|index, forge| if index == at { forge.with(|f| f.chain = None) } else { forge });
        let slug = format!("{base}-link-{at}-cut");
        topic
            .reject(&slug, base, &["HALO-CHAIN-007"], AuthChain, "the inner chain is missing", input(&cut))
            .flags = vec!["FirstLinkOnly".to_owned()];
    }
}

pub(super) fn authority() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/authority",
        OP,
        &[P256],
        "Who may sign for whom, with one device.",
    );
    let keys = Keys::new(&topic, Suite::P256, "device", 1);
    let Some(device) = keys.devices.first().cloned() else { return topic };
    let same = |_: usize, forge: Forge| forge;
    let base = delegated(&keys.statement(), &device, keys.chain(0, &same));
    topic.accept("device", &["HALO-CHAIN-001"], "", input(&base.build()));
    let with_id_changed = keys.credential(&|_, f| f.with(|f| f.id = super::forge::CarriedId::Absent));
    topic.accept("link-without-id", &["HALO-CRED-006"], "", input(&with_id_changed));
    let second = Keys::new(&topic, Suite::P256, "device", 1);
    let other_link = link(&second.identity, &device).with(|f| f.issuance = Some(date(0))).build();
    let exchanged = base.tampered(|f| f.chain = Some(other_link));
    topic.accept(
        "link-exchanged",
        &["HALO-CHAIN-009"],
        "another link that authorises the same device",
        input(&exchanged),
    );
    let expired = base.with(|f| {
        f.chain = Some(link(&keys.identity, &device).with(|f| f.expiration = Some(date(0))).build())
    });
    topic.accept(
        "link-expired-without-time",
        &["HALO-CHAIN-001"],
        "no time is given",
        input(&expired.build()),
    );

    let mut reject = |slug, req: &str, class, about, credential: Vec<u8>| {
        topic.reject(slug, "device", &[req], class, about, input(&credential));
    };
    let missing = "HALO-CRED-004";
    reject("no-chain", missing, AuthChain, "", base.with(|f| f.chain = None).build());
    reject("no-chain-after-signing", missing, AuthChain, "", base.tampered(|f| f.chain = None));
    let other = keys.other.public_key();
    reject(
        "other-issuer",
        "HALO-CHAIN-002",
        AuthChain,
        "the device speaks for somebody else",
        base.with(|f| f.issuer = Some(other.clone())).build(),
    );
    reject(
        "device-as-issuer-changed",
        "HALO-CRED-003",
        AuthSignature,
        "the issuer made the device itself, after signing",
        base.tampered(|f| f.issuer = Some(device.public_key())),
    );
    reject(
        "other-signer",
        "HALO-CHAIN-003",
        AuthChain,
        "signed by somebody else, with the device's chain",
        base.with(|f| (f.signer, f.key) = (Some(other.clone()), keys.other.clone())).build(),
    );
    reject(
        "signed-by-identity",
        "HALO-CRED-003",
        AuthSignature,
        "signed by the identity, in the name of the device",
        base.build_with(&base.with(|f| f.key = keys.identity.clone()).signature()),
    );
    reject(
        "signature-flipped",
        "HALO-CRED-003",
        AuthSignature,
        "",
        base.build_with(&flipped(base.signature(), 40, 1)),
    );
    let link_of = |change: &dyn Fn(&mut Forge)| {
        let chain = link(&keys.identity, &device).with(change).build();
        base.with(|f| f.chain = Some(chain)).build()
    };
    reject(
        "link-by-device-itself",
        "HALO-CHAIN-002",
        AuthChain,
        "the device authorises itself",
        link_of(&|f| {
            f.issuer = Some(device.public_key());
            f.signer = Some(device.public_key());
            f.key = device.clone();
        }),
    );
    reject(
        "link-type-unknown",
        "HALO-CHAIN-004",
        AuthChain,
        "",
        link_of(&|f| f.type_url = Some("example.test.AuthorizedDevice".to_owned())),
    );
    reject(
        "link-type-suffix",
        "HALO-CHAIN-004",
        AuthChain,
        "a longer name",
        link_of(&|f| {
            f.type_url = Some(format!("{}s", halo!("AuthorizedDevice")));
        }),
    );
    reject(
        "link-type-with-such-keys",
        "HALO-CHAIN-004",
        AuthChain,
        "another type, whose first two fields are these keys",
        link_of(&|f| f.type_url = Some(halo!("AdmittedFeed").to_owned())),
    );
    reject(
        "link-type-lower",
        "HALO-CHAIN-004",
        AuthChain,
        "",
        link_of(&|f| f.type_url = Some(halo!("AuthorizedDevice").to_lowercase())),
    );
    reject(
        "link-signature-type",
        "HALO-CRED-002",
        AuthKey,
        "",
        link_of(&|f| f.proof_type = Some("ES256".to_owned())),
    );
    reject("chain-is-credential-itself", "HALO-CHAIN-007", AuthChain, "a chain that ends where it began", {
        base.with(|f| f.chain = Some(base.with(|f| f.chain = None).build())).build()
    });
    time(&mut topic, &base, &keys, &device);
    topic
}

fn time(topic: &mut Topic, base: &Forge, keys: &Keys, device: &SigningKey) {
    use super::forge::DATE;
    let at = |now: i64| {
        let chain = link(&keys.identity, device).with(|f| f.expiration = Some(date(DATE))).build();
        let mut input = input(&base.with(|f| f.chain = Some(chain)).build());
        if let Some(members) = input.as_object_mut() {
            members.insert("now".to_owned(), now.to_string().into());
        }
        input
    };
    topic.accept("link-not-expired", &["HALO-CRED-008"], "", at(DATE - 1));
    topic.reject("link-expired", "link-not-expired", &["HALO-CRED-008"], AuthExpired, "", at(DATE));
}
