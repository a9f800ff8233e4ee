//! The graph of streams: one operation per file, from batch time to plan; no I/O.
