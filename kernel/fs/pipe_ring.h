/*
 * Inside pipes: the ring of pages.
 */
#ifndef KERNEL_FS_PIPE_RING_H
#define KERNEL_FS_PIPE_RING_H

#include "kernel/fs/pipe.h"
#include "kernel/wait.h"
#include "lib/types.h"
#include "mm/page.h"

/* (l) written under the inode's lock, read by waiters without it */
struct pipe {
    u32 head, tail;                      /* (l) where bytes come, and go: those between are in it */
    unsigned readers, writers;           /* (l) open ends */
    unsigned reader_opens, writer_opens; /* (l) how often there came one */
    struct wait_queue readable, writable;
    u32 pages;                      /* (l) places for them, a power of two */
    struct page **page;             /* (l) NULL: none of its bytes are in use */
    struct page *first[PIPE_PAGES]; /* (l) what page is at first */
};

/* Bytes that all its places can hold. */
static inline u32 pipe_room_for(const struct pipe *pipe)
{
    return __atomic_load_n(&pipe->pages, __ATOMIC_RELAXED) * (u32)PAGE_BYTES;
}

/*
 * Bytes that are there.  An empty pipe moves on to a page's start, tail first: whoever looks
 * without the lock may find head behind it.
 */
static inline u32 pipe_used(const struct pipe *pipe)
{
    u32 head = __atomic_load_n(&pipe->head, __ATOMIC_ACQUIRE);
    s32 bytes = (s32)(head - __atomic_load_n(&pipe->tail, __ATOMIC_RELAXED));
    return bytes > 0 ? (u32)bytes : 0;
}

/* Where the page with @byte stands. */
static inline struct page **pipe_page_at(struct pipe *pipe, u32 byte)
{
    return &pipe->page[byte / PAGE_BYTES % pipe->pages];
}

/* Is there one of those that @count counts? */
static inline bool pipe_has(const unsigned *count)
{
    return __atomic_load_n(count, __ATOMIC_RELAXED);
}

#endif
