//! The kinds of bytes that can be taken apart, in one table: what `dxspec inspect` shows and what reports
//! say beside the bytes of an input.

mod frames;

use dxos_conformance::report::annotation::{Annotation, Annotator, Problem};
use dxos_proto::dissect::{Node, dissect};
use serde_json::Map;

/// A kind of bytes.
pub(crate) struct Kind {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// The full name of the message type, or another name for the form.
    pub(crate) form: &'static str,
    /// Takes bytes apart.
    pub(crate) parts: fn(&[u8]) -> Option<Annotation>,
    /// The members of requests that hold it: the beginning of the operation, and that of the path, in which `*` is
    /// any part.
    members: &'static [(&'static str, &'static str)],
    /// What to ask the reference about it: the operation, the member that holds the bytes, other members as JSON.
    pub(crate) asks: &'static [(&'static str, &'static str, &'static str)],
}

/// All kinds.  A new one is a row here.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "credential",
        form: "dxos.halo.credentials.Credential",
        parts: |bytes| protobuf("dxos.halo.credentials.Credential", bytes),
        members: &[
            ("halo.", "credential"),
            ("halo.", "credentials"),
            ("halo.", "chain"),
            ("halo.", "entries/*/credential"),
            ("halo.", "entry/credential"),
        ],
        asks: &[
            ("halo.credential.decode", "credential", "{}"),
            ("halo.credential.payload", "credential", "{}"),
            ("halo.credential.id", "credential", "{}"),
            ("halo.credential.verify", "credential", "{}"),
        ],
    },
    Kind {
        name: "presentation",
        form: "dxos.halo.credentials.Presentation",
        parts: |bytes| protobuf("dxos.halo.credentials.Presentation", bytes),
        members: &[("halo.", "presentation")],
        asks: &[
            ("halo.presentation.payload", "presentation", r#"{"proof":0}"#),
            ("halo.presentation.verify", "presentation", "{}"),
        ],
    },
    Kind {
        name: "feed-message",
        form: "dxos.echo.feed.FeedMessage",
        parts: |bytes| protobuf("dxos.echo.feed.FeedMessage", bytes),
        members: &[("echo.message.", "message")],
        asks: &[("echo.message.decode", "message", "{}")],
    },
    Kind {
        name: "frames",
        form: "dxos.echo.replication.frames",
        parts: |bytes| Some(frames::frames(bytes)),
        members: &[("wire.feed", "bytes"), ("echo.replication.frames", "bytes")],
        asks: &[("echo.replication.frames", "bytes", "{}")],
    },
];

/// The kind with a name.
pub(crate) fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name || kind.form == name)
}

/// The kind of a member of a request.
pub(crate) fn of_member(op: &str, member: &str) -> Option<&'static Kind> {
    let begins = |name: &str| {
        let mut parts = member.split('/');
        name.split('/').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
    };
    KINDS.iter().find(|kind| kind.members.iter().any(|(prefix, name)| op.starts_with(prefix) && begins(name)))
}

/// A message taken apart by the schemas; none if they have no such type.
pub(crate) fn protobuf(type_name: &str, bytes: &[u8]) -> Option<Annotation> {
    dissect(type_name, bytes).map(annotation)
}

fn annotation(node: Node) -> Annotation {
    let problems = node.problems.iter().map(|problem| Problem {
        at: problem.at,
        what: problem.to_string(),
        remark: problem.is_remark(),
    });
    Annotation {
        range: node.range,
        body: node.body,
        name: node.name,
        ty: node.ty,
        value: node.value,
        problems: problems.collect(),
        children: node.children.into_iter().map(annotation).collect(),
    }
}

/// Annotates the members of requests by their kinds.
pub(crate) struct ByKind;

impl Annotator for ByKind {
    fn annotate(&self, op: &str, member: &str, bytes: &[u8]) -> Option<Annotation> {
        (of_member(op, member)?.parts)(bytes)
    }

    fn credential_id(&self, credential: &[u8]) -> Option<Vec<u8>> {
        credential_id(credential)
    }
}

/// The id of a credential by the reference; none if it has none.
pub(crate) fn credential_id(credential: &[u8]) -> Option<Vec<u8>> {
    let input = Map::from_iter([("credential".to_owned(), hex::encode(credential).into())]);
    let answer = dxos_reference::operations::call("halo.credential.id", &input).ok()?;
    hex::decode(answer.get("id")?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_a_type_of_the_schemas_and_its_questions_are_operations() {
        for kind in KINDS {
            assert!((kind.parts)(&[]).is_some(), "{}", kind.name);
            for (op, member, rest) in kind.asks {
                assert!(dxos_reference::operations::OPERATIONS.contains(op), "{op}");
                assert!(of_member(op, member).is_some_and(|found| found.name == kind.name), "{op}");
                assert!(serde_json::from_str::<Map<_, _>>(rest).is_ok(), "{op}");
            }
        }
    }

    #[test]
    fn members_in_lists_are_found() {
        assert_eq!(
            of_member("halo.presentation.issue", "credentials/1").map(|kind| kind.name),
            Some("credential")
        );
        let of_space = |member| of_member("halo.space.replay", member).map(|kind| kind.name);
        assert_eq!(of_space("entries/10/credential"), Some("credential"));
        assert_eq!(of_space("entry/credential"), Some("credential"));
        assert_eq!((of_space("entries/10/source_feed"), of_space("entries")), (None, None));
        assert!(of_member("halo.key.parse", "text").is_none());
    }
}
