//! What is measured: the benchmark compiles this file too, so that host and guest run the same Rust.

/// Words of lines, at single spaces; there are no empty words.
#[inline]
pub fn split(line: &str) -> impl Iterator<Item = &str> {
    line.split(' ').filter(|word| !word.is_empty())
}

/// The same with the SDK's way to cut text up, as in `plugins/words`.
#[inline]
pub fn cut(line: &str) -> impl Iterator<Item = &str> {
    sluicebox_sdk::text::split(line, ' ').filter(|word| !word.is_empty())
}

/// The greatest number that divides both.
#[inline]
pub fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    // Only of two numbers that are the least there are is it 2^63, which stays what it was.
    a.cast_signed()
}

/// One more row.
#[inline]
pub fn tally(count: &mut i64) {
    *count += 1;
}

/// The most text that waits.
const WAITING: usize = 1 << 20;

/// Lines, each with its end, a mebibyte at a time.
#[derive(Debug, Default)]
pub struct Text {
    waiting: String,
    gone: u64,
}

impl Text {
    /// One more line.
    #[inline]
    pub fn push(&mut self, line: &str) {
        self.waiting.push_str(line);
        self.waiting.push('\n');
        if self.waiting.len() >= WAITING {
            self.gone += std::hint::black_box(&self.waiting).len() as u64;
            self.waiting.clear();
        }
    }

    /// How much there was of it.
    pub fn bytes(&self) -> u64 {
        self.gone + self.waiting.len() as u64
    }
}
