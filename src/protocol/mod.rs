//! The phone's language as data: commands, events and the values in them. Pure; no I/O.

mod number;

pub use number::{PhoneNumber, parse_phone_number};
