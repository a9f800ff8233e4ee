//! What is no plugin is refused, by what it is instead; what traps while it is looked at is an error like any other.
