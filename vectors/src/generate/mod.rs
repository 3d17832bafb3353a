//! Generators of the vectors, one for each file.
