/*
 * The watchdog.
 *
 * Each CPU leaves two signs of life: its tick says "interrupts are on", a thread that runs on it
 * alone says "tasks get their turn".  The CPU's own tick misses the second, the tick of the CPU
 * before it misses the first.  A CPU is reported once each time it gets stuck.
 */
#include "kernel/watchdog.h"

#include "arch/x86/ipi.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/stacktrace.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/assert.h"
#include "lib/parse.h"

enum {
    SIGNS_PER_LIMIT = 4, /* so that a thread that waits for its turn is not yet late */
    LIMIT_MAX_S = 3600,
};

/* Times are in ms and come round after 49 days: only differences count.  All members atomic. */
struct watch {
    u32 ticked_ms;
    u32 ran_ms;
    u32 is_reported_hard;
    u32 is_reported_soft;
};

static DEFINE_PER_CPU(struct watch, watch);

static u32 limit_ms = WATCHDOG_LIMIT_S * 1000; /* (a) 0: the watchdog is off */
static u32 limit_changes;                      /* (a) */
static u32 is_started;                         /* (a) */
static u32 reports_hard, reports_soft;         /* (a) */
static WAIT_QUEUE(limit_changed);

static bool set_limit_s(const char *value)
{
    u32 seconds;
    if (parse_u32(value, LIMIT_MAX_S, &seconds) < 0)
        return false;
    limit_ms = seconds * 1000;
    return true;
}

KERNEL_PARAM("watchdog", set_limit_s);

static u32 now_ms(void) { return (u32)(time_now_ns() / NS_PER_MS); }

unsigned watchdog_reports_hard(void) { return READ_ONCE(reports_hard); }
unsigned watchdog_reports_soft(void) { return READ_ONCE(reports_soft); }

/* The other CPU has not ticked for @silent_ms. */
static void report_hard(unsigned cpu, u32 silent_ms)
{
    if (__atomic_exchange_n(&per_cpu_ptr(watch, cpu)->is_reported_hard, 1, __ATOMIC_RELAXED))
        return;
    __atomic_add_fetch(&reports_hard, 1, __ATOMIC_RELAXED);
    pr_err("watchdog: CPU %u has had interrupts off for %u ms", cpu, silent_ms);
    ipi_request_stack(cpu);
}

/* This CPU has run no other task for @silent_ms. */
static void report_soft(u32 silent_ms)
{
    if (__atomic_exchange_n(&this_cpu_ptr(watch)->is_reported_soft, 1, __ATOMIC_RELAXED))
        return;
    __atomic_add_fetch(&reports_soft, 1, __ATOMIC_RELAXED);
    pr_err("watchdog: CPU %u has run nothing but this for %u ms:", cpu_id(), silent_ms);
    stack_trace_print(irq_frame());
}

void watchdog_tick(void)
{
    u32 limit = READ_ONCE(limit_ms), now = now_ms();
    struct watch *own = this_cpu_ptr(watch);

    WRITE_ONCE(own->ticked_ms, now);
    WRITE_ONCE(own->is_reported_hard, 0);
    if (!limit || !__atomic_load_n(&is_started, __ATOMIC_ACQUIRE))
        return;

    unsigned next = (cpu_id() + 1) % cpus_online;
    u32 silent_ms = now - READ_ONCE(per_cpu_ptr(watch, next)->ticked_ms);
    if (next != cpu_id() && (s32)silent_ms > (s32)limit)
        report_hard(next, silent_ms); /* signed: it may have ticked after we looked at the clock */
    silent_ms = now - READ_ONCE(own->ran_ms);
    if ((s32)silent_ms > (s32)limit)
        report_soft(silent_ms);
}

/* What the watchdog's thread on each CPU does: be seen to run. */
static void show_life(void *unused)
{
    for (;;) {
        u32 changes = READ_ONCE(limit_changes), limit = READ_ONCE(limit_ms);
        struct watch *own = this_cpu_ptr(watch);
        WRITE_ONCE(own->ran_ms, now_ms());
        WRITE_ONCE(own->is_reported_soft, 0);

        u64 pause_ns = limit ? limit * NS_PER_MS / SIGNS_PER_LIMIT : NS_PER_S;
        (void)wait_event_until(&limit_changed, READ_ONCE(limit_changes) != changes,
                               time_now_ns() + pause_ns);
    }
}

static void reset_signs(void)
{
    for_each_online_cpu (cpu) {
        WRITE_ONCE(per_cpu_ptr(watch, cpu)->ticked_ms, now_ms());
        WRITE_ONCE(per_cpu_ptr(watch, cpu)->ran_ms, now_ms());
    }
}

void watchdog_set_limit_ns(u64 limit_ns)
{
    assert(limit_ns <= LIMIT_MAX_S * NS_PER_S);
    WRITE_ONCE(limit_ms, 0); /* no reports while the threads have not heard of it */
    reset_signs();
    WRITE_ONCE(limit_ms, (u32)(limit_ns / NS_PER_MS));
    __atomic_add_fetch(&limit_changes, 1, __ATOMIC_RELEASE);
    wake_up_all(&limit_changed);
}

void watchdog_init(void)
{
    for_each_online_cpu (cpu) {
        struct task *task = task_create_kernel(show_life, NULL, "watchdog");
        if (!task || sched_set_affinity(task, 1u << cpu) < 0) {
            pr_warn("watchdog: off, no memory for its threads");
            return;
        }
        task_wake(task);
        task_detach(task);
    }
    reset_signs();
    __atomic_store_n(&is_started, 1, __ATOMIC_RELEASE);
}
