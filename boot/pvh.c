/*
 * QEMU's -kernel, which starts this kernel as if it were a Xen PVH guest.
 *
 * Source: Xen, "x86/HVM direct boot ABI" (struct hvm_start_info).
 */
#include "boot/boot_info.h"
#include "boot/loader.h"
#include "kernel/panic.h"

struct pvh_start_info {
    u32 magic;
    u32 version;
    u32 flags;
    u32 module_count;
    u64 modules_phys;
    u64 command_line_phys; /* 0: none */
    u64 rsdp_phys;
    u64 memory_phys; /* from here on since version 1 */
    u32 memory_count;
    u32 reserved;
};

struct pvh_module {
    u64 phys;
    u64 bytes;
    u64 command_line_phys;
    u64 reserved;
};

struct pvh_memory {
    u64 phys;
    u64 bytes;
    u32 kind;
    u32 reserved;
};

static void read_memory(const struct pvh_start_info *start_info)
{
    if (start_info->version < 1 || start_info->memory_count == 0)
        return;
    const struct pvh_memory *memory = boot_data(start_info->memory_phys);
    for (u32 i = 0; i < start_info->memory_count; i++)
        boot_info_add_range(memory[i].phys, memory[i].phys + memory[i].bytes, memory[i].kind);
}

void pvh_read(const void *data)
{
    const struct pvh_start_info *start_info = data;
    if (start_info->magic != LOADER_PVH)
        panic("boot: PVH start info with the magic %#x", start_info->magic);

    boot_info_set_loader("PVH");
    if (start_info->command_line_phys != 0)
        boot_info_set_command_line(boot_data(start_info->command_line_phys));
    if (start_info->module_count != 0) {
        const struct pvh_module *module = boot_data(start_info->modules_phys);
        boot_info.initrd_start = module->phys;
        boot_info.initrd_end = module->phys + module->bytes;
    }
    boot_info.rsdp_phys = start_info->rsdp_phys;
    read_memory(start_info);
}
