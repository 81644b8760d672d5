/*
 * Random bytes: ChaCha20, keyed at boot, with its key replaced after every answer.
 *
 * Source: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008); RFC 8439, section 2.3.
 */
#include "kernel/random.h"

#include "arch/x86/cpu.h"
#include "kernel/spinlock.h"
#include "lib/minmax.h"
#include "lib/string.h"

enum { KEY_WORDS = 8, BLOCK_WORDS = 16, ROUNDS = 20 };

struct block {
    u32 word[BLOCK_WORDS];
};

static SPINLOCK(random_lock, RANK_FS);
static u32 key[KEY_WORDS]; /* under random_lock */
static u64 answers;        /* under random_lock: never the same input twice */

static u32 rotate(u32 value, unsigned bits) { return value << bits | value >> (32 - bits); }

static void quarter_round(u32 *a, u32 *b, u32 *c, u32 *d)
{
    *a += *b, *d = rotate(*d ^ *a, 16);
    *c += *d, *b = rotate(*b ^ *c, 12);
    *a += *b, *d = rotate(*d ^ *a, 8);
    *c += *d, *b = rotate(*b ^ *c, 7);
}

/* The stream's block number @counter of answer number @answer. */
static struct block make_block(u64 answer, u64 counter)
{
    static const u32 constants[4] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
    struct block in, out;
    memcpy(in.word, constants, sizeof(constants));
    memcpy(in.word + 4, key, sizeof(key));
    in.word[12] = (u32)counter;
    in.word[13] = (u32)(counter >> 32);
    in.word[14] = (u32)answer;
    in.word[15] = (u32)(answer >> 32);

    out = in;
    u32 *w = out.word;
    for (unsigned round = 0; round < ROUNDS; round += 2) {
        for (unsigned i = 0; i < 4; i++) /* columns, then diagonals */
            quarter_round(&w[i], &w[4 + i], &w[8 + i], &w[12 + i]);
        for (unsigned i = 0; i < 4; i++)
            quarter_round(&w[i], &w[4 + (i + 1) % 4], &w[8 + (i + 2) % 4], &w[12 + (i + 3) % 4]);
    }
    for (unsigned i = 0; i < BLOCK_WORDS; i++)
        w[i] += in.word[i];
    return out;
}

/* Replace the key by what the old one makes of the answer's last block. */
static void replace_key(u64 answer)
{
    struct block next = make_block(answer, UINT64_MAX);
    memcpy(key, next.word, sizeof(key));
}

void random_init(void)
{
    for (unsigned i = 0; i < 4 * KEY_WORDS; i++) {
        unsigned long value;
        if (cpu_has(CPU_TSC))
            key[i % KEY_WORDS] = rotate(key[i % KEY_WORDS], 5) ^ (u32)rdtsc();
        if (cpu_has(CPU_RDRAND) && rdrand(&value))
            key[i % KEY_WORDS] ^= (u32)value;
        replace_key(answers++);
    }
}

void random_get(void *buffer, size_t size)
{
    irqflags_t flags = spin_lock_irqsave(&random_lock);
    if (cpu_has(CPU_TSC))
        key[0] ^= (u32)rdtsc();
    u64 answer = answers++;
    for (u64 counter = 0; size; counter++) {
        struct block block = make_block(answer, counter);
        size_t part = min(size, sizeof(block));
        memcpy(buffer, block.word, part);
        buffer = (u8 *)buffer + part;
        size -= part;
    }
    replace_key(answer);
    spin_unlock_irqrestore(&random_lock, flags);
}
