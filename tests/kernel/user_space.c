/*
 * User memory for tests: entering and leaving an address space from a kernel thread.
 */
#include "tests/kernel/user_space.h"

#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "kernel/fs/path.h"
#include "kernel/fs/ramfs.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "mm/mm.h"
#include "mm/mmap.h"

/* Make @mm the current thread's, in one piece for the scheduler. */
static void set_mm(struct mm *mm)
{
    irqflags_t flags = irq_save();
    current->mm = mm;
    mm_switch(mm);
    irq_restore(flags);
}

void user_space_enter(struct mm *mm)
{
    if (mm)
        mm_get(mm);
    else
        mm = mm_create();
    ktest_assert(mm);
    set_mm(mm);
}

void user_space_leave(void)
{
    struct mm *mm = current->mm;
    set_mm(NULL);
    mm_put(mm);
}

void user_space_map(vaddr_t address, size_t bytes, unsigned prot)
{
    struct map_request request = { .address = address,
                                   .bytes = bytes,
                                   .prot = prot,
                                   .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };
    vaddr_t place;
    ktest_equal(mm_map(current->mm, &request, &place), 0);
}

void user_space_ensure_root(void)
{
    static bool has_root;
    if (has_root)
        return;
    ktest_may_keep(4, 0); /* the file system, its root's inode, dentry and name */
    path_set_root(ramfs_create("ramfs")->root);
    has_root = true;
}
