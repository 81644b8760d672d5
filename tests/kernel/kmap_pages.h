/*
 * Pages for tests of kmap and kmap_local: highmem where there is some, else treated as if.
 */
#ifndef TESTS_KERNEL_KMAP_PAGES_H
#define TESTS_KERNEL_KMAP_PAGES_H

#include "mm/page.h"

/* A quarter more than the window of kmap() has slots. */
enum { KMAP_PAGES_MAX = PT_ENTRIES / 4 * 5 };

extern struct page *kmap_pages[KMAP_PAGES_MAX];

/* Get @count pages, page n filled with the byte n % 251, and let every page need a slot. */
void kmap_pages_get(unsigned count);

/* Free them; slots are as needed as they were. */
void kmap_pages_put(void);

/* What page @n is filled with. */
static inline u8 kmap_pages_byte(unsigned n) { return (u8)(n % 251); }

#endif
