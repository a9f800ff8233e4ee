//! What a job file says of the components that its plugins may be: pinned, no larger than so much, signed with a trusted key, importing no more than is granted. It is asked again of each component that takes
//! the place of another, also of one that the plugin was before: another job file may have been applied since.

use super::driver::Driver;
use crate::error::{Error, Result};
use crate::job::definition::Definition;
use crate::plugin::{Digest, signature};

impl Driver {
    /// See that someone the job trusts vouches for a candidate, and that it isn't too large, before anything is done with it.
    pub(super) fn check_candidate(&self, plugin: &str, component: &[u8], signature: Option<&str>) -> Result<()> {
        let edition = self.edition();
        let definition = edition.definition();
        check_size(definition, plugin, component.len() as u64).map_err(|wrong| wrong.about(plugin, None))?;
        signature::check(&definition.job.trusted_keys, component, signature).map_err(|reason| {
            let message = format!("plugin \"{plugin}\": the component's signature {reason}");
            Error::invalid_with_help(message, "sign it with a key of trusted-keys in [job], and send the signature too")
        })
    }

    /// See that a job file lets a plugin be a component, which is loaded.
    pub(super) fn check_allowed(&self, definition: &Definition, plugin: &str, to: &Digest) -> Result<(), Forbidden> {
        if let Some(pinned) = definition.pinned(plugin).filter(|pinned| pinned != to) {
            return Err(Forbidden {
                reason: format!("is pinned to the component {pinned} by the job file"),
                help: Some(format!("take the key digest out of [plugin.{plugin}] to have it swapped")),
                is_of_plugin: true,
            });
        }
        let host = &self.parts.plugins;
        check_size(definition, plugin, host.size(to).unwrap_or(0))?;
        host.check_signature(to, &definition.job.trusted_keys).map_err(|reason| Forbidden {
            reason: format!("its signature {reason}"),
            help: Some("sign it with a key of trusted-keys in [job], and give its file to `swap`, with the signature beside it".to_owned()),
            is_of_plugin: false,
        })?;
        let Some(definition) = definition.plugin(plugin) else { return Ok(()) };
        host.check_grants(to, &definition.limits.grants).map_err(|error| Forbidden {
            reason: error.kind.to_string(),
            help: error.kind.grants_to_add(),
            is_of_plugin: false,
        })
    }
}

/// Why a plugin may not be a component.
#[derive(Debug)]
pub(super) struct Forbidden {
    reason: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether the reason is one whatever the component.
    is_of_plugin: bool,
}

impl Forbidden {
    /// The message.
    pub fn message(&self, plugin: &str, to: Option<&Digest>) -> String {
        let Self { reason, is_of_plugin, .. } = self;
        match to {
            _ if *is_of_plugin => format!("plugin \"{plugin}\" {reason}"),
            Some(to) => format!("plugin \"{plugin}\", component {to}: {reason}"),
            None => format!("plugin \"{plugin}\": {reason}"),
        }
    }

    /// The same as an error.
    pub fn about(self, plugin: &str, to: Option<&Digest>) -> Error {
        let message = self.message(plugin, to);
        match self.help {
            Some(help) => Error::invalid_with_help(message, help),
            None => Error::invalid(message),
        }
    }
}

fn check_size(definition: &Definition, plugin: &str, size: u64) -> Result<(), Forbidden> {
    match definition.plugin(plugin).map(|of| of.limits.component_size) {
        Some(allowed) if size > allowed => Err(Forbidden {
            reason: format!("its component has {size} bytes, and component-size allows {allowed}"),
            help: None,
            is_of_plugin: false,
        }),
        _ => Ok(()),
    }
}
