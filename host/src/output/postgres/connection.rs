//! One connection, which is made when it is needed and again when it is lost.

use tokio_postgres::Client;

use super::address::Address;
use super::fault::Fault;

/// A connection, and the task that drives it.
#[derive(Debug)]
pub struct Connection {
    /// Asks.
    pub client: Client,
    task: tokio::task::JoinHandle<()>,
}

impl Connection {
    /// Connect, as a session of this name.
    ///
    /// # Errors
    /// When the database can't be reached, or lets nobody in.
    pub async fn open(address: &Address, name: &str) -> Result<Self, Fault> {
        let mut config = address.config.clone();
        config.application_name(name);
        let about =
            |error: tokio_postgres::Error| Fault::from(error).while_doing(&format!("database {}", address.shown));
        let (client, connection) = config.connect(address.tls.clone()).await.map_err(about)?;
        // What goes wrong with the connection is told to whoever asks.
        let task = tokio::spawn(async move { drop(connection.await) });
        let connection = Self { client, task };
        // Times are written in UTC, and in one order.
        connection.client.batch_execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'").await.map_err(about)?;
        Ok(connection)
    }
}

impl Drop for Connection {
    /// The session ends at once, and with it what it was doing: another may wait for its lock.
    fn drop(&mut self) {
        self.task.abort();
    }
}
