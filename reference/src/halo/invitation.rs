//! Invitations: their codes, and host and guest as state machines.
