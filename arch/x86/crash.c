/*
 * Crashes on purpose.
 *
 * Each is done by a thread of its own, so that its stack has a guard page.  Volatile variables
 * hide from the compiler what is wrong with it.
 */
#include "arch/x86/crash.h"

#include "arch/x86/cpu.h"
#include "arch/x86/descriptors.h"
#include "arch/x86/percpu.h"
#include "kernel/panic.h"
#include "kernel/param.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "mm/kmap_local.h"
#include "mm/zone.h"

enum { NO_SUCH_SELECTOR = 0xfff8 };

static volatile int zero;
static volatile vaddr_t no_address = VMALLOC_END + 0x1000;

extern char _text[]; /* linker.ld */

static void crash_divide(void) { no_address /= (vaddr_t)zero; }
static void crash_ud(void) { __builtin_trap(); }
static void crash_protection(void) { tss_load(NO_SUCH_SELECTOR); }
static void crash_pagefault(void) { *(volatile int *)no_address = 1; }
static void crash_rodata(void) { *(volatile char *)_text = 1; }
static void crash_nullcall(void) { ((void (*)(void))(vaddr_t)zero)(); }
static void crash_assert(void) { assert(zero == 1); }
static void crash_panic(void) { panic("crash=panic was asked for"); }

/* Run off the end of a page that kmap_local shows, on the CPU whose slots come first. */
static void crash_kmap(void)
{
    struct page *page = page_alloc(GFP_HIGHUSER, 0);
    if (!page || sched_set_affinity(current, 1) < 0)
        panic("crash: no memory for a page");
    kmap_force(true);
    volatile char *mapped = kmap_local_page(page);
    mapped[PAGE_BYTES - 1] = 1;
    mapped[PAGE_BYTES] = 1;
}

static void crash_nx(void)
{
    static const volatile unsigned char ret = 0xc3;
    ((void (*)(void))(vaddr_t)&ret)();
}

static int NOINLINE recurse(const volatile int *above)
{
    volatile int room[64] = { *above };
    return room[0] == zero ? 0 : recurse(room) + room[1];
}

static void crash_stackoverflow(void)
{
    volatile int bottom = 1;
    recurse(&bottom);
}

static u32 is_deaf; /* (a) */

static void loop_deaf(void *unused)
{
    irq_disable();
    WRITE_ONCE(is_deaf, 1);
    for (;;)
        cpu_relax();
}

static void crash_deaf(void)
{
    if (cpus_online == 1)
        panic("crash=deaf needs another CPU");
    struct task *task = task_create_kernel(loop_deaf, NULL, "deaf");
    if (!task || sched_set_affinity(task, 1u << (cpus_online - 1)) < 0)
        panic("crash: no memory for a thread");
    task_wake(task);
    while (!READ_ONCE(is_deaf))
        time_sleep_ns(NS_PER_MS);
    panic("crash=deaf was asked for");
}

struct crash {
    const char *name;
    void (*function)(void);
};

static const struct crash crashes[] = {
    { "divide", crash_divide },
    { "ud", crash_ud },
    { "protection", crash_protection },
    { "pagefault", crash_pagefault },
    { "rodata", crash_rodata },
    { "nullcall", crash_nullcall },
    { "kmap", crash_kmap },
    { "nx", crash_nx },
    { "stackoverflow", crash_stackoverflow },
    { "bootstack", crash_stackoverflow },
    { "assert", crash_assert },
    { "panic", crash_panic },
    { "deaf", crash_deaf },
};

static const struct crash *wanted; /* constant after params_parse() */

static bool crash_param(const char *value)
{
    for (size_t i = 0; i < ARRAY_COUNT(crashes); i++)
        if (strcmp(value, crashes[i].name) == 0)
            wanted = &crashes[i];
    return wanted != NULL;
}
KERNEL_PARAM("crash", crash_param);

static void crash_thread(void *data)
{
    const struct crash *crash = data;
    crash->function();
    pr_err("crash: %s did no harm", crash->name);
}

void crash_if_asked(void)
{
    if (!wanted)
        return;
    if (strcmp(wanted->name, "bootstack") == 0)
        crash_thread((void *)wanted);
    struct task *task = task_create_kernel(crash_thread, (void *)wanted, "crash");
    if (!task)
        panic("crash: no memory for a thread");
    task_wake(task);
    task_wait(task);
}
