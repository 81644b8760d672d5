/*
 * Random bytes for programs: AT_RANDOM, getrandom(), /dev/urandom.
 *
 * A ChaCha20 stream whose key is made at boot of what cannot be foretold: RDRAND where the CPU has
 * it, and the low bits of the time-stamp counter around memory accesses, which jitter on real
 * machines.  After each answer the key is replaced by the stream's next bytes, so that who reads
 * it later learns nothing of what was given out before.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include "lib/types.h"

/* Make the key.  Once, before the others. */
void random_init(void);

/* Fill @buffer with @size random bytes.  Any context but NMI. */
void random_get(void *buffer, size_t size);

#endif
