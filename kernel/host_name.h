/*
 * What this machine, and the domain it is in, are called: uname(2), sethostname(2).
 */
#ifndef KERNEL_HOST_NAME_H
#define KERNEL_HOST_NAME_H

#include "lib/types.h"

enum host_name { HOST_NAME, HOST_DOMAIN };
enum { HOST_NAME_MAX = 64 }; /* bytes, beside a zero at the end.  Source: sethostname(2) */

/* A copy of @which.  Any context but NMI. */
void host_name_get(enum host_name which, char name[HOST_NAME_MAX + 1]);

/* @which is the @length bytes of @name from now on: HOST_NAME_MAX at most.  Any context but NMI. */
void host_name_set(enum host_name which, const char *name, size_t length);

#endif
