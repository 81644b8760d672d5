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
#include "lib/string.h"
#include "mm/mm.h"

enum { HEAP_RANDOM_PAGES = (32 << 20) / PAGE_BYTES };

static bool is_fixed; /* (c) once the parameters are read */

static bool norandmaps_param(const char *value)
{
    is_fixed = true;
    return !*value;
}
KERNEL_PARAM("norandmaps", norandmaps_param);

bool exec_place_is_random(void) { return !is_fixed; }

/* A whole number of pages, fewer than @pages, a power of 2, in bytes; or 0. */
static size_t shift(unsigned long dice, unsigned long pages)
{
    return is_fixed ? 0 : (size_t)(dice & (pages - 1)) << PAGE_SHIFT;
}

/* How much mmap() leaves to the stack below its top. */
static size_t stack_room(const struct mm *mm)
{
    const size_t most = USER_TOP / 6 * 5, random = STACK_RANDOM_PAGES << PAGE_SHIFT;
    const size_t room = clamp(mm->limits.stack, (size_t)MM_STACK_ROOM, most - random);
    return is_fixed ? room : room + random + MM_STACK_GUARD;
}

void exec_place_choose(struct exec_place *place, struct mm *mm)
{
    struct {
        unsigned long stack, mmap, base, heap;
        u8 random[EXEC_RANDOM_BYTES];
    } dice;

    random_get(&dice, sizeof(dice));
    mm->stack_top = USER_TOP - shift(dice.stack, STACK_RANDOM_PAGES);
    mm->mmap_base = USER_TOP - stack_room(mm) - shift(dice.mmap, MMAP_RANDOM_PAGES);
    place->base = ELF_DYNAMIC_BASE + shift(dice.base, MMAP_RANDOM_PAGES);
    place->heap_gap = shift(dice.heap, HEAP_RANDOM_PAGES);
    memcpy(place->random, dice.random, sizeof(place->random));
}
