/*
 * Running the tests that are linked into the kernel.
 *
 * The runner starts a thread for each test and waits for its end or its time limit.  A test that
 * runs out of time cannot be taken back: what it holds it keeps.  So the run ends there.
 */
#include "kernel/ktest.h"

#include <stdarg.h>

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "arch/x86/power.h"
#include "arch/x86/stacktrace.h"
#include "kernel/ktest_leak.h"
#include "kernel/lock_held.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/format.h"
#include "lib/parse.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/audit.h"

extern const struct ktest __ktests_start[], __ktests_end[];

static const char *wanted; /* constant after boot: ktest= */
static u32 seed;           /* constant once the tests run: ktest_seed= */
static u32 random_steps;   /* atomic: numbers drawn by the test */

/* The test that runs; its threads write, the runner reads when they have ended. */
static bool failed;
static const char *skip_reason;
static struct in_use may_keep;

static bool ktest_param(const char *value)
{
    wanted = *value ? value : "*";
    return true;
}
KERNEL_PARAM("ktest", ktest_param);

static bool ktest_seed_param(const char *value) { return parse_u32(value, UINT32_MAX, &seed) == 0; }
KERNEL_PARAM("ktest_seed", ktest_seed_param);

const char *ktest_wanted(void) { return wanted; }

/* --- for tests ------------------------------------------------------------------------------- */

void ktest_note(const char *format, ...)
{
    char text[LOG_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printk(LOG_PLAIN, "# %s\n", text);
}

void ktest_fail(const char *file, int line, const char *format, ...)
{
    char text[LOG_TEXT_BYTES - 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printk(LOG_PLAIN, "# %s:%d: %s\n", file, line, text);
    WRITE_ONCE(failed, true);
    if (!in_atomic() && !irqs_disabled() && lock_count_held(current) == 0 &&
        !task_is_pinned(current))
        task_exit(1);
}

void ktest_may_keep(unsigned objects, unsigned pages)
{
    may_keep.objects += objects;
    may_keep.pages += pages;
}

_Noreturn void ktest_skip(const char *reason)
{
    skip_reason = reason;
    task_exit(0);
}

u32 ktest_random(void)
{
    u32 step = __atomic_fetch_add(&random_steps, 1, __ATOMIC_RELAXED);
    struct random random;
    random_seed(&random, (u64)seed << 32 | step);
    return (u32)random_u64(&random);
}

struct task *ktest_thread(void (*function)(void *data), void *data, int cpu)
{
    struct task *thread = task_create_kernel(function, data, "ktest-thread");
    if (!thread)
        return NULL;
    if (cpu >= 0 && sched_set_affinity(thread, 1u << cpu) < 0)
        ktest_fail(__FILE__, __LINE__, "CPU %d is not online", cpu);
    task_wake(thread);
    return thread;
}

void ktest_join(struct task *thread) { task_wait(thread); }

/* What the threads of ktest_on_each_cpu() share: they start together. */
struct each_cpu {
    void (*function)(void *data);
    void *data;
    unsigned missing; /* atomic: threads not at the start line yet */
};

static void run_on_one_cpu(void *data)
{
    struct each_cpu *each = data;
    __atomic_fetch_sub(&each->missing, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&each->missing, __ATOMIC_SEQ_CST) > 0)
        sched_yield();
    each->function(each->data);
}

void ktest_on_each_cpu(void (*function)(void *data), void *data)
{
    struct each_cpu each = { function, data, READ_ONCE(cpus_online) };
    struct task *threads[NR_CPUS];
    unsigned count = each.missing;
    for (unsigned cpu = 0; cpu < count; cpu++) {
        threads[cpu] = ktest_thread(run_on_one_cpu, &each, (int)cpu);
        if (!threads[cpu]) {
            ktest_note("no memory for a thread on CPU %u", cpu);
            WRITE_ONCE(failed, true);
            __atomic_fetch_sub(&each.missing, 1, __ATOMIC_SEQ_CST);
        }
    }
    for (unsigned cpu = 0; cpu < count; cpu++) {
        if (threads[cpu])
            ktest_join(threads[cpu]);
    }
}

/* --- the runner ------------------------------------------------------------------------------ */

/* Write "file.name" of @test, file without its folder and ".c". */
static void full_name(const struct ktest *test, char *buffer, size_t size)
{
    const char *slash = strrchr(test->file, '/');
    const char *file = slash ? slash + 1 : test->file;
    const char *dot = strrchr(file, '.');
    int length = dot ? (int)(dot - file) : (int)strlen(file);
    snprintf(buffer, size, "%.*s.%s", length, file, test->name);
}

static bool matches(const struct ktest *test, const char *glob)
{
    char name[128];
    full_name(test, name, sizeof(name));
    return glob_match(glob, name);
}

static void test_thread(void *data)
{
    const struct ktest *test = data;
    test->function();
}

/* Run @test in a thread of its own.  Returns: false: it did not end in time. */
static bool run_limited(const struct ktest *test)
{
    struct task *thread = ktest_thread(test_thread, (void *)test, -1);
    if (!thread) {
        ktest_note("no memory for the test's thread");
        failed = true;
        return true;
    }
    u64 deadline_ns = time_now_ns() + test->limit_s * NS_PER_S;
    int late = wait_event_until(&current->child_exit, READ_ONCE(thread->state) == TASK_ZOMBIE,
                                deadline_ns);
    if (late) {
        ktest_note("still running after %u s", test->limit_s);
        stack_trace_task(thread);
        return false;
    }
    task_wait(thread);
    return true;
}

/* Run @test as number @number and print its line.  Returns: whether it passed. */
static bool run_test(const struct ktest *test, unsigned number)
{
    char name[128];
    full_name(test, name, sizeof(name));
    failed = false;
    skip_reason = NULL;
    random_steps = 0;
    may_keep = in_use_now();
    bool in_time = run_limited(test);
    if (in_time && (audit_all() > 0 || !in_use_as_before(&may_keep)))
        failed = true;
    report_seen(); /* an expectation ends with the test that had it */

    if (failed || !in_time)
        printk(LOG_PLAIN, "not ok %u %s\n", number, name);
    else if (skip_reason)
        printk(LOG_PLAIN, "ok %u %s # SKIP %s\n", number, name, skip_reason);
    else
        printk(LOG_PLAIN, "ok %u %s\n", number, name);
    if (!in_time) {
        printk(LOG_PLAIN, "Bail out! %s cannot be stopped\n", name);
        machine_exit(1);
    }
    return !failed;
}

_Noreturn void ktest_run(const char *glob)
{
    unsigned count = 0, number = 0, failures = 0;
    for (const struct ktest *test = __ktests_start; test < __ktests_end; test++)
        count += matches(test, glob);
    if (!seed)
        seed = (u32)rdtsc() | 1;
    printk(LOG_PLAIN, "KTAP version 1\n");
    printk(LOG_PLAIN, "1..%u\n", count);
    ktest_note("ktest_seed=%u repeats this run's random numbers", seed);
    for (const struct ktest *test = __ktests_start; test < __ktests_end; test++) {
        if (matches(test, glob) && !run_test(test, ++number))
            failures++;
    }
    machine_exit(failures || !count ? 1 : 0);
}
