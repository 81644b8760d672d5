/*
 * Copies to and from user memory: exact counts at every kind of edge.
 */
#include "arch/x86/user_copy.h"

#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/task.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "tests/kernel/user_space.h"

enum { EDGE_BYTES = 24 };

#define AREA  ((vaddr_t)0x10000000)
#define LIMIT (AREA + 2 * PAGE_BYTES) /* where the mapped part ends */

static void enter(void)
{
    user_space_enter(NULL);
    user_space_map(AREA, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE);
}

KTEST(a_copy_brings_in_the_pages_it_needs)
{
    static char out[3000], in[3000];
    enter();
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 7);
    unsigned long before = current->mm->anon_pages;
    ktest_equal(copy_to_user((void *)(AREA + 3000), out, sizeof out), 0);
    ktest_equal(current->mm->anon_pages - before, 2);
    ktest_equal(copy_from_user(in, (void *)(AREA + 3000), sizeof in), 0);
    ktest_assert(!memcmp(in, out, sizeof in));
    user_space_leave();
}

/* [trap 14] */
KTEST(a_copy_into_a_hole_says_exactly_what_is_missing)
{
    char buffer[2 * EDGE_BYTES];
    enter();
    for (size_t before = 0; before <= EDGE_BYTES; before++) {
        for (size_t bytes = before; bytes <= 2 * EDGE_BYTES; bytes++) {
            void *at = (void *)(LIMIT - before);
            ktest_equal(copy_to_user(at, buffer, bytes), bytes - before);
            memset(buffer, 0x55, sizeof buffer);
            ktest_equal(copy_from_user(buffer, at, bytes), bytes - before);
            for (size_t i = before; i < bytes; i++)
                ktest_equal(buffer[i], 0);
            ktest_equal(clear_user(at, bytes), bytes - before);
        }
    }
    user_space_leave();
}

KTEST(kernel_addresses_are_refused_without_a_touch)
{
    static char secret[16] = "do not touch me";
    char buffer[16] = "";
    enter();
    ktest_equal(copy_to_user(secret, buffer, 16), 16);
    ktest_equal(copy_from_user(buffer, secret, 16), 16);
    ktest_equal(clear_user(secret, 16), 16);
    ktest_equal(strncpy_from_user(buffer, secret, 16), -EFAULT);
    ktest_assert(!strcmp(secret, "do not touch me"));
    ktest_equal(copy_to_user((void *)(USER_TOP - 8), buffer, 16), 16);
    ktest_equal(copy_from_user(buffer, (void *)(vaddr_t)-8, 16), 16); /* wraps */
    ktest_equal(clear_user((void *)AREA, (size_t)-1), (size_t)-1);
    user_space_leave();
}

KTEST(user_range_ok_cannot_wrap)
{
    ktest_assert(user_range_ok((void *)0, 0));
    ktest_assert(user_range_ok((void *)0, USER_TOP));
    ktest_assert(!user_range_ok((void *)1, USER_TOP));
    ktest_assert(user_range_ok((void *)USER_TOP, 0));
    ktest_assert(!user_range_ok((void *)USER_TOP, 1));
    ktest_assert(!user_range_ok((void *)(vaddr_t)-1, 2));
    ktest_assert(!user_range_ok((void *)5, (size_t)-3));
}

/* [trap 23] */
KTEST(rights_hold_for_the_kernel_too)
{
    char buffer[8] = "abc";
    enter();
    ktest_equal(copy_to_user((void *)AREA, buffer, 8), 0);
    ktest_equal(mm_protect(current->mm, AREA, PAGE_BYTES, PROT_READ), 0);
    ktest_equal(copy_to_user((void *)AREA, buffer, 8), 8);
    ktest_equal(copy_from_user(buffer, (void *)AREA, 8), 0);
    ktest_equal(mm_protect(current->mm, AREA, PAGE_BYTES, 0), 0);
    ktest_equal(copy_from_user(buffer, (void *)AREA, 8), 8);
    ktest_equal(mm_protect(current->mm, AREA, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
    ktest_equal(copy_from_user(buffer, (void *)AREA, 8), 0);
    ktest_assert(!strcmp(buffer, "abc")); /* what nobody could touch is still there */
    user_space_leave();
}

/* [L31] */
KTEST(without_faults_a_copy_misses_what_is_not_there)
{
    char buffer[8] = "";
    enter();
    unsigned long faults = count_read(COUNT_FAULT_FRESH);

    pagefault_disable();
    ktest_equal(copy_from_user(buffer, (void *)AREA, 8), 8);
    pagefault_enable();
    preempt_disable(); /* in_atomic() alone must do as well */
    pagefault_disable();
    size_t left = copy_to_user((void *)AREA, buffer, 8);
    pagefault_enable();
    preempt_enable();
    ktest_equal(left, 8);
    ktest_equal(current->mm->anon_pages, 0);
    ktest_equal(count_read(COUNT_FAULT_FRESH), faults);

    ktest_equal(copy_to_user((void *)AREA, buffer, 8), 0);
    pagefault_disable();
    ktest_equal(copy_from_user(buffer, (void *)AREA, 8), 0); /* now it is there */
    pagefault_enable();
    user_space_leave();
}

KTEST(strings_end_at_their_nul_and_not_beyond)
{
    char text[130];
    enter();
    memset(text, 'x', sizeof text);
    text[129] = 0;
    void *at = (void *)(LIMIT - 130); /* the NUL is the last byte there is */
    ktest_equal(copy_to_user(at, text, 130), 0);
    memset(text, 0, sizeof text);
    ktest_equal(strncpy_from_user(text, at, 130), 129);
    ktest_equal(text[128], 'x');
    ktest_equal(strncpy_from_user(text, at, 129), 129); /* no NUL among them */
    ktest_equal(strncpy_from_user(text, at, 0), 0);
    ktest_equal(clear_user((char *)at + 5, 1), 0);
    ktest_equal(strncpy_from_user(text, at, 130), 5);
    ktest_equal(put_user('y', (char *)(LIMIT - 1)), 0);
    ktest_equal(strncpy_from_user(text, (char *)(LIMIT - 1), 10), -EFAULT);
    user_space_leave();
}

KTEST(single_values_travel_whole)
{
    u64 big = 0;
    u8 small = 0;
    enter();
    ktest_equal(put_user(0x1122334455667788ull, (u64 *)(LIMIT - 8)), 0);
    ktest_equal(get_user(big, (u64 *)(LIMIT - 8)), 0);
    ktest_equal(big, 0x1122334455667788ull);
    ktest_equal(get_user(small, (u8 *)(LIMIT - 8)), 0);
    ktest_equal(small, 0x88);
    ktest_equal(get_user(big, (u64 *)(LIMIT - 4)), -EFAULT);
    ktest_equal(big, 0x1122334455667788ull);
    ktest_equal(put_user(1, (u32 *)LIMIT), -EFAULT);
    user_space_leave();
}

/* [L31] */
KTEST(a_thread_without_user_memory_copies_nothing)
{
    char buffer[8];
    ktest_assert(!current->mm);
    ktest_equal(copy_from_user(buffer, (void *)AREA, 8), 8);
}
