/*
 * The names of this machine, which programs may change.
 */
#include "kernel/host_name.h"

#include "kernel/spinlock.h"
#include "kernel/uname.h"
#include "lib/assert.h"
#include "lib/string.h"

static SPINLOCK(names_lock, RANK_FS);
static char names[][HOST_NAME_MAX + 1] = { UNAME_NODE, UNAME_DOMAIN }; /* under names_lock */

void host_name_get(enum host_name which, char name[HOST_NAME_MAX + 1])
{
    spin_lock(&names_lock);
    memcpy(name, names[which], sizeof(names[which]));
    spin_unlock(&names_lock);
}

void host_name_set(enum host_name which, const char *name, size_t length)
{
    assert(length <= HOST_NAME_MAX);
    spin_lock(&names_lock);
    memset(names[which], 0, sizeof(names[which]));
    memcpy(names[which], name, length);
    spin_unlock(&names_lock);
}
