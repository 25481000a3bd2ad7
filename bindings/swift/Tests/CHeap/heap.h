// What Swift's module of the C library leaves out.
#include <malloc.h>
#include <stddef.h>

// The allocator of the sanitizer that a program may be built with, which the C library knows nothing of.
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

// What this process has allocated and not freed, in Swift and in Rust: bytes.
static inline size_t heap_in_use(void) {
    if (__sanitizer_get_current_allocated_bytes) return __sanitizer_get_current_allocated_bytes();
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
