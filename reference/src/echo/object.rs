//! Batches of the older data plane: objects and their mutations, read without loss.

use super::message::known;
use crate::Reject;
use crate::wire::{self, Message};

/// A batch that was read.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'m> {
    message: Option<&'m Message<'m>>,
}

/// An object in a batch: its fields are those of `dxos.echo.object.EchoObject`.
#[derive(Clone, Copy, Debug)]
pub struct Object<'m> {
    message: &'m Message<'m>,
}

impl<'m> Batch<'m> {
    /// Reads the tree of a batch.
    ///
    /// # Errors
    /// As [`wire::read`].
    pub fn read(bytes: &[u8]) -> Result<Message<'_>, Reject> {
        let ty = known("dxos.echo.object.EchoObjectBatch")?;
        let read = wire::read(ty, bytes);
        let read = alter!(ECHO_OBJ_001, read,
            "a batch that cannot be read is an empty one" => read.or_else(|_| wire::read(ty, &[])));
        alter!(ECHO_OBJ_005, read,
            "a batch of fields of other types is an empty one" => lax(ty, read))
    }

    /// A batch in its tree; an absent one holds no object.
    pub const fn of(message: Option<&'m Message<'m>>) -> Self {
        Self { message }
    }

    /// The objects.
    pub fn objects(&self) -> impl Iterator<Item = Object<'m>> {
        self.message.into_iter().flat_map(|message| message.messages(1)).map(|message| Object { message })
    }

    /// The batch as a writer has to write it: what one that deployed writers wrote was read from (ECHO-OBJ-004).
    pub fn write(&self) -> Vec<u8> {
        alter!(ECHO_OBJ_004, self.message.map(wire::complete).unwrap_or_default(),
            "an object without mutations is not written" => self.without_idle())
    }

    #[cfg(feature = "mutants")]
    fn without_idle(&self) -> Vec<u8> {
        let mut writer = wire::Writer::default();
        for object in self.objects().filter(|object| object.mutations().next().is_some()) {
            writer.bytes(1, &wire::complete(object.message));
        }
        writer.finish()
    }
}

impl<'m> Object<'m> {
    /// The object's id; empty if absent.
    pub fn id(&self) -> &'m str {
        self.message.text(1).unwrap_or_default()
    }

    /// Where the object comes from; not written to feeds.
    pub fn meta(&self) -> Option<&'m Message<'m>> {
        self.message.message(2)
    }

    /// Type and version of the model, where the object is made.
    pub fn genesis(&self) -> Option<(&'m str, Option<&'m str>)> {
        let genesis = self.message.message(10)?;
        Some((genesis.text(2).unwrap_or_default(), genesis.text(3)))
    }

    /// The whole state.
    pub fn snapshot(&self) -> Option<&'m Message<'m>> {
        self.message.message(13)
    }

    /// The mutations, in their order.
    pub fn mutations(&self) -> impl Iterator<Item = &'m Message<'m>> {
        self.message.messages(14)
    }
}

/// Reads what the lenient would as nothing.
#[cfg(feature = "mutants")]
pub(super) fn lax<'a>(
    ty: crate::schema::TypeId,
    read: Result<Message<'a>, Reject>,
) -> Result<Message<'a>, Reject> {
    use crate::Class::{DecodeUtf8, DecodeVarint, DecodeWireType};
    read.or_else(|reject| match reject.class {
        DecodeUtf8 | DecodeVarint | DecodeWireType => wire::read(ty, &[]),
        _ => Err(reject),
    })
}

/// A number that is there, even where it is 0 (ECHO-OBJ-003).
pub fn presence<T: PartialEq + Default>(value: Option<T>) -> Option<T> {
    alter!(ECHO_OBJ_003, value, "a default is taken for an absent value" => value.filter(|value| *value != T::default()))
}

/// Type and value of a model, as they are (ECHO-OBJ-002).
pub fn model<'m>(holder: &'m Message<'m>, number: u32) -> Option<(&'m str, &'m [u8])> {
    let any = holder.message(number)?;
    let name = any.text(1).unwrap_or_default();
    let name = alter!(ECHO_OBJ_002, name,
        "the type of a model loses its package" => name.rsplit('.').next().unwrap_or(name));
    Some((name, any.bytes(2).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_writer_wrote_is_written_again() {
        // An object "a" with an action of 0, and an object "b" with a genesis of model "m", version "".
        let bytes = hex::decode("0a070a0161720258000a0a0a0162520512016d1a00").unwrap();
        let tree = Batch::read(&bytes).unwrap();
        assert_eq!(Batch::of(Some(&tree)).write(), bytes);
    }

    #[test]
    fn a_model_is_not_opened() {
        // A mutation whose model names a known type and holds no message of it.
        let name = b"dxos.halo.credentials.Auth";
        let mut any = vec![0x0a, 26];
        any.extend(name);
        any.extend([0x12, 3, 0xff, 0xff, 0xff]);
        let mut bytes = vec![0x0a, 40, 0x0a, 1, b'a', 0x72, 35, 0x62, 33];
        bytes.extend(&any);
        let tree = Batch::read(&bytes).unwrap();
        let batch = Batch::of(Some(&tree));
        let object = batch.objects().next().unwrap();
        let mutation = object.mutations().next().unwrap();
        assert_eq!(model(mutation, 12), Some(("dxos.halo.credentials.Auth", &[0xff; 3][..])));
        assert_eq!(batch.write(), bytes);
    }
}
