/*
 * The census: what all pages of the machine are used for, counted page by page.
 *
 * Nobody keeps these numbers while pages come and go, so that faults need not: whoever wants to
 * know counts.  It takes a few milliseconds for a GiB.
 */
#ifndef MM_CENSUS_H
#define MM_CENSUS_H

#include "mm/zone.h"

/* All in pages. */
struct census {
    unsigned long free;        /* those in the lists of the CPUs included */
    unsigned long slab;        /* slabs of object caches */
    unsigned long kmalloc;     /* big kmalloc()s */
    unsigned long tables;      /* page tables */
    unsigned long anon_mapped; /* anonymous memory that a process can reach */
    unsigned long file_mapped; /* pages of files, likewise */
    unsigned long file;        /* all pages of files */
    unsigned long anon_huge;   /* of anon_mapped, those in huge pages */
    unsigned long other;       /* stacks, vmalloc, pipes, pools of huge pages, and the like */
};

/* Count the pages of zone @id.  A moment that never was, if pages come and go.  Sleeps. */
void census_take(enum zone_id id, struct census *census);

/* Add @other's numbers to @sum's. */
void census_add(struct census *sum, const struct census *other);

#endif
