/*
 * /proc/audit: prove that the books of memory balance, and say how much is in use.
 *
 *     offences 0          what mm/audit.c complains about; each is on the console, too
 *     objects 2412        of all slab caches, in use
 *     pages 1310          in use, but for those of slabs
 *
 * Reading it is the proof.  Who reads it makes sure that nothing else runs: books that somebody
 * writes in meanwhile need not balance.  The two counts are exact, so a program that does
 * something for ever can tell whether it costs memory for ever.
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/ktest_leak.h"
#include "mm/audit.h"

int proc_show_audit(struct text *text, struct task *task)
{
    int offences = audit_all();
    struct in_use now = in_use_now();
    text_add(text, "offences %d\nobjects %lu\npages %lu\n", offences, now.objects, now.pages);
    return text_error(text);
}
