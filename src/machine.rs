//! What is this machine: its processor, its memory, its free disk space? What cannot be known is `None`.

mod heaps;

use std::fs;
use std::path::Path;

pub use heaps::few_heaps;

/// What the processor can do that matters for speed, best last.
pub fn processor_features() -> Vec<&'static str> {
    let mut features = Vec::new();
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        for (has, name) in [
            (is_x86_feature_detected!("sse4.2"), "sse4.2"),
            (is_x86_feature_detected!("avx"), "avx"),
            (is_x86_feature_detected!("f16c"), "f16c"),
            (is_x86_feature_detected!("fma"), "fma"),
            (is_x86_feature_detected!("avx2"), "avx2"),
            (is_x86_feature_detected!("avx512f"), "avx512f"),
            (is_x86_feature_detected!("avx512vnni"), "avx512vnni"),
        ] {
            if has {
                features.push(name);
            }
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        for (has, name) in [
            (std::arch::is_aarch64_feature_detected!("neon"), "neon"),
            (std::arch::is_aarch64_feature_detected!("dotprod"), "dotprod"),
            (std::arch::is_aarch64_feature_detected!("i8mm"), "i8mm"),
        ] {
            if has {
                features.push(name);
            }
        }
    }
    features
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub total: u64,
    pub available: u64,
}

/// What this process has in memory now. Known on Linux only.
pub fn resident() -> Option<u64> {
    line_in_bytes(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// Known on Linux only.
pub fn processor_name() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let name = info.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(name.trim_start_matches([' ', '\t', ':']).trim().to_owned())
}

/// Known on Linux only.
pub fn memory() -> Option<Memory> {
    parse_memory(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn parse_memory(meminfo: &str) -> Option<Memory> {
    let of = |name: &str| line_in_bytes(meminfo, name);
    Some(Memory { total: of("MemTotal:")?, available: of("MemAvailable:")? })
}

fn line_in_bytes(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What an ordinary user may still write where `path` lies.
#[cfg(unix)]
pub fn free_disk(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
pub fn free_disk(_path: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let meminfo = "MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n";
        assert_eq!(parse_memory(meminfo), Some(Memory { total: 16 << 20, available: 8 << 20 }));
        assert_eq!(parse_memory("MemTotal: many"), None);
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_lies_on_some_disk() {
        assert!(free_disk(&std::env::temp_dir()).is_some());
        assert_eq!(free_disk(Path::new("/no/such/folder")), None);
    }
}
