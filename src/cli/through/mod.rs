//! Through a running server: when it has the library open, commands ask it instead, by themselves. It is found by the file it
//! leaves in the data folder, which only its owner can read, and it is on this machine: nothing else is ever connected to.

mod call;
mod lines;

pub(super) use self::call::Server;
