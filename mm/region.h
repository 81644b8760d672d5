/*
 * Boot-time memory: which ranges are RAM, and the first pages handed out of them.
 *
 * Before there is a struct page, memory is ranges.  The firmware's list of them cannot be
 * trusted: it may be unsorted, overlap, wrap around or lie beyond what the CPU can address.
 * region_init() makes a sorted list of disjoint ranges of it; where entries disagree, the worse
 * kind of memory wins.  A second list holds what is taken: the kernel, the initrd, and all that
 * region_alloc() gave away.  page_init() turns both into struct pages, and from then on nothing
 * here may be called but the questions.
 *
 * One CPU, no interrupts, until page_init(); constant afterwards.  So there is no lock.
 */
#ifndef MM_REGION_H
#define MM_REGION_H

#include "lib/annotate.h"
#include "lib/types.h"

struct boot_info;

/* Kinds of memory, best first: where entries overlap the last of these wins. */
enum region_kind {
    REGION_USABLE,
    REGION_ACPI,     /* tables, which we read long after boot: never given away */
    REGION_ACPI_NVS, /* the firmware's own, kept over sleep */
    REGION_RESERVED, /* devices, the firmware, and all kinds nobody told us of */
    REGION_BAD,
    REGION_KINDS,
};

struct region {
    paddr_t start; /* (c) */
    paddr_t end;
    enum region_kind kind;
};

/* No address: what region_alloc() returns when nothing fits. */
#define REGION_NONE ((paddr_t)0)

/*
 * Learn the machine's memory from @info, print it, and apply mem= and highmem=.  Reserves the
 * first page, the kernel's image, the initrd and the loader's data.  Panics with a message if
 * there is no memory map or too little memory.
 */
void region_init(const struct boot_info *info);

/* Take [@start, @end) out of what region_alloc() and the page allocator give.  @why is kept. */
void region_reserve(paddr_t start, paddr_t end, const char *why);

/*
 * Take @bytes aligned to @align, ending at or below @below; as high as possible, so that low
 * memory stays for those who need it.  The memory is not cleared.
 *
 * Returns: the address, REGION_NONE: nothing fits.
 */
paddr_t region_alloc(paddr_t bytes, paddr_t align, paddr_t below) MUST_CHECK;

/* The end of RAM: the first address beyond all of it. */
paddr_t region_end_of_ram(void);

/* The end of the direct map, a multiple of 4 MiB or the end of RAM: RAM beyond it is HIGHMEM. */
paddr_t region_direct_end(void);

/* How much RAM the direct map covers. */
paddr_t region_direct_bytes(void);

/* A page below 640 KiB where the other CPUs start in real mode; reserved for that. */
paddr_t region_trampoline(void);

/* Is any of [@start, @end) RAM? */
bool region_is_ram(paddr_t start, paddr_t end);

/* The usable range that follows @previous (NULL: the first), in order of address; NULL: no more. */
const struct region *region_next_ram(const struct region *previous);

#define for_each_ram_range(range) \
    for (const struct region *range = region_next_ram(NULL); range; range = region_next_ram(range))

/*
 * The first stretch at or after @from that is RAM and not taken, as [*@start, *@end).
 *
 * Returns: false: there is none.
 */
bool region_next_free(paddr_t from, paddr_t *start, paddr_t *end);

/* For page_init(): forget the RAM from @end on, whose struct pages do not fit. */
void region_limit_ram(paddr_t end);

/* For page_init(): from here on only the questions are answered. */
void region_close(void);

/* The first address this CPU, or this build, cannot reach. */
paddr_t region_physical_limit(void);

#endif
