/*
 * A text that grows while it is written: what a file of /proc says.
 *
 * Nothing is cut off: when memory runs out the text remembers that, and text_error() tells.  So
 * who writes need not check every line.
 */
#ifndef KERNEL_FS_TEXT_H
#define KERNEL_FS_TEXT_H

#include "lib/annotate.h"
#include "lib/types.h"

struct iov;

/* All zero: an empty one.  One writer at a time: whoever owns it. */
struct text {
    char *bytes;
    size_t length; /* written so far */
    size_t room;   /* bytes of memory */
    bool failed;   /* some of it is missing: there was no memory */
};

/* Add what @format says, or @size bytes as they are.  Sleeps; no spinlock held. */
void text_add(struct text *text, const char *format, ...) PRINTF(2, 3);
void text_add_bytes(struct text *text, const void *bytes, size_t size);

/* Add blanks until the line that began at @start is @width columns wide. */
void text_pad(struct text *text, size_t start, size_t width);

/* 0, or -ENOMEM: it is not whole. */
int text_error(const struct text *text) MUST_CHECK;

/* Copy from *@position on, which moves.  Returns: how many bytes; 0 at the end; -EFAULT. */
ssize_t text_read(const struct text *text, struct iov *to, u64 *position) MUST_CHECK;

/* Forget what was written, and keep the memory for more; or give it back.  Sleeps. */
void text_clear(struct text *text);
void text_free(struct text *text);

#endif
