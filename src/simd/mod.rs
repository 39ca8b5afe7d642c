//! Numbers at the speed of the processor: kernels that are chosen when the program runs.
//!
//! Every kernel has a scalar twin and a door that checks lengths and features. Knows no models and no files.
