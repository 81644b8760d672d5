/*
 * System calls about the machine: uname(2), sethostname(2), getrandom(2), reboot(2).
 */
#include "arch/x86/power.h"
#include "kernel/host_name.h"
#include "kernel/printk.h"
#include "kernel/process.h"
#include "kernel/random.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "kernel/uname.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "machine/abi.h"

/* Source: getrandom(2), reboot(2). */
enum {
    GRND_FLAGS = 7,
    GRND_RANDOM_INSECURE = 6, /* not together */
    RANDOM_MAX = 33554431,
    CHUNK_BYTES = 64,
};

enum reboot_number {
    REBOOT_MAGIC = 0xfee1dead,
    REBOOT_MAGIC2 = 672274793,
    REBOOT_CAD_OFF = 0,
    REBOOT_CAD_ON = 0x89abcdef,
    REBOOT_RESTART = 0x1234567,
    REBOOT_HALT = 0xcdef0123,
    REBOOT_POWER_OFF = 0x4321fedc,
};

struct abi_utsname {
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

long sys_uname(void __user *name)
{
    struct abi_utsname answer = {
        UNAME_SYSTEM, UNAME_NODE, UNAME_RELEASE, UNAME_VERSION, MACHINE_NAME, UNAME_DOMAIN,
    };
    host_name_get(HOST_NAME, answer.node);
    host_name_get(HOST_DOMAIN, answer.domain);
    if ((READ_ONCE(current->process->personality) & PERSONALITY_KIND) == PERSONALITY_LINUX32)
        memcpy(answer.machine, "i686", sizeof("i686"));
    return copy_to_user(name, &answer, sizeof(answer)) ? -EFAULT : 0;
}

static long set_name(enum host_name which, const char __user *user, int length)
{
    char name[HOST_NAME_MAX];
    if (length < 0 || length > HOST_NAME_MAX)
        return -EINVAL;
    if (copy_from_user(name, user, (size_t)length))
        return -EFAULT;
    host_name_set(which, name, (size_t)length);
    return 0;
}

long sys_sethostname(const char __user *name, int length)
{
    return set_name(HOST_NAME, name, length);
}

long sys_setdomainname(const char __user *name, int length)
{
    return set_name(HOST_DOMAIN, name, length);
}

long sys_getrandom(void __user *buffer, size_t size, unsigned flags)
{
    size_t done = 0;
    if (flags & ~(unsigned)GRND_FLAGS || (flags & GRND_RANDOM_INSECURE) == GRND_RANDOM_INSECURE)
        return -EINVAL;
    size = min(size, (size_t)RANDOM_MAX);
    while (done < size) {
        u8 bytes[CHUNK_BYTES];
        size_t part = min(size - done, sizeof(bytes));
        random_get(bytes, part);
        size_t missed = copy_to_user((char __user *)buffer + done, bytes, part);
        done += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
    }
    return (long)done;
}

long sys_reboot(u32 magic, u32 magic2, u32 command)
{
    /* Linux takes three more dates for the second number. */
    bool is_magic =
        magic2 == REBOOT_MAGIC2 || magic2 == 85072278 || magic2 == 369367448 || magic2 == 537993216;
    if (magic != REBOOT_MAGIC || !is_magic)
        return -EINVAL;
    switch (command) {
    case REBOOT_CAD_OFF:
    case REBOOT_CAD_ON:
        return 0;
    case REBOOT_RESTART:
        pr_info("%s[%d] restarts the machine", current->name, current->pid);
        machine_reboot();
    case REBOOT_HALT:
    case REBOOT_POWER_OFF:
        pr_info("%s[%d] switches the machine off", current->name, current->pid);
        machine_power_off();
    default:
        return -EINVAL;
    }
}
