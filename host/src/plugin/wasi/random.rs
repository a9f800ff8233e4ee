//! `wasi:random`: numbers that nobody outside of the job could guess, and that are the same whenever the same batch is worked on.
//!
//! Each call of a guest has a stream of its own, ChaCha20 under a key that is a digest of what the call is about: job, stream, operator, batch,
//! partition, which call it is, and nothing of the attempt. So a call that is made again on a fresh instance gets the same numbers, and no
//! two calls get the same ones. What a guest seeds with them at its start stays with the instance. They are no secrets: whoever knows the job knows them. With `random` in
//! its grants a plugin gets the machine's instead.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest as _, Sha256};
use wasmtime::{Result, format_err};

use super::bindings::wasi::random::{insecure, insecure_seed, random};
use crate::plugin::guest::Guest;

/// The most bytes given at a time.
const MAX_BYTES: u64 = 1 << 20;
/// Changed whenever other numbers come of the same call.
const FORM: &str = "sluicebox randomness 1";

/// The numbers of one call, in which each of `parts` counts.
pub fn numbers_of(parts: &[&[u8]]) -> ChaCha20Rng {
    let mut sha = Sha256::new_with_prefix(FORM);
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    ChaCha20Rng::from_seed(sha.finalize().into())
}

impl Guest {
    fn random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        if length > MAX_BYTES {
            return Err(format_err!("{length} random bytes were asked for at a time, and {MAX_BYTES} are the most"));
        }
        let mut bytes = vec![0; usize::try_from(length)?];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn random_number(&mut self) -> Result<u64> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        if self.outside().grants.random {
            return getrandom::fill(bytes).map_err(|error| format_err!("the machine has no random numbers: {error}"));
        }
        self.numbers().fill_bytes(bytes);
        Ok(())
    }
}

impl random::Host for Guest {
    fn get_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.random_bytes(length)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        self.random_number()
    }
}

impl insecure::Host for Guest {
    fn get_insecure_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.random_bytes(length)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        self.random_number()
    }
}

impl insecure_seed::Host for Guest {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.random_number()?, self.random_number()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_the_numbers_stay_what_they_are() {
        let first = |parts: &[&[u8]]| numbers_of(parts).next_u64();
        assert_eq!(first(&[b"job", b"stream"]), first(&[b"job", b"stream"]));
        for others in [&[b"jo".as_slice(), b"bstream"], &[b"job", b"strean"], &[b"stream", b"job"]] {
            assert_ne!(first(&[b"job", b"stream"]), first(others));
        }
        // A batch that is run again under a later version gives the same rows.
        assert_eq!(first(&[b"job", b"stream"]), 4_940_379_650_576_465_537);
    }
}
