/*
 * Loading: from a plan to a program's memory.
 */
#ifndef KERNEL_EXEC_LOAD_H
#define KERNEL_EXEC_LOAD_H

#include "kernel/elf.h"
#include "lib/annotate.h"

struct file;
struct mm;

/*
 * Map the pieces of @plan, which has been moved to its place, from @file into @mm, which is the
 * current task's and nobody else's yet.
 *
 * Returns: 0, -ENOMEM, -ENODEV (a file that cannot be mapped), -EIO.  Sleeps.
 */
int exec_load(struct mm *mm, struct file *file, const struct elf_plan *plan) MUST_CHECK;

/* Note in @mm, for reports, where @plan puts code and data. */
void exec_note(struct mm *mm, const struct elf_plan *plan);

#endif
