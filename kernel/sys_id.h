/*
 * Numbers of users and groups as programs hand them over.
 */
#ifndef KERNEL_SYS_ID_H
#define KERNEL_SYS_ID_H

#include "lib/types.h"

/* i386's first calls have numbers of 16 bits, of which the largest means "as it is", too. */
static inline u32 id_of_16(u32 id) { return (u16)id == UINT16_MAX ? UINT32_MAX : (u16)id; }

#endif
