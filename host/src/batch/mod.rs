//! The batch loop: plan, run, result, commit, done.
