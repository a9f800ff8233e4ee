//! The worlds that are hosted: how an instance of each is made and asked for its operators, which is the same for all of them.

use wasmtime::{Result as WasmResult, Store};

use super::OperatorRef;
use super::bindings::aggregate::{AggregatePlugin, AggregatePluginPre};
use super::bindings::receiver::{ReceiverPlugin, ReceiverPluginPre};
use super::bindings::sink::{SinkPlugin, SinkPluginPre};
use super::bindings::state::{StatePlugin, StatePluginPre};
use super::bindings::transform::{TransformPlugin, TransformPluginPre};
use super::component::Plugin;
use super::error::{PluginErrorKind, Result};
use super::guest::Guest;
use super::host::PluginHost;
use super::instance::{Instance, Work};
use super::operators::{Operator, aggregates, find, receivers, sinks, states, transforms};

/// A world, as the type generated for it.
pub trait World: Sized {
    /// The interface that it exports.
    const INTERFACE: &'static str;

    /// What instances are made of.
    type Pre;

    /// What instances are made of, if the component has the world.
    fn pre(plugin: &Plugin) -> Option<&Self::Pre>;

    /// Make an instance.
    fn instantiate(pre: &Self::Pre, store: &mut Store<Guest>) -> WasmResult<Self>;

    /// Ask an instance for its operators, and check them.
    ///
    /// # Errors
    /// If the guest fails, or what it says breaks the contract.
    fn operators(instance: &mut Instance<Self>) -> Result<Vec<Operator>>;
}

macro_rules! world {
    ($interface:ident, $world:ident, $pre:ident, $export:ident, $operators:ident) => {
        impl World for $world {
            const INTERFACE: &'static str = stringify!($interface);

            type Pre = $pre<Guest>;

            fn pre(plugin: &Plugin) -> Option<&Self::Pre> {
                plugin.$interface.as_ref()
            }

            fn instantiate(pre: &Self::Pre, store: &mut Store<Guest>) -> WasmResult<Self> {
                pre.instantiate(store)
            }

            fn operators(instance: &mut Instance<Self>) -> Result<Vec<Operator>> {
                const CALL: &str = concat!(stringify!($interface), ".describe");
                let answer = instance.call(CALL, |world, store| world.$export().call_describe(store))?;
                $operators(answer).map_err(|kind| instance.refuse(CALL, kind))
            }
        }
    };
}

world!(transform, TransformPlugin, TransformPluginPre, sluicebox_operator_transform, transforms);
world!(aggregate, AggregatePlugin, AggregatePluginPre, sluicebox_operator_aggregate, aggregates);
world!(sink, SinkPlugin, SinkPluginPre, sluicebox_operator_sink, sinks);
world!(receiver, ReceiverPlugin, ReceiverPluginPre, sluicebox_operator_receiver, receivers);
world!(state, StatePlugin, StatePluginPre, sluicebox_operator_state, states);

impl PluginHost {
    /// A fresh instance of a world of the component that `work` is of.
    ///
    /// # Errors
    /// If the component was not added or has no such world, if there is no memory or no slot for it, or if what the guest runs at its start fails.
    pub(super) fn instance<W: World>(&self, work: Work) -> Result<Instance<W>> {
        let absent = PluginErrorKind::UnknownOperator { interface: W::INTERFACE, offered: vec![] };
        self.instance_of(&*self.plugin(&work)?, &work)?.ok_or_else(|| work.error(absent))
    }

    /// A fresh instance of a world of `plugin`; none if it doesn't have the world.
    pub(super) fn instance_of<W: World>(&self, plugin: &Plugin, work: &Work) -> Result<Option<Instance<W>>> {
        let made = |pre| Instance::new(&plugin.sandbox, work.clone(), |store| W::instantiate(pre, store));
        W::pre(plugin).map(made).transpose()
    }

    /// The operators that `plugin` offers in a world; none if it doesn't have the world.
    pub(super) fn offered<W: World>(&self, plugin: &Plugin, work: &Work) -> Result<Vec<Operator>> {
        self.instance_of(plugin, work)?.map_or(Ok(vec![]), |mut instance| W::operators(&mut instance))
    }

    /// A fresh instance of a world, and what it says of the operator `op`.
    ///
    /// # Errors
    /// As [`PluginHost::instance`]; and if it has no such operator.
    pub(super) fn instance_with<W: World>(&self, op: &OperatorRef, work: &Work) -> Result<(Instance<W>, Operator)> {
        let mut instance = self.instance(work.clone())?;
        let operator =
            find(W::operators(&mut instance)?, &op.operator, W::INTERFACE).map_err(|kind| work.error(kind))?;
        Ok((instance, operator))
    }
}
