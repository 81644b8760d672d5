/*
 * The page cache: the bytes of one file, in pages.
 *
 * A page may lie beyond the direct map; whoever looks into it maps it for a moment.  Each page
 * here has one reference from the cache, and knows the cache (page->mapping) and its number there
 * (page->index).  Those who use a page have a reference of their own, so that truncating a file
 * takes pages out of it but never from under a reader.
 *
 * Programs map the same pages: so they see at once what others write, and the other way round.
 */
#ifndef KERNEL_FS_PAGE_CACHE_H
#define KERNEL_FS_PAGE_CACHE_H

#include "kernel/fs/page_tree.h"
#include "kernel/mutex.h"
#include "lib/annotate.h"
#include "lib/types.h"
#include "mm/mapping.h"

struct iov;
struct page;
struct quota;

/* (l) under lock */
struct page_cache {
    struct mapping mapping; /* what page->mapping points to */
    struct mutex lock;
    u64 end;               /* (l) pages that may be mapped: those up to the last byte */
    struct page_tree tree; /* (l) */
    unsigned long pages;   /* (l) how many there are */
    struct quota *quota;   /* (c) what they count against; NULL: nothing */
};

void page_cache_init(struct page_cache *cache);

/* The page @index with a reference for the caller, or NULL: none there, it reads as zeroes. */
struct page *page_cache_find(struct page_cache *cache, u64 index) MUST_CHECK;

/* As page_cache_find(), making a page of zeroes where there is none.  NULL: no memory.  Sleeps. */
struct page *page_cache_get(struct page_cache *cache, u64 index) MUST_CHECK;

/* The file is @bytes long now: pages behind it cannot be mapped any more, or can be. */
void page_cache_set_end(struct page_cache *cache, u64 bytes);

/*
 * Forget the pages from number @index on, up to @end, and take them out of all address spaces;
 * @copies: private copies of them, too.  Sleeps.
 */
void page_cache_drop(struct page_cache *cache, u64 index, u64 end, bool copies);

/*
 * Copy between the cache, from @position on, and @iov, until that is full or empty or @end.
 *
 * Returns: bytes copied; if none, 0 or why: -EFAULT, -ENOMEM, -ENOSPC.  Sleeps.
 */
ssize_t page_cache_read(struct page_cache *cache, struct iov *to, u64 position, u64 end);
ssize_t page_cache_write(struct page_cache *cache, struct iov *from, u64 position);

/* The lowest number >= @index of a page that is there; UINT64_MAX: none. */
u64 page_cache_next(struct page_cache *cache, u64 index);

/* Clear the bytes [@start, @end), which lie in one page, if it is there. */
void page_cache_clear(struct page_cache *cache, u64 start, u64 end);

/* Clear the bytes of page number @position / PAGE_BYTES from @position on, if it is there. */
void page_cache_clear_tail(struct page_cache *cache, u64 position);

#endif
