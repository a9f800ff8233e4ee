//! The table `sluicebox_batches`, in the schema of the table that is written to: for each output, the last batch that is in and the term of the driver that may write.
//!
//! An output's row is locked first in every transaction, so of two drivers one waits, and then sees what the other has done. A batch up to the one that is marked is in already, and is passed
//! over. A driver whose term is lower than the row's is one that another has taken over from, and is refused.
//!
//! The row is known by the job, the output, and an identity that the checkpoint gives the output the first time: a job that begins anew with an empty checkpoint, and another of the same name, have rows of
//! their own. Without a checkpoint the identity is of one run, which is enough to commit a batch once of which it isn't known whether it was.

use tokio_postgres::{Client, GenericClient, Transaction};

use super::fault::Fault;
use super::types::quoted;
use crate::clock::BatchTime;
use crate::output::identity::RUN;

/// The table's name.
pub const TABLE: &str = "sluicebox_batches";

/// The mark of one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The job's name.
    pub job: String,
    /// The output's name.
    pub output: String,
    /// Tells jobs of the same name apart.
    pub identity: String,
    /// The driver's term.
    pub term: u64,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The batch isn't in.
    Write,
    /// It is in already.
    IsIn,
}

/// Make the table where it isn't there; says whether it wasn't.
///
/// # Errors
/// When it can't be made.
pub async fn make(client: &Client, schema: &str) -> Result<bool, Fault> {
    let table = format!("{}.{TABLE}", quoted(schema));
    let there = "SELECT to_regclass($1) IS NOT NULL";
    if client.query_one(there, &[&table]).await?.get(0) {
        return Ok(false);
    }
    let create = format!(
        "CREATE TABLE {table} (job text NOT NULL, output text NOT NULL, checkpoint text NOT NULL, term bigint NOT NULL, \
         batch_time bigint, written_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (job, output, checkpoint))"
    );
    match client.batch_execute(&create).await.map_err(Fault::from) {
        Ok(()) => Ok(true),
        // Somebody else was faster.
        Err(_) if client.query_one(there, &[&table]).await?.get(0) => Ok(false),
        Err(fault) => {
            let message = format!(
                "the table {schema}.{TABLE}, which says which batches are in, can't be made: {}; have it made by: {create}",
                fault.message
            );
            Err(Fault { message, ..fault })
        }
    }
}

impl Mark {
    fn is_of_a_run(&self) -> bool {
        self.identity.starts_with(RUN)
    }

    /// Say that the driver is the one that may write. Done again, it changes nothing.
    ///
    /// # Errors
    /// When a driver of a later term has said so.
    pub async fn take_over(&self, client: &mut Client, schema: &str) -> Result<(), Fault> {
        let transaction = begin(client).await?;
        let table = format!("{}.{TABLE}", quoted(schema));
        let take = format!(
            "INSERT INTO {table} AS b (job, output, checkpoint, term) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (job, output, checkpoint) DO UPDATE SET term = EXCLUDED.term WHERE b.term <= EXCLUDED.term"
        );
        let term = self.term()?;
        let taken = transaction.execute(&take, &[&self.job, &self.output, &self.identity, &term]).await?;
        if taken == 0 {
            self.look(&transaction, schema).await?;
        }
        if self.is_of_a_run() {
            let old = format!(
                "DELETE FROM {table} WHERE job = $1 AND output = $2 AND checkpoint <> $3 AND starts_with(checkpoint, $4) \
                 AND written_at < now() - interval '7 days'"
            );
            transaction.execute(&old, &[&self.job, &self.output, &self.identity, &RUN]).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Lock the row, and see whether the batch is in.
    ///
    /// # Errors
    /// When another driver has taken over.
    pub async fn lock(&self, transaction: &Transaction<'_>, schema: &str, batch: BatchTime) -> Result<Turn, Fault> {
        let last = self.look(transaction, schema).await?;
        Ok(if last.is_some_and(|last| batch.0 <= last) { Turn::IsIn } else { Turn::Write })
    }

    /// The last batch that is in, with the row locked.
    async fn look(&self, transaction: &Transaction<'_>, schema: &str) -> Result<Option<i64>, Fault> {
        let look = format!(
            "SELECT term, batch_time FROM {}.{TABLE} WHERE job = $1 AND output = $2 AND checkpoint = $3 FOR UPDATE",
            quoted(schema)
        );
        let row = transaction.query_opt(&look, &[&self.job, &self.output, &self.identity]).await?;
        let Some(row) = row else { return Ok(None) };
        let term: i64 = row.get(0);
        if term > self.term()? {
            let message = format!(
                "another driver has taken over the job, in term {term}; this one, of term {}, stops",
                self.term
            );
            return Err(Fault::lasting(message));
        }
        Ok(row.get(1))
    }

    /// Say that a batch is in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set(&self, transaction: &Transaction<'_>, schema: &str, batch: BatchTime) -> Result<(), Fault> {
        let set = format!(
            "INSERT INTO {}.{TABLE} AS b (job, output, checkpoint, term, batch_time) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (job, output, checkpoint) DO UPDATE SET batch_time = EXCLUDED.batch_time, written_at = now()",
            quoted(schema)
        );
        let term = self.term()?;
        transaction.execute(&set, &[&self.job, &self.output, &self.identity, &term, &batch.0]).await?;
        Ok(())
    }

    fn term(&self) -> Result<i64, Fault> {
        i64::try_from(self.term).map_err(|error| Fault::lasting(format!("term {}: {error}", self.term)))
    }

    /// What sessions of this output are called in the database: at most 63 bytes.
    pub fn session(&self) -> String {
        let tag: String = self.identity.chars().rev().take(10).collect();
        let mut name = format!("sluicebox {}/{}", self.job, self.output);
        while name.len() > 52 {
            name.pop();
        }
        format!("{name} {tag}")
    }
}

/// A transaction that is safe on disk when it is committed, and doesn't wait long for the mark.
pub async fn begin(client: &mut Client) -> Result<Transaction<'_>, Fault> {
    let level = tokio_postgres::IsolationLevel::ReadCommitted;
    let transaction = client.build_transaction().isolation_level(level).read_only(false).start().await?;
    transaction
        .batch_execute(
            "SET LOCAL lock_timeout = '5s'; \
             SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'",
        )
        .await?;
    Ok(transaction)
}

/// End the sessions of this output that other processes, or this one before it lost the connection, have left: one that waits for ever in the middle of a transaction holds
/// the mark's lock. A driver that is still active connects again, and one that isn't finds out.
///
/// # Errors
/// When they can't be ended.
pub async fn end_others(client: &impl GenericClient) -> Result<u64, Fault> {
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name = current_setting('application_name') AND datname = current_database() \
               AND usename = current_user AND pid <> pg_backend_pid()";
    let n: i64 = client.query_one(end, &[]).await?.get(0);
    Ok(u64::try_from(n).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_have_names_that_the_database_keeps_whole() {
        let mark = |job: &str, output: &str| Mark {
            job: job.to_owned(),
            output: output.to_owned(),
            identity: "0123456789abcdef01234567".to_owned(),
            term: 1,
        };
        assert_eq!(mark("wordcount", "counts").session(), "sluicebox wordcount/counts 76543210fe");
        let long = mark(&"job".repeat(20), "ü").session();
        assert!(long.len() <= 63 && long.ends_with(" 76543210fe"), "{long}");
    }
}
