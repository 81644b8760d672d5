/*
 * Mapped files whose size changes while they are touched, from all CPUs at once.
 */
#include "mm/mapping.h"

#include "arch/x86/user_copy.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/map.h"
#include "kernel/fs/ramfs.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/task.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "tests/kernel/user_space.h"

enum { PAGES = 64, ROUNDS = 40, THREADS = 4 };

#define SHARED_PLACE  ((vaddr_t)0x10000000)
#define PRIVATE_PLACE ((vaddr_t)0x20000000)

static struct file *file;
static struct mm *mm;
static bool stop;

static void set_size(u64 bytes)
{
    struct inode *inode = file->dentry->inode;
    mutex_lock(&inode->lock);
    ktest_equal(inode->ops->truncate(inode, bytes), 0);
    mutex_unlock(&inode->lock);
}

static void map_file(vaddr_t place, unsigned flags)
{
    struct map_request request = {
        .address = place,
        .bytes = PAGES * PAGE_BYTES,
        .prot = PROT_READ | PROT_WRITE,
        .flags = flags | MAP_FIXED,
        .file = file,
        .attach = map_attach_file,
    };
    ktest_equal(mm_map(current->mm, &request, &(vaddr_t){ 0 }), 0);
}

static void begin(void)
{
    struct dentry *dentry = ramfs_create_anonymous(0600, "test");
    ktest_assert(dentry);
    ktest_equal(file_open(dentry, O_RDWR, &file), 0);
    dentry_put(dentry);
    user_space_enter(NULL);
    mm = current->mm;
    set_size(PAGES * PAGE_BYTES);
    map_file(SHARED_PLACE, MAP_SHARED);
    map_file(PRIVATE_PLACE, MAP_PRIVATE);
}

static void end(void)
{
    user_space_leave();
    file_put(file);
}

/* Is the byte there? */
static bool can_read(vaddr_t place)
{
    u8 value;
    return !copy_from_user(&value, (u8 __user *)place, 1);
}

/* Read and write here and there; a page that is not there at the moment is missed. */
static void touch(void *data)
{
    user_space_enter(mm);
    while (!READ_ONCE(stop)) {
        vaddr_t place = ktest_random() % 2 ? SHARED_PLACE : PRIVATE_PLACE;
        vaddr_t byte = place + ktest_random() % (PAGES * PAGE_BYTES);
        if (ktest_random() % 2)
            (void)!put_user((u8)1, (u8 __user *)byte);
        else
            (void)can_read(byte);
        cond_resched();
    }
    user_space_leave();
}

KTEST(no_page_stays_mapped_behind_the_end)
{
    struct task *thread[THREADS];
    begin();
    stop = false;
    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = ktest_thread(touch, NULL, -1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        u32 kept = ktest_random() % PAGES;
        set_size((u64)kept * PAGE_BYTES);
        ktest_assert(!can_read(SHARED_PLACE + kept * PAGE_BYTES));
        ktest_assert(!can_read(PRIVATE_PLACE + kept * PAGE_BYTES));
        set_size(PAGES * PAGE_BYTES);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_join(thread[i]);
    set_size(0);
    ktest_equal(mm_resident_pages(mm), 0);
    end();
}

KTEST(what_is_mapped_is_the_file)
{
    u8 value = 0;
    begin();
    ktest_equal(put_user((u8)7, (u8 __user *)(SHARED_PLACE + PAGE_BYTES)), 0);
    ktest_equal(file_read_kernel(file, &value, 1, PAGE_BYTES), 1);
    ktest_equal(value, 7);
    ktest_equal(put_user((u8)8, (u8 __user *)(PRIVATE_PLACE + PAGE_BYTES)), 0);
    ktest_equal(file_read_kernel(file, &value, 1, PAGE_BYTES), 1);
    ktest_equal(value, 7);
    ktest_equal(mm->shmem_pages, 1);
    ktest_equal(mm->anon_pages, 1);
    end();
}
