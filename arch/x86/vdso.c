/*
 * The vDSO, kernel side: what is on its two pages, and how programs get to see them.
 *
 * The library lies in the kernel's image as it is to be seen, one frame.  Nothing changes it once
 * it is shown, and programs see it read-only; so what one finds there is what all find.
 */
#include "arch/x86/vdso.h"

#include "lib/assert.h"
#include "machine/vsyscall.h"
#include "mm/fixmap.h"

/* With: arch/x86/vdso_image.asm, arch/x86/vdso/layout.ld */
extern char vdso_image[], vdso_image_end[];

/* A page that holds nothing else.  Written by the callers of vdso_set_...(), read by programs. */
static union {
    struct vdso_data data;
    u8 page[PAGE_BYTES];
} shown ALIGNED(PAGE_BYTES);

static_assert(FIX_VDSO == 0 && FIX_VDSO_DATA == 1, "where arch/x86/vdso.h says");

void vdso_init(void)
{
    const prot_t code = { PROT_READ | PROT_EXEC | PROT_USER | PROT_GLOBAL };
    const prot_t data = { PROT_READ | PROT_USER | PROT_GLOBAL };
    assert(vdso_image_end - vdso_image == PAGE_BYTES);
    vsyscall_init(vdso_image);
    fixmap_set(FIX_VDSO, (vaddr_t)vdso_image - KERNEL_BASE, code);
    fixmap_set(FIX_VDSO_DATA, (vaddr_t)&shown - KERNEL_BASE, data);
}

/* Readers begin again that see an odd number, or another one after than before. */
static void begin_change(void)
{
    __atomic_store_n(&shown.data.sequence, shown.data.sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

static void end_change(void)
{
    __atomic_store_n(&shown.data.sequence, shown.data.sequence + 1, __ATOMIC_RELEASE);
}

void vdso_set_clock(const struct vdso_data *clock)
{
    begin_change();
    shown.data.counter = clock->counter;
    shown.data.scale = clock->scale;
    shown.data.base_count = clock->base_count;
    shown.data.base_ns = clock->base_ns;
    end_change();
}

void vdso_set_wall(u64 wall_ns)
{
    begin_change();
    shown.data.wall_ns = wall_ns;
    end_change();
}

void vdso_set_zone(int minutes_west, int dst)
{
    WRITE_ONCE(shown.data.minutes_west, minutes_west);
    WRITE_ONCE(shown.data.dst, dst);
}
