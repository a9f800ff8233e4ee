//! StreamingContext: build a job from Rust, start it, stop it, wait for it.
