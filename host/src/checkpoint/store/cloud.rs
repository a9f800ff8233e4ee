//! Object stores by their URLs, with what the environment says of them: credentials, endpoint, region, as other tools of these stores take it.

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

/// How long a request is tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
/// A request's time, if the environment says nothing else: enough for a part at a MiB a second.
const REQUEST: (ClientConfigKey, &str) = (ClientConfigKey::Timeout, "60 seconds");
/// The time to connect, if the environment says nothing else.
const CONNECT: (ClientConfigKey, &str) = (ClientConfigKey::ConnectTimeout, "5 seconds");

/// Open a store. Nothing is sent yet.
///
/// # Errors
/// What the environment lacks.
pub fn open(cloud: Cloud, url: &Url, name: String) -> Result<Remote, Failure> {
    // Refused where another is installed already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig { retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let failed = |error: object_store::Error| Failure::new(format!("{error}{}", hint(cloud)));
    let objects: Arc<dyn ObjectStore> = match cloud {
        Cloud::S3 => {
            let mut builder = AmazonS3Builder::from_env().with_url(&url.text).with_retry(retry);
            for (key, value) in [REQUEST, CONNECT] {
                let key = AmazonS3ConfigKey::Client(key);
                builder = if is_set("AWS_", key.as_ref()) { builder } else { builder.with_config(key, value) };
            }
            Arc::new(builder.build().map_err(failed)?)
        }
        Cloud::Google => {
            let mut builder = GoogleCloudStorageBuilder::from_env().with_url(&url.text).with_retry(retry);
            for (key, value) in [REQUEST, CONNECT] {
                let key = GoogleConfigKey::Client(key);
                builder = if is_set("GOOGLE_", key.as_ref()) { builder } else { builder.with_config(key, value) };
            }
            Arc::new(builder.build().map_err(failed)?)
        }
        Cloud::Azure => {
            let mut builder = MicrosoftAzureBuilder::from_env().with_url(&url.text).with_retry(retry);
            for (key, value) in [REQUEST, CONNECT] {
                let key = AzureConfigKey::Client(key);
                builder = if is_set("AZURE_", key.as_ref()) { builder } else { builder.with_config(key, value) };
            }
            Arc::new(builder.build().map_err(failed)?)
        }
    };
    let prefix = Path::parse(&url.path).map_err(Failure::new)?;
    Ok(Remote::new(objects, prefix, name, hint(cloud)))
}

/// Whether the environment has a client's setting.
fn is_set(prefix: &str, key: &str) -> bool {
    std::env::var_os(format!("{prefix}{}", key.to_ascii_uppercase())).is_some()
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
