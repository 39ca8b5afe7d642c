//! A system call filter for a child process: connecting and sending datagrams kill it. No program outside is needed, and no
//! rights: every Linux kernel lets a process forbid itself things.
#![expect(unsafe_code, reason = "a filter is installed between fork and exec, by two calls of the C library")]

use std::io;
use std::os::raw::{c_int, c_ulong};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// One instruction of the kernel's filter language.
#[derive(Clone, Copy)]
#[repr(C)]
struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    value: u32,
}

#[repr(C)]
struct Program {
    length: u16,
    first: *const Instruction,
}

unsafe extern "C" {
    fn prctl(option: c_int, second: c_ulong, third: c_ulong, fourth: c_ulong, fifth: c_ulong) -> c_int;
}

const PR_SET_NO_NEW_PRIVS: c_int = 38;
const PR_SET_SECCOMP: c_int = 22;
const SECCOMP_MODE_FILTER: c_ulong = 2;

const LOAD: u16 = 0x20;
const JUMP_IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const KILL: u32 = 0x8000_0000;
const ALLOW: u32 = 0x7fff_0000;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

/// connect, sendto, sendmsg, sendmmsg, io_uring_setup.
#[cfg(target_arch = "x86_64")]
const FORBIDDEN: [u32; 5] = [42, 44, 46, 307, 425];
#[cfg(target_arch = "aarch64")]
const FORBIDDEN: [u32; 5] = [203, 206, 211, 269, 425];

/// Of the structure that a filter reads: the call's number, and the architecture it is meant for.
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;

const fn instruction(code: u16, if_true: u8, if_false: u8, value: u32) -> Instruction {
    Instruction { code, if_true, if_false, value }
}

const FILTER: [Instruction; 11] = [
    instruction(LOAD, 0, 0, ARCHITECTURE_AT),
    // Calls of another architecture have other numbers.
    instruction(JUMP_IF_EQUAL, 1, 0, ARCHITECTURE),
    instruction(RETURN, 0, 0, KILL),
    instruction(LOAD, 0, 0, NUMBER_AT),
    instruction(JUMP_IF_EQUAL, 5, 0, FORBIDDEN[0]),
    instruction(JUMP_IF_EQUAL, 4, 0, FORBIDDEN[1]),
    instruction(JUMP_IF_EQUAL, 3, 0, FORBIDDEN[2]),
    instruction(JUMP_IF_EQUAL, 2, 0, FORBIDDEN[3]),
    instruction(JUMP_IF_EQUAL, 1, 0, FORBIDDEN[4]),
    instruction(RETURN, 0, 0, ALLOW),
    instruction(RETURN, 0, 0, KILL),
];

/// A kernel that takes no filter fails the start of the command, and so the test: nothing is passed over in silence.
pub fn forbid_connections(command: &mut Command) {
    // SAFETY: between fork and exec only async-signal-safe calls are allowed; prctl is one, and nothing is allocated.
    unsafe {
        command.pre_exec(install);
    }
}

fn install() -> io::Result<()> {
    let program = Program { length: FILTER.len() as u16, first: FILTER.as_ptr() };
    let address = &raw const program as c_ulong;
    // SAFETY: both calls take plain numbers and, the second, a program that outlives it; the kernel checks and copies it.
    let taken = unsafe {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address, 0, 0) == 0
    };
    if taken { Ok(()) } else { Err(io::Error::last_os_error()) }
}
