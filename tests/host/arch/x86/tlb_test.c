/*
 * Flushes and switches on simulated CPUs, whose TLBs keep address spaces apart by number (PCID)
 * and forget nothing by themselves.
 *
 * Emulators do not keep translations as long as hardware may, so no test in a kernel can find a
 * flush that is missing.  Here every CPU remembers all it ever saw, under the number it saw it
 * with, until it is told to forget.
 *
 * Links: lib/random.c
 */
#include "arch/x86/tlb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "kernel/preempt.h"
#include "lib/random.h"
#include "mm/count.h"
#include "mm/kernel_map.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"

enum { CPUS = 4, MMS = 10, VALUES = 50, NUMBERS = 64, ROUNDS = 100000 };

#define CR3_KEEP ((unsigned long)1 << 63)

uintptr_t host_memory;
struct page *memmap_array;
pte_bits_t pte_nx = PTE_NX;
struct page_table *kernel_root;
unsigned host_cpu, cpus_online = CPUS;
unsigned long host_counts[COUNT_IDS];
DEFINE_PER_CPU(u32, preempt_count);
DEFINE_PER_CPU(u32, need_resched_flag);

static bool with_pcid;
static struct random rng;

/* A root is a number here, and an address space one value for each of its pages. */
static struct page_table *const roots = (struct page_table *)0x100000;
static struct mm mms[MMS];
static bool alive[MMS];
static unsigned value_of[MMS][VALUES], next_value;

/* What each CPU remembers of a page, by number; 0: nothing. */
static struct {
    unsigned long cr3, cr4;
    unsigned seen[NUMBERS][VALUES];
} cpus[CPUS];

void preempt_schedule(void) {}
bool cpu_has(enum cpu_feature feature) { return with_pcid; }
unsigned long cr4_read(void) { return cpus[host_cpu].cr4; }
unsigned long cr3_read(void) { return cpus[host_cpu].cr3; }

void cr4_write(unsigned long value)
{
    if ((cpus[host_cpu].cr4 ^ value) & CR4_PGE)
        memset(cpus[host_cpu].seen, 0, sizeof cpus[host_cpu].seen);
    cpus[host_cpu].cr4 = value;
}

static unsigned number_of(unsigned long cr3)
{
    return cpus[host_cpu].cr4 & CR4_PCIDE ? cr3 % PAGE_BYTES : 0;
}

void cr3_write(unsigned long value)
{
    bool keep = cpus[host_cpu].cr4 & CR4_PCIDE && value & CR3_KEEP;
    cpus[host_cpu].cr3 = value & ~CR3_KEEP;
    assert_true(number_of(value) < NUMBERS);
    if (!keep)
        memset(cpus[host_cpu].seen[number_of(value)], 0, sizeof cpus[host_cpu].seen[0]);
}

void cpu_invlpg(vaddr_t va)
{
    if (va / PAGE_BYTES < VALUES)
        cpus[host_cpu].seen[number_of(cpus[host_cpu].cr3)][va / PAGE_BYTES] = 0;
}

void ipi_call(cpumask_t mask, void (*function)(void *argument), void *argument, bool wait)
{
    unsigned here = host_cpu;
    for (host_cpu = 0; host_cpu < CPUS; host_cpu++)
        if (mask >> host_cpu & 1)
            function(argument);
    host_cpu = here;
}

paddr_t kernel_phys_of(vaddr_t va) { return va; }

/* Which mm the CPU's tables are, or -1: the kernel's. */
static int loaded_mm(void)
{
    unsigned long root = cpus[host_cpu].cr3 & ~(PAGE_BYTES - 1);
    return root == (unsigned long)kernel_root ? -1
                                              : (int)((root - (unsigned long)roots) / PAGE_BYTES);
}

static void revive(unsigned i)
{
    mms[i] = (struct mm){ .root = roots + i };
    tlb_context_init(&mms[i].tlb, mms[i].root);
    alive[i] = true;
    for (unsigned page = 0; page < VALUES; page++)
        value_of[i][page] = ++next_value;
}

static int start(void **state)
{
    memset(cpus, 0, sizeof cpus);
    kernel_root = roots + 100;
    with_pcid = *(bool *)*state;
    random_seed(&rng, 3);
    next_value = 0;
    for (host_cpu = 0; host_cpu < CPUS; host_cpu++) {
        cpus[host_cpu].cr4 = CR4_PGE;
        cpus[host_cpu].cr3 = (unsigned long)kernel_root;
        tlb_start_cpu();
    }
    for (unsigned i = 0; i < MMS; i++)
        revive(i);
    host_cpu = 0;
    return 0;
}

/* The CPU reads page @page, through its memory of it or from the tables. */
static void read_page(unsigned page)
{
    int mm = loaded_mm();
    if (mm < 0)
        return;
    assert_true(alive[mm]); /* or it walks freed tables */
    unsigned *seen = &cpus[host_cpu].seen[number_of(cpus[host_cpu].cr3)][page];
    if (!*seen)
        *seen = value_of[mm][page];
    assert_int_equal(*seen, value_of[mm][page]);
}

static void change_pages(unsigned mm, unsigned first, unsigned count)
{
    if (first + count > VALUES)
        count = VALUES - first;
    for (unsigned page = first; page < first + count; page++)
        value_of[mm][page] = ++next_value;
    if (count == VALUES)
        tlb_flush_mm(&mms[mm]);
    else
        tlb_flush_mm_range(&mms[mm], first * PAGE_BYTES, (first + count) * PAGE_BYTES);
}

/* Nobody uses the mm any more: its user tasks have gone, borrowers may be left. */
static void end_mm(unsigned mm)
{
    unsigned here = host_cpu;
    for (host_cpu = 0; host_cpu < CPUS; host_cpu++)
        if (loaded_mm() == (int)mm)
            mm_switch(NULL);
    host_cpu = here;
    tlb_forget_mm(&mms[mm]);
    alive[mm] = false;
}

static int end(void **state)
{
    for (unsigned i = 0; i < MMS; i++)
        if (alive[i])
            end_mm(i);
    for (host_cpu = 0; host_cpu < CPUS; host_cpu++)
        assert_int_equal(loaded_mm(), -1);
    return 0;
}

static void random_step(void)
{
    unsigned mm = random_below(&rng, MMS);

    host_cpu = random_below(&rng, CPUS);
    switch (random_below(&rng, 12)) {
    case 0:
    case 1:
        if (alive[mm])
            mm_switch(&mms[mm]);
        break;
    case 2:
        mm_switch(NULL);
        break;
    case 3:
        if (alive[mm])
            change_pages(mm, random_below(&rng, VALUES), 1 + random_below(&rng, 4));
        break;
    case 4:
        if (alive[mm])
            change_pages(mm, 0, random_below(&rng, 2) ? VALUES : VALUES - 1);
        break;
    case 5:
        if (random_below(&rng, 20) == 0) {
            if (alive[mm])
                end_mm(mm);
            else
                revive(mm);
        }
        break;
    default:
        read_page(random_below(&rng, VALUES));
    }
}

static void no_cpu_ever_uses_a_stale_translation(void **state)
{
    for (unsigned round = 0; round < ROUNDS; round++)
        random_step();
    assert_true(!with_pcid || !HAS_PCID_MODE || host_counts[COUNT_SWITCH_KEPT] > 0);
    assert_true(host_counts[COUNT_TLB_LAZY] > 0);
}

static void only_cpus_that_have_it_loaded_are_asked(void **state)
{
    for (host_cpu = 0; host_cpu < CPUS; host_cpu++)
        mm_switch(&mms[host_cpu < 2 ? 0 : 1]);
    host_cpu = 0;
    unsigned long sent = host_counts[COUNT_TLB_SENT];
    tlb_flush_mm(&mms[0]);
    assert_int_equal(host_counts[COUNT_TLB_SENT], sent + 1);
    tlb_flush_mm(&mms[2]);
    assert_int_equal(host_counts[COUNT_TLB_SENT], sent + 1);
}

static void a_borrower_is_asked_once(void **state)
{
    host_cpu = 1;
    mm_switch(&mms[0]);
    mm_switch(NULL);
    assert_int_equal(loaded_mm(), 0);
    host_cpu = 0;
    tlb_flush_mm(&mms[0]);
    unsigned long sent = host_counts[COUNT_TLB_SENT];
    tlb_flush_mm(&mms[0]);
    assert_int_equal(host_counts[COUNT_TLB_SENT], sent);
    host_cpu = 1;
    assert_int_equal(loaded_mm(), -1);
}

int main(void)
{
    static bool yes = true, no = false;
#define TEST(name, pcid)                           \
    {                                              \
#name "_" #pcid, name, start, end, &(pcid) \
    }
    const struct CMUnitTest tests[] = {
        TEST(no_cpu_ever_uses_a_stale_translation, no),
        TEST(only_cpus_that_have_it_loaded_are_asked, no),
        TEST(a_borrower_is_asked_once, no),
        TEST(no_cpu_ever_uses_a_stale_translation, yes),
        TEST(a_borrower_is_asked_once, yes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
