/*
 * Boot-time memory: which ranges are RAM, and the first pages handed out of them.
 *
 * Three tables.  `map` is what the firmware says, cleaned (firmware_map.c).  `ram` is its usable
 * part, in whole pages, after mem=.  `taken` is what of the RAM is in use already.  Free memory
 * is never written down: it is RAM that nobody has taken, and small enough tables make looking
 * for it cheap.
 */
#include "mm/region.h"

#include "arch/x86/cpu.h"
#include "arch/x86/pte.h"
#include "boot/boot_info.h"
#include "kernel/panic.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/minmax.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "machine/memmap.h"
#include "mm/firmware_map.h"
#include "mm/image.h"
#include "mm/page.h"

enum { TAKEN_MAX = 64 };

/* What must be left when the kernel's image and the initrd are in place. */
#define SPARE_BYTES_MIN ((paddr_t)4 << 20)
/* The direct map ends on such a boundary, so that no block of the allocator straddles zones. */
#define ZONE_ALIGN ((paddr_t)PAGE_BYTES << PAGE_ORDER_MAX)
/* highmem= leaves this much in the direct map, or there is no room for the struct pages. */
#define DIRECT_BYTES_MIN ((paddr_t)12 << 20)

struct taken {
    paddr_t start, end;
    const char *why;
};

/* All constant once page_init() has run; before that there is one CPU. */
static struct region map[FIRMWARE_RANGES_MAX];
static unsigned map_count;
static struct region ram[FIRMWARE_RANGES_MAX + 1]; /* one more, for an initrd beyond mem= */
static unsigned ram_count;
static struct taken taken[TAKEN_MAX]; /* in order of address, disjoint */
static unsigned taken_count;
static paddr_t direct_end;
static paddr_t trampoline;
static paddr_t mem_limit = ~(paddr_t)0;
static paddr_t highmem_bytes;
static bool closed;

static bool set_mem_limit(const char *value) { return parse_size(value, &mem_limit) == 0; }
KERNEL_PARAM("mem", set_mem_limit);

static bool set_highmem(const char *value) { return parse_size(value, &highmem_bytes) == 0; }
KERNEL_PARAM("highmem", set_highmem);

paddr_t region_physical_limit(void)
{
    unsigned bits = 36; /* of CPUs too old to say */

    if (cpuid(0x80000000, 0).eax >= 0x80000008)
        bits = cpuid(0x80000008, 0).eax & 0xff;
    if (bits > PHYS_BITS_MAX)
        bits = PHYS_BITS_MAX;
    return (paddr_t)1 << bits;
}

static void print_map(void)
{
    static const char *const names[REGION_KINDS] = {
        [REGION_USABLE] = "usable",     [REGION_ACPI] = "ACPI tables",
        [REGION_ACPI_NVS] = "ACPI NVS", [REGION_RESERVED] = "reserved",
        [REGION_BAD] = "bad",
    };

    for (unsigned i = 0; i < map_count; i++)
        pr_info("memory: 0x%011llx-0x%011llx %s\n", (unsigned long long)map[i].start,
                (unsigned long long)map[i].end, names[map[i].kind]);
}

/* Add the whole pages of [@start, @end), which lies above all that is there. */
static void add_ram(paddr_t start, paddr_t end)
{
    start = align_up(start, PAGE_BYTES);
    end = align_down(end, PAGE_BYTES);
    if (start >= end)
        return;
    if (ram_count && ram[ram_count - 1].end == start)
        ram[ram_count - 1].end = end;
    else
        ram[ram_count++] = (struct region){ start, end, REGION_USABLE };
}

/* Keep what is usable up to mem=; the initrd even beyond, where the loader has put it. */
static void find_ram(const struct boot_info *info)
{
    const paddr_t initrd_start = align_down(info->initrd_start, PAGE_BYTES);
    const paddr_t initrd_end = align_up(info->initrd_end, PAGE_BYTES);

    for (unsigned i = 0; i < map_count; i++) {
        const struct region range = map[i];
        if (range.kind != REGION_USABLE)
            continue;
        const paddr_t cut = clamp(mem_limit, range.start, range.end);
        add_ram(range.start, cut);
        add_ram(max(cut, initrd_start), min(range.end, initrd_end));
    }
}

static paddr_t ram_bytes(void)
{
    paddr_t bytes = 0;
    for_each_ram_range (range)
        bytes += range->end - range->start;
    return bytes;
}

/* The address above which lie @bytes of RAM, or a little more. */
static paddr_t top_bytes_start(paddr_t bytes)
{
    for (unsigned i = ram_count; i-- > 0;) {
        paddr_t length = ram[i].end - ram[i].start;
        if (length >= bytes)
            return align_down(ram[i].end - bytes, ZONE_ALIGN);
        bytes -= length;
    }
    return 0;
}

static void find_direct_end(void)
{
    const paddr_t end = region_end_of_ram();

    direct_end = end < DIRECT_MAP_MAX ? end : DIRECT_MAP_MAX;
    if (highmem_bytes == 0)
        return;
    if (!HAS_HIGHMEM) {
        pr_warn("memory: highmem= ignored: here the direct map reaches all memory\n");
        return;
    }

    paddr_t wanted = top_bytes_start(highmem_bytes);
    const paddr_t least = align_up((vaddr_t)_end - KERNEL_BASE + DIRECT_BYTES_MIN, ZONE_ALIGN);
    if (wanted < least) {
        pr_warn("memory: highmem= would leave too little low memory: %llu MiB kept\n",
                (unsigned long long)least >> 20);
        wanted = least;
    }
    if (wanted < direct_end)
        direct_end = wanted;
}

static void take_what_is_in_use(const struct boot_info *info)
{
    const paddr_t image_end = align_up((vaddr_t)_end - KERNEL_BASE, PAGE_BYTES);

    region_reserve(0, PAGE_BYTES, "first page");
    region_reserve((vaddr_t)_boot, image_end, "kernel");
    if (info->initrd_start < info->initrd_end)
        region_reserve(info->initrd_start, info->initrd_end, "initrd");
    trampoline = region_alloc(PAGE_BYTES, PAGE_BYTES, 0xa0000);
    if (trampoline == REGION_NONE)
        pr_warn("memory: no page below 640 KiB: the other CPUs cannot start\n");
}

static bool is_inside_ram(paddr_t start, paddr_t end)
{
    for_each_ram_range (range)
        if (range->start <= start && end <= range->end)
            return true;
    return false;
}

/* Stop with a message, rather than later with a riddle, if the machine is too small. */
static void check_enough(const struct boot_info *info)
{
    paddr_t needed = align_up((vaddr_t)_end - KERNEL_BASE, PAGE_BYTES) - (vaddr_t)_boot;

    if (info->initrd_start < info->initrd_end)
        needed += info->initrd_end - info->initrd_start;
    if (ram_bytes() < needed + SPARE_BYTES_MIN)
        panic("not enough memory: %llu KiB, and kernel and initrd alone are %llu KiB",
              (unsigned long long)ram_bytes() >> 10, (unsigned long long)needed >> 10);
    if (!is_inside_ram((vaddr_t)_boot, (vaddr_t)_end - KERNEL_BASE))
        panic("not enough memory: the kernel's image at %#lx-%#lx is not in RAM",
              (unsigned long)_boot, (unsigned long)_end - KERNEL_BASE);
    if (info->initrd_start < info->initrd_end &&
        !is_inside_ram(info->initrd_start, info->initrd_end))
        panic("the initrd at %#llx-%#llx is not in RAM (mem= too small?)",
              (unsigned long long)info->initrd_start, (unsigned long long)info->initrd_end);
}

void region_init(const struct boot_info *info)
{
    if (info->memory_count == 0)
        panic("the loader gave no memory map: nothing says where RAM is");

    map_count = firmware_map_read(info->memory, info->memory_count, region_physical_limit(), map);
    print_map();
    find_ram(info);
    if (ram_count == 0)
        panic("the memory map has no usable memory");
    check_enough(info);
    find_direct_end();
    take_what_is_in_use(info);

    const paddr_t total = ram_bytes();
    pr_info("memory: %llu KiB usable, %llu KiB of it beyond the direct map\n",
            (unsigned long long)total >> 10,
            (unsigned long long)(total - region_direct_bytes()) >> 10);
}

/* The first of `taken` that ends beyond @address; taken_count: none. */
static unsigned first_taken_after(paddr_t address)
{
    unsigned i = 0;
    while (i < taken_count && taken[i].end <= address)
        i++;
    return i;
}

void region_reserve(paddr_t start, paddr_t end, const char *why)
{
    assert(!closed);
    assert(start < end);
    start = align_down(start, PAGE_BYTES);
    end = align_up(end, PAGE_BYTES);

    /* Swallow all it overlaps, and neighbours taken for the same reason; put the union there. */
    unsigned place = first_taken_after(start);
    unsigned swallowed = 0;
    if (place > 0 && taken[place - 1].end == start && taken[place - 1].why == why)
        place--;
    while (place + swallowed < taken_count) {
        const struct taken *other = &taken[place + swallowed];
        if (other->start > end || (other->start == end && other->why != why))
            break;
        start = min(start, other->start);
        end = max(end, other->end);
        swallowed++;
    }
    if (swallowed == 0 && taken_count == TAKEN_MAX)
        panic("too many pieces of memory in use at boot (%d), at: %s", TAKEN_MAX, why);

    memmove(&taken[place + 1], &taken[place + swallowed],
            (taken_count - place - swallowed) * sizeof(taken[0]));
    taken[place] = (struct taken){ start, end, why };
    taken_count += 1 - swallowed;
}

/* The highest aligned start of @bytes free within [@start, @end); REGION_NONE: there is none. */
static paddr_t highest_fit(paddr_t start, paddr_t end, paddr_t bytes, paddr_t align)
{
    while (end >= start && end - start >= bytes) {
        const paddr_t candidate = align_down(end - bytes, align);
        if (candidate < start)
            return REGION_NONE;
        const unsigned i = first_taken_after(candidate);
        if (i == taken_count || taken[i].start >= candidate + bytes)
            return candidate;
        end = taken[i].start;
    }
    return REGION_NONE;
}

paddr_t region_alloc(paddr_t bytes, paddr_t align, paddr_t below)
{
    assert(!closed);
    assert(bytes > 0);
    assert((align & (align - 1)) == 0);
    if (align < PAGE_BYTES)
        align = PAGE_BYTES;

    bytes = align_up(bytes, PAGE_BYTES);
    for (unsigned i = ram_count; i-- > 0;) {
        const paddr_t end = min(ram[i].end, below);
        const paddr_t start = highest_fit(ram[i].start, end, bytes, align);
        if (start == REGION_NONE)
            continue;
        region_reserve(start, start + bytes, "allocated at boot");
        return start;
    }
    return REGION_NONE;
}

paddr_t region_end_of_ram(void) { return ram[ram_count - 1].end; }
paddr_t region_direct_end(void) { return direct_end; }
paddr_t region_trampoline(void) { return trampoline; }

paddr_t region_direct_bytes(void)
{
    paddr_t bytes = 0;

    for_each_ram_range (range)
        if (range->start < direct_end)
            bytes += min(range->end, direct_end) - range->start;
    return bytes;
}

bool region_is_ram(paddr_t start, paddr_t end)
{
    for_each_ram_range (range)
        if (range->start < end && start < range->end)
            return true;
    return false;
}

const struct region *region_next_ram(const struct region *previous)
{
    const struct region *next = previous ? previous + 1 : ram;
    return next < ram + ram_count ? next : NULL;
}

void region_limit_ram(paddr_t end)
{
    assert(!closed);
    assert(end > ram[0].start);
    while (ram[ram_count - 1].start >= end)
        ram_count--;
    ram[ram_count - 1].end = min(ram[ram_count - 1].end, end);
    direct_end = min(direct_end, end);
}

bool region_next_free(paddr_t from, paddr_t *start, paddr_t *end)
{
    for_each_ram_range (range) {
        *start = max(from, range->start);
        unsigned i = first_taken_after(*start);
        while (i < taken_count && taken[i].start <= *start)
            *start = taken[i++].end;
        if (*start >= range->end)
            continue;
        *end = i < taken_count && taken[i].start < range->end ? taken[i].start : range->end;
        return true;
    }
    return false;
}

void region_close(void) { closed = true; }
