//! What the host offers an operator: lines in its log, and counters.

use crate::bindings::{counters, logging};

pub use logging::Level;

/// Log one line; plugin, operator, batch and partition are added by the host. What is over the plugin's limit is dropped
/// and counted. See [`debug!`](crate::debug), [`info!`](crate::info), [`warn!`](crate::warn), [`error!`](crate::error!).
///
/// In a native test the line goes to standard error.
pub fn log(level: Level, message: &str) {
    if cfg!(target_arch = "wasm32") {
        logging::log(level, message);
    } else {
        eprintln!("{level:?}: {message}");
    }
}

/// Add to a metric of the operator's own. `name` is at most 64 bytes of `a-z`, `0-9`, `_`; at most 64 names an operator. Counts of
/// a task that fails don't count.
///
/// ```
/// sluicebox_sdk::count("long_lines", 1);
/// assert_eq!(sluicebox_sdk::testing::counted("long_lines"), 1);
/// ```
pub fn count(name: &str, count: u64) {
    if cfg!(target_arch = "wasm32") {
        counters::add(name, count);
    } else {
        crate::testing::count(name, count);
    }
}

/// Log a line at debug level.
#[macro_export]
macro_rules! debug {
    ($($format:tt)*) => { $crate::log($crate::Level::Debug, &::std::format!($($format)*)) };
}

/// Log a line at info level.
#[macro_export]
macro_rules! info {
    ($($format:tt)*) => { $crate::log($crate::Level::Info, &::std::format!($($format)*)) };
}

/// Log a line at warn level.
#[macro_export]
macro_rules! warn {
    ($($format:tt)*) => { $crate::log($crate::Level::Warn, &::std::format!($($format)*)) };
}

/// Log a line at error level.
#[macro_export]
macro_rules! error {
    ($($format:tt)*) => { $crate::log($crate::Level::Error, &::std::format!($($format)*)) };
}

/// Send panics to the host's log before they trap, since a trap by itself has no message.
pub(crate) fn report_panics() {
    #[cfg(target_arch = "wasm32")]
    {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
        });
    }
}
