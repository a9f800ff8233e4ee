//! A real HDFS, shared by all tests that need one: a name node and a data node; each test has a folder of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::plugins::repository;
use crate::program::output_of;
use crate::service::{Service, data_folder, free_address};

/// As `scripts/fetch-hadoop` has it.
const VERSION: &str = "3.4.1";
/// What its parts find of each other's inside of Java.
const OPENED: [&str; 4] =
    ["--add-opens", "java.base/java.lang=ALL-UNNAMED", "--add-opens", "java.base/java.util=ALL-UNNAMED"];

#[derive(Debug)]
struct Hadoop {
    name_node: SocketAddr,
    _services: [Service; 2],
}

/// The URL of a new folder.
///
/// # Panics
/// When HDFS can't be started.
pub fn url() -> String {
    static HADOOP: OnceLock<Hadoop> = OnceLock::new();
    static N_FOLDERS: AtomicU32 = AtomicU32::new(0);
    let hadoop = HADOOP.get_or_init(Hadoop::start);
    format!("hdfs://{}/jobs/{}", hadoop.name_node, N_FOLDERS.fetch_add(1, Ordering::Relaxed))
}

impl Hadoop {
    fn start() -> Self {
        output_of(&mut Command::new(repository().join("scripts/fetch-hadoop")));
        let folder = data_folder("hadoop");
        // Its servers have pages of their own, and want the folders of those.
        for pages in ["hdfs", "datanode", "static"] {
            fs::create_dir_all(folder.join("webapps").join(pages)).expect("the cache can be written");
        }
        let [name_node, data_node, pages, more_pages, calls] = [(); 5].map(|()| free_address());
        let core = [("fs.defaultFS", format!("hdfs://{name_node}")), ("hadoop.tmp.dir", folder.display().to_string())];
        write(&folder.join("core-site.xml"), &core);
        let hdfs = [
            ("dfs.replication", "1".to_owned()),
            ("dfs.datanode.synconclose", "true".to_owned()),
            ("dfs.namenode.http-address", pages.to_string()),
            ("dfs.datanode.address", data_node.to_string()),
            ("dfs.datanode.http.address", more_pages.to_string()),
            ("dfs.datanode.ipc.address", calls.to_string()),
        ];
        write(&folder.join("hdfs-site.xml"), &hdfs);
        output_of(java(&folder, "hdfs.server.namenode.NameNode").args(["-format", "-force"]));
        let first = Service::start("name node", java(&folder, "hdfs.server.namenode.NameNode"), name_node);
        let second = Service::start("data node", java(&folder, "hdfs.server.datanode.DataNode"), data_node);
        // A file can be written once the name node knows of the data node.
        let since = Instant::now();
        let copy = |at: &str| {
            java(&folder, "fs.FsShell").args(["-put", "-f", "core-site.xml", at]).current_dir(&folder).output()
        };
        while !copy("/ready").expect("Java can be run").status.success() {
            assert!(since.elapsed() < Duration::from_secs(60), "HDFS took no file within a minute");
        }
        Self { name_node, _services: [first, second] }
    }
}

fn write(file: &Path, settings: &[(&str, String)]) {
    let settings: String = settings
        .iter()
        .map(|(name, value)| format!("<property><name>{name}</name><value>{value}</value></property>\n"))
        .collect();
    fs::write(file, format!("<configuration>\n{settings}</configuration>\n")).expect("the cache can be written");
}

fn java(folder: &Path, class: &str) -> Command {
    let jars: PathBuf = repository().join(".cache").join(format!("hadoop-{VERSION}")).join("jars/*");
    let mut command = Command::new("java");
    command.args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]).args(OPENED);
    command.arg("-cp").arg(format!("{}:{}", folder.display(), jars.display()));
    command.arg(format!("org.apache.hadoop.{class}"));
    command
}
