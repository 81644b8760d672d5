/*
 * Page faults of several CPUs at once, and what each of them sees afterwards.
 */
#include "mm/fault.h"

#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/pagetable.h"
#include "mm/zone.h"
#include "tests/kernel/user_space.h"

enum { PAGES = 100, THREADS = 4, ROUNDS = 20 };

#define AREA ((vaddr_t)0x3ffc0000) /* crosses a leaf table's end on every build */

static struct mm *shared;
static unsigned ready; /* atomic */

/* Go on when all @threads have come here for the @time-th time, as nearly at once as can be. */
static void rendezvous(unsigned threads, unsigned time)
{
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < threads * time) {
        if (cpus_online < threads)
            sched_yield();
        cpu_relax();
    }
}

static unsigned thread_count;

static void touch_all(void *data)
{
    user_space_enter(shared);
    for (unsigned i = 0; i < PAGES; i++) {
        u32 *place = (u32 *)(AREA + i * PAGE_BYTES) + (unsigned long)data;
        rendezvous(thread_count, i + 1);
        ktest_equal(put_user(i, place), 0); /* all of them, now, on the same page */
    }
    user_space_leave();
}

KTEST(threads_that_fault_at_once_get_one_page_each_time)
{
    struct task *threads[THREADS];
    thread_count = cpus_online > 1 && cpus_online < THREADS ? cpus_online : THREADS;
    ready = 0;
    user_space_enter(NULL);
    shared = current->mm;
    user_space_map(AREA, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE);
    unsigned long fresh = count_read(COUNT_FAULT_FRESH);
    for (unsigned long i = 0; i < thread_count; i++)
        threads[i] = ktest_thread(touch_all, (void *)i, (int)(i % cpus_online));
    for (unsigned i = 0; i < thread_count; i++)
        ktest_join(threads[i]);

    ktest_equal(count_read(COUNT_FAULT_FRESH) - fresh, PAGES);
    ktest_equal(shared->anon_pages, PAGES);
    for (unsigned i = 0; i < PAGES; i++) {
        u32 seen[THREADS];
        ktest_equal(copy_from_user(seen, (void *)(AREA + i * PAGE_BYTES), sizeof seen), 0);
        for (unsigned t = 0; t < thread_count; t++)
            ktest_equal(seen[t], i); /* no thread's write went to a page that lost */
    }
    user_space_leave();
}

/* --- what is unmapped is forgotten by all CPUs ---------------------------------------------- */

static unsigned stop;                  /* atomic */
static unsigned long reads, strangers; /* reads: atomic */

enum { OURS = 0x0badcafe, THEIRS = 0x57a11e5 };

static void read_forever(void *data)
{
    user_space_enter(shared);
    rendezvous(2, 1);
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        u32 value = 0;
        if (get_user(value, (u32 *)AREA) == 0 && value == THEIRS)
            strangers++;
        __atomic_fetch_add(&reads, 1, __ATOMIC_SEQ_CST);
        sched_yield();
    }
    user_space_leave();
}

/* Fill freed memory as its next owner would: most likely the page that was just unmapped. */
static void reuse_pages(void)
{
    struct page *pages[8];
    for (unsigned i = 0; i < ARRAY_COUNT(pages); i++) {
        pages[i] = page_alloc(GFP_KERNEL, 0);
        ktest_assert(pages[i]);
        u32 *words = page_address(pages[i]);
        for (size_t w = 0; w < PAGE_BYTES / sizeof *words; w++)
            words[w] = THEIRS;
    }
    unsigned long seen = __atomic_load_n(&reads, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&reads, __ATOMIC_SEQ_CST) < seen + 2)
        cpu_relax(); /* let the reader look at it */
    for (unsigned i = 0; i < ARRAY_COUNT(pages); i++) {
        memset(page_address(pages[i]), 0, PAGE_BYTES);
        page_free(pages[i], 0);
    }
}

/* [trap 26] */
KTEST(no_cpu_reads_a_page_that_was_unmapped)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    ready = stop = 0;
    reads = strangers = 0;
    user_space_enter(NULL);
    shared = current->mm;
    struct task *reader = ktest_thread(read_forever, NULL, 1);
    ktest_equal(sched_set_affinity(current, 1), 0);
    rendezvous(2, 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        user_space_map(AREA, PAGE_BYTES, PROT_READ | PROT_WRITE);
        ktest_equal(put_user(OURS, (u32 *)AREA), 0);
        ktest_equal(mm_unmap(shared, AREA, PAGE_BYTES), 0);
        reuse_pages();
    }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    ktest_join(reader);
    ktest_equal(strangers, 0);
    user_space_leave();
}

/* [trap 28] */
KTEST(a_flush_bothers_only_cpus_that_have_the_mm_loaded)
{
    ktest_equal(sched_set_affinity(current, 1), 0); /* before: it leaves no tables elsewhere */
    user_space_enter(NULL);
    user_space_map(AREA, PAGE_BYTES, PROT_READ | PROT_WRITE);
    ktest_equal(put_user(1, (u32 *)AREA), 0);
    unsigned long sent = count_read(COUNT_TLB_SENT);
    ktest_equal(mm_protect(current->mm, AREA, PAGE_BYTES, PROT_READ), 0);
    ktest_equal(count_read(COUNT_TLB_SENT), sent);
    user_space_leave();
}

/* --- borrowed tables -------------------------------------------------------------------------- */

static struct page_table *loaded;

static void note_loaded_root(void *data) { loaded = tlb_loaded_root(); }

static void be_a_process_for_a_moment(void *data)
{
    user_space_enter(shared);
    u32 value = 1;
    ktest_equal(get_user(value, (u32 *)AREA), 0);
    ktest_equal(value, 0);
    irqflags_t flags = irq_save();
    current->mm = NULL; /* as at a thread's end: the tables stay loaded, borrowed */
    mm_switch(NULL);
    irq_restore(flags);
    mm_put(shared);
    note_loaded_root(NULL);
    ktest_equal((vaddr_t)loaded, (vaddr_t)shared->root);
}

/* [trap 25] */
KTEST(no_cpu_keeps_the_tables_of_a_dead_mm)
{
    int other = cpus_online > 1 ? 1 : 0;
    user_space_enter(NULL);
    shared = current->mm;
    user_space_map(AREA, PAGE_BYTES, PROT_READ);
    ktest_join(ktest_thread(be_a_process_for_a_moment, NULL, other));
    struct page_table *root = shared->root;
    user_space_leave(); /* the last user */
    ktest_join(ktest_thread(note_loaded_root, NULL, other));
    ktest_assert(loaded != root);
}

KTEST(an_mm_that_ends_gives_everything_back)
{
    unsigned long used = pages_free();
    for (unsigned round = 0; round < 20; round++) {
        user_space_enter(NULL);
        user_space_map(AREA, 64 * PAGE_BYTES, PROT_READ | PROT_WRITE);
        ktest_equal(clear_user((void *)AREA, 64 * PAGE_BYTES), 0);
        user_space_leave();
    }
    ktest_assert(pages_free() + 64 > used); /* but for what caches keep */
}

/* Read the shared mm's first word, then load another mm here. */
static void read_and_leave(void *value)
{
    user_space_enter(shared);
    ktest_equal(get_user(*(u32 *)value, (u32 *)AREA), 0);
    user_space_leave();
    user_space_enter(NULL);
    user_space_leave();
}

KTEST(an_mm_changed_elsewhere_is_fresh_when_it_comes_back)
{
    int other = cpus_online > 1 ? 1 : 0;
    u32 value = 0;

    ktest_equal(sched_set_affinity(current, 1), 0);
    user_space_enter(NULL);
    shared = current->mm;
    for (u32 round = 1; round < 20; round++) {
        user_space_map(AREA, PAGE_BYTES, PROT_READ | PROT_WRITE);
        ktest_equal(put_user(round, (u32 *)AREA), 0);
        ktest_join(ktest_thread(read_and_leave, &value, other));
        ktest_equal(value, round); /* not what that CPU saw the last time */
    }
    user_space_leave();
}

KTEST(an_mm_that_comes_back_keeps_its_translations_where_the_cpu_can)
{
    if (!HAS_PCID_MODE || !cpu_has(CPU_PCID))
        ktest_skip("no PCID");
    ktest_equal(sched_set_affinity(current, 1), 0);
    user_space_enter(NULL);
    struct mm *mm = current->mm;
    mm_get(mm);
    user_space_leave();
    user_space_enter(NULL);
    unsigned long kept = count_read(COUNT_SWITCH_KEPT);
    user_space_leave();
    user_space_enter(mm);
    ktest_assert(count_read(COUNT_SWITCH_KEPT) > kept);
    user_space_leave();
    mm_put(mm);
}

KTEST(many_address_spaces_do_not_mix)
{
    enum { SPACES = 12 }; /* more than any CPU tells apart */
    struct mm *mms[SPACES];
    u32 value = 0;

    for (u32 i = 0; i < SPACES; i++) {
        user_space_enter(NULL);
        mms[i] = current->mm;
        mm_get(mms[i]);
        user_space_map(AREA, PAGE_BYTES, PROT_READ | PROT_WRITE);
        ktest_equal(put_user(i, (u32 *)AREA), 0);
        user_space_leave();
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        u32 i = ktest_random() % SPACES;
        user_space_enter(mms[i]);
        ktest_equal(get_user(value, (u32 *)AREA), 0);
        ktest_equal(value & 0xff, i);
        if (ktest_random() % 4 == 0) { /* another page, at the same address */
            user_space_map(AREA, PAGE_BYTES, PROT_READ | PROT_WRITE);
            ktest_equal(put_user(i | round << 8, (u32 *)AREA), 0);
        }
        user_space_leave();
    }
    for (u32 i = 0; i < SPACES; i++)
        mm_put(mms[i]);
}
