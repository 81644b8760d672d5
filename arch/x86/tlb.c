/*
 * Who has forgotten what: flushes, and the switch from one address space to another.
 *
 * Each flush of an mm gets a number, the mm's generation.  Each CPU keeps, for the few address
 * spaces it has translations of, the generation up to which it has forgotten:
 *
 *     flush                                    switch to the mm
 *     -----                                    ----------------
 *     (the entry has been changed)             set this CPU's bit in the mm's cpus
 *     generation + 1                           read the generation
 *     read cpus                                if it is newer than ours: forget all of this mm
 *     interrupt those CPUs, wait               load the tables
 *
 * Both sides write first and then read what the other writes.  So either the flush finds the bit
 * and interrupts the CPU, or the CPU finds the new generation.
 *
 * With PCID a CPU keeps the translations of TLB_SPACES address spaces apart by number; without,
 * of one, and loading another forgets it.  Number 0 is the kernel's own tables.  A number is
 * this CPU's alone and is given to another mm only with a flush, so ids never get mixed up.
 *
 * A kernel thread uses the tables that happen to be loaded (lazily).  A CPU that is asked to
 * flush what it only borrows goes to the kernel's tables instead, and is not asked again.
 *
 * Source: Intel SDM vol. 3A, 4.10.
 */
#include "arch/x86/tlb.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "kernel/preempt.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "machine/paging.h"
#include "mm/count.h"
#include "mm/kernel_map.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/trace.h"

enum {
    TLB_SPACES = 6,     /* address spaces a CPU keeps apart, the kernel's not among them */
    TLB_MANY_PAGES = 32 /* beyond, forgetting everything is cheaper than page by page */
};

/* In CR3, with PCID: do not forget the number's translations. */
#define CR3_KEEP      ((u64)1 << 63)
#define CR3_PCID_MASK 0xffful

/* An address space this CPU may have translations of. */
struct tlb_space {
    unsigned long id;         /* the mm's; 0: none */
    unsigned long generation; /* forgotten up to here */
};

/* Changed by its own CPU alone, with interrupts off. */
struct tlb_state {
    struct mm *loaded; /* NULL: the kernel's tables */
    bool lazy;         /* no user of it runs here */
    bool has_pcid;
    unsigned now;    /* index of the loaded mm's space */
    unsigned victim; /* the space to give away next */
    struct tlb_space space[TLB_SPACES];
};
static DEFINE_PER_CPU(struct tlb_state, tlb_state);

/* One request to flush, on the stack of who asks. */
struct tlb_request {
    struct mm *mm; /* NULL: kernel addresses */
    unsigned long generation;
    vaddr_t start, end; /* start == end: everything */
};

static unsigned long last_id; /* atomic */

void tlb_context_init(struct tlb_context *context, const struct page_table *root)
{
    *context = (struct tlb_context){
        .id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED),
        .root = (unsigned long)kernel_phys_of((vaddr_t)root),
        .generation = 1,
    };
}

void tlb_start_cpu(void)
{
    assert(irqs_disabled());
    if (!HAS_PCID_MODE || !cpu_has(CPU_PCID))
        return;
    assert(!(cr3_read() & CR3_PCID_MASK)); /* else setting the bit traps */
    cr4_write(cr4_read() | CR4_PCIDE);
    this_cpu_ptr(tlb_state)->has_pcid = true;
}

static bool has_pcid(const struct tlb_state *state) { return HAS_PCID_MODE && state->has_pcid; }

/* Load the tables at @root under the number @pcid.  Interrupts off. */
static void load_root(const struct tlb_state *state, unsigned long root, unsigned pcid, bool keep)
{
    u64 cr3 = root;
    if (has_pcid(state))
        cr3 |= pcid | (keep ? CR3_KEEP : 0);
    cr3_write((unsigned long)cr3);
}

/* Stop using the loaded mm.  Interrupts off. */
static void leave(struct tlb_state *state)
{
    struct mm *mm = state->loaded;
    unsigned long root = (unsigned long)kernel_phys_of((vaddr_t)kernel_root);
    load_root(state, root, 0, true); /* there is nothing to forget under number 0 */
    state->loaded = NULL;
    __atomic_fetch_and(&mm->tlb.cpus, ~(1u << cpu_id()), __ATOMIC_RELEASE);
}

/* The space that @id has here, or one that is taken from another.  Without PCID there is one. */
static unsigned find_space(struct tlb_state *state, unsigned long id)
{
    if (!has_pcid(state))
        return 0;
    for (unsigned i = 0; i < TLB_SPACES; i++)
        if (state->space[i].id == id)
            return i;
    return state->victim++ % TLB_SPACES;
}

/* Load @mm, whose bit is set already.  Interrupts off. */
static void load(struct tlb_state *state, struct mm *mm)
{
    unsigned long generation = __atomic_load_n(&mm->tlb.generation, __ATOMIC_SEQ_CST);
    unsigned now = find_space(state, mm->tlb.id);
    struct tlb_space *space = &state->space[now];
    bool keep = has_pcid(state) && space->id == mm->tlb.id && space->generation == generation;

    space->id = mm->tlb.id;
    space->generation = generation;
    state->now = now;
    load_root(state, mm->tlb.root, now + 1, keep);
    if (keep)
        count_event(COUNT_SWITCH_KEPT);
    else
        count_event(COUNT_SWITCH_FLUSHED);
}

void mm_switch(struct mm *next)
{
    assert(irqs_disabled());
    struct tlb_state *state = this_cpu_ptr(tlb_state);
    struct mm *prev = state->loaded;

    state->lazy = !next;
    if (!next || next == prev)
        return;
    u32 here = 1u << cpu_id();
    __atomic_fetch_or(&next->tlb.cpus, here, __ATOMIC_SEQ_CST);
    load(state, next);
    state->loaded = next;
    if (prev)
        __atomic_fetch_and(&prev->tlb.cpus, ~here, __ATOMIC_RELEASE);
}

void tlb_flush_all_local(void)
{
    irqflags_t flags = irq_save();
    unsigned long cr4 = cr4_read();

    count_event(COUNT_TLB_ALL);
    if (cr4 & CR4_PGE) {
        cr4_write(cr4 & ~(unsigned long)CR4_PGE); /* a change of it forgets all, under any number */
        cr4_write(cr4);
    } else {
        cr3_write(cr3_read());
    }
    irq_restore(flags);
}

/* Forget [@start, @end) page by page. */
static void flush_pages(vaddr_t start, vaddr_t end)
{
    for (vaddr_t va = start; va != end; va += PAGE_BYTES)
        tlb_flush_page_local(va);
    count_events(COUNT_TLB_PAGE, (end - start) / PAGE_BYTES);
}

static bool is_short(const struct tlb_request *request)
{
    size_t bytes = request->end - request->start;
    return bytes && bytes <= TLB_MANY_PAGES * PAGE_BYTES;
}

/* Do what @request, of an mm, asks of this CPU.  Interrupts off. */
static void flush_mm_here(const struct tlb_request *request)
{
    struct tlb_state *state = this_cpu_ptr(tlb_state);

    if (state->loaded != request->mm)
        return; /* finds out when it loads the mm */
    if (state->lazy) {
        count_event(COUNT_TLB_LAZY);
        leave(state);
        return;
    }

    struct tlb_space *space = &state->space[state->now];
    unsigned long newest = __atomic_load_n(&request->mm->tlb.generation, __ATOMIC_SEQ_CST);
    if ((long)(space->generation - request->generation) >= 0)
        return; /* a full flush since then has done it */
    if (space->generation + 1 == request->generation && is_short(request)) {
        flush_pages(request->start, request->end);
        space->generation = request->generation;
        return;
    }
    count_event(COUNT_TLB_MM);
    load_root(state, request->mm->tlb.root, state->now + 1, false);
    space->generation = newest;
}

static void flush_kernel_here(const struct tlb_request *request)
{
    if (is_short(request))
        flush_pages(request->start, request->end);
    else
        tlb_flush_all_local();
}

static void flush_here(const struct tlb_request *request)
{
    irqflags_t flags = irq_save();
    if (request->mm)
        flush_mm_here(request);
    else
        flush_kernel_here(request);
    irq_restore(flags);
}

/* What the other CPUs run, called by ipi_call(). */
static void flush_asked(void *request)
{
    count_event(COUNT_TLB_RECEIVED);
    flush_here(request);
}

/* This CPU and those in @cpus. */
static void flush_everywhere(struct tlb_request *request, u32 cpus)
{
    preempt_disable();
    flush_here(request);
    TRACE(.kind = TRACE_FLUSH, .how = request->mm ? TRACE_FLUSH_MM : TRACE_FLUSH_KERNEL,
          .first = request->start, .second = request->end,
          .cost = count_ones(cpus | 1u << cpu_id()));
    cpus &= ~(1u << cpu_id());
    if (cpus) {
        count_events(COUNT_TLB_SENT, count_ones(cpus));
        ipi_call(cpus, flush_asked, request, true);
    }
    preempt_enable();
}

static u32 online_mask(void)
{
    return (u32)((1ull << __atomic_load_n(&cpus_online, __ATOMIC_ACQUIRE)) - 1);
}

void tlb_flush_kernel_range(vaddr_t start, vaddr_t end)
{
    struct tlb_request request = { .start = start, .end = end };
    flush_everywhere(&request, online_mask());
}

static void flush_mm(struct mm *mm, vaddr_t start, vaddr_t end)
{
    struct tlb_request request = { .mm = mm, .start = start, .end = end };
    request.generation = __atomic_add_fetch(&mm->tlb.generation, 1, __ATOMIC_SEQ_CST);
    flush_everywhere(&request, __atomic_load_n(&mm->tlb.cpus, __ATOMIC_SEQ_CST));
}

void tlb_flush_mm_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
    assert(start < end);
    flush_mm(mm, start, end);
}

void tlb_flush_mm(struct mm *mm) { flush_mm(mm, 0, 0); }

/* On a CPU that may have @data, an mm nobody uses any more, loaded. */
static void forget_here(void *data)
{
    irqflags_t flags = irq_save();
    struct tlb_state *state = this_cpu_ptr(tlb_state);
    if (state->loaded == data)
        leave(state);
    irq_restore(flags);
}

void tlb_forget_mm(struct mm *mm)
{
    preempt_disable();
    forget_here(mm);
    u32 cpus = __atomic_load_n(&mm->tlb.cpus, __ATOMIC_SEQ_CST);
    assert(!(cpus & 1u << cpu_id()));
    if (cpus) {
        count_events(COUNT_TLB_SENT, count_ones(cpus));
        ipi_call(cpus, forget_here, mm, true);
    }
    assert(!__atomic_load_n(&mm->tlb.cpus, __ATOMIC_SEQ_CST));
    preempt_enable();
}

struct page_table *tlb_loaded_root(void)
{
    return phys_to_direct((paddr_t)cr3_read() & PTE_ADDR_MASK);
}
