//! DataFusion: plan nodes that call plugins, exchanges that keep order, the CPU runtime.
