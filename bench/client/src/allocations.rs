//! Counters of the heap allocations of the thread, and of the bytes in use.
#![expect(
    unsafe_code,
    reason = "a global allocator cannot be written without; it only forwards to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Returns the number of allocations since the program began. Each growth of a buffer counts as
/// one. Allocations by C code are not counted.
pub(crate) fn count() -> u64 {
    COUNT.get()
}

/// Returns the bytes in use.
pub(crate) fn live() -> usize {
    LIVE.get()
}

/// Returns the maximum of the bytes in use since [`forget_peak`].
pub(crate) fn peak() -> usize {
    PEAK.get()
}

/// Resets the maximum to the bytes in use.
pub(crate) fn forget_peak() {
    PEAK.set(LIVE.get());
}

/// The system's allocator with counters. They need no lock, because every program here has one
/// thread.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn taken(bytes: usize) {
    COUNT.set(COUNT.get() + 1);
    let live = LIVE.get().wrapping_add(bytes);
    LIVE.set(live);
    if live > PEAK.get() {
        PEAK.set(live);
    }
}

fn given_back(bytes: usize) {
    LIVE.set(LIVE.get().saturating_sub(bytes));
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        given_back(layout.size());
        taken(size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        given_back(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }
}
