/*
 * What the file system code needs of the kernel, for host tests: memory that can be made to run
 * out and that is counted, pages, and mutexes that notice being taken twice.
 */
#include "tests/host/kernel/fs/memory.h"

#include "arch/x86/user_copy.h"
#include "kernel/fs/epoll.h"
#include "kernel/fs/file_limit.h"
#include "kernel/fs/file_lock.h"
#include "kernel/fs/map.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/pipe.h"
#include "kernel/mutex.h"
#include "kernel/wall_clock.h"
#include "mm/highmem.h"
#include "mm/kmalloc.h"
#include "mm/kmap.h"
#include "mm/mapping.h"
#include "mm/page.h"

#include <stdlib.h>
#include <string.h>

long memory_in_use;
long memory_until_failure = -1;
unsigned mutexes_held;

static void *take(size_t bytes)
{
    if (memory_until_failure == 0)
        return NULL;
    if (memory_until_failure > 0)
        memory_until_failure--;
    memory_in_use++;
    return malloc(bytes);
}

void *kmalloc_any(size_t bytes, gfp_t gfp) { return take(bytes); }

/* kmalloc() of a size that the compiler knows comes here; a class's "cache" is its number. */
struct kmem_cache *kmalloc_caches[KMALLOC_CLASSES];

__attribute__((constructor)) static void number_classes(void)
{
    for (uintptr_t class = 0; class < KMALLOC_CLASSES; class ++)
        kmalloc_caches[class] = (struct kmem_cache *)class;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
    size_t bytes = SLAB_BYTES_MAX;
    while (kmalloc_class(bytes) > (uintptr_t)cache)
        bytes--;
    return take(bytes);
}

void *kzalloc(size_t bytes, gfp_t gfp)
{
    void *memory = take(bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void kfree(const void *memory)
{
    if (!memory)
        return;
    memory_in_use--;
    free((void *)memory);
}

/* A page's bytes lie right behind its struct page. */
struct page *page_alloc(gfp_t gfp, unsigned order)
{
    struct page *page = kzalloc(sizeof(*page) + PAGE_BYTES, gfp);
    if (page)
        page->refs = 1;
    return page;
}

void page_put(struct page *page)
{
    if (--page->refs == 0)
        kfree(page);
}

void *kmap_local_page(const struct page *page) { return (void *)(page + 1); }
void kunmap_address(const void *address) {}

void zero_user(struct page *page, size_t start, size_t bytes)
{
    memset((char *)(page + 1) + start, 0, bytes);
}

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name)
{
    memset(mutex, 0, sizeof(*mutex));
    mutex->id.rank = rank;
}

void mutex_lock(struct mutex *mutex)
{
    if (mutex->owner)
        abort();
    mutex->owner = (uintptr_t)mutex;
    mutexes_held++;
}

void mutex_unlock(struct mutex *mutex)
{
    if (!mutex->owner)
        abort();
    mutex->owner = 0;
    mutexes_held--;
}

void mutex_lock_nested(struct mutex *mutex) { mutex_lock(mutex); }

void spin_lock(struct spinlock *lock) { mutexes_held++; }
void spin_unlock(struct spinlock *lock) { mutexes_held--; }

u64 wall_clock_ns(void) { return (u64)1000 * 1000000000; }
void mount_left(void) { abort(); }
u64 file_limit_room(u64 position) { return UINT64_MAX - position; }
bool file_limit_allows(u64 size) { return true; }
void file_lock_close(struct file *file) {}
bool mapping_is_writable(struct mapping *mapping) { return false; }
unsigned long pages_free(void) { return 1000; }

/* User memory: everything but the first page. */
static bool is_user(const void *address) { return (uintptr_t)address >= PAGE_BYTES; }

size_t copy_to_user(void __user *to, const void *from, size_t bytes)
{
    if (!is_user(to))
        return bytes;
    memcpy(to, from, bytes);
    return 0;
}

size_t copy_from_user_raw(void *to, const void __user *from, size_t bytes)
{
    if (!is_user(from))
        return bytes;
    memcpy(to, from, bytes);
    return 0;
}

size_t clear_user(void __user *to, size_t bytes)
{
    if (!is_user(to))
        return bytes;
    memset(to, 0, bytes);
    return 0;
}

struct page *page_head_of_part(struct page *page) { return page; }

/* Nothing is mapped or watched here, and pipes are opened by nobody. */
void epoll_forget(struct file *file) {}
const struct file_ops fifo_ops;
void map_file_pages(struct vma *vma, struct file *file, struct mapping *mapping) {}
void mapping_init(struct mapping *mapping, const struct mapping_ops *ops) {}
void mapping_unmap(struct mapping *mapping, const struct mapping_range *range) {}
