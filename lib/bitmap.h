/*
 * Many bits in an array of words.
 *
 * Bit n is bit n % WORD_BITS of word n / WORD_BITS.  Nothing here is atomic: whoever owns the
 * bitmap says which lock guards it.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/types.h"

enum { WORD_BITS = 8 * sizeof(unsigned long) };

/* How many words hold @bits bits, and the declaration of so many. */
#define BITMAP_WORDS(bits) (((bits) + WORD_BITS - 1) / WORD_BITS)
#define BITMAP(name, bits) unsigned long name[BITMAP_WORDS(bits)]

static inline bool bitmap_test(const unsigned long *bitmap, size_t bit)
{
    return bitmap[bit / WORD_BITS] >> bit % WORD_BITS & 1;
}

static inline void bitmap_set(unsigned long *bitmap, size_t bit)
{
    bitmap[bit / WORD_BITS] |= 1ul << bit % WORD_BITS;
}

static inline void bitmap_clear(unsigned long *bitmap, size_t bit)
{
    bitmap[bit / WORD_BITS] &= ~(1ul << bit % WORD_BITS);
}

/* Set or clear the @count bits from @start on. */
void bitmap_set_range(unsigned long *bitmap, size_t start, size_t count);
void bitmap_clear_range(unsigned long *bitmap, size_t start, size_t count);

/* The first set, or clear, bit at or behind @from.  Returns: @bits if there is none. */
size_t bitmap_find_set(const unsigned long *bitmap, size_t bits, size_t from);
size_t bitmap_find_clear(const unsigned long *bitmap, size_t bits, size_t from);

/* The first of the first @count clear bits in a row.  Returns: @bits if there are none. */
size_t bitmap_find_clear_run(const unsigned long *bitmap, size_t bits, size_t count);

/* How many of the first @bits bits are set. */
size_t bitmap_count(const unsigned long *bitmap, size_t bits);

#endif
