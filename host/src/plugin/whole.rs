//! Whether bytes are a whole component, told without compiling it.

use wasmparser::{Validator, WasmFeatures};

use super::component::check_bytes;
use super::error::{PluginErrorKind, shown};

/// Check that `bytes` are a whole component that is valid by the rules of WebAssembly. Whether a job can use it is another question.
///
/// # Errors
/// What they are instead.
pub fn check_component(bytes: &[u8]) -> Result<(), PluginErrorKind> {
    check_bytes(bytes)?;
    let not =
        |what: String| PluginErrorKind::NotAComponent(format!("it is not a valid component: {}", shown(&what, 1_024)));
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(bytes)
        .map(drop)
        .map_err(|error| not(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_component_is_none() {
        let whole =
            wat::parse_str("(component (core module $m (func (export \"f\"))) (core instance (instantiate $m)))")
                .unwrap();
        assert!(check_component(&whole).is_ok());
        // A component may end after any of its parts, and those that begin it are one already.
        let halves = (8..whole.len()).filter(|end| check_component(&whole[..*end]).is_err()).count();
        assert!(halves > whole.len() / 2, "{halves} of {}", whole.len());
        assert!(check_component(&whole[..4]).is_err() && check_component(b"").is_err());
    }
}
