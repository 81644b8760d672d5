/*
 * Preemption: which model switches where, and what must not sleep does not.
 */
#include "kernel/preempt.h"

#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/mutex.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

static SPINLOCK(spin, RANK_TEST_SPIN);

KTEST(sleeping_with_a_spinlock_held_is_reported) UNCHECKED_LOCKS
{
    ktest_expect_report("sleeping function called in atomic context");
    spin_lock(&spin);
    might_sleep();
    spin_unlock(&spin);
    ktest_report_seen();
}

KTEST(taking_a_mutex_with_preemption_off_is_reported) UNCHECKED_LOCKS
{
    struct mutex mutex;
    mutex_init(&mutex, RANK_TEST_OUTER, "test");
    ktest_expect_report("sleeping function called in atomic context");
    preempt_disable();
    mutex_lock(&mutex);
    mutex_unlock(&mutex);
    preempt_enable();
    ktest_report_seen();
}

KTEST(sleeping_with_interrupts_off_is_reported)
{
    ktest_expect_report("sleeping function called in atomic context");
    irqflags_t flags = irq_save();
    might_sleep();
    irq_restore(flags);
    ktest_report_seen();
}

/* [trap 40] */
KTEST(scheduling_with_preemption_off_is_reported)
{
    ktest_expect_report("schedules in atomic context");
    preempt_disable();
    schedule();
    preempt_enable();
    ktest_report_seen();
}

KTEST(the_count_knows_where_it_is)
{
    ktest_assert(!in_atomic());
    preempt_disable();
    preempt_disable();
    ktest_assert(in_atomic());
    ktest_assert(!in_interrupt());
    preempt_enable();
    ktest_assert(in_atomic());
    preempt_enable();
    ktest_assert(!in_atomic());

    irqflags_t flags = irq_save();
    irq_enter();
    ktest_assert(in_interrupt());
    nmi_enter();
    ktest_assert(in_nmi());
    nmi_exit();
    irq_exit();
    irq_restore(flags);
    ktest_assert(!in_interrupt());
}

/* [L30] */
KTEST(page_faults_are_disabled_by_task_and_by_atomic_context)
{
    ktest_assert(!pagefault_disabled());
    pagefault_disable();
    pagefault_disable();
    pagefault_enable();
    ktest_assert(pagefault_disabled());
    ktest_assert(!in_atomic());
    sched_yield(); /* it is the task's, not the CPU's */
    ktest_assert(pagefault_disabled());
    pagefault_enable();
    ktest_assert(!pagefault_disabled());
    preempt_disable();
    ktest_assert(pagefault_disabled());
    preempt_enable();
}

/* --- the models ------------------------------------------------------------------------------ */

/* A thread that sleeps until it is called, on the CPU of the one who calls. */
struct callee {
    struct wait_queue queue;
    bool called;
    bool ran;
    struct task *thread;
};

static void answer(void *data)
{
    struct callee *callee = data;
    wait_event(&callee->queue, READ_ONCE(callee->called));
    WRITE_ONCE(callee->ran, true);
}

static void callee_start(struct callee *callee)
{
    wait_queue_init(&callee->queue);
    callee->called = callee->ran = false;
    ktest_equal(sched_set_affinity(current, 1u << cpu_id()), 0);
    callee->thread = ktest_thread(answer, callee, (int)cpu_id());
    while (READ_ONCE(callee->thread->state) != TASK_UNINTERRUPTIBLE)
        sched_yield();
}

static void callee_wake(struct callee *callee)
{
    WRITE_ONCE(callee->called, true);
    wake_up(&callee->queue);
}

static void callee_end(struct callee *callee, enum preempt_model model)
{
    ktest_join(callee->thread);
    preempt_set_model(model);
    ktest_equal(sched_set_affinity(current, ~0u), 0);
}

KTEST(full_switches_to_whom_it_wakes_at_once)
{
    enum preempt_model before = preempt_model();
    struct callee callee;
    preempt_set_model(PREEMPT_FULL);
    callee_start(&callee);
    preempt_disable();
    callee_wake(&callee);
    bool ran_while_disabled = READ_ONCE(callee.ran);
    preempt_enable();
    bool ran_at_once = READ_ONCE(callee.ran);
    callee_end(&callee, before);
    ktest_assert(!ran_while_disabled);
    ktest_assert(ran_at_once);
}

KTEST(voluntary_switches_where_one_might_sleep)
{
    enum preempt_model before = preempt_model();
    struct callee callee;
    preempt_set_model(PREEMPT_VOLUNTARY);
    callee_start(&callee);
    callee_wake(&callee);
    bool ran_at_once = READ_ONCE(callee.ran);
    might_sleep();
    bool ran_in_might_sleep = READ_ONCE(callee.ran);
    callee_end(&callee, before);
    ktest_assert(!ran_at_once);
    ktest_assert(ran_in_might_sleep);
}

KTEST(none_switches_in_cond_resched_alone)
{
    enum preempt_model before = preempt_model();
    struct callee callee;
    preempt_set_model(PREEMPT_NONE);
    callee_start(&callee);
    callee_wake(&callee);
    might_sleep();
    bool ran_in_might_sleep = READ_ONCE(callee.ran);
    bool switched = cond_resched();
    bool ran_in_cond_resched = READ_ONCE(callee.ran);
    callee_end(&callee, before);
    ktest_assert(!ran_in_might_sleep);
    ktest_assert(switched);
    ktest_assert(ran_in_cond_resched);
}

/* A timer that calls the callee from the tick. */
struct caller {
    struct timer timer;
    struct callee callee;
};

static void call_from_tick(struct timer *timer)
{
    callee_wake(&container_of(timer, struct caller, timer)->callee);
}

/* Loop in the kernel for some ticks after the callee was woken by one of them: did it run? */
static bool runs_during_loop(enum preempt_model model)
{
    struct caller caller;
    callee_start(&caller.callee);
    timer_setup(&caller.timer, call_from_tick);
    preempt_set_model(model);
    timer_start(&caller.timer, time_now_ns());
    while (!READ_ONCE(caller.callee.called))
        cpu_relax();
    u64 end_ns = time_now_ns() + 3 * NS_PER_TICK;
    bool ran = false;
    while (time_now_ns() < end_ns && !ran)
        ran = READ_ONCE(caller.callee.ran);
    ktest_join(caller.callee.thread);
    ktest_assert(!timer_cancel(&caller.timer));
    return ran;
}

KTEST(an_interrupt_preempts_a_loop_in_the_kernel_in_full_only)
{
    enum preempt_model before = preempt_model();
    bool full = runs_during_loop(PREEMPT_FULL);
    bool voluntary = runs_during_loop(PREEMPT_VOLUNTARY);
    bool none = runs_during_loop(PREEMPT_NONE);
    preempt_set_model(before);
    ktest_equal(sched_set_affinity(current, ~0u), 0);
    ktest_assert(full);
    ktest_assert(!voluntary);
    ktest_assert(!none);
}
