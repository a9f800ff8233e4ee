//! `batch_time()` in SQL: when the batch is, as `timestamp[ms, UTC]`. The same everywhere in a batch, and when the batch runs again.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The function.
pub(super) fn batch_time() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(BatchTimeFunction { signature: Signature::nullary(Volatility::Stable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct BatchTimeFunction {
    signature: Signature,
}

fn utc() -> Option<Arc<str>> {
    Some("UTC".into())
}

impl ScalarUDFImpl for BatchTimeFunction {
    fn name(&self) -> &str {
        "batch_time"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Millisecond, utc()))
    }

    fn is_nullable(&self, _: &[Expr], _: &dyn datafusion::common::ExprSchema) -> bool {
        false
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("batch_time() is worked out when a query is planned")
    }

    /// Plans are made at the time of their batch; see [`super::sql::state_at`].
    fn simplify(&self, arguments: Vec<Expr>, context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(match context.query_execution_start_time() {
            None => ExprSimplifyResult::Original(arguments),
            Some(time) => {
                let time = ScalarValue::TimestampMillisecond(Some(time.timestamp_millis()), utc());
                ExprSimplifyResult::Simplified(Expr::Literal(time, None))
            }
        })
    }
}
