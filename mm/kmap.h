/*
 * Short mappings of pages that the kernel cannot otherwise reach.
 *
 * On i386 most memory can lie beyond the direct map.  kmap_local gives such a page one of this
 * CPU's few slots, for as long as the code at hand needs it.  Mappings nest: the last made is
 * the first undone.  They belong to the task, which may sleep while it holds some but stays on
 * its CPU; the scheduler takes them down and puts them back around it.  A page in the direct map
 * costs nothing, unless kmap=always asks for slots everywhere, to test this code on x86_64 too.
 *
 * Interrupt handlers may use it too, above what the interrupted task holds, if they keep
 * interrupts off meanwhile.
 */
#ifndef MM_KMAP_H
#define MM_KMAP_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct page;
struct task;

/* Heed kmap=always from here on: there are tasks. */
void kmap_init(void);

/* As if kmap=always were given, or not given: for tests.  Returns what it was.  Any context. */
bool kmap_force(bool on);

/* A pointer to @page's PAGE_BYTES bytes, to be given back by kunmap_local().  Never NULL. */
void *kmap_local_page(const struct page *page) MUST_CHECK;

/* The same with rights of the caller's choice, which a page of the direct map ignores. */
void *kmap_local_page_prot(const struct page *page, prot_t prot) MUST_CHECK;

/* The same for a frame that may have no struct page; always takes a slot where HIGHMEM exists. */
void *kmap_local_pfn(pfn_t pfn) MUST_CHECK;

/* Undo the last of the above; @address is any byte of what it returned. */
#define kunmap_local(address)                                                                      \
    do {                                                                                           \
        static_assert(!__builtin_types_compatible_p(__typeof__(address), struct page *) &&         \
                          !__builtin_types_compatible_p(__typeof__(address), const struct page *), \
                      "kunmap_local() takes the address, not the page");                           \
        kunmap_address(address);                                                                   \
    } while (0)
void kunmap_address(const void *address);

/* Take down and put back the mappings of @task around a switch.  Interrupts off. */
void kmap_sched_out(struct task *task);
void kmap_sched_in(struct task *task);

/* Does @address lie in the slots? */
bool kmap_owns(vaddr_t address);

/* The page behind @address, in a slot or in the direct map. */
struct page *kmap_page_of(const void *address);

/* Count what this CPU's slots hold beyond the tasks' own books, and say so.  0: nothing. */
int kmap_audit(void);

#endif
