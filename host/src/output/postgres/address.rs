//! Where the database is: a URL as libpq takes it, with the password from elsewhere if the job says so.
//!
//! `sslmode` and `sslrootcert` mean what they mean to libpq: with `prefer`, the default, and `require` the connection is encrypted and the server's certificate isn't looked at, unless there is an
//! `sslrootcert`; `verify-ca` and `verify-full` look at it.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::tls::{Roots, Tls, Verify};
use crate::error::{Diagnostic, Error, Result};
use crate::job::postgres::PostgresDefinition;

/// An attempt to connect takes no longer, where the URL doesn't say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that is gone without a word is noticed within this time.
const SILENCE: Duration = Duration::from_secs(60);

/// What is needed to connect.
#[derive(Clone)]
pub struct Address {
    /// For tokio-postgres.
    pub config: Config,
    /// How connections are encrypted.
    pub tls: Tls,
    /// `HOST:PORT/DATABASE`, for people.
    pub shown: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Address {
    /// From what the job says, and the environment.
    ///
    /// # Errors
    /// What is wrong with the URL, or with what it names.
    pub fn new(definition: &PostgresDefinition, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let about = |message: String| Diagnostic::new(format!("url: {message}"));
        let Options { url, mode, root_cert } = Options::take(&definition.url).map_err(about)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            about(reason).help("it is as in \"postgresql://user@localhost:5432/shop?connect_timeout=10\"")
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(about("it names no host".to_owned())
                .help("for example \"postgresql://user@localhost/shop\"")
                .into());
        }
        if let Some(name) = &definition.password_env {
            let password = variable(name).ok_or_else(|| {
                let message = format!("password-env: the environment variable {name} is not set");
                Error::from(Diagnostic::new(message).help("set it to the password where the program is started"))
            })?;
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        if !url.contains("keepalives_idle=") {
            config.keepalives_idle(SILENCE / 2).keepalives_interval(SILENCE / 6).keepalives_retries(3);
        }
        let verify = match (mode, &root_cert) {
            (Mode::Disable, _) => None,
            (Mode::Prefer | Mode::Require, None) => Some(Verify::Nothing),
            (Mode::Prefer | Mode::Require, Some(_)) | (Mode::VerifyCa, _) => Some(Verify::Chain),
            (Mode::VerifyFull, _) => Some(Verify::ChainAndName),
        };
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            _ => SslMode::Require,
        });
        let roots = root_cert.map_or(Roots::System, Roots::File);
        let tls = Tls::new(verify.unwrap_or(Verify::Nothing), &roots)
            .map_err(|reason| about(format!("sslrootcert: {reason}")))?;
        let shown = shown(&config);
        Ok(Self { config, tls, shown })
    }
}

fn shown(config: &Config) -> String {
    let host = match (config.get_hosts().first(), config.get_hostaddrs().first()) {
        (Some(Host::Tcp(host)), _) if host.contains(':') => format!("[{host}]"),
        (Some(Host::Tcp(host)), _) => host.clone(),
        (Some(Host::Unix(path)), _) => path.display().to_string(),
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{host}:{port}/{database}")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const MODES: [(&str, Mode); 5] = [
    ("disable", Mode::Disable),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// A URL without the parameters about certificates, which tokio-postgres leaves to others, and these.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    url: String,
    mode: Mode,
    root_cert: Option<PathBuf>,
}

impl Options {
    fn take(url: &str) -> Result<Self, String> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root_cert, mut others) = (Mode::Prefer, None, vec![]);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => {
                    let known = || MODES.map(|(name, _)| name).join(", ");
                    let found = MODES.iter().find(|(name, _)| *name == value);
                    mode =
                        found.ok_or_else(|| format!("sslmode \"{value}\" is not known; known words: {}", known()))?.1;
                }
                Some(("sslrootcert", "system")) => root_cert = None,
                Some(("sslrootcert", value)) => {
                    let path =
                        percent_decoded(value).ok_or("sslrootcert: what follows a % is no hexadecimal number")?;
                    root_cert = Some(PathBuf::from(path));
                }
                _ => others.push(parameter),
            }
        }
        let query = others.join("&");
        let url = if query.is_empty() { base.to_owned() } else { format!("{base}?{query}") };
        Ok(Self { url, mode, root_cert })
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::postgres::{PostgresMode, TableName};

    fn definition(url: &str) -> PostgresDefinition {
        PostgresDefinition {
            url: url.to_owned(),
            password_env: None,
            table: TableName { schema: None, name: "t".to_owned() },
            mode: PostgresMode::Append,
            columns: None,
            give_up_after: Duration::from_secs(1),
        }
    }

    #[test]
    fn urls_say_where_and_never_show_the_password() {
        for (url, shown) in [
            ("postgresql://me:secret@db.example.org/shop", "db.example.org:5432/shop"),
            ("postgres://me@[::1]:5433/shop?sslmode=disable", "[::1]:5433/shop"),
            ("postgresql://%2Frun%2Fpostgresql/shop", "/run/postgresql:5432/shop"),
            ("postgresql://me@a,b:2/", "a:5432/me"),
        ] {
            let address = Address::new(&definition(url), |_| None).unwrap();
            assert_eq!(format!("{address:?}"), shown, "{url}");
            assert!(!format!("{:?}", definition(url)).contains("secret"));
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told() {
        for (url, message) in [
            ("postgresql:///shop", "url: it names no host"),
            (
                "postgresql://a/b?sslmode=on",
                "url: sslmode \"on\" is not known; known words: disable, prefer, require, verify-ca, verify-full",
            ),
            (
                "postgresql://a/b?sslmode=verify-ca&sslrootcert=/nowhere%2fca.pem",
                "url: sslrootcert: /nowhere/ca.pem can't be read: ",
            ),
            ("postgresql://a/b?sslrootcert=%zz", "url: sslrootcert: what follows a % is no hexadecimal number"),
            ("postgresql://a/b?nme=c", "url: unknown option `nme`"),
            ("postgresql://a:port/b", "url: "),
        ] {
            let error = Address::new(&definition(url), |_| None).unwrap_err().to_string();
            assert!(error.starts_with(message), "{url}: {error}");
        }
    }

    #[test]
    fn a_password_comes_from_the_environment() {
        let definition =
            PostgresDefinition { password_env: Some("DB".to_owned()), ..definition("postgresql://me@a/b") };
        let address = Address::new(&definition, |name| (name == "DB").then(|| "secret".to_owned())).unwrap();
        assert_eq!(address.config.get_password(), Some(&b"secret"[..]));
        let error = Address::new(&definition, |_| None).unwrap_err().to_string();
        assert!(error.starts_with("password-env: the environment variable DB is not set"), "{error}");
    }

    #[test]
    fn parameters_about_certificates_are_taken_out() {
        let taken = Options::take("postgresql://a/b?sslmode=verify-full&connect_timeout=3&sslrootcert=a%20b").unwrap();
        let expected = Options {
            url: "postgresql://a/b?connect_timeout=3".to_owned(),
            mode: Mode::VerifyFull,
            root_cert: Some("a b".into()),
        };
        assert_eq!(taken, expected);
    }
}
