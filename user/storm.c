/*
 * Storms: much of one thing at once, until it is over or memory is; then the books must balance.
 *
 *     init=/bin/storm -- forks 10000       children, one after another
 *                        alive 1000        children, all alive at once
 *                        bomb 5 [LIMIT]    children that have children, for 5 s; RLIMIT_NPROC
 *                        pipes 20000       messages, of many writers, for many readers
 *                        signals 2000      signals, between threads of many processes
 *                        maps 5            threads that map, unmap and use the same pages, for 5 s
 *
 * Several in a row may be asked for.  Each prints what it did; status 0: each did what it should,
 * and as much memory is in use as before.  The kernel says so in /proc/audit, which only makes
 * sense while nobody else runs; so it is the first program, or does without.
 */
#include "storm.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "books.h"

static const struct storm {
    const char *name;
    int (*run)(long how_much, long limit);
} storms[] = {
    { "forks", storm_forks }, { "alive", storm_alive },     { "bomb", storm_bomb },
    { "pipes", storm_pipes }, { "signals", storm_signals }, { "maps", storm_maps },
};

static int run_storm(const char *name, long how_much, long limit)
{
    for (unsigned i = 0; i < sizeof(storms) / sizeof(storms[0]); i++)
        if (!strcmp(storms[i].name, name))
            return storms[i].run(how_much, limit);
    printf("storm: there is no \"%s\"\n", name);
    return 0;
}

int main(int argc, char **argv)
{
    static struct books before, after;
    const int can_audit = getpid() == 1 && access("/proc/audit", R_OK) == 0;
    int all_well = argc > 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int at = 1; at + 1 < argc;) {
        const char *name = argv[at];
        long how_much = strtol(argv[at + 1], NULL, 0), limit = 0;
        at += 2;
        if (at < argc && argv[at][0] >= '0' && argv[at][0] <= '9')
            limit = strtol(argv[at++], NULL, 0);
        if (can_audit)
            books_read(&before);
        int well = run_storm(name, how_much, limit);
        int balance = !can_audit || books_balance(&before, &after);
        if (!balance)
            books_print_growth(&before, &after);
        printf("storm: %s %ld: %s%s\n", name, how_much, well ? "well" : "FAILED",
               balance ? "" : ", but the books do NOT balance");
        all_well &= well && balance;
    }
    return !all_well;
}
