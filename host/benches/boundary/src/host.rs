//! Engines, components and instances, set up as the product does it or as an alternative to that.

use crate::outlet::{self, Outlet};
use wasmtime::component::{Component, ComponentExportIndex, Instance, InstancePre, Linker};
use wasmtime::{
    Config, Enabled, Engine, Error, InstanceAllocationStrategy, PoolingAllocationConfig, Result, Store, StoreLimits,
    StoreLimitsBuilder,
};

pub const MIB: usize = 1 << 20;

/// What is chosen per engine.
#[derive(Clone, Copy)]
pub struct Setup {
    /// The pooling allocator; else memory is mapped for each instance.
    pub pool: bool,
    /// Bytes of a linear memory that stay mapped in its slot and are zeroed by hand.
    pub keep_resident: usize,
    /// Only pages that the kernel says were written are zeroed by hand. Not for untrusted guests where memory may be swapped out: such a page is missed.
    pub pagemap: bool,
    /// Initial memory mapped copy-on-write from an image, rather than written.
    pub cow: bool,
    pub epoch: bool,
    /// What becomes of batches that guests emit.
    pub outlet: Outlet,
}

impl Setup {
    pub const USUAL: Setup =
        Setup { pool: true, keep_resident: 16 * MIB, pagemap: false, cow: true, epoch: true, outlet: Outlet::Aligned };
}

/// A store's data.
pub struct Host {
    limits: StoreLimits,
    pub emitted: outlet::Emitted,
}

/// A component, compiled and linked.
pub struct Guest {
    pre: InstancePre<Host>,
}

impl Guest {
    /// `bytes` is a component.
    pub fn load(bytes: &[u8], setup: &Setup) -> Result<Guest> {
        let mut config = Config::new();
        config.epoch_interruption(setup.epoch);
        config.memory_init_cow(setup.cow);
        if setup.pool {
            let mut pool = PoolingAllocationConfig::new();
            pool.total_component_instances(8).total_core_instances(64).total_memories(16).total_tables(64);
            // Python's components have large tables.
            pool.max_memory_size(256 * MIB)
                .table_elements(100_000)
                .max_component_instance_size(4 * MIB)
                .max_core_instance_size(4 * MIB);
            pool.linear_memory_keep_resident(setup.keep_resident).table_keep_resident(setup.keep_resident.min(MIB));
            pool.pagemap_scan(if setup.pagemap { Enabled::Yes } else { Enabled::No });
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        }
        let engine = Engine::new(&config)?;
        let component = Component::from_binary(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        setup.outlet.link(&mut linker)?;
        Ok(Guest { pre: linker.instantiate_pre(&component)? })
    }

    /// A store and an instance of its own, as a partition task gets it.
    pub fn instance(&self) -> Result<(Store<Host>, Instance)> {
        let limits = StoreLimitsBuilder::new().memory_size(256 * MIB).build();
        let mut store = Store::new(self.pre.engine(), Host { limits, emitted: outlet::Emitted::default() });
        store.limiter(|host| &mut host.limits);
        // Far enough that it never comes; the checks are made all the same.
        store.set_epoch_deadline(1 << 40);
        let instance = self.pre.instantiate(&mut store)?;
        Ok((store, instance))
    }

    pub fn export(&self, interface: &str, function: &str) -> Result<ComponentExportIndex> {
        let interface = format!("sluicebox-bench:boundary/{interface}@0.1.0");
        let component = self.pre.component();
        let found = component
            .get_export_index(None, &interface)
            .and_then(|index| component.get_export_index(Some(&index), function));
        found.ok_or_else(|| Error::msg(format!("the guest exports no {interface}#{function}")))
    }
}
