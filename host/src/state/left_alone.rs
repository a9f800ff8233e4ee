//! Keys that an operator fails at by their state alone, and that it isn't asked about again.
//!
//! update-state-by-key is called for every key in every batch; one whose state is what it fails at would be looked for by halves, and be a dead letter, in each of them. So once a batch is done in which it failed at a key without new
//! values, the key is left alone: until it gets values, or the operator is another, be it the component, its configuration, its limits or its policies. The process remembers this, no checkpoint does.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use crate::plugin::OperatorRef;

/// Keys remembered at most; others are found anew in each batch.
const MAX_KEYS: usize = 10_000;
/// Bytes of keys remembered at most.
const MAX_BYTES: usize = 1 << 20;

/// A key group, and a key in it.
pub type GroupKey = (u32, Box<[u8]>);

/// The keys of a stream that are left alone, by key group.
#[derive(Debug, Default)]
pub struct LeftAlone {
    by: Option<OperatorRef>,
    groups: BTreeMap<u32, HashSet<Box<[u8]>>>,
    n_keys: usize,
    n_bytes: usize,
}

/// What a batch changes about it.
#[derive(Debug, Default)]
pub struct LeaveAlone {
    /// The operator that failed, and the keys at which it did.
    pub failed: Option<(OperatorRef, Vec<GroupKey>)>,
    /// Keys that were left alone and have values now.
    pub asked: Vec<GroupKey>,
}

impl LeftAlone {
    /// Whether this operator is to leave a key alone.
    pub fn has(&self, operator: &OperatorRef, group: u32, key: &[u8]) -> bool {
        self.n_keys > 0
            && self.by.as_ref() == Some(operator)
            && self.groups.get(&group).is_some_and(|keys| keys.contains(key))
    }

    /// Whether this operator is to leave any key of a group alone.
    pub fn has_any(&self, operator: &OperatorRef, group: u32) -> bool {
        self.groups.contains_key(&group) && self.by.as_ref() == Some(operator)
    }

    /// A batch is done that changes it so.
    pub fn change(&mut self, change: LeaveAlone) {
        for (group, key) in change.asked {
            if let Some(keys) = self.groups.get_mut(&group)
                && keys.remove(&key)
            {
                self.n_keys -= 1;
                self.n_bytes -= key.len();
                self.groups.retain(|_, keys| !keys.is_empty());
            }
        }
        let Some((by, keys)) = change.failed else { return };
        if self.by.as_ref() != Some(&by) {
            *self = Self { by: Some(by), ..Self::default() };
        }
        for (group, key) in keys {
            let n_bytes = key.len();
            if self.n_keys < MAX_KEYS
                && self.n_bytes + n_bytes <= MAX_BYTES
                && self.groups.entry(group).or_default().insert(key)
            {
                self.n_keys += 1;
                self.n_bytes += n_bytes;
            }
        }
        self.groups.retain(|_, keys| !keys.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::operator;
    use crate::plugin::Policy;

    fn key(key: &str) -> Box<[u8]> {
        key.as_bytes().into()
    }

    #[test]
    fn keys_are_left_alone_until_they_have_values_or_the_operator_is_another() {
        let (one, other) = (operator("one", Policy::Fail), operator("other", Policy::Fail));
        let mut alone = LeftAlone::default();
        let failed = Some((one.clone(), vec![(1, key("a")), (1, key("b")), (2, key("a"))]));
        alone.change(LeaveAlone { failed, asked: vec![] });
        assert!(alone.has(&one, 1, b"a") && alone.has(&one, 2, b"a") && !alone.has(&one, 2, b"b"));
        assert!(!alone.has(&other, 1, b"a") && !alone.has_any(&other, 1) && !alone.has_any(&one, 3));
        alone.change(LeaveAlone { failed: None, asked: vec![(2, key("a")), (2, key("c"))] });
        assert!(!alone.has(&one, 2, b"a") && !alone.has_any(&one, 2) && alone.has(&one, 1, b"b"));
        alone.change(LeaveAlone { failed: Some((other.clone(), vec![(5, key("z"))])), asked: vec![] });
        assert!(alone.has(&other, 5, b"z") && !alone.has(&one, 1, b"a") && !alone.has_any(&other, 1));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let one = operator("one", Policy::Fail);
        let mut alone = LeftAlone::default();
        let many = (0..MAX_KEYS + 5).map(|n| (0, key(&n.to_string()))).collect();
        alone.change(LeaveAlone { failed: Some((one.clone(), many)), asked: vec![] });
        assert_eq!((alone.n_keys, alone.groups[&0].len()), (MAX_KEYS, MAX_KEYS));
        let mut alone = LeftAlone::default();
        let large = (0..3).map(|n| (n, vec![n as u8; MAX_BYTES / 2].into())).collect();
        alone.change(LeaveAlone { failed: Some((one, large)), asked: vec![] });
        assert_eq!((alone.n_keys, alone.n_bytes, alone.groups.len()), (2, MAX_BYTES, 2));
    }
}
