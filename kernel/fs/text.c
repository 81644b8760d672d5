/*
 * A text that grows: its memory doubles when it is full.
 *
 * Small texts come from kmalloc(); a list of ten thousand vmas is megabytes, which need not be in
 * one piece: those come from vmalloc().
 */
#include "kernel/fs/text.h"

#include "kernel/fs/iov.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/vmalloc.h"

enum {
    FIRST_BYTES = 512,
    KMALLOC_MOST = 8192, /* above, vmalloc() */
};

static void free_bytes(char *bytes, size_t room)
{
    if (room > KMALLOC_MOST)
        vfree(bytes);
    else
        kfree(bytes);
}

/* Make room for @more bytes behind what is there.  False: there is no memory, the text failed. */
static bool grow(struct text *text, size_t more)
{
    size_t needed, room = text->room ? text->room : FIRST_BYTES;
    if (text->failed || __builtin_add_overflow(text->length, more, &needed))
        return false;
    while (room < needed)
        if (__builtin_mul_overflow(room, (size_t)2, &room))
            return false;
    if (room == text->room)
        return true;
    char *bytes = room > KMALLOC_MOST ? vmalloc(room) : kmalloc(room, GFP_KERNEL);
    if (!bytes)
        return false;
    if (text->length)
        memcpy(bytes, text->bytes, text->length);
    free_bytes(text->bytes, text->room);
    text->bytes = bytes;
    text->room = room;
    return true;
}

static PRINTF(2, 0) size_t try_add(struct text *text, const char *format, va_list args)
{
    size_t room = text->room - text->length;
    return (size_t)vsnprintf(room ? text->bytes + text->length : NULL, room, format, args);
}

void text_add(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t size = try_add(text, format, args);
    va_end(args);
    if (size >= text->room - text->length) { /* its zero does not fit: again, with more room */
        if (!grow(text, size + 1)) {
            text->failed = true;
            return;
        }
        va_start(args, format);
        size = try_add(text, format, args);
        va_end(args);
    }
    text->length += size;
}

void text_add_bytes(struct text *text, const void *bytes, size_t size)
{
    if (!grow(text, size)) {
        text->failed = true;
        return;
    }
    memcpy(text->bytes + text->length, bytes, size);
    text->length += size;
}

void text_pad(struct text *text, size_t start, size_t width)
{
    size_t column = text->length - start;
    if (column < width)
        text_add(text, "%*s", (int)(width - column), "");
}

int text_error(const struct text *text) { return text->failed ? -ENOMEM : 0; }

ssize_t text_read(const struct text *text, struct iov *to, u64 *position)
{
    if (*position >= text->length)
        return 0;
    size_t size = min(to->left, (size_t)(text->length - *position));
    size_t done = iov_put(to, text->bytes + *position, size);
    *position += done;
    return done || !size ? (ssize_t)done : -EFAULT;
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->failed = false;
}

void text_free(struct text *text)
{
    free_bytes(text->bytes, text->room);
    *text = (struct text){ 0 };
}
