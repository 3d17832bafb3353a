//! Both sides of the authentication of a connection.
