//! Where is a long text cut, so that every token is read and none without some of what stands before it?

use std::ops::Range;

/// Ranges of at most `room` that cover `length` tokens, of nearly the same size, each beginning before the last one ends.
pub(super) fn windows(length: usize, room: usize) -> Vec<Range<usize>> {
    let room = room.max(1);
    if length <= room {
        return vec![Range { start: 0, end: length }];
    }
    // An eighth is read twice: a sentence that a border cuts is whole in one of the two more often than not.
    let overlap = room / 8;
    let step = room - overlap;
    let count = (length - overlap).div_ceil(step);
    // The last window ends with the text; the steps are spread so that it is not a stub.
    (0..count)
        .map(|index| {
            let start = (length - room) * index / (count - 1);
            start..start + room
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_in_a_window_and_borders_are_covered() {
        for length in 0..600 {
            for room in [1, 2, 7, 8, 9, 64, 126, 254] {
                let windows = windows(length, room);
                assert_eq!((windows[0].start, windows[windows.len() - 1].end), (0, length), "{length} in {room}");
                assert!(windows.iter().all(|window| window.len() <= room), "{length} in {room}: {windows:?}");
                for pair in windows.windows(2) {
                    assert!(
                        pair[0].start < pair[1].start && pair[1].start <= pair[0].end,
                        "{length} in {room}: {pair:?}"
                    );
                    assert!(pair[1].start + room / 8 <= pair[0].end, "{length} in {room}: {pair:?}");
                }
            }
        }
    }
}
