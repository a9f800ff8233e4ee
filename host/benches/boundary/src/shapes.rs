//! The host's side of the shapes in `wit/boundary.wit`. A WIT type is matched by structure, so one function can be called with
//! several Rust types: borrowed ones on the way in, and on the way out whatever the lists are to be lifted into.

use wasmtime::component::{ComponentType, Lift, Lower, WasmList};

#[derive(ComponentType, Lower, Lift, Clone, Copy, PartialEq, Eq, Debug)]
#[component(record)]
pub struct Node {
    pub length: u32,
    #[component(name = "null-count")]
    pub null_count: u32,
}

/// A batch lowered straight from the host's buffers: `B` is `&[u8]`, or `Vec<u8>` where copying first is what is measured.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct BatchIn<'a, B> {
    pub rows: u32,
    pub nodes: &'a [Node],
    pub buffers: &'a [B],
}

/// A batch lifted: `B` is `Vec<u8>`, `bytes::Bytes`, or `WasmList<u8>`, a view of the guest's memory.
#[derive(ComponentType, Lift)]
#[component(record)]
pub struct BatchOut<B> {
    pub rows: u32,
    pub nodes: Vec<Node>,
    pub buffers: Vec<B>,
}

/// A body lowered: `B` is bytes put together before, or `Gather`.
#[derive(ComponentType, Lower)]
#[component(record)]
pub struct BodyIn<'a, B> {
    pub rows: u32,
    pub nodes: &'a [Node],
    pub ranges: Vec<(u32, u32)>,
    pub bytes: B,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub struct BodyOut<B> {
    pub rows: u32,
    pub nodes: Vec<Node>,
    pub ranges: Vec<(u32, u32)>,
    pub bytes: B,
}

/// Values of one width and their validity. `V` is a list of them.
#[derive(ComponentType, Lower, Lift, Clone, Copy)]
#[component(record)]
pub struct Values<O, V> {
    pub validity: O,
    pub values: V,
}

#[derive(ComponentType, Lower, Lift, Clone, Copy)]
#[component(record)]
pub struct Text<O, F, B> {
    pub validity: O,
    pub offsets: F,
    pub bytes: B,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum ColumnIn<'a> {
    #[component(name = "int64")]
    Int64(Values<Option<&'a [u8]>, &'a [i64]>),
    #[component(name = "float64")]
    Float64(Values<Option<&'a [u8]>, &'a [f64]>),
    #[component(name = "utf8")]
    Utf8(Text<Option<&'a [u8]>, &'a [u32], &'a [u8]>),
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub enum ColumnOut {
    #[component(name = "int64")]
    Int64(Values<Option<Vec<u8>>, Vec<i64>>),
    #[component(name = "float64")]
    Float64(Values<Option<Vec<u8>>, Vec<f64>>),
    #[component(name = "utf8")]
    Utf8(Text<Option<Vec<u8>>, Vec<u32>, Vec<u8>>),
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct TableIn<'a> {
    pub rows: u32,
    pub columns: &'a [ColumnIn<'a>],
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub struct TableOut {
    pub rows: u32,
    pub columns: Vec<ColumnOut>,
}

#[derive(ComponentType, Lower, Lift, Clone, PartialEq, Eq, Debug)]
#[component(record)]
pub struct Line<S> {
    pub value: S,
}

#[derive(ComponentType, Lower, Lift, Clone, Copy, PartialEq, Eq, Debug)]
#[component(record)]
pub struct Number {
    pub value: i64,
}

pub type BatchVec = BatchOut<Vec<u8>>;
pub type BatchView = BatchOut<WasmList<u8>>;
