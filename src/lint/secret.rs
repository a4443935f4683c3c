//! Texts that look like credentials, as rules ask for them.

pub use crate::secret_shape::looks_secret;
