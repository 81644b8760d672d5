/*
 * The ring of messages: what is said is read back whole, by one CPU and by all at once.
 */
#include "kernel/printk.h"

#include "arch/x86/percpu.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/time.h"
#include "lib/format.h"
#include "lib/parse.h"
#include "lib/string.h"

enum {
    LINES_PER_CPU = 50, /* of all 8 CPUs less than the ring holds */
    RING_LINES = 512,
};

static struct log_line line;

/* The text of @line, cut at the newline. */
static const char *line_text(void)
{
    line.bytes[line.length - 1] = '\0';
    return line.bytes + line.text;
}

/* Read on from message @next to one of our own, which begin with a hash. */
static bool read_own(u32 *next)
{
    while (log_read(next, &line))
        if (line.bytes[line.text] == '#')
            return true;
    return false;
}

KTEST(a_message_is_read_back_with_level_and_time)
{
    u32 next = log_count();
    u64 before_us = time_now_ns() / 1000;
    printk(LOG_DEBUG, "#%s %d\n", "answer", 42);

    ktest_assert(read_own(&next));
    ktest_equal(line.level, LOG_DEBUG);
    ktest_equal(line.bytes[line.length - 1], '\n');
    ktest_assert(strcmp(line_text(), "#answer 42") == 0);

    u64 seconds = 0;
    line.bytes[6] = '\0'; /* "[    1.234567] ": the seconds */
    ktest_equal(parse_u64(line.bytes + 1 + strspn(line.bytes + 1, " "), &seconds), 0);
    ktest_assert(seconds >= before_us / 1000000 && seconds <= before_us / 1000000 + 5);
}

KTEST(a_message_without_newline_is_a_line_as_well)
{
    u32 next = log_count();
    printk(LOG_DEBUG, "#a");
    printk(LOG_DEBUG, "#b\n\n");
    ktest_assert(read_own(&next));
    ktest_assert(strcmp(line_text(), "#a") == 0);
    ktest_assert(read_own(&next));
    ktest_assert(strcmp(line_text(), "#b") == 0);
}

KTEST(a_long_message_is_cut_and_ends_in_dots)
{
    u32 next = log_count();
    printk(LOG_DEBUG, "#%0300d", 7);
    ktest_assert(read_own(&next));
    const char *text = line_text();
    ktest_equal(strlen(text), LOG_TEXT_BYTES - 1);
    ktest_assert(strcmp(text + LOG_TEXT_BYTES - 4, "...") == 0);
}

KTEST(a_slow_reader_is_told_how_much_it_lost)
{
    u32 next = log_count();
    u32 first = next;
    for (unsigned i = 0; i < RING_LINES + 100; i++)
        printk(LOG_DEBUG, "#%u", i);
    ktest_assert(log_read(&next, &line));
    ktest_assert(line.lost >= 100);
    ktest_equal(next - first, line.lost + 1);
}

KTEST(a_message_from_an_nmi_context_is_shown_later)
{
    u32 next = log_count();
    preempt_disable();
    nmi_enter();
    printk(LOG_DEBUG, "#from an NMI");
    nmi_exit();
    preempt_enable();
    ktest_assert(read_own(&next));
    ktest_assert(strcmp(line_text(), "#from an NMI") == 0);
}

static void say_many(void *data)
{
    unsigned cpu = cpu_id();
    for (unsigned i = 0; i < LINES_PER_CPU; i++)
        printk(LOG_DEBUG, "#%u %u %s", cpu, i, "and some more text to make it take a while");
}

KTEST(all_cpus_talk_at_once_and_each_line_is_whole)
{
    u32 next = log_count();
    unsigned count[NR_CPUS] = { 0 };
    ktest_on_each_cpu(say_many, NULL);

    unsigned lines = 0;
    for (; read_own(&next); lines++) {
        char expected[LOG_TEXT_BYTES];
        const char *text = line_text();
        unsigned cpu = (unsigned)(text[1] - '0');
        ktest_assert(cpu < NR_CPUS);
        ktest_equal(line.lost, 0);
        snprintf(expected, sizeof(expected), "#%u %u %s", cpu, count[cpu]++,
                 "and some more text to make it take a while");
        if (strcmp(text, expected) != 0)
            ktest_note("read '%s', expected '%s'", text, expected);
        ktest_assert(strcmp(text, expected) == 0);
    }
    ktest_equal(lines, cpus_online * LINES_PER_CPU);
}
