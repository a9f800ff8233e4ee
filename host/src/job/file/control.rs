//! `control = "ADDRESS"`, `true`, `false`, or a table that also says where the token comes from.

use std::net::SocketAddr;

use crate::job::definition::{ControlDefinition, TokenSource};

use super::path::{Expected, Paths};
use super::table::{Key, key};
use super::tree::Content;
use super::value::{Value, optional};

const ADDRESS: Key = key("address", "\"0.0.0.0:8090\"");
const TOKEN_FILE: Key = key("token-file", "\"control.token\"");
const TOKEN_ENV: Key = key("token-env", "\"WORDCOUNT_TOKEN\"");

/// Read `control`. The inner option is none where it is off.
pub fn read(value: &Value<'_>, paths: &Paths) -> Option<Option<ControlDefinition>> {
    let place = Some(value.place().clone());
    match value.content() {
        Content::Boolean(false) => Some(None),
        Content::Boolean(true) => Some(Some(ControlDefinition { place, ..ControlDefinition::default() })),
        Content::String(_) => {
            let address = address(value)?;
            needs_token(value, address)?;
            Some(Some(ControlDefinition { address, token: None, place }))
        }
        Content::Table(_) => {
            let mut table = value.table()?;
            let address = table.require(ADDRESS).and_then(|value| self::address(&value));
            let file = table.get(TOKEN_FILE).map(|value| paths.read(&value, Expected::InputFile));
            let env = table.get(TOKEN_ENV).map(|value| (variable(&value), value));
            table.finish();
            if let (Some(_), Some((_, env))) = (&file, &env) {
                env.wrong_key("token-file is there as well", "a token has one source: remove one of the two");
                return None;
            }
            let file = optional(file)?.map(TokenSource::File);
            let env = optional(env.map(|(variable, _)| variable))?.map(TokenSource::Variable);
            let (address, token) = (address?, file.or(env));
            if token.is_none() {
                needs_token(value, address)?;
            }
            Some(Some(ControlDefinition { address, token, place }))
        }
        _ => value.wrong_kind("true, false, an address or a table"),
    }
}

fn address(value: &Value<'_>) -> Option<SocketAddr> {
    let text = value.string()?;
    match text.parse() {
        Ok(address) => Some(address),
        Err(_) => value.wrong(
            format!("\"{text}\" is not an IP address and a port"),
            "write for example \"127.0.0.1:8090\" or \"[::1]:8090\"; port 0 is a free one",
        ),
    }
}

/// Whoever reaches another address than the loopback interface's could call the verbs.
fn needs_token(value: &Value<'_>, address: SocketAddr) -> Option<()> {
    if address.ip().is_loopback() {
        return Some(());
    }
    let help = format!(
        "write control = {{ address = \"{address}\", token-file = \"control.token\" }}, or token-env; or listen at 127.0.0.1"
    );
    value.wrong(
        format!("{address} can be reached from other machines, and there is no token that clients must know"),
        help,
    )
}

fn variable(value: &Value<'_>) -> Option<String> {
    let name = value.string()?;
    if name.is_empty() || name.contains(['=', '\0']) {
        return value
            .wrong(format!("{name:?} is not the name of an environment variable"), "for example \"WORDCOUNT_TOKEN\"");
    }
    Some(name.to_owned())
}
