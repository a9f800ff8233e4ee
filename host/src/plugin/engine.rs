//! The wasmtime engine: what guests may be made of, and where their memory comes from. Nearly all guests run on one; those that the job limits in what all guests of an engine share have another of its [`EngineKind`].

use std::num::NonZeroUsize;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy,
    WasmBacktraceDetails,
};

use super::limiter::MAX_CORE_INSTANCES;
use super::limits::{Limits, STACK};

/// Of a guest's memory, this much is zeroed by hand and kept for the next instance, in bytes, rather than given back and faulted in again.
/// It covers the memory of most guests at work on a chunk; past it, an instance pays for page faults.
const KEPT_MEMORY: usize = 8 << 20;
/// The largest linear memory that a guest can have at all, in bytes; its limit is mostly lower.
const LARGEST_MEMORY: usize = 4 << 30;
/// The most elements that one table can have at all.
const LARGEST_TABLE: usize = 1 << 20;
/// Stacks are of multiples of this size, in bytes: so many engines there can be at most.
const STACK_STEP: u64 = 64 << 10;

/// What differs between engines: each kind has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineKind {
    /// Whether guests count what they do, which fuel is taken for.
    pub is_metered: bool,
    /// The stack of a guest's own frames, in bytes. It is a part of the calling thread's, which has 2 MiB mostly.
    pub stack: u64,
}

impl EngineKind {
    /// What plugins run on that aren't limited otherwise.
    pub const PLAIN: Self = Self { is_metered: false, stack: STACK };

    /// What a plugin with these limits runs on.
    pub fn of(limits: &Limits) -> Self {
        let stack = limits.stack.max(1).next_multiple_of(STACK_STEP);
        Self { is_metered: limits.fuel.is_some(), stack }
    }
}

/// An engine, and whether its instances come from a pool.
pub fn engine(parallelism: usize, kind: EngineKind) -> wasmtime::Result<(Engine, bool)> {
    let mut config = config(kind);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(parallelism)));
    // A pool reserves terabytes of addresses, which some containers refuse.
    match Engine::new(&config) {
        Ok(engine) => Ok((engine, true)),
        Err(error) => {
            tracing::warn!(%error, "no pool of instances, they are made one by one: addresses for a pool can't be reserved");
            Ok((on_demand(kind)?, false))
        }
    }
}

/// An engine that only compiles, what [`engine`] runs where it has a pool.
pub fn compiler_engine(kind: EngineKind) -> wasmtime::Result<Engine> {
    let mut config = config(kind);
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Engine::new(&config)
}

/// An engine that reserves no addresses: memories move when they grow, and bounds are checked.
pub fn on_demand(kind: EngineKind) -> wasmtime::Result<Engine> {
    let mut config = config(kind);
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config.memory_reservation(0);
    config.memory_reservation_for_growth(1 << 20);
    config.memory_guard_size(64 << 10);
    config.memory_may_move(true);
    Engine::new(&config)
}

fn config(kind: EngineKind) -> Config {
    let mut config = Config::new();
    config.consume_fuel(kind.is_metered);
    config.max_wasm_stack(usize::try_from(kind.stack).unwrap_or(usize::MAX));
    config.strategy(Strategy::Cranelift);
    config.cranelift_opt_level(OptLevel::Speed);
    config.parallel_compilation(true);
    // The same input gives the same bytes on every processor.
    config.cranelift_nan_canonicalization(true);
    config.relaxed_simd_deterministic(true);
    config.epoch_interruption(true);
    // Addresses instead of bounds checks.
    config.memory_reservation(4 << 30);
    config.memory_guard_size(32 << 20);
    config.guard_before_linear_memory(true);
    config.memory_may_move(false);
    config.memory_init_cow(true);
    config.signals_based_traps(true);
    config.table_lazy_init(true);
    // What no guest needs is not there to attack.
    config.wasm_memory64(false);
    config.wasm_multi_memory(true);
    config.wasm_simd(true);
    config.wasm_relaxed_simd(false);
    config.wasm_custom_page_sizes(false);
    config.wasm_wide_arithmetic(false);
    // Names of functions are enough; debug information is a guest's too, and parsing it is not limited.
    config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config.wasm_backtrace_max_frames(NonZeroUsize::new(20));
    config.native_unwind_info(false);
    config
}

fn pool(parallelism: usize) -> PoolingAllocationConfig {
    let parallelism = u32::try_from(parallelism).unwrap_or(u32::MAX).clamp(1, 256);
    // A partition's rows may go through several operators at a time, and a shuffle has partitions on both sides.
    let instances = (parallelism * 32).max(64);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * 8)
        .total_memories(instances)
        .total_tables(instances * 4)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .max_core_instances_per_component(MAX_CORE_INSTANCES)
        .max_memories_per_component(4)
        .max_tables_per_component(16)
        .max_tables_per_module(8)
        .max_memories_per_module(2)
        .max_memory_size(LARGEST_MEMORY)
        .table_elements(LARGEST_TABLE)
        .max_unused_warm_slots(parallelism * 4)
        .linear_memory_keep_resident(KEPT_MEMORY)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::No);
    pool
}
