/*
 * Address space layout randomisation.
 *
 * The spans are Linux's: as many bits as an address of the machine can spare.
 */
#include "kernel/exec_place.h"

#include "arch/x86/pte.h"
#include "kernel/param.h"
#include "kernel/random.h"
#include "lib/minmax.h"
#include "mm/mm.h"

enum { HEAP_RANDOM_PAGES = (32 << 20) / PAGE_BYTES };

static bool all_fixed; /* (c) once the parameters are read */

static bool norandmaps_param(const char *value)
{
    all_fixed = true;
    return !*value;
}
KERNEL_PARAM("norandmaps", norandmaps_param);

bool exec_place_is_random(void) { return !all_fixed; }

/* A whole number of pages, fewer than @pages, a power of 2, in bytes. */
static size_t shift(unsigned long dice, unsigned long pages)
{
    return (size_t)(dice & (pages - 1)) << PAGE_SHIFT;
}

/* How much mmap() leaves to the stack below its top. */
static size_t stack_room(const struct mm *mm, bool is_fixed)
{
    const size_t most = USER_TOP / 6 * 5, random = STACK_RANDOM_PAGES << PAGE_SHIFT;
    const size_t room = clamp(mm->limits.stack, (size_t)MM_STACK_ROOM, most - random);
    return is_fixed ? room : room + random + MM_STACK_GUARD;
}

void exec_place_choose(struct exec_place *place, struct mm *mm, bool is_fixed)
{
    struct {
        unsigned long stack, mmap, base, heap;
    } dice = { 0 };

    is_fixed |= all_fixed;
    if (!is_fixed)
        random_get(&dice, sizeof(dice));
    random_get(place->random, sizeof(place->random));
    mm->stack_top = USER_TOP - shift(dice.stack, STACK_RANDOM_PAGES);
    mm->mmap_base = USER_TOP - stack_room(mm, is_fixed) - shift(dice.mmap, MMAP_RANDOM_PAGES);
    place->base = ELF_DYNAMIC_BASE + shift(dice.base, MMAP_RANDOM_PAGES);
    place->heap_gap = shift(dice.heap, HEAP_RANDOM_PAGES);
}
