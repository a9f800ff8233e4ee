//! Rows and schemas between Arrow and the form of `wit/data.wit`, in which they cross to guests and back.
//!
//! To a guest ([`lower`]) nothing is copied but what must be rebased; what comes from one ([`lift`]) is untrusted and fully checked before an
//! array is made of it. [`schema`] says which types cross, and which others are turned into one that does.

mod answered;
pub(super) mod lift;
pub(super) mod lower;
pub(super) mod schema;

pub use answered::Answered;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
pub(crate) mod generate;
#[cfg(test)]
mod tests;
