//! The fields of a request's or response's header, within bounds, and without those that are the host's to write.

use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use super::super::bindings::wasi::http::types::{HeaderError, HostFields};
use super::super::outside::Token;
use super::{MAX_FIELDS, MAX_HEADER, MAX_HEADERS};
use crate::plugin::guest::Guest;

/// Fields that say how a connection is used, or whose server it is: the host's business.
const FORBIDDEN: [&str; 13] = [
    "connection",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
];

/// Fields in their order.
pub type Headers = Arc<Vec<(HeaderName, HeaderValue)>>;

/// Fields that a guest holds.
#[derive(Debug)]
pub struct Fields {
    entries: Headers,
    is_fixed: bool,
    _token: Token,
}

/// Whether a guest may not write this field.
fn is_forbidden(name: &HeaderName) -> bool {
    FORBIDDEN.contains(&name.as_str())
}

/// The fields of a response that a guest is shown.
pub fn shown(headers: &HeaderMap) -> Headers {
    let shown = headers.iter().filter(|(name, _)| !is_forbidden(name));
    Arc::new(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Names and values in bytes.
pub fn size(entries: &[(HeaderName, HeaderValue)]) -> usize {
    entries.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

impl Fields {
    /// What they are.
    pub fn entries(&self) -> &Headers {
        &self.entries
    }

    fn add(&mut self, name: HeaderName, value: HeaderValue) {
        Arc::make_mut(&mut self.entries).push((name, value));
    }

    /// # Errors
    /// Where there are more than may be; the call ends.
    fn check(&self) -> Result<()> {
        let (n, bytes) = (self.entries.len(), size(&self.entries));
        match n > MAX_HEADERS || bytes > MAX_HEADER {
            true => Err(format_err!(
                "a header of HTTP may have {MAX_HEADERS} fields and {MAX_HEADER} bytes, and this one would have {n} and {bytes}"
            )),
            false => Ok(()),
        }
    }
}

/// The field of these, if it may be written.
fn field(name: &str, value: &[u8]) -> Result<(HeaderName, HeaderValue), HeaderError> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderError::InvalidSyntax)?;
    let value = HeaderValue::from_bytes(value).map_err(|_| HeaderError::InvalidSyntax)?;
    if is_forbidden(&name) { Err(HeaderError::Forbidden) } else { Ok((name, value)) }
}

impl Guest {
    /// Fields as a resource.
    ///
    /// # Errors
    /// When the instance holds too many.
    pub fn hold_fields(&mut self, entries: Headers, is_fixed: bool) -> Result<Resource<Fields>> {
        let outside = self.outside();
        let token = outside.fields_token();
        let token =
            token.ok_or_else(|| format_err!("a plugin may have {MAX_FIELDS} lists of HTTP's fields at a time"))?;
        Ok(outside.table.push(Fields { entries, is_fixed, _token: token })?)
    }

    /// Change fields, unless they are fixed.
    fn change(
        &mut self,
        this: &Resource<Fields>,
        change: impl FnOnce(&mut Fields) -> Result<(), HeaderError>,
    ) -> Result<Result<(), HeaderError>> {
        let fields = self.outside().table.get_mut(this)?;
        if fields.is_fixed {
            return Ok(Err(HeaderError::Immutable));
        }
        let changed = change(fields);
        fields.check()?;
        Ok(changed)
    }
}

/// What fields answer.
type Answer<T> = Result<Result<T, HeaderError>>;

impl HostFields for Guest {
    fn new(&mut self) -> Result<Resource<Fields>> {
        self.hold_fields(Headers::default(), false)
    }

    fn from_list(&mut self, entries: Vec<(String, Vec<u8>)>) -> Answer<Resource<Fields>> {
        self.charge(entries.iter().map(|(name, value)| name.len() + value.len()).sum())?;
        let entries: Result<Vec<_>, _> = entries.iter().map(|(name, value)| field(name, value)).collect();
        let entries = match entries {
            Ok(entries) => Arc::new(entries),
            Err(error) => return Ok(Err(error)),
        };
        let fields = self.hold_fields(entries, false)?;
        self.outside().table.get(&fields)?.check()?;
        Ok(Ok(fields))
    }

    fn get(&mut self, this: Resource<Fields>, name: String) -> Result<Vec<Vec<u8>>> {
        let fields = self.outside().table.get(&this)?;
        let of_name = fields.entries.iter().filter(|(field, _)| field.as_str().eq_ignore_ascii_case(&name));
        Ok(of_name.map(|(_, value)| value.as_bytes().to_vec()).collect())
    }

    fn has(&mut self, this: Resource<Fields>, name: String) -> Result<bool> {
        let fields = self.outside().table.get(&this)?;
        Ok(fields.entries.iter().any(|(field, _)| field.as_str().eq_ignore_ascii_case(&name)))
    }

    fn set(&mut self, this: Resource<Fields>, name: String, values: Vec<Vec<u8>>) -> Answer<()> {
        self.charge(name.len() + values.iter().map(Vec::len).sum::<usize>())?;
        self.change(&this, |fields| {
            // Without a value, the name is looked at all the same.
            let (name, _) = field(&name, b"")?;
            let all = values.iter().map(|value| field(name.as_str(), value)).collect::<Result<Vec<_>, _>>()?;
            Arc::make_mut(&mut fields.entries).retain(|(field, _)| *field != name);
            all.into_iter().for_each(|(name, value)| fields.add(name, value));
            Ok(())
        })
    }

    fn delete(&mut self, this: Resource<Fields>, name: String) -> Answer<()> {
        self.change(&this, |fields| {
            let (name, _) = field(&name, b"")?;
            Arc::make_mut(&mut fields.entries).retain(|(field, _)| *field != name);
            Ok(())
        })
    }

    fn append(&mut self, this: Resource<Fields>, name: String, value: Vec<u8>) -> Answer<()> {
        self.charge(name.len() + value.len())?;
        self.change(&this, |fields| {
            let (name, value) = field(&name, &value)?;
            fields.add(name, value);
            Ok(())
        })
    }

    fn entries(&mut self, this: Resource<Fields>) -> Result<Vec<(String, Vec<u8>)>> {
        let entries = &self.outside().table.get(&this)?.entries;
        Ok(entries.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect())
    }

    fn clone(&mut self, this: Resource<Fields>) -> Result<Resource<Fields>> {
        let entries = self.outside().table.get(&this)?.entries.clone();
        self.hold_fields(entries, false)
    }

    fn drop(&mut self, this: Resource<Fields>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}
