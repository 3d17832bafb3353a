//! The devices and the profile of an identity.
