/*
 * The storms themselves, for storm.c: of processes, of pipes and signals, of mappings.
 */
#ifndef USER_STORM_H
#define USER_STORM_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "now.h"

enum { PAGE = 4096 };

/* Memory that children share with us; zero. */
static inline void *shared_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("storm: shared memory");
        exit(1);
    }
    return memory;
}

/* Source: Marsaglia, "Xorshift RNGs", 2003. */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#include "storm_ipc.h"
#include "storm_maps.h"
#include "storm_processes.h"

#endif
