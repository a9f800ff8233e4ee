//! Numbers that look random, the same for the same seed.

use std::ops::Range;
use std::time::Duration;

/// Makes numbers, one after the other (splitmix64).
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// Begins anew.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One that goes its own way from here.
    pub fn fork(&mut self) -> Self {
        Self(self.number())
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number of the range, which isn't empty.
    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.number() % (range.end - range.start)
    }

    /// Milliseconds of the range.
    pub fn millis(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        let idx = self.within(0..of.len() as u64);
        of[usize::try_from(idx).unwrap_or(0)]
    }
}
