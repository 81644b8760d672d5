/*
 * Slabs and kmalloc: what they promise, and what they refuse.
 */
#include "mm/slab.h"

#include "kernel/ktest.h"
#include "kernel/report.h"
#include "lib/minmax.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/poison.h"
#include "mm/vmalloc.h"

struct thing {
    u32 number;
    u8 rest[52];
};

static unsigned constructed;

static void construct(void *object)
{
    ((struct thing *)object)->number = 12345;
    constructed++;
}

KTEST(objects_are_apart_aligned_and_their_users_alone)
{
    enum { COUNT = 500 };
    static struct thing *things[COUNT];
    struct kmem_cache *cache = kmem_cache_create("test-aligned", sizeof(struct thing), 64, NULL);

    ktest_assert(cache);
    for (u32 i = 0; i < COUNT; i++) {
        things[i] = kmem_cache_alloc(cache, GFP_KERNEL);
        ktest_assert(things[i]);
        ktest_equal((vaddr_t)things[i] & 63, 0);
        memset(things[i], (int)i, sizeof(struct thing));
        things[i]->number = i;
    }
    for (u32 i = 0; i < COUNT; i++) {
        ktest_equal(things[i]->number, i);
        ktest_assert(!poison_find_damage(things[i]->rest, (u8)i, sizeof(things[i]->rest)));
        kmem_cache_free(cache, things[i]);
    }
    kmem_cache_destroy(cache);
}

KTEST(a_constructor_runs_once_for_each_new_object)
{
    struct kmem_cache *cache = kmem_cache_create("test-ctor", sizeof(struct thing), 0, construct);
    ktest_assert(cache);

    constructed = 0;
    struct thing *thing = kmem_cache_alloc(cache, GFP_KERNEL);
    ktest_assert(thing);
    const unsigned at_first = constructed;
    ktest_assert(at_first > 0);
    for (unsigned i = 0; i < 100; i++) {
        ktest_equal(thing->number, 12345);
        kmem_cache_free(cache, thing);
        thing = kmem_cache_alloc(cache, GFP_KERNEL);
    }
    ktest_equal(constructed, at_first);
    kmem_cache_free(cache, thing);
    kmem_cache_destroy(cache);
}

KTEST(empty_slabs_go_back_to_the_zones)
{
    struct kmem_cache *cache = kmem_cache_create("test-empty", 512, 0, NULL);
    void **last = NULL;

    ktest_assert(cache);
    const unsigned long free_before = pages_free();
    for (unsigned i = 0; i < 2000; i++) { /* each holds the address of the one before */
        void **object = kmem_cache_alloc(cache, GFP_KERNEL);
        ktest_assert(object);
        *object = last;
        last = object;
    }
    ktest_assert(pages_free() + 200 < free_before);
    while (last) {
        void **before = *last;
        kmem_cache_free(cache, last);
        last = before;
    }
    kmem_cache_shrink(cache);
    ktest_assert(pages_free() + 8 >= free_before); /* the tester's printing may need a few */
    kmem_cache_destroy(cache);
}

KTEST(sizes_of_powers_of_two_are_aligned_to_themselves)
{
    for (size_t bytes = 8; bytes <= 8 * PAGE_BYTES; bytes *= 2) {
        void *memory = kmalloc(bytes, GFP_KERNEL);
        ktest_assert(memory);
        ktest_equal((vaddr_t)memory & (min(bytes, PAGE_BYTES) - 1), 0);
        ktest_assert(kmalloc_usable(memory) >= bytes);
        memset(memory, 0x33, bytes);
        kfree(memory);
    }
}

KTEST(sizes_that_cannot_be_are_refused)
{
    volatile size_t none = 0, much = KMALLOC_BYTES_MAX + 1;

    ktest_assert(!kmalloc(none, GFP_KERNEL));
    ktest_assert(!kmalloc(much, GFP_KERNEL | GFP_NOWARN));
    ktest_assert(!kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL));
    kfree(NULL);
}

KTEST(cleared_memory_is_clear_though_it_was_used)
{
    for (size_t bytes = 1; bytes < 40000; bytes = bytes * 3 + 1) {
        u8 *memory = kmalloc(bytes, GFP_KERNEL);
        ktest_assert(memory);
        memset(memory, 0xee, bytes);
        kfree(memory);
        memory = kzalloc(bytes, GFP_KERNEL);
        ktest_assert(memory);
        ktest_assert(!poison_find_damage(memory, 0, bytes));
        kfree(memory);
    }
}

KTEST(memory_that_grows_keeps_its_contents)
{
    u8 *memory = NULL;

    for (size_t bytes = 10; bytes < 50000; bytes *= 2) {
        u8 *bigger = krealloc(memory, bytes, GFP_KERNEL);
        ktest_assert(bigger);
        if (memory)
            ktest_assert(!poison_find_damage(bigger, (u8)(bytes / 2), bytes / 2));
        memory = memset(bigger, (int)(u8)bytes, bytes);
    }
    kfree(memory);
    char *copy = kstrdup("one page", GFP_KERNEL);
    ktest_assert(copy && strcmp(copy, "one page") == 0);
    kfree(copy);
}

KTEST(random_sizes_never_overlap)
{
    enum { COUNT = 200 };
    static struct {
        u8 *memory;
        size_t bytes;
        u8 pattern;
    } held[COUNT];
    struct random random = { ktest_random() };

    for (unsigned step = 0; step < 6000 + COUNT; step++) {
        const bool ending = step >= 6000;
        const unsigned i = ending ? step - 6000 : random_below(&random, COUNT);
        if (held[i].memory) {
            ktest_assert(!poison_find_damage(held[i].memory, held[i].pattern, held[i].bytes));
            kfree(held[i].memory);
            held[i].memory = NULL;
        } else if (!ending) {
            held[i].bytes = 1 + random_below(&random, random_below(&random, 8) ? 300 : 20000);
            held[i].pattern = (u8)random_below(&random, 256);
            held[i].memory = kmalloc(held[i].bytes, random_below(&random, 2) ? GFP_KERNEL : 0);
            ktest_assert(held[i].memory);
            memset(held[i].memory, held[i].pattern, held[i].bytes);
        }
    }
}

KTEST(freeing_to_the_wrong_cache_is_reported)
{
    struct kmem_cache *cache = kmem_cache_create("test-wrong", 64, 0, NULL);
    ktest_assert(cache);
    void *memory = kmalloc(64, GFP_KERNEL);

    report_expect("but belongs to kmalloc-64");
    kmem_cache_free(cache, memory);
    ktest_report_seen();
    report_expect("but belongs to no cache");
    kmem_cache_free(cache, &cache);
    ktest_report_seen();
    kfree(memory);
    kmem_cache_destroy(cache);
}

KTEST(freeing_what_kmalloc_never_gave_is_reported)
{
    char *memory = kmalloc(100, GFP_KERNEL);
    report_expect("not where an object starts");
    kfree(memory + 8);
    ktest_report_seen();
    kfree(memory);

    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    report_expect("did not come from kmalloc");
    kfree(page_address(page));
    ktest_report_seen();
    page_free(page, 0);

    void *mapped = vmalloc(PAGE_BYTES);
    ktest_assert(mapped);
    report_expect("did not come from kmalloc");
    kfree(mapped);
    ktest_report_seen();
    vfree(mapped);

    char *big = kmalloc(5 * PAGE_BYTES, GFP_KERNEL);
    ktest_assert(big);
    report_expect("did not come from kmalloc");
    kfree(big + PAGE_BYTES);
    ktest_report_seen();
    kfree(big);
}

KTEST(a_cache_destroyed_with_objects_in_use_is_reported)
{
    struct kmem_cache *cache = kmem_cache_create("test-leak", 64, 0, NULL);
    ktest_assert(cache);
    void *object = kmem_cache_alloc(cache, GFP_KERNEL);

    report_expect("is destroyed with 1 objects in use");
    kmem_cache_destroy(cache);
    ktest_report_seen();
    kmem_cache_free(cache, object);
    kmem_cache_destroy(cache);
}

KTEST(an_object_freed_twice_is_reported)
{
    if (!CONFIG_CHECK)
        ktest_skip("only check builds mark free objects");
    void *memory = kmalloc(64, GFP_KERNEL);

    preempt_disable();
    kfree(memory);
    report_expect("is freed twice");
    kfree(memory);
    preempt_enable();
    ktest_report_seen();
}

KTEST(writes_behind_an_object_and_after_its_free_are_reported)
{
    if (!CONFIG_CHECK)
        ktest_skip("only check builds have red zones and poison");
    u8 *memory = kmalloc(96, GFP_KERNEL);

    memory[96] ^= 1;
    report_expect("was written to behind its end");
    kfree(memory);
    ktest_report_seen();
    memory[96] ^= 1;

    preempt_disable(); /* the next object taken on this CPU is the one freed last */
    kfree(memory);
    memory[20] ^= 1;
    report_expect("was written to while it was free");
    u8 *again = kmalloc(96, GFP_ATOMIC);
    preempt_enable();
    ktest_report_seen();
    ktest_assert(again == memory);
    kfree(again);
}

KTEST(objects_run_out_and_come_back)
{
    void **last = NULL;

    for (;;) {
        void **object = kmalloc(4096, GFP_KERNEL | GFP_NOWARN);
        if (!object)
            break;
        *object = last;
        last = object;
    }
    while (last) {
        void **before = *last;
        kfree(last);
        last = before;
    }
    void *memory = kmalloc(4096, GFP_KERNEL);
    ktest_assert(memory);
    kfree(memory);
}

enum { SHARED = 64 };
static u8 *shared[SHARED]; /* atomic: whoever exchanges an object out has it */

/* Put objects where other CPUs find them, and free those of others. */
static void swap_and_free(void *data)
{
    struct random random = { ktest_random() };

    for (unsigned step = 0; step < 4000; step++) {
        const size_t bytes = 16 + random_below(&random, 200);
        u8 *memory = kmalloc(bytes, random_below(&random, 2) ? GFP_KERNEL : GFP_ATOMIC);
        if (memory) {
            memory[0] = (u8)bytes;
            memset(memory + 1, (u8)bytes ^ 0xff, bytes - 1);
        }
        u8 **slot = &shared[random_below(&random, SHARED)];
        memory = __atomic_exchange_n(slot, memory, __ATOMIC_ACQ_REL);
        if (memory)
            ktest_assert(!poison_find_damage(memory + 1, memory[0] ^ 0xff, memory[0] - 1));
        kfree(memory);
    }
}

KTEST(objects_freed_on_another_cpu_are_not_lost)
{
    ktest_on_each_cpu(swap_and_free, NULL);
    for (unsigned i = 0; i < SHARED; i++) {
        kfree(shared[i]);
        shared[i] = NULL;
    }
}

KTEST(statistics_tell_what_is_in_use)
{
    struct kmem_cache *cache = kmem_cache_create("test-stat", 200, 0, NULL);
    struct slab_stat stat = { .name = "" };
    unsigned index = 0;
    void *objects[3];

    ktest_assert(cache);
    for (unsigned i = 0; i < 3; i++)
        objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
    while (slab_stat(index, &stat) && strcmp(stat.name, "test-stat") != 0)
        index++;
    ktest_equal(strcmp(stat.name, "test-stat"), 0);
    ktest_equal(stat.object_bytes, 200);
    ktest_equal(stat.used, 3);
    ktest_assert(stat.slabs >= 1 && stat.objects >= 3);
    for (unsigned i = 0; i < 3; i++)
        kmem_cache_free(cache, objects[i]);
    kmem_cache_destroy(cache);
}
