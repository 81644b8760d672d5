/*
 * kmap_local: a stack of mapping slots for each CPU, kept by the task that uses it.
 *
 * Slot n of CPU c is fixmap page FIX_KMAP + c * KMAP_LOCAL_DEPTH + n.  A task's depth counts its
 * slots in use, and interrupt handlers on top of it go on from there.  In check builds a mapping
 * takes two slots, of which the lower stays empty: running off a page is a fault.
 *
 *     depth  0 1 2 3 4        slot used by the n-th mapping: depth - 1
 *            |   |   |        with guards: 1, 3, 5 ...   without: 0, 1, 2 ...
 *
 * An entry is cleared and flushed when it is unmapped, so a fresh slot is in no TLB and mapping
 * needs no flush.  Only this CPU has to forget it, for only this CPU may use it.
 */
#include "mm/kmap.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/tlb.h"
#include "kernel/param.h"
#include "kernel/preempt.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fixmap.h"
#include "mm/kernel_map.h"
#include "mm/page.h"

enum { STEP = CONFIG_CHECK ? 2 : 1 };

/* kmap=always: slots for pages of the direct map too, once tasks can hold them. */
static bool wanted_always;
static bool always;

static bool kmap_param(const char *value)
{
    wanted_always = !strcmp(value, "always");
    return wanted_always || !strcmp(value, "auto");
}
KERNEL_PARAM("kmap", kmap_param);

void kmap_init(void) { always = wanted_always; }

bool kmap_force(bool on)
{
    bool before = always;
    always = on;
    return before;
}

/* This CPU's slot number @n.  Migration off. */
static unsigned slot_index(unsigned n)
{
    assert(n < KMAP_LOCAL_DEPTH);
    return FIX_KMAP + cpu_id() * KMAP_LOCAL_DEPTH + n;
}

static void *map_slot(pfn_t pfn, prot_t prot)
{
    if (in_interrupt() && !irqs_disabled())
        report("kmap_local in an interrupt handler with interrupts on");

    migrate_disable(); /* the address is this CPU's */
    preempt_disable(); /* a switch must not see depth without its entry */
    struct kmap_ctrl *ctrl = &current->kmap;
    if (ctrl->depth + STEP >= KMAP_LOCAL_DEPTH) {
        preempt_enable();
        migrate_enable();
        report("kmap_local: nested too deep");
        return NULL;
    }
    ctrl->depth += STEP;
    barrier(); /* first of all: an interrupt from here on takes the next slot */

    unsigned n = ctrl->depth - 1;
    pte_t *slot = fixmap_slot(slot_index(n));
    assert(!pte_present(pte_get(slot)));
    pte_t entry = pte_leaf(pfn, prot, 0);
    pte_set(slot, entry);
    ctrl->entries[n] = entry;
    count_event(COUNT_KMAP);
    preempt_enable();
    return (void *)fixmap_address(slot_index(n));
}

void *kmap_local_page_prot(const struct page *page, prot_t prot)
{
    if (likely(!page_is_highmem(page) && !always))
        return page_address(page);
    return map_slot(page_pfn(page), prot);
}

void *kmap_local_page(const struct page *page)
{
    return kmap_local_page_prot(page, PROT_KERNEL_DATA);
}

void *kmap_local_pfn(pfn_t pfn)
{
    if (PT_LEVELS > 3 && !always)
        return phys_to_direct(pfn_to_phys(pfn)); /* there is no HIGHMEM */
    return map_slot(pfn, PROT_KERNEL_DATA);
}

bool kmap_owns(vaddr_t address)
{
    return address >= fixmap_address(FIX_KMAP_LAST) && address < fixmap_address(FIX_KMAP - 1);
}

void kunmap_address(const void *address)
{
    vaddr_t va = align_down((vaddr_t)address, PAGE_BYTES);
    if (!kmap_owns(va)) {
        if (va < USER_TOP)
            report("kunmap_local of a user address");
        return; /* a page of the direct map */
    }

    preempt_disable();
    struct kmap_ctrl *ctrl = &current->kmap;
    if (ctrl->depth < STEP || va != fixmap_address(slot_index(ctrl->depth - 1)))
        report("kunmap_local out of order: last mapped, first unmapped");
    if (ctrl->depth >= STEP) {
        unsigned n = ctrl->depth - 1;
        pte_clear(fixmap_slot(slot_index(n)));
        tlb_flush_page_local(va);
        ctrl->entries[n] = (pte_t){ 0 };
        barrier(); /* only now may an interrupt reuse the slot */
        ctrl->depth -= STEP;
        migrate_enable();
    }
    preempt_enable();
}

void kmap_sched_out(struct task *task)
{
    for (unsigned n = STEP - 1; n < task->kmap.depth; n += STEP) {
        pte_clear(fixmap_slot(slot_index(n)));
        tlb_flush_page_local(fixmap_address(slot_index(n)));
    }
}

void kmap_sched_in(struct task *task)
{
    for (unsigned n = STEP - 1; n < task->kmap.depth; n += STEP) {
        pte_t *slot = fixmap_slot(slot_index(n));
        assert(!pte_present(pte_get(slot)));
        pte_set(slot, task->kmap.entries[n]); /* no flush: it was flushed when taken down */
    }
}

struct page *kmap_page_of(const void *address)
{
    vaddr_t va = align_down((vaddr_t)address, PAGE_BYTES);
    if (!kmap_owns(va))
        return page_of_address(address);
    return page_of(pte_pfn(pte_get(fixmap_slot((unsigned)((FIXADDR_TOP - va) / PAGE_BYTES - 1)))));
}

/* On each CPU: slots in use that the interrupted task does not know of. */
static void audit_here(void *offences)
{
    irqflags_t flags = irq_save();
    for (unsigned n = current->kmap.depth; n < KMAP_LOCAL_DEPTH; n++) {
        if (!pte_present(pte_get(fixmap_slot(slot_index(n)))))
            continue;
        printk(LOG_ERR, "audit: cpu %u: kmap slot %u is mapped, and nobody's\n", cpu_id(), n);
        __atomic_fetch_add((int *)offences, 1, __ATOMIC_RELAXED);
    }
    irq_restore(flags);
}

int kmap_audit(void)
{
    int offences = 0;

    preempt_disable();
    audit_here(&offences);
    for_each_online_cpu (cpu)
        if (cpu != cpu_id())
            ipi_call(1u << cpu, audit_here, &offences, true);
    preempt_enable();
    if (current->kmap.depth) {
        printk(LOG_ERR, "audit: the current task still holds %u kmap slots\n",
               current->kmap.depth / STEP);
        offences++;
    }
    return offences;
}
