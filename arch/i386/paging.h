/*
 * The i386's page tables, of two kinds.
 *
 * Two levels of 1024 four-byte entries; a level-1 entry with the PS bit maps 4 MiB:
 *
 *    31        22 21        12 11           0
 *   +------------+------------+--------------+
 *   |  level 1   |  level 0   |    offset    |
 *   +------------+------------+--------------+
 *
 * With PAE (the i386pae build) entries have eight bytes, so a page holds 512; a third level of
 * only four entries makes up for it, and a level-1 entry maps 2 MiB:
 *
 *    31 30 29       21 20        12 11           0
 *   +-----+-----------+------------+--------------+
 *   | lv2 |  level 1  |  level 0   |    offset    |
 *   +-----+-----------+------------+--------------+
 *
 * PAE's four root entries know no rights (those bits are reserved, and must be 0), and the CPU
 * reads them only when CR3 is loaded.
 * Source: Intel SDM vol. 3A, 4.3 "32-bit paging" and 4.4 "PAE paging".
 */
#ifndef MACHINE_PAGING_H
#define MACHINE_PAGING_H

#include "gen/config.h"
#include "lib/types.h"

#if CONFIG_PAE

#define PT_LEVELS     3
#define PT_INDEX_BITS 9
typedef u64 pte_bits_t;
#define PTE_NX        ((pte_bits_t)1 << 63)
#define PTE_ADDR_MASK ((pte_bits_t)0x000ffffffffff000)

#else

#define PT_LEVELS     2
#define PT_INDEX_BITS 10
typedef u32 pte_bits_t;
#define PTE_NX        ((pte_bits_t)0) /* no such bit: every page executes */
#define PTE_ADDR_MASK ((pte_bits_t)0xfffff000)

#endif

#define PT_ROOT_ENTRIES    (CONFIG_PAE ? 4 : PT_ENTRIES)
#define PT_ROOT_HAS_RIGHTS (!CONFIG_PAE)
#define PT_ROOT_IS_FIXED   CONFIG_PAE    /* its entries must not change while it is loaded */
#define PTE_IS_ONE_WORD    (!CONFIG_PAE) /* one store writes it */

#define HAS_PCID_MODE 0 /* address-space numbers in the TLB: in long mode only */

#endif
