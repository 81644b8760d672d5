/*
 * GRUB's information: a row of tags, each with its kind and size, eight-byte aligned.
 *
 * Source: Multiboot2 Specification 2.0, 3.6 "Boot information format".
 */
#include "boot/boot_info.h"
#include "boot/loader.h"
#include "lib/string.h"

enum tag_kind {
    TAG_END = 0,
    TAG_COMMAND_LINE = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MEMORY = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_EFI32 = 11,
    TAG_EFI64 = 12,
    TAG_RSDP_OLD = 14,
    TAG_RSDP_NEW = 15,
};

enum { TAG_ALIGN = 8, FRAMEBUFFER_RGB = 1 };

struct tag {
    u32 kind;
    u32 bytes; /* with this head, without the padding behind */
};

struct text_tag {
    struct tag head;
    char text[];
};

struct module_tag {
    struct tag head;
    u32 start, end;
    char command_line[];
};

struct memory_entry {
    u64 phys;
    u64 bytes;
    u32 kind;
    u32 reserved;
};

struct memory_tag {
    struct tag head;
    u32 entry_bytes; /* may grow in later versions */
    u32 entry_version;
};

struct framebuffer_tag {
    struct tag head;
    u64 phys;
    u32 pitch;
    u32 width;
    u32 height;
    u8 bits_per_pixel;
    u8 kind;
    u16 reserved;
    struct boot_color red, green, blue;
};

struct rsdp_tag {
    struct tag head;
    u8 rsdp[];
};

static void read_memory(const struct memory_tag *tag)
{
    const char *end = (const char *)tag + tag->head.bytes;
    const char *at = (const char *)(tag + 1);
    if (tag->entry_bytes < sizeof(struct memory_entry))
        return;
    for (; at + sizeof(struct memory_entry) <= end; at += tag->entry_bytes) {
        const struct memory_entry *entry = (const void *)at;
        boot_info_add_range(entry->phys, entry->phys + entry->bytes, entry->kind);
    }
}

static void read_module(const struct module_tag *tag)
{
    if (boot_info.initrd_start != boot_info.initrd_end)
        return; /* the first module is the initrd */
    boot_info.initrd_start = tag->start;
    boot_info.initrd_end = tag->end;
}

static void read_framebuffer(const struct framebuffer_tag *tag)
{
    if (tag->kind != FRAMEBUFFER_RGB)
        return; /* VGA text, or a palette that nobody sets */
    boot_info.framebuffer = (struct boot_framebuffer){
        .phys = tag->phys,
        .width = tag->width,
        .height = tag->height,
        .pitch = tag->pitch,
        .bits_per_pixel = tag->bits_per_pixel,
        .red = tag->red,
        .green = tag->green,
        .blue = tag->blue,
    };
}

static void read_rsdp(const struct rsdp_tag *tag)
{
    size_t bytes = tag->head.bytes - sizeof(tag->head);
    if (bytes > BOOT_RSDP_BYTES)
        bytes = BOOT_RSDP_BYTES;
    memcpy(boot_info.rsdp, tag->rsdp, bytes);
    boot_info.has_rsdp_copy = true;
}

static void read_tag(const struct tag *tag)
{
    switch (tag->kind) {
    case TAG_COMMAND_LINE:
        boot_info_set_command_line(((const struct text_tag *)tag)->text);
        break;
    case TAG_LOADER:
        boot_info_set_loader(((const struct text_tag *)tag)->text);
        break;
    case TAG_MODULE:
        read_module((const struct module_tag *)tag);
        break;
    case TAG_MEMORY:
        read_memory((const struct memory_tag *)tag);
        break;
    case TAG_FRAMEBUFFER:
        read_framebuffer((const struct framebuffer_tag *)tag);
        break;
    case TAG_EFI32:
    case TAG_EFI64:
        boot_info.is_efi = true;
        break;
    case TAG_RSDP_OLD:
        if (boot_info.has_rsdp_copy)
            break; /* the new one knows more */
        read_rsdp((const struct rsdp_tag *)tag);
        break;
    case TAG_RSDP_NEW:
        read_rsdp((const struct rsdp_tag *)tag);
        break;
    default:
        break;
    }
}

void multiboot2_read(const void *information)
{
    u32 total_bytes = *(const u32 *)information;
    const char *end = (const char *)information + total_bytes;
    const char *at = (const char *)information + TAG_ALIGN;

    while (at + sizeof(struct tag) <= end) {
        const struct tag *tag = (const void *)at;
        if (tag->kind == TAG_END || tag->bytes < sizeof(*tag))
            break;
        read_tag(tag);
        at += (tag->bytes + TAG_ALIGN - 1) / TAG_ALIGN * TAG_ALIGN;
    }
}
