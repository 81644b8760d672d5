/*
 * Many bits: a word at a time.
 *
 * Ranges and searches touch each word once; only the first and the last need a mask.
 */
#include "lib/bitmap.h"

#include "lib/bits.h"
#include "lib/minmax.h"

/* A mask of the bits of word @word that lie in [@start, @end), which it overlaps. */
static unsigned long mask_in_word(size_t word, size_t start, size_t end)
{
    size_t word_start = word * WORD_BITS;
    size_t first = max(start, word_start) - word_start;
    size_t beyond = min(end, word_start + WORD_BITS) - word_start;
    return (unsigned long)bit_range((unsigned)first, (unsigned)(beyond - first));
}

void bitmap_set_range(unsigned long *bitmap, size_t start, size_t count)
{
    size_t end = start + count;
    for (size_t word = start / WORD_BITS; word * WORD_BITS < end; word++)
        bitmap[word] |= mask_in_word(word, start, end);
}

void bitmap_clear_range(unsigned long *bitmap, size_t start, size_t count)
{
    size_t end = start + count;
    for (size_t word = start / WORD_BITS; word * WORD_BITS < end; word++)
        bitmap[word] &= ~mask_in_word(word, start, end);
}

/* The first bit at or behind @from that is set in the bitmap's words XOR @flip. */
static size_t find(const unsigned long *bitmap, size_t bits, size_t from, unsigned long flip)
{
    for (size_t word = from / WORD_BITS; word * WORD_BITS < bits; word++) {
        unsigned long found = bitmap[word] ^ flip;
        if (word == from / WORD_BITS)
            found &= ~0ul << from % WORD_BITS;
        if (found)
            return min(bits, word * WORD_BITS + lowest_bit(found));
    }
    return bits;
}

size_t bitmap_find_set(const unsigned long *bitmap, size_t bits, size_t from)
{
    return find(bitmap, bits, from, 0);
}

size_t bitmap_find_clear(const unsigned long *bitmap, size_t bits, size_t from)
{
    return find(bitmap, bits, from, ~0ul);
}

size_t bitmap_find_clear_run(const unsigned long *bitmap, size_t bits, size_t count)
{
    size_t start = bitmap_find_clear(bitmap, bits, 0);
    while (start < bits && count <= bits - start) {
        size_t end = bitmap_find_set(bitmap, bits, start);
        if (end - start >= count)
            return start;
        start = bitmap_find_clear(bitmap, bits, end);
    }
    return bits;
}

size_t bitmap_count(const unsigned long *bitmap, size_t bits)
{
    size_t count = 0;
    for (size_t word = 0; word * WORD_BITS < bits; word++)
        count += count_ones(bitmap[word] & mask_in_word(word, 0, bits));
    return count;
}
