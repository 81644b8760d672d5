/*
 * Bytes and strings in plain C.
 *
 * Copying goes four words at a time, setting eight, then word by word, then byte by byte.  Words
 * may stand at any address: x86 reads and writes them unaligned nearly as fast.  Each loop ends
 * with barrier(), or the compiler would see that it is a memcpy or memset and replace it by a call
 * of the very function it is in.
 */
#include "lib/string.h"

#include "lib/annotate.h"

/* A word at any address, of anything. */
typedef unsigned long word_t __attribute__((may_alias, aligned(1)));

enum { WORD_BYTES = sizeof(word_t) };

/* Copy from low to high addresses; right for overlaps if @to is below @from. */
static ALWAYS_INLINE void copy_up(u8 *to, const u8 *from, size_t count)
{
    for (; count >= 4 * WORD_BYTES; count -= 4 * WORD_BYTES) {
        const word_t *source = (const word_t *)from;
        word_t *target = (word_t *)to;
        word_t a = source[0], b = source[1], c = source[2], d = source[3];
        target[0] = a;
        target[1] = b;
        target[2] = c;
        target[3] = d;
        from += 4 * WORD_BYTES;
        to += 4 * WORD_BYTES;
        barrier();
    }
    for (; count >= WORD_BYTES; count -= WORD_BYTES) {
        *(word_t *)to = *(const word_t *)from;
        from += WORD_BYTES;
        to += WORD_BYTES;
        barrier();
    }
    for (; count > 0; count--) {
        *to++ = *from++;
        barrier();
    }
}

/* Copy from high to low addresses; right for overlaps if @to is above @from. */
static void copy_down(u8 *to, const u8 *from, size_t count)
{
    while (count >= WORD_BYTES) {
        count -= WORD_BYTES;
        *(word_t *)(to + count) = *(const word_t *)(from + count);
        barrier();
    }
    while (count > 0) {
        count--;
        to[count] = from[count];
        barrier();
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    copy_up(to, from, count);
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    if ((uintptr_t)to <= (uintptr_t)from)
        copy_up(to, from, count);
    else
        copy_down(to, from, count);
    return to;
}

void *memset(void *to, int byte, size_t count)
{
    u8 *at = to;
    word_t word = (u8)byte * (~0ul / 0xff); /* the byte in every place */

    for (; count >= 8 * WORD_BYTES; count -= 8 * WORD_BYTES) {
        word_t *target = (word_t *)at;
        target[0] = word;
        target[1] = word;
        target[2] = word;
        target[3] = word;
        target[4] = word;
        target[5] = word;
        target[6] = word;
        target[7] = word;
        at += 8 * WORD_BYTES;
        barrier();
    }
    for (; count >= WORD_BYTES; count -= WORD_BYTES) {
        *(word_t *)at = word;
        at += WORD_BYTES;
        barrier();
    }
    for (; count > 0; count--) {
        *at++ = (u8)byte;
        barrier();
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const u8 *left = a, *right = b;
    for (; count >= WORD_BYTES; count -= WORD_BYTES) {
        if (*(const word_t *)left != *(const word_t *)right)
            break;
        left += WORD_BYTES;
        right += WORD_BYTES;
    }
    for (; count > 0; count--, left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}

void *memchr(const void *bytes, int byte, size_t count)
{
    for (const u8 *at = bytes; count > 0; at++, count--)
        if (*at == (u8)byte)
            return (void *)at;
    return NULL;
}

size_t strlen(const char *string)
{
    size_t length = 0;
    while (string[length]) {
        length++;
        barrier();
    }
    return length;
}

size_t strnlen(const char *string, size_t limit)
{
    size_t length = 0;
    while (length < limit && string[length])
        length++;
    return length;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t limit)
{
    for (; limit > 0; a++, b++, limit--)
        if (*a != *b || !*a)
            return (u8)*a - (u8)*b;
    return 0;
}

char *strchr(const char *string, int c)
{
    while (*string != (char)c)
        if (!*string++)
            return NULL;
    return (char *)string;
}

char *strrchr(const char *string, int c)
{
    const char *found = NULL;
    do {
        if (*string == (char)c)
            found = string;
    } while (*string++);
    return (char *)found;
}

char *strstr(const char *string, const char *part)
{
    size_t length = strlen(part);
    for (;; string++) {
        if (strncmp(string, part, length) == 0)
            return (char *)string;
        if (!*string)
            return NULL;
    }
}

size_t strspn(const char *string, const char *set)
{
    size_t length = 0;
    while (string[length] && strchr(set, string[length]))
        length++;
    return length;
}

size_t strcspn(const char *string, const char *set)
{
    size_t length = 0;
    while (!strchr(set, string[length])) /* finds the zero at the end, too */
        length++;
    return length;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t length = strlen(from);
    if (size > 0) {
        size_t copied = length < size ? length : size - 1;
        memcpy(to, from, copied);
        to[copied] = '\0';
    }
    return length;
}

size_t strlcat(char *to, const char *from, size_t size)
{
    size_t used = strnlen(to, size);
    return used + strlcpy(to + used, from, size - used);
}

bool string_starts_with(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}
