/*
 * The rings of the trace.
 *
 *     written: 0 1 2 ...                       count
 *              | overwritten |     kept          |
 *     --------------------------------------------------> numbers
 *                            ^ count - TRACE_EVENTS
 *
 * Event n lies at n % TRACE_EVENTS.  Its CPU marks the place as being written, writes, and then
 * stores the number.  A reader on another CPU copies the event between two looks at the number: if
 * both show the one it wants, what it has is whole; if not, the event has been overwritten.
 *
 * The memory of the rings changes hands under trace_lock, and goes only when no CPU is in the
 * midst of trace_record(): after trace_on was cleared each CPU is interrupted once, which it lets
 * happen only outside.
 */
#include "mm/trace.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/percpu.h"
#include "kernel/mutex.h"
#include "kernel/preempt.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "mm/kmap_local.h"
#include "mm/vmalloc.h"

/* (o) by its CPU, with interrupts off; (l) under trace_lock, while nobody writes */
struct ring {
    struct trace_event *events; /* (l) NULL: none */
    unsigned long count;        /* (o) events written so far, wraps */
    unsigned long base;         /* (l) the first that trace_clear() has left */
};
static DEFINE_PER_CPU(struct ring, ring);

static MUTEX(trace_lock, RANK_TRACE);
static struct trace_event *all_events; /* (l) of all rings */

bool trace_on;

void trace_record(const struct trace_event *event)
{
    irqflags_t flags = irq_save();
    struct ring *mine = this_cpu_ptr(ring);
    if (trace_on && mine->events) { /* again: trace_stop() waits for those that see it here */
        u32 number = (u32)mine->count;
        struct trace_event *place = &mine->events[number % TRACE_EVENTS];
        WRITE_ONCE(place->number, ~number);
        barrier(); /* x86 stores in order, the compiler must, too */
        place->kind = event->kind;
        place->how = event->how;
        place->cpu = (u16)cpu_id();
        place->pid = current->pid;
        place->cost = event->cost;
        place->ns = time_now_ns();
        place->first = event->first;
        place->second = event->second;
        barrier();
        WRITE_ONCE(place->number, number);
        WRITE_ONCE(mine->count, mine->count + 1);
    }
    irq_restore(flags);
}

/* Memory for the events of all CPUs, NULL: there is none. */
static struct trace_event *allocate(void)
{
    return vmalloc(cpus_online * TRACE_EVENTS * sizeof(struct trace_event));
}

/* Give each CPU its part of @events; NULL: nothing.  While nobody writes. */
static void hand_out(struct trace_event *events) MUST_HOLD(trace_lock)
{
    all_events = events;
    for_each_online_cpu (cpu)
        per_cpu_ptr(ring, cpu)->events = events ? events + cpu * TRACE_EVENTS : NULL;
}

int trace_start(void)
{
    mutex_lock(&trace_lock);
    if (!all_events)
        hand_out(allocate());
    bool works = all_events;
    __atomic_store_n(&trace_on, works, __ATOMIC_RELEASE);
    kmap_local_trace(works);
    mutex_unlock(&trace_lock);
    return works ? 0 : -ENOMEM;
}

static void nothing(void *unused) {}

void trace_stop(void)
{
    mutex_lock(&trace_lock);
    kmap_local_trace(false);
    __atomic_store_n(&trace_on, false, __ATOMIC_SEQ_CST);
    preempt_disable();
    ipi_call(cpumask_online() & ~((cpumask_t)1 << cpu_id()), nothing, NULL, true);
    preempt_enable();
    mutex_unlock(&trace_lock);
}

void trace_clear(void)
{
    mutex_lock(&trace_lock);
    for_each_online_cpu (cpu)
        per_cpu_ptr(ring, cpu)->base = READ_ONCE(per_cpu_ptr(ring, cpu)->count);
    if (!trace_on) {
        vfree(all_events);
        hand_out(NULL);
    }
    mutex_unlock(&trace_lock);
}

/* --- reading --------------------------------------------------------------------------------- */

/* What was copied of one CPU's ring, and how much of it has been shown. */
struct copy {
    struct trace_event *event; /* room for TRACE_EVENTS */
    unsigned count, next;
};

/* Copy event @number of @its ring.  False: it is not there any more. */
static bool copy_event(const struct ring *its, u32 number, struct trace_event *event)
{
    const struct trace_event *place = &its->events[number % TRACE_EVENTS];
    if (__atomic_load_n(&place->number, __ATOMIC_ACQUIRE) != number)
        return false;
    *event = *place;
    barrier(); /* x86 loads in order, the compiler must, too */
    return READ_ONCE(place->number) == number;
}

/* Copy what there is in @its ring.  Returns: how many events have been overwritten. */
static u64 copy_ring(const struct ring *its, struct copy *copy) MUST_HOLD(trace_lock)
{
    const unsigned long end = READ_ONCE(its->count);
    unsigned long next = its->base;
    u64 lost = 0;
    if (!its->events)
        return 0;
    if (end - next > TRACE_EVENTS) {
        lost = end - next - TRACE_EVENTS;
        next = end - TRACE_EVENTS;
    }
    for (; next != end; next++) {
        if (copy_event(its, (u32)next, &copy->event[copy->count]))
            copy->count++;
        else
            lost++;
    }
    return lost;
}

/* The copy with the earliest event that was not shown yet; NULL: there is none. */
static struct copy *find_earliest(struct copy *copies)
{
    struct copy *earliest = NULL;
    for (struct copy *copy = copies; copy < copies + NR_CPUS; copy++)
        if (copy->next < copy->count &&
            (!earliest || copy->event[copy->next].ns < earliest->event[earliest->next].ns))
            earliest = copy;
    return earliest;
}

/* Copy all rings to @events, quickly: more go on coming.  Returns: how many were overwritten. */
static u64 copy_rings(struct copy *copies, struct trace_event *events)
{
    u64 lost = 0;
    mutex_lock(&trace_lock);
    for_each_online_cpu (cpu) {
        copies[cpu].event = events + cpu * TRACE_EVENTS;
        lost += copy_ring(per_cpu_ptr(ring, cpu), &copies[cpu]);
    }
    mutex_unlock(&trace_lock);
    return lost;
}

int trace_for_each(void (*visit)(const struct trace_event *event, void *data), void *data,
                   u64 *lost)
{
    struct copy copies[NR_CPUS] = { 0 };
    struct trace_event *events = allocate();
    if (!events)
        return -ENOMEM;
    *lost = copy_rings(copies, events);
    for (struct copy *copy; (copy = find_earliest(copies));)
        visit(&copy->event[copy->next++], data);
    vfree(events);
    return 0;
}
