/*
 * What becomes of wishes: the length of turns, and what children inherit.
 */
#include "kernel/sched_wish.h"

#include "lib/minmax.h"

u8 sched_turn_of_wish(const struct sched_wish *wish)
{
    const unsigned priority = (unsigned)(PRIORITY_OF_NICE_0 - READ_ONCE(wish->nice));
    if (READ_ONCE(wish->policy) == SCHED_IDLE)
        return 1;
    return (u8)max((SLICE_TICKS * priority + PRIORITY_OF_NICE_0 / 2) / PRIORITY_OF_NICE_0, 1u);
}

struct sched_wish sched_wish_of_child(const struct sched_wish *wish)
{
    bool resets = wish->reset_on_fork && wish->nice < 0;
    return (struct sched_wish){
        .nice = resets ? 0 : wish->nice,
        .policy = wish->policy,
        .io_priority = wish->io_priority,
    };
}
