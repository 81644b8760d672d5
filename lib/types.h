/*
 * The words this kernel is written in.
 *
 * Sizes are explicit (u32, u64).  Addresses carry their kind in the type: vaddr_t is
 * virtual, paddr_t physical, pfn_t a physical page number.  A pfn_t is a struct, so it
 * never turns into an address by accident.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef intptr_t ssize_t;

typedef uintptr_t vaddr_t;
typedef u64 paddr_t; /* 64 bits in every build: PAE reaches beyond a word */

typedef struct {
    unsigned long number; /* a word in every build: PAE stops at 2^24 pages */
} pfn_t;

#define static_assert _Static_assert

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The struct that holds @member at address @pointer. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
