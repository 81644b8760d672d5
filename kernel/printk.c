/*
 * The ring of messages.
 *
 * Message n stands in record n % LOG_RECORDS.  The record's state says which message, and whether
 * it is whole, counting in laps around the ring:
 *
 *     state           | the record
 *    -----------------+----------------------------------------------
 *     2 * lap         | waits for the message of this lap
 *     2 * lap + 1     | that message is being written
 *     2 * lap + 2     | that message stands there: waits for the next lap
 *
 * A writer takes a number only when its record waits for it; when the record is still being
 * written, a whole ring later, the message is dropped and counted.  So each record has one writer
 * at a time and nobody waits.  A reader copies, then looks whether the state is still the same.
 *
 * A number's lap and the state both wrap around together, since LAP_MASK fits them.
 */
#include "kernel/printk.h"

#include "arch/x86/cpu.h"
#include "arch/x86/serial.h"
#include "kernel/console.h"
#include "kernel/panic.h"
#include "kernel/param.h"
#include "kernel/time.h"
#include "lib/format.h"
#include "lib/parse.h"
#include "lib/string.h"

enum {
    LOG_RECORDS = 512,
    LAP_MASK = (1 << 24) - 1, /* 2^32 numbers are 2^23 laps, each worth 2 */
};

static_assert((u64)LOG_RECORDS * (LAP_MASK + 1ull) / 2 == 1ull << 32, "laps wrap with numbers");

/* (a) atomic; (w) by the writer, while state is odd */
struct record {
    u32 state;                 /* (a) */
    u32 dropped;               /* (w) messages dropped before this one */
    u64 time_ns;               /* (w) */
    u16 length;                /* (w) of text */
    u8 level;                  /* (w) */
    char text[LOG_TEXT_BYTES]; /* (w) no newline at the end */
};

static struct record records[LOG_RECORDS];
static u32 next_number; /* (a) */
static u32 dropped;     /* (a) messages dropped since the last one that was not */
static enum log_level console_level = LOG_DEBUG; /* not included */

static struct record *record_of(u32 number) { return &records[number % LOG_RECORDS]; }
static u32 waiting_state(u32 number) { return 2 * (number / LOG_RECORDS) & LAP_MASK; }
static u32 whole_state(u32 number) { return (waiting_state(number) + 2) & LAP_MASK; }

/* Take the next number, if its record waits for it.  Returns: false if that is still in use. */
static bool take_number(u32 *number)
{
    for (;;) {
        u32 next = __atomic_load_n(&next_number, __ATOMIC_ACQUIRE);
        u32 state = __atomic_load_n(&record_of(next)->state, __ATOMIC_ACQUIRE);
        *number = next;
        if (state == waiting_state(next)) {
            if (__atomic_compare_exchange_n(&next_number, &next, next + 1, false, __ATOMIC_ACQ_REL,
                                            __ATOMIC_RELAXED))
                return true;
        } else if (log_count() == next) { /* else another writer has just taken it */
            return false;
        }
    }
}

/* Begin message *@number.  Returns: NULL if its record is still in use. */
static struct record *record_begin(u32 *number)
{
    if (!take_number(number))
        return NULL;
    struct record *record = record_of(*number);
    __atomic_store_n(&record->state, waiting_state(*number) + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE); /* readers see the odd state before new text */
    return record;
}

static void record_end(struct record *record, u32 number)
{
    __atomic_store_n(&record->state, whole_state(number), __ATOMIC_RELEASE);
}

/* Format into @text; a message that does not fit ends in dots.  Returns: its length. */
static size_t format_text(char *text, const char *format, va_list args)
{
    size_t length = (size_t)vsnprintf(text, LOG_TEXT_BYTES, format, args);
    if (length >= LOG_TEXT_BYTES) {
        length = LOG_TEXT_BYTES - 1;
        memcpy(text + length - 3, "...", 3);
    }
    while (length > 0 && text[length - 1] == '\n')
        length--;
    return length;
}

static void log_append(enum log_level level, const char *format, va_list args)
{
    u32 number;
    struct record *record = record_begin(&number);
    if (!record) {
        __atomic_fetch_add(&dropped, 1, __ATOMIC_RELAXED);
        return;
    }
    record->dropped = __atomic_exchange_n(&dropped, 0, __ATOMIC_RELAXED);
    record->time_ns = time_now_ns();
    record->level = (u8)level;
    record->length = (u16)format_text(record->text, format, args);
    record_end(record, number);
}

void vprintk(enum log_level level, const char *format, va_list args)
{
    irqflags_t flags = irq_save(); /* a preempted writer would hold up all consoles */
    log_append(level, format, args);
    console_flush();
    irq_restore(flags);
}

void printk(enum log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintk(level, format, args);
    va_end(args);
}

/* Copy @record to @line as text. */
static void make_line(const struct record *record, struct log_line *line)
{
    u64 us = record->time_ns / NS_PER_US;
    line->level = (enum log_level)record->level;
    line->time_ns = record->time_ns;
    line->lost += record->dropped;
    line->text = 0;
    if (line->level != LOG_PLAIN)
        line->text = (size_t)scnprintf(line->bytes, LOG_LINE_BYTES, "[%5llu.%06llu] ",
                                       (unsigned long long)(us / 1000000),
                                       (unsigned long long)(us % 1000000));
    line->length = line->text;
    line->length += (size_t)scnprintf(line->bytes + line->text, LOG_LINE_BYTES - line->text,
                                      "%.*s\n", (int)record->length, record->text);
}

/* Is message @number taken, but not written to its end? */
static bool is_unfinished(u32 number)
{
    u32 state = __atomic_load_n(&record_of(number)->state, __ATOMIC_ACQUIRE);
    return state == waiting_state(number) || state == waiting_state(number) + 1;
}

/* Copy message @number to @line.  Returns: false if another stands in its place. */
static bool read_record(u32 number, struct log_line *line)
{
    const struct record *record = record_of(number);
    if (__atomic_load_n(&record->state, __ATOMIC_ACQUIRE) != whole_state(number))
        return false;
    u32 lost = line->lost;
    make_line(record, line);
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the text was read before the state is */
    if (__atomic_load_n(&record->state, __ATOMIC_RELAXED) == whole_state(number))
        return true;
    line->lost = lost;
    return false;
}

bool log_read(u32 *next, struct log_line *line)
{
    u32 count = log_count();
    u32 number = *next;

    line->lost = 0;
    if (count - number > LOG_RECORDS) {
        line->lost = count - LOG_RECORDS - number;
        number = count - LOG_RECORDS;
    }
    for (; number != count; number++, line->lost++) {
        /* In a panic its writer may be a CPU that was stopped in the middle. */
        if (is_unfinished(number) && !panic_in_progress())
            return false;
        if (read_record(number, line)) {
            *next = number + 1;
            return true;
        }
    }
    return false;
}

bool log_ready(u32 next) { return next != log_count() && !is_unfinished(next); }
u32 log_count(void) { return __atomic_load_n(&next_number, __ATOMIC_ACQUIRE); }
enum log_level log_console_level(void) { return READ_ONCE(console_level); }
void log_set_console_level(enum log_level level) { WRITE_ONCE(console_level, level); }

void printk_init(void) { serial_init(); }

static bool loglevel_param(const char *value)
{
    u32 level;
    if (parse_u32(value, LOG_DEBUG + 1, &level))
        return false;
    log_set_console_level((enum log_level)level);
    return true;
}
KERNEL_PARAM("loglevel", loglevel_param);
