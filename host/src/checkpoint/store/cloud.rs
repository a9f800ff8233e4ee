//! Object stores by their URLs, with what the environment says of them: credentials, endpoint, region, as other tools of these stores take it.

use std::ffi::OsString;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{ClientConfigKey, ObjectStore, RetryConfig};

use super::objects::Failure;
use super::remote::Remote;
use super::url::{Cloud, Url};

/// What the names of settings in the environment begin with; the last two are Azure's for the identity of a machine.
const PREFIXES: [&str; 5] = ["AWS_", "GOOGLE_", "AZURE_", "IDENTITY_", "MSI_"];
/// How long a request is tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
/// What a client does if the environment says nothing else. A request's time is enough for a part at a MiB a second.
const CLIENT: [(ClientConfigKey, &str); 2] =
    [(ClientConfigKey::Timeout, "60 seconds"), (ClientConfigKey::ConnectTimeout, "5 seconds")];

/// Open a store. Nothing is sent yet.
///
/// # Errors
/// What the environment lacks.
pub fn open(cloud: Cloud, url: &Url, environment: &[(String, String)], name: String) -> Result<Remote, Failure> {
    // Refused where another is installed already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let failed = |error: object_store::Error| Failure::new(format!("{error}{}", hint(cloud)));
    let objects: Arc<dyn ObjectStore> = match cloud {
        Cloud::S3 => {
            let client = CLIENT.map(|(key, value)| (AmazonS3ConfigKey::Client(key), value));
            let builder = settings(client, environment)
                .fold(AmazonS3Builder::new(), |builder, (key, value)| builder.with_config(key, value));
            Arc::new(builder.with_url(&url.text).with_retry(retry).build().map_err(failed)?)
        }
        Cloud::Google => {
            let client = CLIENT.map(|(key, value)| (GoogleConfigKey::Client(key), value));
            let builder = settings(client, environment)
                .fold(GoogleCloudStorageBuilder::new(), |builder, (key, value)| builder.with_config(key, value));
            Arc::new(builder.with_url(&url.text).with_retry(retry).build().map_err(failed)?)
        }
        Cloud::Azure => {
            let client = CLIENT.map(|(key, value)| (AzureConfigKey::Client(key), value));
            let builder = settings(client, environment)
                .fold(MicrosoftAzureBuilder::new(), |builder, (key, value)| builder.with_config(key, value));
            Arc::new(builder.with_url(&url.text).with_retry(retry).build().map_err(failed)?)
        }
    };
    let prefix = Path::parse(&url.path).map_err(Failure::new)?;
    Ok(Remote::new(objects, prefix, name, hint(cloud)))
}

/// What the process's environment says of object stores.
pub fn environment() -> Vec<(String, String)> {
    let ours = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    std::env::vars_os().filter_map(text).filter(|(name, _)| ours(name)).collect()
}

/// The defaults, then what the environment has in their place.
fn settings<Key: FromStr>(
    defaults: impl IntoIterator<Item = (Key, &'static str)>,
    environment: &[(String, String)],
) -> impl Iterator<Item = (Key, String)> {
    let key = |name: &str| name.to_ascii_lowercase().parse().ok();
    let said = environment.iter().filter_map(move |(name, value)| Some((key(name)?, value.clone())));
    defaults.into_iter().map(|(key, value)| (key, value.to_owned())).chain(said)
}

fn hint(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::S3 => {
            "; the store is taken from the URL and the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and for a server that isn't Amazon's AWS_ENDPOINT, with AWS_ALLOW_HTTP=true where that begins with http:"
        }
        Cloud::Google => "; credentials are taken from the environment: GOOGLE_APPLICATION_CREDENTIALS",
        Cloud::Azure => {
            "; the account is taken from the environment: AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY"
        }
    }
}
