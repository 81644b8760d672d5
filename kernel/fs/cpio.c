/*
 * cpio archives: from bytes to members.
 *
 * Every length in a header is a claim.  Each is compared with what is left of the archive before
 * a pointer is made of it, always as "is the claim larger than the rest?", so that no sum can
 * wrap.
 */
#include "kernel/fs/cpio.h"

#include "lib/errno.h"
#include "lib/string.h"

enum {
    MAGIC_BYTES = 6,
    DIGITS = 8,
    HEADER_BYTES = MAGIC_BYTES + 13 * DIGITS,
    NAME_LIMIT = 4096,
};

/* The header's numbers, in order. */
enum field {
    FIELD_INODE,
    FIELD_MODE,
    FIELD_UID,
    FIELD_GID,
    FIELD_LINKS,
    FIELD_MTIME,
    FIELD_DATA_BYTES,
    FIELD_DEVICE_MAJOR,
    FIELD_DEVICE_MINOR,
    FIELD_NODE_MAJOR,
    FIELD_NODE_MINOR,
    FIELD_NAME_BYTES,
    FIELD_SUM,
    FIELDS,
};

static_assert(HEADER_BYTES == MAGIC_BYTES + FIELDS * DIGITS, "cpio(5): 110 bytes");

static int damaged(struct cpio *cpio, const char *why)
{
    cpio->why = why;
    return -EINVAL;
}

/* The packers whose output people try to boot; their archives begin like this. */
static const char *name_compression(const u8 *bytes, size_t size)
{
    static const struct {
        char magic[MAGIC_BYTES + 1];
        size_t length;
        const char *why;
    } packers[] = {
        { "\x1f\x8b", 2, "it is compressed with gzip: unpack it first" },
        { "BZh", 3, "it is compressed with bzip2: unpack it first" },
        { "\xfd\x37zXZ", 5, "it is compressed with xz: unpack it first" },
        { "\x28\xb5\x2f\xfd", 4, "it is compressed with zstd: unpack it first" },
        { "\x02\x21\x4c\x18", 4, "it is compressed with lz4: unpack it first" },
        { "070707", 6, "it is in cpio's old format: make it with `cpio -H newc`" },
    };
    for (size_t i = 0; i < ARRAY_COUNT(packers); i++)
        if (size >= packers[i].length && !memcmp(bytes, packers[i].magic, packers[i].length))
            return packers[i].why;
    return "no cpio member starts here (magic 070701 expected)";
}

static int digit_value(u8 digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    u8 lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool read_fields(const u8 *digits, u32 field[FIELDS])
{
    for (unsigned i = 0; i < FIELDS; i++) {
        field[i] = 0;
        for (unsigned n = 0; n < DIGITS; n++) {
            int value = digit_value(*digits++);
            if (value < 0)
                return false;
            field[i] = field[i] << 4 | (u32)value;
        }
    }
    return true;
}

/* The sum of all bytes, which "070702" archives carry. */
static u32 sum_of(const u8 *data, size_t size)
{
    u32 sum = 0;
    while (size--)
        sum += *data++;
    return sum;
}

/* Move on to the next multiple of four, but not beyond the end. */
static void skip_padding(struct cpio *cpio)
{
    size_t padding = -cpio->position & 3;
    size_t left = cpio->size - cpio->position;
    cpio->position += padding < left ? padding : left;
}

static void skip_zeros(struct cpio *cpio)
{
    while (cpio->position < cpio->size && !cpio->bytes[cpio->position])
        cpio->position++;
}

/* Read the member at the position, which moves behind it on success alone. */
static int read_member(struct cpio *cpio, struct cpio_member *member)
{
    const u8 *header = cpio->bytes + cpio->position;
    size_t left = cpio->size - cpio->position;
    u32 field[FIELDS];

    if (left < MAGIC_BYTES || memcmp(header, "07070", 5) || (header[5] != '1' && header[5] != '2'))
        return damaged(cpio, name_compression(header, left));
    if (left < HEADER_BYTES)
        return damaged(cpio, "it ends inside a member's header");
    if (!read_fields(header + MAGIC_BYTES, field))
        return damaged(cpio, "a header has something else than hex digits");

    size_t name_bytes = field[FIELD_NAME_BYTES]; /* with its zero */
    if (name_bytes < 1 || name_bytes > NAME_LIMIT)
        return damaged(cpio, "a name is empty or longer than 4096 bytes");
    if (name_bytes > left - HEADER_BYTES)
        return damaged(cpio, "it ends inside a member's name");
    const char *name = (const char *)header + HEADER_BYTES;
    if (memchr(name, 0, name_bytes) != name + name_bytes - 1)
        return damaged(cpio, "a name does not end where its header says");
    cpio->name = name;

    struct cpio rest = *cpio;
    rest.position += HEADER_BYTES + name_bytes;
    skip_padding(&rest);
    if (field[FIELD_DATA_BYTES] > rest.size - rest.position)
        return damaged(cpio, "it ends inside this member's data");
    const u8 *data = rest.bytes + rest.position;
    if (header[5] == '2' && sum_of(data, field[FIELD_DATA_BYTES]) != field[FIELD_SUM])
        return damaged(cpio, "the sum of this member's data is wrong");
    rest.position += field[FIELD_DATA_BYTES];
    skip_padding(&rest);
    cpio->position = rest.position;

    *member = (struct cpio_member){
        .name = name,
        .name_bytes = name_bytes - 1,
        .data = data,
        .data_bytes = field[FIELD_DATA_BYTES],
        .inode = field[FIELD_INODE],
        .device = (u64)field[FIELD_DEVICE_MAJOR] << 32 | field[FIELD_DEVICE_MINOR],
        .mode = field[FIELD_MODE],
        .links = field[FIELD_LINKS],
        .mtime = field[FIELD_MTIME],
        .node_device = (u64)field[FIELD_NODE_MAJOR] << 8 | (field[FIELD_NODE_MINOR] & 0xff),
    };
    return 1;
}

struct cpio cpio_open(const void *bytes, size_t size)
{
    return (struct cpio){ .bytes = bytes, .size = size };
}

int cpio_next(struct cpio *cpio, struct cpio_member *member)
{
    cpio->name = NULL;
    if (!cpio->size)
        return damaged(cpio, "it is empty");
    while (cpio->position < cpio->size) {
        int result = read_member(cpio, member);
        if (result < 0)
            return result;
        if (strcmp(member->name, "TRAILER!!!"))
            return 1;
        skip_zeros(cpio); /* archives may be joined, with zeros between them */
        if (cpio->position == cpio->size)
            return 0;
    }
    return damaged(cpio, "it ends without a trailer");
}
