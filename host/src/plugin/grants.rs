//! What a plugin may reach outside of its sandbox, as its table of the job file grants it: nothing, unless it says so.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::origin::Origin;

/// `grants`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grants {
    /// `connect`: where it may connect to over TCP.
    pub connect: Vec<Address>,
    /// Whether it may import sockets although there is nowhere it may connect to: `connect` is there, and empty.
    #[serde(default)]
    pub sockets: bool,
    /// `http`: the origins it may send requests to; none: it may not even import what sends them.
    #[serde(default)]
    pub http: Option<Vec<Origin>>,
    /// `env`: the variables of the environment that it finds in its own.
    #[serde(default)]
    pub env: Vec<String>,
    /// `clock`: its clocks are the machine's.
    #[serde(default)]
    pub clock: bool,
    /// `random`: its random numbers are the machine's.
    #[serde(default)]
    pub random: bool,
    /// `read`: the directories whose files it may read.
    pub read: Vec<Directory>,
    /// `tables`: the static tables it may read.
    pub tables: Vec<String>,
    /// `broadcasts`: the values it may read.
    pub broadcasts: Vec<String>,
}

impl Grants {
    /// Nothing.
    pub const NONE: Self = Self {
        connect: vec![],
        sockets: false,
        http: None,
        env: vec![],
        clock: false,
        random: false,
        read: vec![],
        tables: vec![],
        broadcasts: vec![],
    };

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// Whether it may import sockets.
    pub fn has_sockets(&self) -> bool {
        self.sockets || !self.connect.is_empty()
    }

    /// Whether it may talk with somebody, and so waits for others.
    pub fn reaches_others(&self) -> bool {
        !self.connect.is_empty() || self.http.as_ref().is_some_and(|origins| !origins.is_empty())
    }

    /// Whether what it is given may differ when the same work is done again.
    pub fn may_differ(&self) -> bool {
        self.clock || self.random || self.reaches_others() || !self.read.is_empty()
    }

    /// Whether it may send requests to this origin.
    pub fn may_ask(&self, origin: &Origin) -> bool {
        self.http.as_ref().is_some_and(|origins| origins.contains(origin))
    }

    /// Whether it may read something of the job's beside its input.
    pub fn reads_any(&self) -> bool {
        !self.tables.is_empty() || !self.broadcasts.is_empty()
    }

    /// Whether names that are looked up may be `name`; what it is called in the grants.
    pub fn host(&self, name: &str) -> Option<&str> {
        let ip = address_of(name);
        let same = |granted: &str| match ip {
            Some(ip) => address_of(granted) == Some(ip),
            None => granted.eq_ignore_ascii_case(name),
        };
        self.connect.iter().map(|address| address.host.as_str()).find(|granted| same(granted))
    }

    /// Whether it may connect to this address; `is_of` says whether an address was found by looking a granted name up.
    pub fn may_connect(&self, ip: IpAddr, port: u16, is_of: impl Fn(&str) -> bool) -> bool {
        let granted = |host: &str| match address_of(host) {
            Some(granted) => granted == ip.to_canonical(),
            None => is_of(host),
        };
        self.connect.iter().any(|address| address.port == port && granted(&address.host))
    }
}

/// A directory whose files may be read, with all that is below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Directory {
    /// What the plugin calls it: the path as the job file has it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The address that a host is, where it isn't a name.
pub fn address_of(host: &str) -> Option<IpAddr> {
    host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// A host, by name or address, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// A name, or an address without brackets.
    pub host: String,
    /// The port, not 0.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = &'static str;

    /// `host:port`, an IPv6 address in brackets; the error is what is wrong with it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains("://") {
            return Err("it is a URL");
        }
        let (host, port) = text.rsplit_once(':').ok_or("there is no port")?;
        let (bare, bracketed) = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => (host, true),
            None => (host, false),
        };
        let digits = port.bytes().all(|digit| digit.is_ascii_digit());
        if bare.is_empty() {
            Err("there is no host")
        } else if bare.contains(char::is_whitespace) {
            Err("there is a space in the host")
        } else if bare.contains(':') && !bracketed {
            Err("an IPv6 address stands in brackets")
        } else {
            match port.parse() {
                Ok(port @ 1..) if digits => Ok(Self { host: bare.to_owned(), port }),
                _ => Err("a port is a number from 1 to 65535"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, mistake) in [
            ("127.0.0.1:9999", None),
            ("localhost:1", None),
            ("[::1]:65535", None),
            ("localhost", Some("there is no port")),
            (":9999", Some("there is no host")),
            ("::1", Some("an IPv6 address stands in brackets")),
            ("localhost:0", Some("a port is a number from 1 to 65535")),
            ("localhost:65536", Some("a port is a number from 1 to 65535")),
            ("localhost:+1", Some("a port is a number from 1 to 65535")),
            ("local host:1", Some("there is a space in the host")),
            ("tcp://localhost:1", Some("it is a URL")),
        ] {
            let read = text.parse::<Address>();
            assert_eq!(read.as_ref().err().copied(), mistake, "{text}");
            assert!(read.is_err_and(|_| true) || text.parse::<Address>().unwrap().to_string() == text);
        }
    }

    #[test]
    fn only_what_is_granted_is_reached() {
        let connect = ["10.0.0.1:80", "[::1]:80", "Example.org:443"].map(|text| text.parse().unwrap()).to_vec();
        let grants = Grants { connect, ..Grants::NONE };
        assert_eq!(grants.host("example.ORG"), Some("Example.org"));
        assert_eq!((grants.host("10.0.0.1"), grants.host("0:0::1")), (Some("10.0.0.1"), Some("::1")));
        assert_eq!((grants.host("example.com"), grants.host("10.0.0.2"), grants.host("")), (None, None, None));
        let connect = |ip: &str, port, of: &str| grants.may_connect(ip.parse().unwrap(), port, |host| host == of);
        assert!(connect("10.0.0.1", 80, "") && connect("::ffff:10.0.0.1", 80, "") && connect("::1", 80, ""));
        assert!(connect("1.2.3.4", 443, "Example.org"));
        assert!(
            !connect("10.0.0.1", 443, "") && !connect("1.2.3.4", 443, "") && !connect("1.2.3.4", 80, "Example.org")
        );
        assert!(!Grants::NONE.may_connect("10.0.0.1".parse().unwrap(), 80, |_| true));
    }

    #[test]
    fn who_may_talk_with_others_may_differ() {
        let http = |origins: &[&str]| Grants {
            http: Some(origins.iter().map(|origin| origin.parse().unwrap()).collect()),
            ..Grants::NONE
        };
        let grants = http(&["https://api.example.com"]);
        assert!(grants.may_differ() && grants.reaches_others() && !grants.has_sockets());
        let may = |origin: &str| grants.may_ask(&origin.parse().unwrap());
        assert!(may("https://API.example.com:443"));
        assert!(
            !may("http://api.example.com:443") && !may("https://example.com") && !may("https://api.example.com:80")
        );
        assert!(!http(&[]).may_differ() && http(&[]).http.is_some());
        // As it was written before there was HTTP.
        let before = r#"{"connect":[],"read":[],"tables":[],"broadcasts":[]}"#;
        assert_eq!(serde_json::from_str::<Grants>(before).unwrap(), Grants::NONE);
    }
}
