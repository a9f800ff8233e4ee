//! Who is answered: browsers that other sites have sent aren't, nor is who doesn't know the token.

use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use hyper::http::uri::Authority;

use super::answer::Refused;
use super::token::Token;

/// Set by browsers: who has had the request made.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuse what only a browser would send that another site's page is open in: where names are resolved as that site likes, it would reach this server under the site's own name.
///
/// # Errors
/// The answer to give instead.
pub fn check_site(headers: &HeaderMap, on_loopback: bool) -> Result<(), Refused> {
    let forbidden = |error: String, help: &str| Err(Refused::new(StatusCode::FORBIDDEN, error).help(help));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else {
        return Err(Refused::new(StatusCode::BAD_REQUEST, "the header Host is missing, or names no host"));
    };
    if on_loopback && !is_loopback(authority.host()) {
        return forbidden(
            format!("this server is not called \"{}\"", authority.host()),
            "it listens on the loopback interface only: ask for localhost or 127.0.0.1",
        );
    }
    let own = format!("http://{authority}");
    match headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default()) {
        Some(origin) if !origin.eq_ignore_ascii_case(&own) => {
            return forbidden(format!("pages of \"{origin}\" may not ask this server"), "ask from a program");
        }
        _ => {}
    }
    match headers.get(FETCH_SITE).map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => forbidden("pages of other sites may not ask this server".to_owned(), "ask from a program"),
    }
}

fn is_loopback(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

/// Refuse who doesn't know one of the tokens.
///
/// # Errors
/// The answer to give instead.
pub fn check_token(headers: &HeaderMap, tokens: &[Token]) -> Result<(), Refused> {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    // Each is compared, whichever it is.
    let known = given.is_some_and(|given| tokens.iter().fold(false, |known, token| token.is(given) | known));
    if known {
        return Ok(());
    }
    let error = if given.is_some() { "the token is wrong" } else { "a token is needed" };
    let help = "send the header \"Authorization: Bearer TOKEN\"; sluicebox's own verbs read the token from the registry, or by --token-file";
    Err(Refused::new(StatusCode::UNAUTHORIZED, error).help(help))
}

/// Refuse a body of another type. Browsers send none of these types to another site unasked.
///
/// # Errors
/// The answer to give instead.
pub fn check_type(headers: &HeaderMap, expected: &str) -> Result<(), Refused> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    let error = format!("the body's type is \"{given}\", and {expected} is expected");
    let help = format!("send the header \"Content-Type: {expected}\"");
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error).help(&help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn site(all: &[(&'static str, &'static str)], on_loopback: bool) -> u16 {
        check_site(&headers(all), on_loopback).map_or_else(|refused| refused.status.as_u16(), |()| 200)
    }

    #[test]
    fn other_sites_are_refused() {
        for host in ["localhost:1", "LOCALHOST", "127.0.0.1:8", "127.1.2.3", "[::1]:80"] {
            assert_eq!(site(&[("host", host)], true), 200, "{host}");
        }
        for host in ["evil.example:1", "127.0.0.1.evil.example", "10.0.0.1:1", "localhost.evil.example"] {
            assert_eq!((site(&[("host", host)], true), site(&[("host", host)], false)), (403, 200), "{host}");
        }
        assert_eq!((site(&[], true), site(&[("host", "a b")], false)), (400, 400));
        let host = ("host", "localhost:1");
        assert_eq!(site(&[host, ("origin", "http://localhost:1")], true), 200);
        for origin in ["http://evil.example", "null", "https://localhost:1", "http://localhost:2"] {
            assert_eq!(site(&[host, ("origin", origin)], true), 403, "{origin}");
            assert_eq!(site(&[host, ("origin", origin)], false), 403, "{origin}");
        }
        for (fetch, status) in [("none", 200), ("same-origin", 200), ("cross-site", 403), ("same-site", 403)] {
            assert_eq!(site(&[host, ("sec-fetch-site", fetch)], true), status, "{fetch}");
        }
    }

    #[test]
    fn a_token_must_be_known() {
        let tokens = ["0123456789abcdef", "fedcba9876543210"].map(|token| Token::parse(token).unwrap());
        let given = |value| check_token(&headers(&[("authorization", value)]), &tokens).is_ok();
        assert!(given("Bearer 0123456789abcdef") && given("bearer  fedcba9876543210"));
        assert!(!given("Basic 0123456789abcdef") && !given("Bearer 0123456789abcde") && !given("0123456789abcdef"));
        assert!(check_token(&headers(&[]), &tokens).is_err() && check_token(&headers(&[]), &[]).is_err());
        assert!(check_token(&headers(&[("authorization", "Bearer x")]), &[]).is_err());
    }

    #[test]
    fn a_body_has_a_type() {
        let typed = |value| check_type(&headers(&[("content-type", value)]), "application/json").is_ok();
        assert!(typed("application/json") && typed("Application/JSON; charset=utf-8"));
        assert!(!typed("text/plain") && !typed("application/json-not"));
        assert!(check_type(&headers(&[]), "application/json").is_err());
    }
}
