/* Lists: the order after each operation, both ways round. */
#include "lib/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct letter {
    char letter;
    struct list_node node;
};

static struct letter letters[5];

static void setup(struct list_node *head, unsigned count)
{
    list_init(head);
    for (unsigned i = 0; i < count; i++) {
        letters[i].letter = (char)('a' + i);
        list_add_tail(&letters[i].node, head);
    }
}

/* Do the letters on the list, read forwards and backwards, spell @expected? */
static void expect(struct list_node *head, const char *expected)
{
    char forwards[8] = "", backwards[8] = "";
    struct letter *pos;
    size_t count = 0;
    list_for_each_entry (pos, head, node)
        forwards[count++] = pos->letter;
    list_for_each_entry_reverse (pos, head, node)
        backwards[--count] = pos->letter;
    assert_string_equal(forwards, expected);
    assert_string_equal(backwards, expected);
    assert_int_equal(list_empty(head), !*expected);
    assert_int_equal(list_is_single(head), expected[0] && !expected[1]);
}

static void nodes_join_at_either_end_and_leave_from_anywhere(void **state)
{
    LIST(head);
    expect(&head, "");
    assert_null(list_first_entry_or_null(&head, struct letter, node));
    setup(&head, 3);
    expect(&head, "abc");
    letters[3].letter = 'd';
    list_add(&letters[3].node, &head);
    expect(&head, "dabc");
    list_del(&letters[0].node);
    expect(&head, "dbc");
    list_move_tail(&letters[3].node, &head);
    expect(&head, "bcd");
    list_move(&letters[2].node, &head);
    expect(&head, "cbd");
    assert_int_equal(list_first_entry(&head, struct letter, node)->letter, 'c');
    assert_int_equal(list_last_entry(&head, struct letter, node)->letter, 'd');
}

static void a_safe_walk_may_take_off_what_it_visits(void **state)
{
    LIST(head);
    setup(&head, 5);
    struct letter *pos, *after;
    list_for_each_entry_safe (pos, after, &head, node)
        if (pos->letter != 'c')
            list_del(&pos->node);
    expect(&head, "c");
}

static void a_splice_leaves_the_source_empty(void **state)
{
    LIST(from);
    LIST(to);
    setup(&to, 2);
    for (unsigned i = 2; i < 5; i++) {
        letters[i].letter = (char)('a' + i);
        list_add_tail(&letters[i].node, &from);
    }
    list_splice_tail(&from, &to);
    expect(&to, "abcde");
    expect(&from, "");
    list_splice_tail(&from, &to);
    expect(&to, "abcde");
}

static void a_broken_link_is_noticed(void **state)
{
    LIST(head);
    setup(&head, 3);
    struct list_node *kept = letters[1].node.next;
    letters[1].node.next = &head;
    expect_assert_failure(list_del(&letters[1].node));
    letters[1].node.next = kept;

    list_del_init(&letters[1].node);
    list_del_init(&letters[1].node);
    expect(&head, "ac");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_join_at_either_end_and_leave_from_anywhere),
        cmocka_unit_test(a_safe_walk_may_take_off_what_it_visits),
        cmocka_unit_test(a_splice_leaves_the_source_empty),
        cmocka_unit_test(a_broken_link_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
