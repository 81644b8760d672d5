/*
 * Interrupts: handlers are called as promised, on either kind of controller.
 *
 * The real-time clock's periodic interrupt is the device: every machine has one, and nobody else
 * uses its line.
 */
#include "arch/x86/irq.h"

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "arch/x86/port.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "mm/count.h"

enum {
    RTC_INDEX = 0x70,
    RTC_DATA = 0x71,
    RTC_B = 11,
    RTC_C = 12, /* reading it lets the next interrupt come */
    RTC_B_PERIODIC = 1 << 6,
    ENOUGH = 5,
    WAIT_MS = 1000,
};

/* Written by the handler, on one CPU. */
static unsigned handled;
static bool saw_interrupts_on, saw_no_interrupt, saw_other_cpu, saw_no_frame;

static u8 rtc_read(u8 reg)
{
    port_write8(RTC_INDEX, reg);
    return port_read8(RTC_DATA);
}

static void rtc_write(u8 reg, u8 value)
{
    port_write8(RTC_INDEX, reg);
    port_write8(RTC_DATA, value);
}

static void rtc_periodic(bool on)
{
    irqflags_t flags = irq_save();
    u8 b = rtc_read(RTC_B) & (u8)~RTC_B_PERIODIC;
    rtc_write(RTC_B, on ? b | RTC_B_PERIODIC : b);
    (void)rtc_read(RTC_C);
    irq_restore(flags);
}

static void handle(void *data)
{
    saw_interrupts_on |= !irqs_disabled();
    saw_no_interrupt |= !in_interrupt();
    saw_other_cpu |= cpu_id() != 0;
    saw_no_frame |= !irq_frame();
    (void)rtc_read(RTC_C);
    (*(unsigned *)data)++;
}

KTEST(a_device_calls_its_handler)
{
    handled = 0;
    u64 before = irq_count(IRQ_RTC);
    ktest_equal(irq_request(IRQ_RTC, handle, &handled, "test"), 0);
    rtc_periodic(true);
    for (unsigned ms = 0; ms < WAIT_MS && READ_ONCE(handled) < ENOUGH; ms += 10)
        time_sleep_ns(10 * NS_PER_MS);
    rtc_periodic(false);
    irq_free(IRQ_RTC);

    ktest_assert(handled >= ENOUGH);
    ktest_assert(irq_count(IRQ_RTC) - before >= ENOUGH);
    ktest_assert(!saw_interrupts_on);
    ktest_assert(!saw_no_interrupt);
    ktest_assert(!saw_other_cpu);
    ktest_assert(!saw_no_frame);
    ktest_assert(!irq_frame());
}

KTEST(a_line_that_was_given_back_is_quiet)
{
    handled = 0;
    ktest_equal(irq_request(IRQ_RTC, handle, &handled, "test"), 0);
    irq_free(IRQ_RTC);
    unsigned long spurious = count_read(COUNT_IRQ_SPURIOUS);
    rtc_periodic(true);
    time_sleep_ns(50 * NS_PER_MS);
    rtc_periodic(false);
    ktest_equal(handled, 0);
    ktest_equal(count_read(COUNT_IRQ_SPURIOUS), spurious);
}

KTEST(a_line_has_one_handler)
{
    ktest_equal(irq_request(IRQ_RTC, handle, &handled, "first"), 0);
    int second = irq_request(IRQ_RTC, handle, &handled, "second");
    const char *name = irq_name(IRQ_RTC);
    irq_free(IRQ_RTC);
    ktest_equal(second, -EBUSY);
    ktest_assert(name && name[0] == 'f');
    ktest_assert(!irq_name(IRQ_RTC));
}

KTEST(a_line_that_does_not_exist_is_refused)
{
    ktest_equal(irq_request(ISA_IRQS, handle, NULL, "test"), -EINVAL);
    ktest_equal(irq_request(~0u, handle, NULL, "test"), -EINVAL);
    ktest_equal(irq_request(IRQ_RTC, NULL, NULL, "test"), -EINVAL);
}
