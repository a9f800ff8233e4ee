//! Hadoop's file system, by a client in Rust: the configuration is that of the machine (`HADOOP_CONF_DIR`), and so are the user (`HADOOP_USER_NAME`) and Kerberos tickets.

use std::sync::Arc;

use hdfs_native_object_store::HdfsObjectStoreBuilder;
use object_store::path::Path;

use super::objects::Failure;
use super::remote::Remote;
use super::url::Url;

const HINT: &str = "; HDFS is taken from the URL, as hdfs://NAMENODE:PORT/FOLDER or hdfs://NAMESERVICE/FOLDER, and from HADOOP_CONF_DIR";

/// Open it. Nothing is sent yet.
///
/// # Errors
/// What the configuration lacks.
pub fn open(url: &Url, name: String) -> Result<Remote, Failure> {
    let objects = HdfsObjectStoreBuilder::new().with_url(format!("hdfs://{}", url.authority)).build();
    let objects = objects.map_err(|error| Failure::new(format!("{error}{HINT}")))?;
    let prefix = Path::parse(&url.path).map_err(Failure::new)?;
    Ok(Remote::new(Arc::new(objects), prefix, name, HINT))
}
