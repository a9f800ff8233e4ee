//! Decimals of 128 bits.

use super::fixed::{Fixed, fixed_columns};
use crate::data::{DataType, DecimalType};

/// A decimal of `P` digits, `S` of them behind the point: the integer times ten to the power of `-S`.
///
/// ```
/// use sluicebox_sdk::prelude::*;
///
/// /// Ten percent off.
/// #[map(output = "price")]
/// fn discount(price: Decimal<12, 2>) -> Decimal<12, 2> {
///     Decimal(price.0 * 9 / 10)
/// }
///
/// assert_eq!(discount(Decimal(1000)), Decimal(900));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal<const P: u8, const S: i8>(pub i128);

impl<const P: u8, const S: i8> Fixed for Decimal<P, S> {
    type Bytes = [u8; 16];

    #[inline]
    fn from_bytes(bytes: Self::Bytes) -> Self {
        Decimal(i128::from_le_bytes(bytes))
    }

    #[inline]
    fn to_bytes(self) -> Self::Bytes {
        self.0.to_le_bytes()
    }

    fn split(buffer: &[u8]) -> &[Self::Bytes] {
        buffer.as_chunks().0
    }

    fn join(values: Vec<Self::Bytes>) -> Vec<u8> {
        values.into_flattened()
    }

    fn zeros() -> Self::Bytes {
        [0; 16]
    }

    fn data_type() -> DataType {
        DataType::Decimal128(DecimalType { precision: P, scale: S })
    }
}

fixed_columns!([const P: u8, const S: i8] Decimal<P, S>);
