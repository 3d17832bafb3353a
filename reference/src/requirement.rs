//! Ids of the requirements that this crate enforces; the sentences are in the book.

/// Id of a requirement of the book, for example `HALO-CRED-002`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement(&'static str);

impl Requirement {
    /// The id as it is written in the book.
    pub const fn id(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! requirements {
    ($($name:ident = $id:literal,)*) => {
        $(#[doc = concat!("Requirement `", $id, "`.")] pub const $name: Requirement = Requirement($id);)*

        /// Every requirement that a rejection of this crate can name.
        pub const ALL: &[Requirement] = &[$($name,)*];
    };
}

requirements! {
    HALO_CHAIN_001 = "HALO-CHAIN-001",
    HALO_CHAIN_002 = "HALO-CHAIN-002",
    HALO_CHAIN_003 = "HALO-CHAIN-003",
    HALO_CHAIN_004 = "HALO-CHAIN-004",
    HALO_CHAIN_005 = "HALO-CHAIN-005",
    HALO_CHAIN_006 = "HALO-CHAIN-006",
    HALO_CHAIN_007 = "HALO-CHAIN-007",
    HALO_CHAIN_008 = "HALO-CHAIN-008",
    HALO_CHAIN_009 = "HALO-CHAIN-009",
    HALO_CRED_001 = "HALO-CRED-001",
    HALO_CRED_002 = "HALO-CRED-002",
    HALO_CRED_003 = "HALO-CRED-003",
    HALO_CRED_004 = "HALO-CRED-004",
    HALO_CRED_005 = "HALO-CRED-005",
    HALO_CRED_006 = "HALO-CRED-006",
    HALO_CRED_007 = "HALO-CRED-007",
    HALO_CRED_008 = "HALO-CRED-008",
    HALO_CRED_009 = "HALO-CRED-009",
    HALO_CRED_010 = "HALO-CRED-010",
    HALO_CRED_011 = "HALO-CRED-011",
    HALO_CRED_012 = "HALO-CRED-012",
    HALO_CRED_013 = "HALO-CRED-013",
    HALO_CRED_014 = "HALO-CRED-014",
    HALO_CRED_015 = "HALO-CRED-015",
    HALO_CRED_016 = "HALO-CRED-016",
    HALO_ENC_001 = "HALO-ENC-001",
    HALO_ENC_002 = "HALO-ENC-002",
    HALO_ENC_003 = "HALO-ENC-003",
    HALO_ENC_004 = "HALO-ENC-004",
    HALO_ENC_005 = "HALO-ENC-005",
    HALO_ENC_006 = "HALO-ENC-006",
    HALO_ENC_007 = "HALO-ENC-007",
    HALO_ENC_009 = "HALO-ENC-009",
    HALO_ENC_010 = "HALO-ENC-010",
    HALO_ENC_011 = "HALO-ENC-011",
    HALO_ENC_012 = "HALO-ENC-012",
    HALO_ENC_013 = "HALO-ENC-013",
    HALO_ENC_014 = "HALO-ENC-014",
    HALO_ENC_015 = "HALO-ENC-015",
    HALO_ENC_016 = "HALO-ENC-016",
    HALO_ENC_017 = "HALO-ENC-017",
    HALO_ENC_018 = "HALO-ENC-018",
    HALO_ENC_019 = "HALO-ENC-019",
    HALO_ENC_020 = "HALO-ENC-020",
    HALO_ENC_021 = "HALO-ENC-021",
    HALO_ENC_022 = "HALO-ENC-022",
    HALO_ENC_023 = "HALO-ENC-023",
    HALO_ENC_024 = "HALO-ENC-024",
    HALO_ENC_025 = "HALO-ENC-025",
    HALO_ENC_026 = "HALO-ENC-026",
    HALO_ENC_027 = "HALO-ENC-027",
    HALO_ENC_028 = "HALO-ENC-028",
    HALO_ENC_029 = "HALO-ENC-029",
    HALO_KEY_001 = "HALO-KEY-001",
    HALO_KEY_002 = "HALO-KEY-002",
    HALO_KEY_003 = "HALO-KEY-003",
    HALO_KEY_004 = "HALO-KEY-004",
    HALO_KEY_005 = "HALO-KEY-005",
    HALO_KEY_006 = "HALO-KEY-006",
    HALO_KEY_007 = "HALO-KEY-007",
    HALO_KEY_008 = "HALO-KEY-008",
    HALO_KEY_009 = "HALO-KEY-009",
    HALO_KEY_010 = "HALO-KEY-010",
    HALO_KEY_011 = "HALO-KEY-011",
    HALO_KEY_013 = "HALO-KEY-013",
    HALO_KEY_014 = "HALO-KEY-014",
    HALO_KEY_016 = "HALO-KEY-016",
    HALO_KEY_017 = "HALO-KEY-017",
    HALO_KEY_018 = "HALO-KEY-018",
    HALO_KEY_019 = "HALO-KEY-019",
    HALO_KEY_020 = "HALO-KEY-020",
    HALO_KEY_021 = "HALO-KEY-021",
    HALO_KEY_022 = "HALO-KEY-022",
    HALO_KEY_023 = "HALO-KEY-023",
    HALO_PAY_001 = "HALO-PAY-001",
    HALO_PAY_002 = "HALO-PAY-002",
    HALO_PAY_003 = "HALO-PAY-003",
    HALO_PAY_004 = "HALO-PAY-004",
    HALO_PAY_005 = "HALO-PAY-005",
    HALO_PAY_006 = "HALO-PAY-006",
    HALO_PAY_007 = "HALO-PAY-007",
    HALO_PAY_008 = "HALO-PAY-008",
    HALO_PAY_009 = "HALO-PAY-009",
    HALO_PAY_010 = "HALO-PAY-010",
    HALO_PAY_011 = "HALO-PAY-011",
    HALO_PAY_012 = "HALO-PAY-012",
    HALO_PAY_013 = "HALO-PAY-013",
    HALO_PAY_014 = "HALO-PAY-014",
    HALO_PAY_015 = "HALO-PAY-015",
    HALO_PAY_016 = "HALO-PAY-016",
    HALO_PAY_017 = "HALO-PAY-017",
    HALO_PAY_018 = "HALO-PAY-018",
    HALO_PAY_019 = "HALO-PAY-019",
    HALO_PAY_020 = "HALO-PAY-020",
    HALO_PRES_001 = "HALO-PRES-001",
    HALO_PRES_002 = "HALO-PRES-002",
    HALO_PRES_003 = "HALO-PRES-003",
    HALO_PRES_004 = "HALO-PRES-004",
    HALO_PRES_005 = "HALO-PRES-005",
    HALO_PRES_006 = "HALO-PRES-006",
    HALO_PRES_007 = "HALO-PRES-007",
    HALO_PRES_008 = "HALO-PRES-008",
    HALO_PRES_009 = "HALO-PRES-009",
    HALO_PRES_010 = "HALO-PRES-010",
}
