//! Integration tests: the program as its users meet it.
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at files and start the program"
)]

mod docs;
