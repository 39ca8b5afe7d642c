//! Where large arrays of numbers live: zeroed memory that the system may give in pages of 2 MiB, of which a long scan has
//! to look up far fewer.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};

use memmap2::{MmapMut, MmapOptions};

const HUGE: usize = 2 << 20;

/// Zeroed bytes that begin at the border of a page: of a huge one when there are at least that many of them. Costs memory
/// only where it was written to.
pub struct Pages {
    map: MmapMut,
    start: usize,
    len: usize,
}

impl Pages {
    pub fn zeroed(len: usize) -> io::Result<Pages> {
        if len < HUGE {
            return Ok(Pages { map: MmapOptions::new().len(len.max(1)).map_anon()?, start: 0, len });
        }
        let map = MmapOptions::new().len(len + HUGE).map_anon()?;
        // Advice only: without it everything works as well, on small pages.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        let start = map.as_ptr().align_offset(HUGE).min(HUGE);
        Ok(Pages { map, start, len })
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map[self.start..self.start + self.len]
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.map[self.start..self.start + self.len]
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_zeroed_aligned_and_of_their_length() {
        for len in [0, 1, 4095, HUGE - 1, HUGE, HUGE + 1, 3 * HUGE + 5] {
            let mut pages = Pages::zeroed(len).unwrap();
            assert_eq!(pages.len(), len);
            assert!(pages.iter().all(|&byte| byte == 0));
            assert_eq!(pages.as_ptr() as usize % if len < HUGE { 4096 } else { HUGE }, 0);
            pages.fill(7);
            assert!(pages.iter().all(|&byte| byte == 7));
        }
    }
}
