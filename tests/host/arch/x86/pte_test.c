/*
 * Entries of page tables: their bits, and that nobody ever sees half of one.
 *
 * Links: -
 */
#include "arch/x86/pte.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

pte_bits_t pte_nx = PTE_NX;

enum { ROUNDS = 300000 };

static pte_t leaf(unsigned long pfn, unsigned prot, unsigned level)
{
    return pte_leaf((pfn_t){ pfn }, (prot_t){ (u8)prot }, level);
}

static void a_leaf_has_the_manuals_bits(void **state)
{
    assert_int_equal(leaf(0x123, PROT_READ | PROT_EXEC, 0).bits, 0x123001);
    assert_int_equal(leaf(0x123, PROT_READ | PROT_WRITE | PROT_EXEC, 0).bits, 0x123003);
    assert_int_equal(leaf(0x123, PROT_READ | PROT_EXEC | PROT_USER, 0).bits, 0x123005);
    assert_int_equal(leaf(0x400, PROT_READ | PROT_EXEC | PROT_GLOBAL, 1).bits, 0x400181);
    assert_int_equal(leaf(0x123, PROT_READ | PROT_EXEC | PROT_UNCACHED, 0).bits, 0x123019);
    assert_int_equal(leaf(0x123, PROT_READ, 0).bits, 0x123001 | PTE_NX);
}

static void a_table_entry_leaves_rights_to_the_leaf(void **state)
{
    assert_int_equal(pte_table((pfn_t){ 0x77 }, 1).bits & 7,
                     PT_ROOT_HAS_RIGHTS || PT_LEVELS > 2 ? 7 : 1);
    assert_int_equal(pte_table((pfn_t){ 0x77 }, PT_LEVELS - 1).bits,
                     0x77000 | (PT_LEVELS == 3 ? 1 : 7));
}

static void rights_are_granted_as_the_cpu_would(void **state)
{
    for (unsigned prot = 0; prot < 16; prot++) {
        pte_t entry = leaf(5, prot | PROT_READ, 0);
        for (unsigned access = 1; access < 16; access++) {
            unsigned granted = prot | PROT_READ | (PTE_NX ? 0 : PROT_EXEC);
            assert_int_equal(pte_allows(entry, (prot_t){ (u8)access }), !(access & ~granted));
        }
    }
    assert_false(pte_allows((pte_t){ 0 }, (prot_t){ PROT_READ }));
}

/* [Z3, trap 20, trap 21] */
static void what_nobody_may_touch_is_mapped_but_not_present(void **state)
{
    pte_t entry = leaf(0x456, PROT_USER, 0);
    assert_false(pte_present(entry));
    assert_true(pte_mapped(entry));
    assert_false(pte_none(entry));
    assert_int_equal(pte_pfn(entry).number, 0x456);
    assert_false(pte_mapped((pte_t){ 0 }));
    assert_true(pte_none((pte_t){ PTE_ACCESSED | PTE_DIRTY })); /* a CPU's erratum */
}

/* [Z4, trap 18] */
static void new_rights_keep_the_page_and_its_history(void **state)
{
    pte_t entry = leaf(0x456, PROT_READ | PROT_WRITE | PROT_USER, 0);
    entry.bits |= PTE_ACCESSED | PTE_DIRTY | PTE_SPECIAL;
    pte_t weaker = pte_with_prot(entry, (prot_t){ PROT_USER }, 0);
    pte_t back = pte_with_prot(weaker, (prot_t){ PROT_READ | PROT_WRITE | PROT_USER }, 0);
    assert_int_equal(back.bits, entry.bits);
    assert_int_equal(pte_pfn(weaker).number, 0x456);
}

/* [Z4, trap 18]: bits 9-11 are ours, bit 7 is the size's above level 0 and the PAT's at 0 */
static void no_entry_has_a_bit_that_the_cpu_reserves(void **state)
{
    const pte_bits_t known = PTE_ADDR_MASK | 0xfff | PTE_NX;
    for (unsigned level = 0; level < 2; level++)
        for (unsigned prot = 0; prot < 128; prot++) {
            pte_t entry = pte_make_special(pte_make_written(leaf(0x400, prot, level)));
            pte_t part = pte_part(entry, 3);
            assert_false(entry.bits & ~known);
            assert_int_equal(pte_is_huge(entry), level > 0);
            assert_false(entry.bits & PTE_ADDR_MASK & ~(pte_bits_t)0x400000);
            assert_true(pte_special(part) && !pte_is_huge(part));
            assert_int_equal(pte_pfn(part).number, 0x403);
            assert_int_equal(pte_writable(part), pte_writable(entry));
        }
    assert_int_equal(PTE_SPECIAL & ~0xe00, 0);
}

static void clearing_returns_what_was_there(void **state)
{
    pte_t value = leaf((unsigned long)(PTE_ADDR_MASK >> 12), PROT_READ | PROT_WRITE, 0),
          slot = { 0 };
    pte_set(&slot, value);
    assert_int_equal(pte_get(&slot).bits, value.bits);
    slot.bits |= PTE_DIRTY; /* the CPU's doing */
    assert_int_equal(pte_clear(&slot).bits, value.bits | PTE_DIRTY);
    assert_int_equal(slot.bits, 0);
}

static void exchange_happens_only_if_expected(void **state)
{
    pte_t slot = { 0 }, a = leaf(1, PROT_READ, 0), b = leaf(2, PROT_READ, 0);
    assert_int_equal(pte_cmpxchg(&slot, (pte_t){ 0 }, a).bits, 0);
    assert_int_equal(slot.bits, a.bits);
    assert_int_equal(pte_cmpxchg(&slot, (pte_t){ 0 }, b).bits, a.bits);
    assert_int_equal(slot.bits, a.bits);
}

/* Two pages whose numbers differ in both halves of an entry, where it has two. */
static pte_t two[2];
static pte_t shared;
static int done;

static void *replace_forever(void *unused)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        pte_clear(&shared);
        pte_set(&shared, two[i % 2]);
    }
    __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/* [trap 5] */
static void a_walker_never_sees_half_an_entry(void **state)
{
    pthread_t writer;
    two[0] = leaf((unsigned long)(PTE_ADDR_MASK >> 12) & 0x5555555, PROT_READ, 0);
    two[1] = leaf((unsigned long)(PTE_ADDR_MASK >> 12) & 0xaaaaaaa, PROT_READ, 0);
    done = 0;
    assert_int_equal(pthread_create(&writer, NULL, replace_forever, NULL), 0);
    while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
        /* the hardware reads the whole entry at once */
        pte_bits_t seen = __atomic_load_n(&shared.bits, __ATOMIC_SEQ_CST);
        if (seen & PTE_PRESENT)
            assert_true(seen == two[0].bits || seen == two[1].bits);
    }
    pthread_join(writer, NULL);
}

static void *protect_forever(void *unused)
{
    while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
        __atomic_fetch_or(&shared.bits, (pte_bits_t)PTE_WRITE, __ATOMIC_SEQ_CST);
        pte_write_protect(&shared);
    }
    return NULL;
}

/*
 * [trap 22]: until this thread has often seen the other at work while it was itself; where only one
 * of them can run at a time, that is never.
 */
static void what_the_cpu_notes_meanwhile_is_not_lost(void **state)
{
    enum { MEETINGS = 2000 };
    pthread_t writer;
    unsigned met = 0;
    shared = leaf(5, PROT_READ, 0);
    done = 0;
    assert_int_equal(pthread_create(&writer, NULL, protect_forever, NULL), 0);
    for (unsigned i = 0; i < 20 * ROUNDS && met < MEETINGS; i++) {
        __atomic_fetch_or(&shared.bits, (pte_bits_t)PTE_DIRTY, __ATOMIC_SEQ_CST);
        pte_t dirty = pte_get(&shared);
        __atomic_fetch_and(&shared.bits, ~(pte_bits_t)PTE_DIRTY, __ATOMIC_SEQ_CST);
        pte_t clean = pte_get(&shared);
        assert_true(pte_dirty(dirty) && !pte_dirty(clean));
        met += pte_writable(dirty) != pte_writable(clean);
    }
    __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
    pthread_join(writer, NULL);
    assert_false(pte_writable(shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_has_the_manuals_bits),
        cmocka_unit_test(a_table_entry_leaves_rights_to_the_leaf),
        cmocka_unit_test(rights_are_granted_as_the_cpu_would),
        cmocka_unit_test(what_nobody_may_touch_is_mapped_but_not_present),
        cmocka_unit_test(new_rights_keep_the_page_and_its_history),
        cmocka_unit_test(clearing_returns_what_was_there),
        cmocka_unit_test(exchange_happens_only_if_expected),
        cmocka_unit_test(a_walker_never_sees_half_an_entry),
        cmocka_unit_test(no_entry_has_a_bit_that_the_cpu_reserves),
        cmocka_unit_test(what_the_cpu_notes_meanwhile_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
