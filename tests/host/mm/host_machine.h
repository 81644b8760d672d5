/*
 * A machine for host tests of mm/: some memory, and a CPU with a TLB that forgets only what it is
 * told to forget.
 *
 * The CPU finds its way through the page tables that the code under test has built, bit by bit
 * as the manual says, not through that code's own walk.  What it found it remembers, tables and
 * pages; whoever frees a page that it still remembers has made a mistake that real hardware would
 * punish once in a million times.
 */
#ifndef TESTS_HOST_MM_HOST_MACHINE_H
#define TESTS_HOST_MM_HOST_MACHINE_H

#include "mm/fault.h"
#include "mm/page.h"

struct mm;

enum { HOST_PAGES = 4096 };

/* Give the machine its memory, all free; forget everything. */
void host_machine_start(void);

/* Has nobody written to the zero page? */
bool host_zero_page_is_zero(void);

/* Pages that are not free. */
unsigned host_pages_used(void);

/* Let page_alloc() fail after @count more successes; negative: never. */
void host_fail_after(int count);

/* What the CPU does with @va in @mm: NULL if it faults, else where the byte lies in memory. */
unsigned char *host_cpu_touch(struct mm *mm, vaddr_t va, unsigned access);

/* As above, with page faults handled by mm_fault(); *@result says how that went. */
unsigned char *host_cpu_access(struct mm *mm, vaddr_t va, unsigned access,
                               enum fault_result *result);

/* What another CPU does while the next page is cleared: called once. */
extern void (*host_on_clear)(void);

/* How many flushes of each kind there were. */
extern unsigned host_flushed_ranges, host_flushed_all;

#endif
