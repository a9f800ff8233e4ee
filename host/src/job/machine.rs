//! What the machine offers a job: the defaults of `[job] parallelism` and `[job] memory`.

use std::fs;
use std::thread;

/// Where a container's memory limit stands, by control groups of version 2 and 1.
const CONTAINER_LIMITS: [&str; 2] = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/// Taken where the machine doesn't say how much memory it has.
const UNKNOWN_MEMORY: u64 = 2 << 30;

/// Cores this process may use; at least 1.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Bytes of memory this process may use: the machine's, or its container's where that is less.
pub fn memory() -> u64 {
    let container = CONTAINER_LIMITS.iter().filter_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok()).min();
    physical_memory().unwrap_or(UNKNOWN_MEMORY).min(container.unwrap_or(u64::MAX))
}

fn physical_memory() -> Option<u64> {
    // SAFETY: sysconf takes a number, touches no memory of ours, and answers -1 to what it doesn't know.
    let (pages, page_size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    let bytes = u64::try_from(pages).ok()?.checked_mul(u64::try_from(page_size).ok()?)?;
    (bytes > 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_machine_has_cores_and_memory() {
        assert!(super::cores() >= 1);
        assert!(super::memory() >= 64 << 20);
    }
}
