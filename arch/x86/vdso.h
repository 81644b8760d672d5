/*
 * The vDSO: a small shared library that every program finds in its memory, with what can be done
 * without entering the kernel, or depends on how it is entered.  Its own code is in arch/x86/vdso/.
 *
 *     VDSO_ADDRESS               [vdso]   the library         programs read and execute it
 *     VDSO_ADDRESS - PAGE_BYTES  [vvar]   struct vdso_data    programs read it
 *
 * These are the first two slots of the fixmap: the only pages above USER_TOP that programs may
 * look at.  So they are in all address spaces from the start, cost nothing at fork, exec and exit,
 * and no system call can change them, or takes an address in them for one of the program's own.
 */
#ifndef ARCH_X86_VDSO_H
#define ARCH_X86_VDSO_H

#include "arch/x86/pte.h"
#include "arch/x86/vdso_data.h"
#include "machine/layout.h"

#define VDSO_ADDRESS ((vaddr_t)FIXADDR_TOP - PAGE_BYTES)

/* Make the library fit this machine, and show it.  Once, before the first program. */
void vdso_init(void);

/*
 * The kernel's clock is this one from now on: @clock's sequence and wall_ns do not matter.
 * The callers, like those of vdso_set_wall(), exclude each other.  Any context.
 */
void vdso_set_clock(const struct vdso_data *clock);

/* When was the machine started?  @wall_ns since 1970.  And its time zone. */
void vdso_set_wall(u64 wall_ns);
void vdso_set_zone(int minutes_west, int dst);

#endif
