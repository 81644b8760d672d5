/*
 * /dev/fb0: its pixels are mapped as they are, frames without a struct page, and described.
 *
 * The kernel's own console draws on the same pixels; programs that draw hide its cursor first.
 *
 * Source: Linux uapi linux/fb.h.
 */
#include "kernel/dev/fb.h"

#include "arch/x86/user_copy.h"
#include "boot/boot_info.h"
#include "kernel/fs/map.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/vma.h"

enum {
    FBIOGET_VSCREENINFO = 0x4600,
    FBIOPUT_VSCREENINFO = 0x4601,
    FBIOGET_FSCREENINFO = 0x4602,
    VISUAL_TRUECOLOR = 2,
};

struct abi_fb_field {
    u32 offset, length, is_reversed;
};

struct abi_fb_var {
    u32 width, height, virtual_width, virtual_height, offset_x, offset_y;
    u32 bits_per_pixel, grayscale;
    struct abi_fb_field red, green, blue, transparent;
    u32 nonstandard, activate, height_mm, width_mm, flags;
    u32 timing[7];
    u32 sync, mode, rotate, colorspace;
    u32 reserved[4];
};

static_assert(sizeof(struct abi_fb_var) == 160, "as programs know it");

struct abi_fb_fix {
    char name[16];
    unsigned long start;
    u32 bytes, type, type_more, visual;
    u16 pan_x, pan_y, wrap_y;
    u32 pitch;
    unsigned long registers;
    u32 register_bytes, accelerator;
    u16 capabilities, reserved[2];
};

static_assert(sizeof(struct abi_fb_fix) == (sizeof(long) == 8 ? 80 : 68), "as programs know it");

bool fb_is_there(void) { return boot_info.framebuffer.phys != 0; }

/* Whole pages of pixels, in bytes. */
static u64 memory_bytes(void)
{
    const struct boot_framebuffer *info = &boot_info.framebuffer;
    return align_up((u64)info->pitch * info->height, PAGE_BYTES);
}

static struct abi_fb_field field_of(struct boot_color color)
{
    return (struct abi_fb_field){ .offset = color.position, .length = color.bits };
}

static struct abi_fb_var describe(void)
{
    const struct boot_framebuffer *info = &boot_info.framebuffer;
    return (struct abi_fb_var){
        .width = info->width,
        .height = info->height,
        .virtual_width = info->width,
        .virtual_height = info->height,
        .bits_per_pixel = info->bits_per_pixel,
        .red = field_of(info->red),
        .green = field_of(info->green),
        .blue = field_of(info->blue),
        .height_mm = UINT32_MAX,
        .width_mm = UINT32_MAX,
    };
}

static long put_var(void __user *user)
{
    const struct abi_fb_var var = describe();
    return copy_to_user(user, &var, sizeof(var)) ? -EFAULT : 0;
}

/* Nothing can be changed; who asks for what there is may have it. */
static long set_var(const void __user *user)
{
    const struct abi_fb_var now = describe();
    struct abi_fb_var var;
    if (copy_from_user(&var, user, sizeof(var)))
        return -EFAULT;
    const bool is_same = var.width == now.width && var.height == now.height &&
                         var.bits_per_pixel == now.bits_per_pixel && !var.offset_x && !var.offset_y;
    return is_same ? 0 : -EINVAL;
}

static long put_fix(void __user *user)
{
    const struct boot_framebuffer *info = &boot_info.framebuffer;
    struct abi_fb_fix fix = {
        .name = "loader",
        .start = (unsigned long)info->phys,
        .bytes = (u32)memory_bytes(),
        .visual = VISUAL_TRUECOLOR,
        .pitch = info->pitch,
    };
    return copy_to_user(user, &fix, sizeof(fix)) ? -EFAULT : 0;
}

static long control(struct file *file, unsigned command, unsigned long argument)
{
    void __user *user = (void __user *)argument;
    switch (command) {
    case FBIOGET_VSCREENINFO:
        return put_var(user);
    case FBIOPUT_VSCREENINFO:
        return set_var(user);
    case FBIOGET_FSCREENINFO:
        return put_fix(user);
    default:
        return -ENOTTY;
    }
}

static int map(struct file *file, struct vma *vma)
{
    const u64 bytes = memory_bytes();
    if (vma->offset > bytes || vma->end - vma->start > bytes - vma->offset ||
        boot_info.framebuffer.phys % PAGE_BYTES)
        return -EINVAL;
    vma->offset += boot_info.framebuffer.phys;
    return map_frames(file, vma);
}

const struct file_ops fb_ops = { .is_stream = true, .ioctl = control, .mmap = map };
