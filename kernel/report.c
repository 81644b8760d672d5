/*
 * Reports of programmer errors, and the one that a test expects.
 */
#include "kernel/report.h"

#include <stdarg.h>

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "kernel/lock_held.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/format.h"
#include "lib/string.h"

static const char *expected;           /* atomic; NULL: no report is expected */
static bool seen;                      /* atomic */
static DEFINE_PER_CPU(u32, reporting); /* a report's own printing must not report */

/* Is @text the report a test waits for?  The first CPU to ask takes it. */
static bool is_expected(const char *text)
{
    const char *wanted = __atomic_load_n(&expected, __ATOMIC_ACQUIRE);
    if (!wanted || !strstr(text, wanted))
        return false;
    if (!__atomic_compare_exchange_n(&expected, &wanted, NULL, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED))
        return false;
    __atomic_store_n(&seen, true, __ATOMIC_RELEASE);
    return true;
}

void report(const char *format, ...)
{
    irqflags_t flags = irq_save(); /* one report at a time on this CPU */
    if (this_cpu_read(reporting)) {
        irq_restore(flags);
        return;
    }
    this_cpu_write(reporting, 1);

    char text[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);

    if (!is_expected(text)) {
        spin_print_held();
        lock_print_held();
        panic("%s", text);
    }
    this_cpu_write(reporting, 0);
    irq_restore(flags);
}

void report_expect(const char *text)
{
    __atomic_store_n(&seen, false, __ATOMIC_RELAXED);
    __atomic_store_n(&expected, text, __ATOMIC_RELEASE);
}

bool report_seen(void)
{
    __atomic_store_n(&expected, NULL, __ATOMIC_RELEASE);
    return __atomic_exchange_n(&seen, false, __ATOMIC_ACQ_REL);
}
