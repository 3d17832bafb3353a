//! Codes of invitations, and the two sides that are given any messages.

use dxos_reference::halo::invitation::{
    Content, Guest, Host, Identity, Invitation, Keypair, MAX_CODES, Message, Method, Output, Place, Signer,
    State, auth_method, decode, encode, kind,
};
use dxos_reference::keys::{SigningKey, Suite};

/// What is read can be written, and the code of what was read holds the same.
pub fn code(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(invitation) = decode(text) else { return };
    // What was read may be in a longer form than what is written, and in a code that is at its limit.
    let Ok(code) = encode(&invitation) else { return };
    let once = decode(&code).expect("what was written reads");
    assert_eq!(encode(&once).as_ref(), Ok(&code), "writing changes an invitation");
}

fn key(secret: u8) -> SigningKey {
    SigningKey::new(Suite::P256, &[secret; 32]).expect("a key")
}

fn feed(byte: u8) -> Vec<u8> {
    [&[4], [byte; 64].as_slice()].concat()
}

fn invitation(method: u8, multi_use: bool) -> Invitation {
    let method = i64::from(method % 3);
    Invitation {
        invitation_id: "i".to_owned(),
        kind: Some(kind::SPACE),
        auth_method: Some(method),
        swarm_key: vec![5; 32],
        space_key: Some(key(2).public_key()),
        auth_code: Some("314159".to_owned()),
        multi_use: Some(multi_use),
        guest_keypair: (method == auth_method::KNOWN_PUBLIC_KEY)
            .then(|| Keypair { public_key: vec![9; 32], private_key: Some(vec![9; 64]) }),
        ..Invitation::default()
    }
}

/// A method, a connection and the length of its bytes, then these; the first byte of all says what the invitation is.
/// No guest is admitted without an introduction, no more codes are tried than may be, and what has ended stays so.
pub fn messages(bytes: &[u8]) {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let invitation = invitation(*first, first & 0x80 != 0);
    let signer = Signer { key: key(1), issuer: key(1).public_key(), chain: None };
    let place = Place::Space {
        space_key: key(2).public_key(),
        genesis_feed_key: feed(6),
        members: Vec::new(),
        heads: Vec::new(),
        control_timeframe: None,
    };
    let identity = Identity {
        identity: key(3).public_key(),
        device: key(4).public_key(),
        control_feed: feed(1),
        data_feed: feed(2),
        name: None,
    };
    let mut host = Host::new(invitation.clone(), signer, place, 0);
    let mut guest = Guest::new(invitation, identity, &[], 0).expect("an invitation that can be used");
    let (mut codes, mut introduced) = (0, false);
    while let Some(([control, length], after)) = rest.split_first_chunk() {
        let (content, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        let at = u64::from(control >> 6);
        let (method, ended) =
            (Method::ALL[usize::from(control & 3)].1, (host.has_ended(), guest.has_ended()));
        let before = (host.state(), guest.state());
        host.connect(at);
        guest.connect(at);
        host.call(at, method, content, || [*control; 32]);
        if method == Method::Options {
            guest.call(at, method, content);
        } else {
            guest.answer(at, method, (control & 4 == 0).then_some(content));
        }
        if control & 8 != 0 {
            guest.enter_code("000000");
        }
        introduced |= host.state() == State::ReadyForAuthentication;
        while let Some(output) = guest.poll() {
            if let Output::Send { message: Message { method, content: Content::Request(_) }, .. } = output {
                codes += u32::from(method == Method::Authenticate);
            }
        }
        while host.poll().is_some() {}
        assert!(host.admission().is_none() || introduced, "a guest is admitted that is not introduced");
        assert!(codes <= MAX_CODES, "more codes are tried than may be");
        assert!(!ended.0 || host.state() == before.0, "a host that has ended goes on");
        assert!(!ended.1 || guest.state() == before.1, "a guest that has ended goes on");
        assert!(guest.state() != State::Success, "nobody has admitted it");
    }
}
