//! What a checkpoint's URL names.

use std::path::PathBuf;

use crate::job::nearest::did_you_mean;

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// As it was written.
    pub text: String,
    /// The kind of store.
    pub scheme: Scheme,
    /// The bucket, the container, the name node; nothing of a folder.
    pub authority: String,
    /// Below the store's root, without slashes at its ends.
    pub path: String,
}

/// A kind of store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// A folder of this machine.
    File(PathBuf),
    /// An object store.
    Cloud(Cloud),
    /// Hadoop's file system.
    Hdfs,
    /// None: the objects were handed in.
    Given,
}

/// An object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Amazon S3, and servers that speak its protocol.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

const SCHEMES: &[&str] = &["file", "s3", "gs", "az", "hdfs"];

impl Url {
    /// Take a URL apart: `file:///FOLDER`, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`, `hdfs://NAMENODE:PORT/FOLDER`.
    ///
    /// # Errors
    /// What is wrong with it, and whether this program is built without what it needs.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(match text.starts_with('/') {
                true => format!("a checkpoint is a URL: write \"file://{text}\""),
                false => "a checkpoint is a URL, such as \"file:///var/lib/sluicebox/wordcount\" or \"s3://bucket/wordcount\"".to_owned(),
            });
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let made = |scheme: Scheme| {
            let path = path.trim_matches('/').to_owned();
            if path.split('/').any(|part| matches!(part, "." | "..")) {
                return Err("its path has a part \".\" or \"..\"".to_owned());
            }
            Ok(Self { text: text.to_owned(), scheme, authority: authority.to_owned(), path })
        };
        if scheme == "file" {
            return match authority {
                // Taken as it is: a folder's name may have any letters.
                "" if !path.trim_matches('/').is_empty() => made(Scheme::File(PathBuf::from(format!("/{path}")))),
                "" => Err("the folder is missing after \"file:///\"".to_owned()),
                _ => Err(format!(
                    "a folder's URL begins with \"file:///\", three slashes, and its path is absolute; \"{authority}\" would be a machine"
                )),
            };
        }
        let (scheme, store) = match scheme {
            "s3" | "s3a" => (Scheme::Cloud(Cloud::S3), "bucket"),
            "gs" => (Scheme::Cloud(Cloud::Google), "bucket"),
            "az" => (Scheme::Cloud(Cloud::Azure), "container"),
            "hdfs" => (Scheme::Hdfs, "namenode"),
            other => {
                return Err(format!(
                    "there are no checkpoints on \"{other}://\"; {}",
                    did_you_mean(other, SCHEMES.iter().copied(), "what there is")
                ));
            }
        };
        if authority.is_empty() {
            return Err(format!("the {store} is missing after \"://\""));
        }
        if authority.contains('@') {
            return Err("credentials don't belong into it: they are taken from the environment".to_owned());
        }
        if let Some(sign) = path.chars().find(|sign| "?#%\\*".contains(*sign) || sign.is_control()) {
            return Err(format!("its path has the sign {sign:?}: use letters, digits, \"-\", \"_\", \".\" and \"/\""));
        }
        let feature = match scheme {
            Scheme::Cloud(_) => (!cfg!(feature = "cloud")).then_some("cloud"),
            Scheme::Hdfs => (!cfg!(feature = "hdfs")).then_some("hdfs"),
            Scheme::File(_) | Scheme::Given => None,
        };
        if let Some(feature) = feature {
            return Err(format!(
                "this program is built without what it needs: build it with \"cargo build --release --features {feature}\""
            ));
        }
        made(scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_folder_or_a_store_and_what_is_below() {
        let url = Url::parse("file:///var/lib/a job/").unwrap();
        assert_eq!(url.scheme, Scheme::File(PathBuf::from("/var/lib/a job/")));
        for (text, said) in [
            ("/var/lib/job", "write \"file:///var/lib/job\""),
            ("job", "a checkpoint is a URL"),
            ("file://var/lib/job", "\"var\" would be a machine"),
            ("file:///", "the folder is missing"),
            ("file:///a/../b", "a part \".\" or \"..\""),
            ("flie:///job", "did you mean \"file\"?"),
            ("ftp://host/job", "what there is: file, s3, gs, az, hdfs"),
            ("s3:///job", "the bucket is missing"),
            ("s3://key:secret@bucket/job", "credentials don't belong into it"),
            ("s3://bucket/job?region=x", "the sign '?'"),
        ] {
            let mistake = Url::parse(text).unwrap_err();
            assert!(mistake.contains(said), "{text}: {mistake}");
        }
    }

    #[cfg(feature = "cloud")]
    #[test]
    fn object_stores_have_buckets_and_prefixes() {
        for (text, cloud, path) in [
            ("s3://bucket/a/b/", Cloud::S3, "a/b"),
            ("s3://bucket", Cloud::S3, ""),
            ("gs://bucket/a", Cloud::Google, "a"),
            ("az://container/a", Cloud::Azure, "a"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.scheme, url.path.as_str()), (Scheme::Cloud(cloud), path));
        }
    }

    #[cfg(not(feature = "cloud"))]
    #[test]
    fn what_is_left_out_of_the_build_is_told() {
        assert!(Url::parse("s3://bucket/a").unwrap_err().contains("--features cloud"));
    }
}
