//! Invitations: their codes, and host and guest, message by message.

mod fields;

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use self::fields::{admitted, invitation, optional, shown, timeframe, timeframe_shown};
use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use crate::halo::invitation::{
    Content, Guest, Host, Identity, Message, Method, Output, Place, Signer, State, accept, admission, decode,
    encode, kind, rehost,
};
use crate::keys::to_hex;

/// What a session holds of an invitation.
#[derive(Debug)]
pub(in crate::operations) struct Scene {
    side: Side,
    challenges: VecDeque<[u8; 32]>,
}

#[derive(Debug)]
enum Side {
    Host(Box<Host>),
    Guest(Box<Guest>),
}

/// Carries out an operation; `held` is what its session holds.
pub(super) fn call(op: &str, input: &Input<'_>, held: Option<&mut Option<Scene>>) -> Answer {
    match op {
        "halo.invitation.code.encode" => {
            let code = encode(&invitation(&input.object("invitation")?)?)?;
            return Ok(members(json!({ "code": code })));
        }
        "halo.invitation.code.decode" => {
            return Ok(members(json!({ "invitation": shown(&decode(input.text("code")?)?) })));
        }
        "halo.invitation.accept" => {
            let invitation = invitation(&input.object("invitation")?)?;
            let (identity, device) = (input.bytes("identity")?, input.bytes("device")?);
            let accepted = accept(&invitation, &identity, &device, &input.bytes("admission")?)?;
            return Ok(members(admitted(&accepted)));
        }
        "halo.invitation.rehost" => {
            let hosted = rehost(&input.bytes("credential")?, input.time("now")?)?;
            return Ok(members(json!({ "invitation": shown(&hosted) })));
        }
        "halo.invitation.admission" => return held_in(&input.bytes("admission")?),
        _ => {}
    }
    let session = held.ok_or_else(|| wrong("session", "absent"))?;
    if op == "wire.open" {
        if input.text("stack")? != "halo.invitation" {
            return Err(Failure::Unsupported);
        }
        return session.insert(open(input)?).answer();
    }
    let scene = session.as_mut().ok_or_else(|| wrong("session", "one in which nothing was opened"))?;
    scene.call(op, input)?;
    scene.answer()
}

/// What an answer to `Admit` holds.
fn held_in(bytes: &[u8]) -> Answer {
    let admission = admission(bytes)?;
    let mut answer = json!({
        "kind": if admission.is_space { kind::SPACE } else { kind::DEVICE },
        "credential": to_hex(&admission.credential),
    });
    if let Some(members) = answer.as_object_mut() {
        if !admission.is_space {
            for (name, key) in
                ["identity_key", "halo_space_key", "genesis_feed_key"].iter().zip(&admission.keys)
            {
                members.insert((*name).to_owned(), to_hex(key).into());
            }
        }
        optional(members, "control_timeframe", admission.control_timeframe.as_deref().map(timeframe_shown));
    }
    Ok(members(answer))
}

fn open(input: &Input<'_>) -> Result<Scene, Failure> {
    let invitation = invitation(&input.object("invitation")?)?;
    let now = time(input)?;
    let challenges = input.optional("challenges", Input::list)?.unwrap_or_default().into_iter();
    let challenges = challenges.map(TryInto::try_into).collect::<Result<_, _>>();
    let challenges = challenges.map_err(|_| wrong("challenges", "not of 32 bytes each"))?;
    let side = match input.text("role")? {
        "host" => {
            let signer = input.object("signer")?;
            let signer = Signer {
                key: signer.signing_key()?,
                issuer: signer.bytes("issuer")?,
                chain: signer.optional("chain", Input::bytes)?,
            };
            let place = place(&input.object("space")?, invitation.kind == Some(kind::SPACE))?;
            Side::Host(Box::new(Host::new(invitation, signer, place, now)))
        }
        "guest" => {
            let identity = Identity {
                identity: input.bytes("identity")?,
                device: input.bytes("device")?,
                control_feed: input.bytes("control_feed")?,
                data_feed: input.bytes("data_feed")?,
                name: input.optional("profile", Input::text)?.map(str::to_owned),
            };
            let joined = input.optional("spaces", Input::list)?.unwrap_or_default();
            Side::Guest(Box::new(Guest::new(invitation, identity, &joined, now)?))
        }
        _ => return Err(wrong("role", "neither host nor guest")),
    };
    Ok(Scene { side, challenges })
}

fn place(space: &Input<'_>, to_space: bool) -> Result<Place, Failure> {
    let (space_key, genesis_feed_key) = (space.bytes("space_key")?, space.bytes("genesis_feed_key")?);
    let control_timeframe = space.optional("control_timeframe", timeframe)?;
    if !to_space {
        return Ok(Place::Identity { space_key, genesis_feed_key, control_timeframe });
    }
    let (members, heads) = (timeframe(space, "members")?, space.list("heads")?);
    Ok(Place::Space { space_key, genesis_feed_key, members, heads, control_timeframe })
}

/// The clock of a request, in Unix milliseconds.
fn time(input: &Input<'_>) -> Result<i64, Failure> {
    i64::try_from(input.number("now")?).map_err(|_| wrong("now", "not a time"))
}

impl Scene {
    fn call(&mut self, op: &str, input: &Input<'_>) -> Result<(), Failure> {
        let connection =
            || Ok::<u64, Failure>(input.optional("connection", Input::number)?.unwrap_or_default());
        match op {
            "wire.tick" => {
                let now = time(input)?;
                match &mut self.side {
                    Side::Host(host) => host.tick(now),
                    Side::Guest(guest) => guest.tick(now),
                }
            }
            "wire.feed" => self.feed(connection()?, &input.object("message")?)?,
            "halo.invitation.connect" => match &mut self.side {
                Side::Host(host) => host.connect(connection()?),
                Side::Guest(guest) => guest.connect(connection()?),
            },
            "halo.invitation.disconnect" => match &mut self.side {
                Side::Host(host) => host.disconnect(connection()?),
                Side::Guest(guest) => guest.disconnect(connection()?),
            },
            "halo.invitation.cancel" => match &mut self.side {
                Side::Host(host) => host.cancel(),
                Side::Guest(guest) => guest.cancel(),
            },
            "halo.invitation.enter_code" => match &mut self.side {
                Side::Host(_) => return Err(wrong("session", "that of a host")),
                Side::Guest(guest) => guest.enter_code(input.text("code")?),
            },
            _ => return Err(Failure::Unsupported),
        }
        Ok(())
    }

    /// A message has come.
    fn feed(&mut self, connection: u64, message: &Input<'_>) -> Result<(), Failure> {
        let name = message.text("method")?;
        let method = Method::ALL.iter().find(|(known, _)| *known == name).map(|(_, method)| *method);
        let method = method.ok_or_else(|| wrong("method", "not one of the service"))?;
        let request = message.optional("request", Input::bytes)?;
        let response = message.optional("response", Input::bytes)?;
        let error = message.optional("error", Input::flag)?.unwrap_or_default();
        match (&mut self.side, request, response) {
            (Side::Host(host), Some(request), None) if !error => {
                let challenge = self.challenges.front().copied();
                let mut drawn = false;
                host.call(connection, method, &request, || {
                    drawn = true;
                    challenge.unwrap_or_default()
                });
                if drawn && self.challenges.pop_front().is_none() {
                    return Err(wrong("challenges", "used up"));
                }
            }
            (Side::Host(host), None, None) if error => host.failed(connection),
            // A host calls nothing that is answered with content.
            (Side::Host(_), None, Some(_)) => {}
            (Side::Guest(guest), Some(request), None) if !error => guest.call(connection, method, &request),
            (Side::Guest(guest), None, response) if response.is_some() != error => {
                guest.answer(connection, method, response.as_deref());
            }
            _ => return Err(wrong("message", "not one of a request, a response and an error")),
        }
        Ok(())
    }

    fn answer(&mut self) -> Answer {
        let (state, open) = match &self.side {
            Side::Host(host) => (host.state(), host.open()),
            Side::Guest(guest) => (guest.state(), guest.open()),
        };
        let mut out = Vec::new();
        while let Some(output) = match &mut self.side {
            Side::Host(host) => host.poll(),
            Side::Guest(guest) => guest.poll(),
        } {
            // What is closed is seen by what is open.
            if let Output::Send { connection, message } = output {
                out.push(json!({ "connection": connection, "message": message_shown(&message) }));
            }
        }
        let mut answer = Map::new();
        answer.insert("out".to_owned(), out.into());
        answer.insert("state".to_owned(), State::name(state).into());
        answer.insert("open".to_owned(), open.into());
        match &mut self.side {
            Side::Host(host) => {
                optional(&mut answer, "admission", host.admission().map(|bytes| to_hex(&bytes)))
            }
            Side::Guest(guest) => optional(&mut answer, "result", guest.admitted().as_ref().map(admitted)),
        }
        Ok(answer)
    }
}

fn message_shown(message: &Message) -> Value {
    let method = message.method.name();
    match &message.content {
        Content::Request(bytes) => json!({ "method": method, "request": to_hex(bytes) }),
        Content::Response(bytes) => json!({ "method": method, "response": to_hex(bytes) }),
        Content::Error => json!({ "method": method, "error": true }),
    }
}
