//! What holds for any text: of numbers, URLs and settings, and of the phone's messages.

#[path = "../fuzz/what_holds.rs"]
mod what_holds;

mod messages;
mod texts;
