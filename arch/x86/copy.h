/*
 * The loops of each machine's copy.asm.
 */
#ifndef ARCH_X86_COPY_H
#define ARCH_X86_COPY_H

#include "lib/types.h"

/* Zero the page at @page, or many from @address on, or copy one, a word or a byte at a time. */
void clear_page_words(void *page);
void clear_page_bytes(void *page);
void clear_pages_words(void *address, unsigned long pages); /* not 0 */
void clear_pages_bytes(void *address, unsigned long pages);
void copy_page_words(void *to, const void *from);
void copy_page_bytes(void *to, const void *from);

/*
 * Copy or zero @bytes bytes, of which user memory may fault.  The caller has checked the range.
 * On a CPU with SMAP the kernel cannot touch user memory by accident: in these loops alone it may.
 *
 * Returns: how many bytes are left, counted from the end.
 */
size_t user_copy(void *to, const void *from, size_t bytes);
size_t user_clear(void *to, size_t bytes);

#endif
