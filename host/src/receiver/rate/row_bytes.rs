//! How many bytes a row has, as far as the rows received last tell: a receiver that reads bytes is allowed rows.

/// What to begin with: no row is shorter, so that the first aren't more than are allowed.
const FIRST: f64 = 1.0;

/// The size of a source's rows.
#[derive(Debug, Clone, Copy)]
pub struct RowBytes {
    bytes: f64,
    /// Bytes that came since there was a row.
    since: f64,
}

impl Default for RowBytes {
    fn default() -> Self {
        Self { bytes: FIRST, since: 0.0 }
    }
}

impl RowBytes {
    /// So many bytes came, and so many rows were made of them and of those before.
    pub fn saw(&mut self, bytes: usize, rows: u64) {
        self.since += bytes as f64;
        if rows > 0 {
            // The last rows count as much as all before.
            self.bytes = (self.bytes + self.since / rows as f64) / 2.0;
            self.since = 0.0;
        }
    }

    /// About how many bytes so many rows have, at least 1. A row that has begun is longer than those before.
    pub fn of(&self, rows: u64) -> usize {
        let bytes = rows as f64 * self.bytes.max(self.since);
        // Saturates.
        (bytes as usize).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_follows_the_rows() {
        let mut rows = RowBytes::default();
        assert_eq!((rows.of(10), rows.of(0), rows.of(u64::MAX)), (10, 1, usize::MAX));
        for _ in 0..20 {
            rows.saw(1000, 100);
        }
        assert!((999..=1000).contains(&rows.of(100)), "but for what is cut off");
        rows.saw(1 << 20, 0);
        assert_eq!(rows.of(1), 1 << 20, "a long one has begun");
        rows.saw(0, 1);
        assert!((1 << 18..1 << 20).contains(&rows.of(1)));
        for _ in 0..40 {
            rows.saw(2, 2);
        }
        assert!((4..=5).contains(&rows.of(5)));
    }
}
