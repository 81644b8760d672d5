/*
 * Where the parts of a program go in its address space: always the same places with the parameter
 * norandmaps, or if the process wants it so (personality(2)), else random ones, so that an attacker
 * cannot know them.
 *
 *     stack_top    the stack, growing down      at most STACK_RANDOM_PAGES below the top
 *     mmap_base    what mmap() and the dynamic linker map, downwards
 *     ...
 *     heap         brk(), upwards               behind the program
 *     program      if it may be anywhere        from ELF_DYNAMIC_BASE on
 */
#ifndef KERNEL_EXEC_PLACE_H
#define KERNEL_EXEC_PLACE_H

#include "kernel/elf.h"
#include "lib/types.h"

struct mm;

enum { EXEC_RANDOM_BYTES = 16 };

/* What was thrown for one program. */
struct exec_place {
    vaddr_t base;                 /* of a program that may be anywhere, before it is aligned */
    size_t heap_gap;              /* between the program and its heap, in bytes */
    u8 random[EXEC_RANDOM_BYTES]; /* for itself: AT_RANDOM */
};

/* Are addresses random at all? */
bool exec_place_is_random(void);

/*
 * Throw the dice for @mm, which is empty and has its limits, unless @is_fixed: sets its stack_top
 * and mmap_base.
 */
void exec_place_choose(struct exec_place *place, struct mm *mm, bool is_fixed);

#endif
