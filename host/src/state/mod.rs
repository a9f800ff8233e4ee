//! Keys and the groups that state is kept in.

pub mod key_group;
