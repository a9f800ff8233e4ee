//! What went wrong at the database, in words, and whether it may pass by itself.

use std::error::Error as StdError;
use std::io;

use tokio_postgres::error::{DbError, SqlState};

use crate::error::Error;

/// A failure.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What went wrong, and with which table, row and constraint.
    pub message: String,
    /// What becomes of it.
    pub kind: FaultKind,
}

/// What may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Time: the database can't be reached, or has something else to do.
    Passing,
    /// Somebody else holds a lock.
    Locked,
    /// Nothing, before somebody changes something.
    Lasting,
}

impl Fault {
    /// One that nothing but a change helps against.
    pub fn lasting(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: FaultKind::Lasting }
    }

    /// The same while `what` was done.
    pub fn while_doing(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(of_database) = error.as_db_error() {
            return Self { message: told(of_database), kind: kind_of_code(of_database.code()) };
        }
        let kind = if error.is_closed() || may_pass(&error) { FaultKind::Passing } else { FaultKind::Lasting };
        Self { message: with_causes(&error), kind }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::lasting(error.to_string())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::failed(fault.message)
    }
}

/// Whether the network is to blame. A connection that can't be encrypted, or whose certificate is refused, says so by invalid data.
fn may_pass(error: &tokio_postgres::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return !matches!(io.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
        }
        next = cause.source();
    }
    error.to_string().contains("timeout")
}

fn with_causes(error: &tokio_postgres::Error) -> String {
    let (mut message, mut next) = (error.to_string(), error.source());
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some say their cause themselves.
        if !message.contains(&cause_text) {
            message += &format!(": {cause_text}");
        }
        next = cause.source();
    }
    message
}

fn kind_of_code(code: &SqlState) -> FaultKind {
    const PASSING: [SqlState; 4] = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::QUERY_CANCELED,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    if *code == SqlState::LOCK_NOT_AVAILABLE {
        return FaultKind::Locked;
    }
    // Classes: connection, resources, the operator stopped or started the server, system.
    let of_class = |class: &str| code.code().starts_with(class);
    let operator = of_class("57P") && *code != SqlState::DATABASE_DROPPED;
    match PASSING.contains(code) || of_class("08") || of_class("53") || of_class("58") || operator {
        true => FaultKind::Passing,
        false => FaultKind::Lasting,
    }
}

fn told(error: &DbError) -> String {
    let table = match (error.schema(), error.table()) {
        (Some(schema), Some(table)) => format!("table {schema}.{table}: "),
        _ => String::new(),
    };
    let mut message = format!("{table}{}", error.message());
    for more in [error.detail(), error.hint(), error.where_()].into_iter().flatten() {
        // Where it is in a COPY quotes the line, which can be long.
        let more: String = more.chars().take(1_000).collect();
        message += &format!("; {}", more.trim_end_matches('.').replace('\n', ", "));
    }
    message + &format!(" (SQLSTATE {})", error.code().code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_known_by_its_code() {
        for (code, kind) in [
            ("08006", FaultKind::Passing),
            ("53300", FaultKind::Passing),
            ("57P01", FaultKind::Passing),
            ("57P03", FaultKind::Passing),
            ("40P01", FaultKind::Passing),
            ("25006", FaultKind::Passing),
            ("55P03", FaultKind::Locked),
            ("57P04", FaultKind::Lasting),
            ("23505", FaultKind::Lasting),
            ("28P01", FaultKind::Lasting),
            ("3D000", FaultKind::Lasting),
            ("42P01", FaultKind::Lasting),
        ] {
            assert_eq!(kind_of_code(&SqlState::from_code(code)), kind, "{code}");
        }
    }
}
