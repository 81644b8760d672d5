/*
 * System calls about users and groups.  There is one user, root, in one group, and this is the
 * truth: every other number is refused, as where Linux knows of no other (user_namespaces(7)).
 *
 * i386 has these calls twice, first with numbers of 16 bits.
 */
#include "kernel/sys_id.h"

#include "kernel/sys.h"
#include "lib/errno.h"

enum { GROUPS_MAX = 65536 };

long sys_get_id(void) { return 0; }

long sys_get_three_ids(u32 __user *real, u32 __user *effective, u32 __user *saved)
{
    return put_user(0, real) || put_user(0, effective) || put_user(0, saved) ? -EFAULT : 0;
}

long sys_get_three_ids16(u16 __user *real, u16 __user *effective, u16 __user *saved)
{
    return put_user(0, real) || put_user(0, effective) || put_user(0, saved) ? -EFAULT : 0;
}

/* Is it root's, or -1: as it is? */
static bool may_be(u32 id) { return id == 0 || id == UINT32_MAX; }

long sys_set_id(u32 id) { return id == 0 ? 0 : -EINVAL; }
long sys_set_id16(u32 id) { return sys_set_id(id_of_16(id)); }

long sys_set_two_ids(u32 real, u32 effective)
{
    return may_be(real) && may_be(effective) ? 0 : -EINVAL;
}

long sys_set_two_ids16(u32 real, u32 effective)
{
    return sys_set_two_ids(id_of_16(real), id_of_16(effective));
}

long sys_set_three_ids(u32 real, u32 effective, u32 saved)
{
    return may_be(real) && may_be(effective) && may_be(saved) ? 0 : -EINVAL;
}

long sys_set_three_ids16(u32 real, u32 effective, u32 saved)
{
    return sys_set_three_ids(id_of_16(real), id_of_16(effective), id_of_16(saved));
}

/* Returns: what it was, which it stays.  Source: setfsuid(2). */
long sys_set_file_id(u32 id) { return 0; }

/* There is no other group that root could be in: what is asked for is checked, and forgotten. */
long sys_getgroups(int size, void __user *list) { return size < 0 ? -EINVAL : 0; }

long sys_setgroups(int size, const void __user *list)
{
    return size < 0 || size > GROUPS_MAX ? -EINVAL : 0;
}
