//! In how many heaps does this process keep its memory? The C library of Linux gives threads that allocate at the same time
//! heaps of their own, eight for each core, and each holds on to what was freed in it: a server with many threads
//! then takes twice the memory it uses.

#![allow(unsafe_code, reason = "the allocator is told by a call of the C library, and by no variable of ours")]

/// As many as work side by side without waiting long; the others share them.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MOST: libc::c_int = 4;

/// Before there are many threads. Where the allocator is another, there is nothing to do.
pub fn few_heaps() {
    // SAFETY: it sets a number inside the allocator, under the allocator's own lock, and touches no memory of ours.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, MOST);
    }
}
