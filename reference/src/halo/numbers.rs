//! Field numbers.

/// Of `Credential`.
pub(super) mod field {
    pub(in crate::halo) const ID: u32 = 1;
    pub(in crate::halo) const ISSUER: u32 = 2;
    pub(in crate::halo) const ISSUANCE_DATE: u32 = 3;
    pub(in crate::halo) const EXPIRATION_DATE: u32 = 4;
    pub(in crate::halo) const SUBJECT: u32 = 10;
    pub(in crate::halo) const PROOF: u32 = 11;
    pub(in crate::halo) const PARENTS: u32 = 12;
}

/// Of `Proof`.
pub(super) mod proof {
    pub(in crate::halo) const TYPE: u32 = 1;
    pub(in crate::halo) const CREATION_DATE: u32 = 2;
    pub(in crate::halo) const SIGNER: u32 = 3;
    pub(in crate::halo) const NONCE: u32 = 4;
    pub(in crate::halo) const VALUE: u32 = 5;
    pub(in crate::halo) const CHAIN: u32 = 6;
}
