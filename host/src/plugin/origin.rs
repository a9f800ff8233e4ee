//! Origins, as HTTP has them: a scheme, a host and a port. What a plugin may send requests to is granted as such.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::grants::address_of;

/// The longest name of a host, as DNS has it.
const MAX_NAME: usize = 253;

/// How requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// As URLs have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where a URL names none.
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// The scheme of this name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Http, Self::Https].into_iter().find(|scheme| name.eq_ignore_ascii_case(scheme.name()))
    }
}

/// Where requests may go. Two that are written differently and mean the same are equal: in another case, with the scheme's own port, with an address in another form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The scheme.
    pub scheme: Scheme,
    /// A name in lower case, or an address without brackets.
    pub host: String,
    /// The port, not 0.
    pub port: u16,
}

impl Origin {
    /// The origin of `host` or `host:port`, an IPv6 address in brackets.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(scheme: Scheme, authority: &str) -> Result<Self, &'static str> {
        if authority.contains('@') {
            return Err("a name of a user doesn't belong into it");
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (ip, port) = rest.split_once(']').ok_or("a bracket isn't closed")?;
                let ip = ip.parse::<std::net::Ipv6Addr>().map_err(|_| "what stands in brackets is no IPv6 address")?;
                (ip.to_canonical().to_string(), port)
            }
            None => {
                let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
                let host = host.to_ascii_lowercase();
                (address_of(&host).map_or(host, |ip| ip.to_string()), port)
            }
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => scheme.port(),
            Some(digits) if digits.contains(':') => return Err("an IPv6 address stands in brackets"),
            Some(digits) if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port > 0).ok_or("a port is a number from 1 to 65535")?
            }
            _ => return Err("a port is a number from 1 to 65535"),
        };
        let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if host.is_empty() {
            Err("there is no host")
        } else if !host.is_ascii() {
            Err("a name with other letters than a to z is written in the form that begins with xn--")
        } else if address_of(&host).is_none() && !host.bytes().all(named) {
            Err("a name has letters, digits, dots and hyphens only, and stands for itself")
        } else if host.len() > MAX_NAME {
            Err("the name is too long")
        } else if host.starts_with('.') || host.ends_with('.') {
            Err("the name begins or ends with a dot")
        } else {
            Ok(Self { scheme, host, port })
        }
    }

    /// `host`, or `host:port` where the port isn't the scheme's own, as requests name their server.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.port() { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.authority())
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    /// `http://host`, `https://host:port`; the error is what is wrong with it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.split_once("://").ok_or("it doesn't begin with http:// or https://")?;
        let scheme = Scheme::of(scheme).ok_or("it doesn't begin with http:// or https://")?;
        if authority.contains(['/', '?', '#', '\\']) {
            return Err("an origin ends with its host or port: what follows can't be granted apart");
        }
        Self::new(scheme, authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_that_mean_the_same_are_equal() {
        for (text, shown) in [
            ("https://api.example.com", "https://api.example.com"),
            ("HTTPS://API.Example.COM:443", "https://api.example.com"),
            ("https://api.example.com:80", "https://api.example.com:80"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80", "http://[::1]"),
            ("http://[0:0:0::1]:9", "http://[::1]:9"),
            ("http://[::ffff:127.0.0.1]", "http://127.0.0.1"),
            ("http://x_y-z.local:65535", "http://x_y-z.local:65535"),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), shown);
            assert_eq!(shown.parse(), Ok(origin));
        }
    }

    #[test]
    fn what_is_no_origin_says_why() {
        for (text, why) in [
            ("api.example.com", "it doesn't begin with http:// or https://"),
            ("ftp://api.example.com", "it doesn't begin with http:// or https://"),
            ("https://", "there is no host"),
            ("https://:443", "there is no host"),
            ("https://a/", "an origin ends with its host or port: what follows can't be granted apart"),
            ("https://a?b", "an origin ends with its host or port: what follows can't be granted apart"),
            ("https://*.example.com", "a name has letters, digits, dots and hyphens only, and stands for itself"),
            ("https://a b", "a name has letters, digits, dots and hyphens only, and stands for itself"),
            ("https://a%41", "a name has letters, digits, dots and hyphens only, and stands for itself"),
            (
                "https://größe.example",
                "a name with other letters than a to z is written in the form that begins with xn--",
            ),
            ("https://user:word@a", "a name of a user doesn't belong into it"),
            ("https://a:0", "a port is a number from 1 to 65535"),
            ("https://a:", "a port is a number from 1 to 65535"),
            ("https://a:+1", "a port is a number from 1 to 65535"),
            ("https://a:65536", "a port is a number from 1 to 65535"),
            ("https://::1", "an IPv6 address stands in brackets"),
            ("https://[::1", "a bracket isn't closed"),
            ("https://[a]", "what stands in brackets is no IPv6 address"),
            ("https://[::1]a", "a port is a number from 1 to 65535"),
            ("https://a.", "the name begins or ends with a dot"),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(why), "{text}");
        }
    }
}
