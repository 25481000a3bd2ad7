//! A session: as a program holds it, by its vectors, by its traces, and by what holds whatever happens to it.
//!
//! In one program, as the other folders here are: each further one is linked with all that the library stands on.

mod alone;
mod properties;
mod trace;
mod vectors;
