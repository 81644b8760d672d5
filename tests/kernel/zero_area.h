/*
 * Memory that a test only reads at first, and what its entries say.
 */
#ifndef TESTS_KERNEL_ZERO_AREA_H
#define TESTS_KERNEL_ZERO_AREA_H

#include "arch/x86/pte.h"

struct mm;

enum { PAGES = 32, READ_WRITE = PROT_READ | PROT_WRITE };

#define AREA ((vaddr_t)0x3fff0000) /* crosses a leaf table's end on every build */

/* The first word of page @page of the area. */
static inline u32 *word(unsigned page) { return (u32 *)(AREA + page * PAGE_BYTES); }

/* Enter an address space that has the area, untouched, with @prot. */
void zero_area_start(unsigned prot);

/* Read a page's first word as a program would; or all of them, which must be 0. */
u32 read_word(unsigned page);
void read_all(void);

/* @mm's entry for @va, and whether it is one of the zero page as it must be. */
pte_t entry_of(struct mm *mm, vaddr_t va);
bool is_zero_entry(struct mm *mm, vaddr_t va);

#endif
