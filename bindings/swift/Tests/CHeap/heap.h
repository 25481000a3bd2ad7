// What Swift's module of the C library leaves out.
#include <malloc.h>

// What this process has allocated and not freed, in Swift and in Rust: bytes.
static inline size_t heap_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
