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
 * needs no flush.  Only this CPU has to forget it, for only this CPU may use it.  A reload of
 * CR3 would not do instead: the kernel's entries are global.
 *
 * A task whose depth is not 0 is pinned to its CPU (task_is_pinned()).  So one store of depth does
 * it all, and a switch may come between any two steps: the slots below depth are taken down and
 * put back as they are, be it empty.
 *
 *     mapping                                      unmapping
 *     ----------------------------------------     ----------------------------------------------
 *     depth up, first: the slot is ours, we        the entry goes,
 *         stay on this CPU, and an interrupt       then the TLB's copy of it
 *         takes the next slot                      depth down, last: only now may an interrupt take
 *     the entry                                        the slot, or we leave this CPU
 */
#include "mm/kmap_local.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/tlb.h"
#include "kernel/param.h"
#include "kernel/preempt.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/trace.h"

enum { STEP = CONFIG_CHECK ? 2 : 1 };

static bool wanted_always;
bool kmap_always; /* kmap=always, once tasks can hold slots */

static bool kmap_param(const char *value)
{
    wanted_always = !strcmp(value, "always");
    return wanted_always || !strcmp(value, "auto");
}
KERNEL_PARAM("kmap", kmap_param);

/* Where this CPU's slots end: slot 0 is the page below, slot 1 the one below that. */
static DEFINE_PER_CPU(vaddr_t, kmap_slots_end);

static pte_bits_t data_bits; /* of an entry for kmap_local_page(), constant after boot */

/* What makes an entry with @prot, accessed and dirty already: the CPU need not write it down. */
static pte_bits_t bits_of(prot_t prot) { return pte_leaf((pfn_t){ 0 }, prot, 0).bits | PTE_NOISE; }

void kmap_local_init_cpu(unsigned cpu)
{
    *per_cpu_ptr(kmap_slots_end, cpu) = fixmap_address(FIX_KMAP + cpu * KMAP_LOCAL_DEPTH - 1);
    if (cpu == 0)
        data_bits = bits_of(PROT_KERNEL_DATA);
}

void kmap_init(void) { kmap_always = wanted_always; }

bool kmap_force(bool on)
{
    bool before = READ_ONCE(kmap_always);
    WRITE_ONCE(kmap_always, on);
    return before;
}

/* The address of the last slot in use at @depth, for one who is pinned to this CPU. */
static inline vaddr_t slot_address(unsigned depth)
{
    return this_cpu_read(kmap_slots_end) - depth * PAGE_BYTES;
}

/* The entry that shows @va, its address worked out once for all that is done with it. */
static inline pte_t *slot_of(vaddr_t va)
{
    pte_t *slot = fixmap_slot_at(va);
    __asm__("" : "+r"(slot));
    return slot;
}

/*
 * What map_slot() looks at: KMAP_LOCAL_DEPTH, but 0 while the trace is on.  So one branch tells
 * both that there are too many mappings and that somebody wants to know.
 */
static unsigned depth_limit = KMAP_LOCAL_DEPTH;

void kmap_local_trace(bool on) { WRITE_ONCE(depth_limit, on ? 0 : KMAP_LOCAL_DEPTH); }

/* @bits is read when it is needed, so that meanwhile no register has to hold it. */
static ALWAYS_INLINE void *fill_slot(struct task *task, unsigned depth, pfn_t pfn,
                                     const pte_bits_t *bits)
{
    task->kmap.depth = depth;
    barrier(); /* first of all: see the top */

    vaddr_t va = slot_address(depth);
    pte_t *slot = slot_of(va);
    assert(pte_own_is_empty(slot));
    pte_own_set(slot, pfn, *bits);
    count_event(COUNT_KMAP);
    return (void *)va;
}

static NOINLINE void *map_slowly(pfn_t pfn, const pte_bits_t *bits)
{
    struct task *task = current;
    unsigned depth = task->kmap.depth + STEP;
    if (depth >= KMAP_LOCAL_DEPTH) {
        report("kmap_local: nested too deep");
        return NULL;
    }
    void *address = fill_slot(task, depth, pfn, bits);
    TRACE(.kind = TRACE_KMAP, .how = TRACE_LOCAL, .first = (vaddr_t)address, .second = pfn.number);
    return address;
}

static ALWAYS_INLINE void *map_slot(pfn_t pfn, const pte_bits_t *bits)
{
    struct task *task = current;
    unsigned depth = task->kmap.depth + STEP;
    if (unlikely(depth >= depth_limit))
        return map_slowly(pfn, bits);
    return fill_slot(task, depth, pfn, bits);
}

/* Without interrupts being off, handlers could come on top of handlers, without limit. */
static NOINLINE void *map_in_interrupt(pfn_t pfn, const pte_bits_t *bits)
{
    if (!irqs_disabled())
        report("kmap_local in an interrupt handler with interrupts on");
    return map_slot(pfn, bits);
}

void *kmap_local_slot(pfn_t pfn)
{
    if (unlikely(in_interrupt()))
        return map_in_interrupt(pfn, &data_bits);
    return map_slot(pfn, &data_bits);
}

void *kmap_local_slot_prot(pfn_t pfn, prot_t prot)
{
    const pte_bits_t bits = bits_of(prot);
    if (unlikely(in_interrupt()))
        return map_in_interrupt(pfn, &bits);
    return map_slot(pfn, &bits);
}

void *iomap_local(pfn_t pfn, prot_t prot)
{
    if (prot.bits & PROT_WRITE_COMBINE && !cpu_has(CPU_PAT))
        prot.bits = (u8)((prot.bits & ~PROT_WRITE_COMBINE) | PROT_UNCACHED);
    return kmap_local_slot_prot(pfn, prot);
}

/* Unmap the last mapping of @task, at @va: it has @depth slots. */
static ALWAYS_INLINE void unmap_slot(struct task *task, vaddr_t va, unsigned depth)
{
    pte_own_clear(slot_of(va));
    tlb_flush_page_local(va);
    barrier(); /* last of all */
    task->kmap.depth = depth - STEP;
    if (unlikely(task->move_pending))
        sched_unpinned();
}

static NOINLINE void unmap_traced(struct task *task, vaddr_t va, unsigned depth)
{
    TRACE(.kind = TRACE_KUNMAP, .how = TRACE_LOCAL, .first = va,
          .second = pte_pfn(pte_get(fixmap_slot_at(va))).number);
    unmap_slot(task, va, depth);
}

/* Reported, and not repaired: it is the last mapping that goes, whatever the caller meant. */
static NOINLINE void unmap_out_of_order(vaddr_t va)
{
    struct task *task = current;
    unsigned depth = task->kmap.depth;

    if (va >= KMAP_LOCAL_END)
        return; /* another page of the fixmap: not ours */
    report("kunmap_local out of order: last mapped, first unmapped");
    if (depth >= STEP)
        unmap_slot(task, slot_address(depth), depth);
}

void kunmap_local_slot(vaddr_t va)
{
    struct task *task = current;
    unsigned depth = task->kmap.depth;
    /* with depth 0 it is a slot that is never used: FIX_HOLE, or another CPU's last */
    vaddr_t last = slot_address(depth);

    if (unlikely((va ^ last) >= PAGE_BYTES)) {
        unmap_out_of_order(va);
        return;
    }
    assert_slow(depth >= STEP);
    if (unlikely(trace_on)) {
        unmap_traced(task, last, depth);
        return;
    }
    unmap_slot(task, last, depth);
}

void kunmap_local_user(vaddr_t va)
{
    report("kunmap_local of the user address %#lx", (unsigned long)va);
}

void kmap_sched_out(struct task *task)
{
    for (unsigned n = STEP - 1; n < task->kmap.depth; n += STEP) {
        vaddr_t va = slot_address(n + 1);
        task->kmap.entries[n] = pte_clear(fixmap_slot_at(va));
        tlb_flush_page_local(va);
    }
}

void kmap_sched_in(struct task *task)
{
    for (unsigned n = STEP - 1; n < task->kmap.depth; n += STEP) {
        pte_t *slot = fixmap_slot_at(slot_address(n + 1));
        assert(pte_own_is_empty(slot));
        pte_set(slot, task->kmap.entries[n]); /* no flush: it was flushed when taken down */
    }
}

void kmap_local_fork(struct task *child)
{
    if (child->kmap.depth)
        report("a copied task holds %u kmap_local slots", child->kmap.depth);
    child->kmap.depth = 0;
}

void kmap_local_left_over(void)
{
    report("a task goes back to its program with %u kmap_local slots", current->kmap.depth);
}

/* On each CPU: slots that hold something but are not the running task's.  Interrupts off. */
static void audit_here(void *offences)
{
    unsigned depth = current->kmap.depth;

    for (unsigned n = 0; n < KMAP_LOCAL_DEPTH; n++) {
        pte_t entry = pte_get(fixmap_slot_at(slot_address(n + 1)));
        bool used = n < depth && n % STEP == STEP - 1;
        if (used || pte_none(entry))
            continue;
        pr_err("audit: cpu %u: kmap_local slot %u holds %#llx, but task %d has only %u\n", cpu_id(),
               n, (unsigned long long)entry.bits, current->pid, depth);
        __atomic_fetch_add((int *)offences, 1, __ATOMIC_RELAXED);
    }
}

int kmap_local_audit(void)
{
    int offences = 0;

    ipi_call(cpumask_online(), audit_here, &offences, true);
    if (current->kmap.depth) {
        pr_err("audit: the current task still holds %u kmap_local slots\n", current->kmap.depth);
        offences++;
    }
    return offences;
}
