//! The Rust guest of the boundary benchmark: three workloads on every shape of a batch. One crate makes three components, chosen
//! by feature: `everything`, and the two small ones whose creation is compared, `plain` and `resourceful`.

#[cfg(feature = "everything")]
mod calls;
#[cfg(any(feature = "everything", feature = "plain"))]
mod session;
#[cfg(any(feature = "everything", feature = "resourceful"))]
mod sessions;

#[cfg(feature = "everything")]
wit_bindgen::generate!({ path: "../../wit", world: "everything" });
#[cfg(feature = "plain")]
wit_bindgen::generate!({ path: "../../wit", world: "plain" });
#[cfg(feature = "resourceful")]
wit_bindgen::generate!({ path: "../../wit", world: "resourceful" });

struct Guest;

export!(Guest);
