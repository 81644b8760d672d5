/*
 * The firmware's memory map, made trustworthy.
 *
 * Cut the address space at every start and every end of an entry.  Between two neighbouring cuts
 * nothing changes, so one question settles it: which is the worst kind that covers this piece?
 *
 *      entry 0      |---- usable --------------|
 *      entry 1                |--- reserved -------|
 *      cuts         |         |                |   |
 *      the map      | usable  |    reserved        |
 *
 * Quadratic, but machines have ten entries, and a loader at most BOOT_MEMORY_RANGES.
 */
#include "mm/firmware_map.h"

#include "boot/boot_info.h"
#include "kernel/printk.h"
#include "mm/region.h"

static_assert(FIRMWARE_RANGES_MAX >= 2 * BOOT_MEMORY_RANGES, "each entry makes two cuts");

static struct region sane[BOOT_MEMORY_RANGES]; /* the entries that make sense, as they came */
static unsigned sane_count;
static paddr_t cuts[2 * BOOT_MEMORY_RANGES];
static unsigned cut_count;

static enum region_kind kind_of(u32 firmware_kind)
{
    switch (firmware_kind) {
    case BOOT_MEMORY_RAM:
        return REGION_USABLE;
    case BOOT_MEMORY_ACPI:
        return REGION_ACPI;
    case BOOT_MEMORY_ACPI_NVS:
        return REGION_ACPI_NVS;
    case BOOT_MEMORY_BAD:
        return REGION_BAD;
    default:
        return REGION_RESERVED;
    }
}

static void complain(const struct boot_memory_range *entry, const char *what)
{
    pr_warn("memory: entry %#llx-%#llx of the firmware's map (kind %u) %s\n",
            (unsigned long long)entry->start, (unsigned long long)entry->end, entry->kind, what);
}

/* Keep what makes sense of @entry: memory that may be RAM must be beyond doubt, the rest not. */
static void keep_sane(const struct boot_memory_range *entry, paddr_t limit)
{
    struct region region = { entry->start, entry->end, kind_of(entry->kind) };

    if (region.start == region.end) {
        complain(entry, "is empty: ignored");
        return;
    }
    if (region.start > region.end && region.kind == REGION_USABLE) {
        complain(entry, "ends before it starts: ignored");
        return;
    }
    if (region.start > region.end) {
        complain(entry, "ends before it starts: taken as reaching to the end of memory");
        region.end = limit;
    }
    if (region.end > limit && region.kind == REGION_USABLE)
        complain(entry, region.start >= limit ? "is beyond what this build can address: ignored"
                                              : "is cut to what this build can address");
    if (region.start >= limit)
        return;
    if (region.end > limit)
        region.end = limit;
    sane[sane_count++] = region;
}

static void add_cut(paddr_t at)
{
    unsigned place = cut_count;
    while (place > 0 && cuts[place - 1] > at)
        place--;
    if (place > 0 && cuts[place - 1] == at)
        return;
    for (unsigned i = cut_count++; i > place; i--)
        cuts[i] = cuts[i - 1];
    cuts[place] = at;
}

/* The worst kind that covers [@start, @end), which no cut divides.  false: nothing covers it. */
static bool worst_kind(paddr_t start, paddr_t end, enum region_kind *kind, bool *contested)
{
    unsigned covering = 0;

    for (unsigned i = 0; i < sane_count; i++) {
        if (sane[i].start > start || sane[i].end < end)
            continue;
        if (covering++ == 0 || sane[i].kind > *kind)
            *kind = sane[i].kind;
    }
    *contested |= covering > 1;
    return covering != 0;
}

static bool is_sorted(void)
{
    for (unsigned i = 1; i < sane_count; i++)
        if (sane[i].start < sane[i - 1].start)
            return false;
    return true;
}

unsigned firmware_map_read(const struct boot_memory_range *entries, unsigned count, paddr_t limit,
                           struct region *map)
{
    unsigned used = 0;
    bool contested = false;

    sane_count = cut_count = 0;
    for (unsigned i = 0; i < count && i < BOOT_MEMORY_RANGES; i++)
        keep_sane(&entries[i], limit);
    for (unsigned i = 0; i < sane_count; i++) {
        add_cut(sane[i].start);
        add_cut(sane[i].end);
    }

    for (unsigned i = 1; i < cut_count; i++) {
        struct region piece = { cuts[i - 1], cuts[i], REGION_USABLE };
        if (!worst_kind(piece.start, piece.end, &piece.kind, &contested))
            continue;
        if (used && map[used - 1].end == piece.start && map[used - 1].kind == piece.kind)
            map[used - 1].end = piece.end;
        else
            map[used++] = piece;
    }

    if (!is_sorted())
        pr_warn("memory: the firmware's map is not in order: sorted\n");
    if (contested)
        pr_warn("memory: entries of the firmware's map overlap: the worse kind wins\n");
    return used;
}
