//! The 32 bytes that begin three of the files.

use super::FileName;

/// Size of a header in bytes.
pub const HEADER_SIZE: u64 = 32;

const MAGIC: [u8; 3] = [0x05, 0x02, 0x57];

/// The header of a file (ECHO-STORE-007): magic, type, version, size of an entry, and the name of an algorithm behind
/// its length.  None for the files without one.
pub fn header(file: FileName) -> Option<[u8; HEADER_SIZE as usize]> {
    let (kind, entry, algorithm): (u8, u16, &[u8]) = match file {
        FileName::Bitfield => (0, 3584, b""),
        FileName::Signatures => (1, 64, b"Ed25519"),
        FileName::Tree => (2, 40, b"BLAKE2b"),
        FileName::Key | FileName::SecretKey | FileName::Data => return None,
    };
    let kind = alter!(ECHO_STORE_007, kind, "the types of tree and signatures are swapped" => (3 - kind) % 3);
    let entry = entry.to_be_bytes();
    let entry =
        alter!(ECHO_STORE_007, entry, "the size of an entry is little-endian" => [entry[1], entry[0]]);
    let fixed = [kind, 0, entry[0], entry[1], algorithm.len() as u8];
    let mut header = [0; HEADER_SIZE as usize];
    for (to, from) in header.iter_mut().zip(MAGIC.iter().chain(&fixed).chain(algorithm)) {
        *to = *from;
    }
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_headers() {
        let hex = |file| header(file).map(|header| data_encoding::HEXLOWER.encode(&header[..16]));
        assert_eq!(hex(FileName::Signatures).unwrap(), "05025701000040074564323535313900");
        assert_eq!(hex(FileName::Tree).unwrap(), "0502570200002807424c414b45326200");
        assert_eq!(hex(FileName::Bitfield).unwrap(), "05025700000e00000000000000000000");
        assert_eq!(header(FileName::Data), None);
    }
}
