/*
 * Which system calls are missed, and by whom.
 *
 * A row for each call and program's name, in the order in which they came.  There is room for so
 * many; what comes later is only counted.
 */
#include "kernel/unimplemented.h"

#include "kernel/fs/proc_entry.h"
#include "kernel/spinlock.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "lib/string.h"

enum { ROWS = 256 };

struct row {
    unsigned long number;
    unsigned long times;
    char program[TASK_NAME_BYTES];
};

static SPINLOCK(rows_lock, RANK_FS);
static struct row rows[ROWS]; /* under rows_lock, as all below */
static unsigned row_count;
static unsigned long others; /* calls that found no room */

/* The row for @number and @program, which may be new, or NULL: no room.  *@is_known: the number. */
static struct row *find_row(unsigned long number, const char *program, bool *is_known)
    MUST_HOLD(rows_lock)
{
    *is_known = false;
    for (unsigned i = 0; i < row_count; i++) {
        if (rows[i].number != number)
            continue;
        *is_known = true;
        if (!strcmp(rows[i].program, program))
            return &rows[i];
    }
    if (row_count == ROWS)
        return NULL;
    struct row *row = &rows[row_count++];
    row->number = number;
    strlcpy(row->program, program, sizeof(row->program));
    return row;
}

bool unimplemented_count(unsigned long number)
{
    bool is_known;
    char program[TASK_NAME_BYTES];
    strlcpy(program, current->name, sizeof(program));
    spin_lock(&rows_lock);
    struct row *row = find_row(number, program, &is_known);
    if (row)
        row->times++;
    else
        others++;
    spin_unlock(&rows_lock);
    return row && !is_known;
}

/* One row at a time is copied: writing text sleeps. */
int proc_show_unimplemented(struct text *text, struct task *task)
{
    text_add(text, "number  name                     program          times\n");
    for (unsigned i = 0; i < ROWS; i++) {
        spin_lock(&rows_lock);
        struct row row = rows[i];
        bool is_there = i < row_count;
        spin_unlock(&rows_lock);
        if (!is_there)
            break;
        const char *name = syscall_name(row.number);
        text_add(text, "%6ld  %-24s %-16s %lu\n", (long)row.number, name ? name : "?", row.program,
                 row.times);
    }
    spin_lock(&rows_lock);
    unsigned long rest = others;
    spin_unlock(&rows_lock);
    if (rest)
        text_add(text, "others, for which there was no room: %lu\n", rest);
    return 0;
}
