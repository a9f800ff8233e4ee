//! Prometheus' text format: families of samples, each with its help and type, written in order.

use std::fmt::Write;

/// The type that the text is served with.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What kind of samples a family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A sum that only grows; the family's name ends in `_total`.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// How many observations were at most so large.
    Histogram,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// The text so far.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// A family, to which samples are added.
#[derive(Debug)]
pub struct Family<'a> {
    name: &'a str,
    text: &'a mut String,
}

impl Exposition {
    /// No families yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begin a family. `name` has letters, digits and `_`, and its unit; `help` says what it is.
    pub fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Family<'a> {
        debug_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name}");
        debug_assert_eq!(kind == Kind::Counter, name.ends_with("_total"), "{name}");
        let _ = write!(self.0, "# HELP {name} {}\n# TYPE {name} {}\n", escaped(help, false), kind.name());
        Family { name, text: &mut self.0 }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Names of labels, and their values.
pub type Labels<'a> = [(&'a str, &'a str)];

impl Family<'_> {
    /// Add a sample.
    pub fn sample(&mut self, labels: &Labels<'_>, value: impl Number) -> &mut Self {
        self.line("", labels, None, value.text());
        self
    }

    /// Add a histogram.
    pub fn histogram(&mut self, labels: &Labels<'_>, histogram: &Histogram) -> &mut Self {
        let mut sum = 0;
        for (bound, n) in histogram.bounds.iter().zip(&histogram.counts) {
            sum += n;
            self.line("_bucket", labels, Some(("le", &bound.text())), sum.text());
        }
        self.line("_bucket", labels, Some(("le", "+Inf")), histogram.n.text());
        self.line("_sum", labels, None, histogram.sum.text());
        self.line("_count", labels, None, histogram.n.text());
        self
    }

    fn line(&mut self, end: &str, labels: &Labels<'_>, more: Option<(&str, &str)>, value: String) {
        let _ = write!(self.text, "{}{end}", self.name);
        let mut separator = '{';
        for (name, of) in labels.iter().copied().chain(more) {
            let _ = write!(self.text, "{separator}{name}=\"{}\"", escaped(of, true));
            separator = ',';
        }
        if separator == ',' {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

/// A number as the format writes it.
pub trait Number {
    /// Its text.
    fn text(&self) -> String;
}

impl Number for u64 {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Number for bool {
    fn text(&self) -> String {
        u8::from(*self).to_string()
    }
}

impl Number for f64 {
    fn text(&self) -> String {
        match *self {
            value if value.is_nan() => "NaN".to_owned(),
            value if value.is_infinite() => if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
            value => value.to_string(),
        }
    }
}

/// A label's value stands in quotes; a help text ends with its line.
fn escaped(text: &str, in_quotes: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if in_quotes => escaped.push_str("\\\""),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// How many observations fell between which bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    n: u64,
    sum: f64,
}

impl Histogram {
    /// No observations yet; `bounds` grow.
    pub fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len()], n: 0, sum: 0.0 }
    }

    /// Add an observation.
    pub fn observe(&mut self, value: f64) {
        if let Some(idx) = self.bounds.iter().position(|bound| value <= *bound) {
            self.counts[idx] += 1;
        }
        self.n += 1;
        self.sum += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_with_help_type_and_labels() {
        let mut all = Exposition::new();
        all.family("x_rows_total", Kind::Counter, "Rows,\nall \\ of \"them\".")
            .sample(&[("stream", "lines"), ("path", "a\\b\"c\nd")], 7_u64)
            .sample(&[], u64::MAX);
        all.family("x_ready", Kind::Gauge, "Whether.").sample(&[], true).sample(&[("of", "")], 0.25);
        let expected = r#"# HELP x_rows_total Rows,\nall \\ of "them".
# TYPE x_rows_total counter
x_rows_total{stream="lines",path="a\\b\"c\nd"} 7
x_rows_total 18446744073709551615
# HELP x_ready Whether.
# TYPE x_ready gauge
x_ready 1
x_ready{of=""} 0.25
"#;
        assert_eq!(all.into_text(), expected);
    }

    #[test]
    fn buckets_hold_all_that_is_at_most_their_bound() {
        let mut histogram = Histogram::new(&[0.1, 1.0, 10.0]);
        [0.0, 0.1, 0.5, 100.0].into_iter().for_each(|value| histogram.observe(value));
        let mut all = Exposition::new();
        all.family("x_seconds", Kind::Histogram, "Time.").histogram(&[("of", "a")], &histogram);
        let expected = r#"# HELP x_seconds Time.
# TYPE x_seconds histogram
x_seconds_bucket{of="a",le="0.1"} 2
x_seconds_bucket{of="a",le="1"} 3
x_seconds_bucket{of="a",le="10"} 3
x_seconds_bucket{of="a",le="+Inf"} 4
x_seconds_sum{of="a"} 100.6
x_seconds_count{of="a"} 4
"#;
        assert_eq!(all.into_text(), expected);
    }

    #[test]
    fn numbers_that_are_none_have_names() {
        let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e21, -0.5].map(|number| number.text());
        assert_eq!(numbers, ["NaN", "+Inf", "-Inf", "1000000000000000000000", "-0.5"]);
    }
}
