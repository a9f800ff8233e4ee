//! Keys and the groups that state is kept in.
