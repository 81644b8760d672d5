/*
 * The blocks of per-CPU variables.
 */
#include "arch/x86/percpu.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "machine/segments.h"
#include "mm/page.h"
#include "mm/zone.h"

DEFINE_PER_CPU(unsigned, cpu_number);
DEFINE_PER_CPU(uintptr_t, cpu_offset);

uintptr_t cpu_offsets[NR_CPUS];
unsigned cpus_online = 1;

extern char _percpu_start[], _percpu_end[]; /* linker.ld */
extern char _percpu_as_linked[];            /* as large, in .bss */

static size_t block_bytes(void) { return (size_t)(_percpu_end - _percpu_start); }

void percpu_init(void) { memcpy(_percpu_as_linked, _percpu_start, block_bytes()); }

int percpu_create(unsigned cpu)
{
    unsigned order = 0;
    while (PAGE_BYTES << order < block_bytes())
        order++;
    struct page *pages = page_alloc(GFP_KERNEL, order);
    if (!pages)
        return -ENOMEM;

    char *block = page_address(pages);
    memcpy(block, _percpu_as_linked, block_bytes());
    cpu_offsets[cpu] = (uintptr_t)block - (uintptr_t)_percpu_start;
    *per_cpu_ptr(cpu_number, cpu) = cpu;
    *per_cpu_ptr(cpu_offset, cpu) = cpu_offsets[cpu];
    return segments_create(cpu);
}
