/*
 * Doubly linked lists whose links are members of what they link.
 *
 * The head is a list_node as well, and the list is a ring through it: so no operation has a
 * special case, and one link can be taken out without knowing its list.
 *
 *     +--> head <--> first.node <--> ... <--> last.node <--+
 *     |                                                     |
 *     +-----------------------------------------------------+
 *
 * Whoever owns the head says which lock guards the ring.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/assert.h"
#include "lib/types.h"

struct list_node {
    struct list_node *next, *prev;
};

/* The initializer of @head as an empty list, and the definition of one. */
#define LIST_INIT(head)  \
    {                    \
        &(head), &(head) \
    }
#define LIST(name) struct list_node name = LIST_INIT(name)

static inline void list_init(struct list_node *head)
{
    head->next = head;
    head->prev = head;
}

static inline bool list_empty(const struct list_node *head) { return head->next == head; }

/* Does the list hold exactly one? */
static inline bool list_is_single(const struct list_node *head)
{
    return !list_empty(head) && head->next == head->prev;
}

/* Insert @node behind @place: a node of the list, or its head to make @node the first. */
static inline void list_add(struct list_node *node, struct list_node *place)
{
    assert(place->next->prev == place);
    node->prev = place;
    node->next = place->next;
    node->next->prev = node;
    place->next = node;
}

/* Insert @node before @place: a node of the list, or its head to make @node the last. */
static inline void list_add_tail(struct list_node *node, struct list_node *place)
{
    list_add(node, place->prev);
}

/* Take @node out of the list it is on.  Its links are NULL afterwards: using them faults. */
static inline void list_del(struct list_node *node)
{
    assert(node->next->prev == node);
    assert(node->prev->next == node);
    node->next->prev = node->prev;
    node->prev->next = node->next;
    node->next = NULL;
    node->prev = NULL;
}

/* As list_del(), leaving @node an empty list: it can be asked list_empty(), or deleted again. */
static inline void list_del_init(struct list_node *node)
{
    list_del(node);
    list_init(node);
}

/* Take @node out of its list and make it the first, or last, of the list of @head. */
static inline void list_move(struct list_node *node, struct list_node *head)
{
    list_del(node);
    list_add(node, head);
}

static inline void list_move_tail(struct list_node *node, struct list_node *head)
{
    list_del(node);
    list_add_tail(node, head);
}

/* Move everything on @from behind the last of @to; @from is empty afterwards. */
static inline void list_splice_tail(struct list_node *from, struct list_node *to)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#define list_entry(node, type, member) container_of(node, type, member)

/* The first or last on the list, which is not empty. */
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)  list_entry((head)->prev, type, member)

/* As list_first_entry(), NULL: the list is empty. */
#define list_first_entry_or_null(head, type, member) \
    (list_empty(head) ? NULL : list_first_entry(head, type, member))

#define list_next_entry(pos, member) list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) list_entry((pos)->member.prev, __typeof__(*(pos)), member)

/* Visit each on the list; @pos is declared by the caller and must stay on the list. */
#define list_for_each_entry(pos, head, member)                                                 \
    for ((pos) = list_first_entry(head, __typeof__(*(pos)), member); &(pos)->member != (head); \
         (pos) = list_next_entry(pos, member))

#define list_for_each_entry_reverse(pos, head, member)                                        \
    for ((pos) = list_last_entry(head, __typeof__(*(pos)), member); &(pos)->member != (head); \
         (pos) = list_prev_entry(pos, member))

/* As list_for_each_entry(); @pos may be taken off and freed.  @after is of @pos's type. */
#define list_for_each_entry_safe(pos, after, head, member)           \
    for ((pos) = list_first_entry(head, __typeof__(*(pos)), member), \
        (after) = list_next_entry(pos, member);                      \
         &(pos)->member != (head); (pos) = (after), (after) = list_next_entry(pos, member))

#endif
