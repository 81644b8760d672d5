/*
 * The x86-64's page tables: four levels of 512 eight-byte entries.
 *
 *    47      39 38      30 29      21 20      12 11           0
 *   +----------+----------+----------+----------+--------------+
 *   | level 3  | level 2  | level 1  | level 0  |    offset    |
 *   +----------+----------+----------+----------+--------------+
 *
 * An entry with the PS bit maps 2 MiB at level 1 and, if the CPU can, 1 GiB at level 2.
 * Source: Intel SDM vol. 3A, 4.5 "4-level paging".
 */
#ifndef MACHINE_PAGING_H
#define MACHINE_PAGING_H

#include "lib/types.h"

#define PT_LEVELS     4
#define PT_INDEX_BITS 9
typedef u64 pte_bits_t;
#define PTE_NX        ((pte_bits_t)1 << 63)
#define PTE_ADDR_MASK ((pte_bits_t)0x000ffffffffff000)

#define PT_ROOT_ENTRIES    PT_ENTRIES
#define PT_ROOT_HAS_RIGHTS 1
#define PT_ROOT_IS_FIXED   0
#define PTE_IS_ONE_WORD    1 /* one store writes it */
#define HAS_PCID_MODE      1 /* address-space numbers in the TLB */

#endif
