/*
 * The firmware's memory map, made trustworthy.
 *
 * What arrives may be unsorted, overlap, run backwards, be empty or lie beyond what the CPU can
 * address; machines with each of these have been sold.  What leaves is sorted and disjoint, and
 * each oddity has been said once.
 */
#ifndef MM_FIRMWARE_MAP_H
#define MM_FIRMWARE_MAP_H

#include "lib/types.h"

struct boot_memory_range;
struct region;

/* Each entry adds two boundaries at most; between n boundaries lie n - 1 ranges. */
enum { FIRMWARE_RANGES_MAX = 512 };

/*
 * Sort and merge the @count entries of @entries, as far as they lie below @limit, into @map,
 * which has room for FIRMWARE_RANGES_MAX.  Where entries overlap the worse kind wins.
 *
 * Returns: the number of ranges in @map.
 */
unsigned firmware_map_read(const struct boot_memory_range *entries, unsigned count, paddr_t limit,
                           struct region *map);

#endif
