/*
 * The table of segments, and their attachments.
 *
 * shm_lock guards the table and what can change of a segment.  The end of a segment comes with the
 * last of its attachments, which may go with mmap_lock held: what it frees takes no lock before it.
 */
#include "kernel/fs/shm.h"

#include "kernel/fs/map.h"
#include "kernel/fs/ramfs.h"
#include "kernel/fs/ramfs_file.h"
#include "kernel/spinlock.h"
#include "kernel/task.h"
#include "kernel/wall_clock.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "mm/fault_file.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/range.h"
#include "mm/vma.h"

enum { INDEX_BITS = 15, SEQUENCES = 1 << (31 - INDEX_BITS), RIGHTS = 0777 };

/* (c) constant; (l) under shm_lock */
struct shm_segment {
    struct shm_status status; /* (l) but for id, bytes and creator, (c); pages are not kept here */
    struct dentry *dentry;    /* (c) the file */
};

static SPINLOCK(shm_lock, RANK_FS);
static struct shm_segment *table[SHM_SEGMENTS]; /* under shm_lock, as these: */
static int last_index = -1;                     /* of the newest segment */
static u16 sequence;                            /* how often the table was gone through */

static void free_segment(struct shm_segment *segment)
{
    dentry_put(segment->dentry);
    kfree(segment);
}

/* Take @segment out of the table if nobody needs it any more.  True: the caller frees it. */
static bool take_if_done(struct shm_segment *segment) MUST_HOLD(shm_lock)
{
    if (segment->status.attachments || !(segment->status.mode & SHM_DEST))
        return false;
    table[segment->status.id % (1 << INDEX_BITS)] = NULL;
    return true;
}

/* The segment @id, or -EINVAL: its place may be another's now. */
static int find_segment(int id, struct shm_segment **segment) MUST_HOLD(shm_lock)
{
    const int index = id % (1 << INDEX_BITS);
    if (id < 0 || index >= SHM_SEGMENTS || !table[index] || table[index]->status.id != id)
        return -EINVAL;
    *segment = table[index];
    return 0;
}

/* --- making ----------------------------------------------------------------------------------- */

static struct shm_segment *create_segment(int key, size_t bytes, unsigned flags)
{
    char label[32];
    struct shm_segment *segment = kzalloc(sizeof(*segment), GFP_KERNEL);
    if (!segment)
        return NULL;
    snprintf(label, sizeof(label), "/SYSV%08x (deleted)", (unsigned)key);
    segment->dentry = ramfs_create_anonymous(flags & RIGHTS, label);
    if (!segment->dentry) {
        kfree(segment);
        return NULL;
    }
    ram_file_start_size(segment->dentry->inode, bytes);
    segment->status = (struct shm_status){
        .key = key,
        .bytes = bytes,
        .mode = flags & RIGHTS,
        .changed_s = wall_clock_s(),
        .creator = current->tgid,
    };
    return segment;
}

/* Give @segment the lowest free place.  Its id or -ENOSPC. */
static int enter(struct shm_segment *segment) MUST_HOLD(shm_lock)
{
    int index = 0;
    while (index < SHM_SEGMENTS && table[index])
        index++;
    if (index == SHM_SEGMENTS)
        return -ENOSPC;
    if (index <= last_index)
        sequence = (u16)((sequence + 1) % SEQUENCES);
    last_index = index;
    table[index] = segment;
    segment->status.sequence = sequence;
    segment->status.id = sequence << INDEX_BITS | index;
    return segment->status.id;
}

/* What there is with @key: its id, -ENOENT, or why it cannot be had. */
static int find_key(int key, size_t bytes, unsigned flags) MUST_HOLD(shm_lock)
{
    if (key == IPC_PRIVATE)
        return -ENOENT;
    for (int index = 0; index < SHM_SEGMENTS; index++) {
        const struct shm_segment *segment = table[index];
        if (!segment || segment->status.key != key)
            continue;
        if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
            return -EEXIST;
        return bytes > segment->status.bytes ? -EINVAL : segment->status.id;
    }
    return -ENOENT;
}

int shm_get(int key, size_t bytes, unsigned flags)
{
    spin_lock(&shm_lock);
    int id = find_key(key, bytes, flags);
    spin_unlock(&shm_lock);
    if (id != -ENOENT || (key != IPC_PRIVATE && !(flags & IPC_CREAT)))
        return id;
    if (bytes < SHM_BYTES_MIN || bytes > SHM_BYTES_MAX || flags & SHM_HUGETLB)
        return -EINVAL;
    struct shm_segment *segment = create_segment(key, bytes, flags);
    if (!segment)
        return -ENOMEM;
    spin_lock(&shm_lock);
    id = find_key(key, bytes, flags); /* somebody may have been faster */
    const bool is_new = id == -ENOENT;
    if (is_new)
        id = enter(segment);
    spin_unlock(&shm_lock);
    if (!is_new || id < 0)
        free_segment(segment);
    return id;
}

/* --- attachments ------------------------------------------------------------------------------ */

/* One more vma shows @segment. */
static void note_attachment(struct shm_segment *segment)
{
    spin_lock(&shm_lock);
    segment->status.attachments++;
    segment->status.attached_s = wall_clock_s();
    segment->status.last = current->tgid;
    spin_unlock(&shm_lock);
}

static void open_attachment(struct vma *vma)
{
    map_open_pages(vma);
    note_attachment(vma->file->data);
}

/* Somebody has it no longer; @is_vma: that is a detachment to be noted. */
static void release(struct shm_segment *segment, bool is_vma)
{
    spin_lock(&shm_lock);
    segment->status.attachments--;
    if (is_vma) {
        segment->status.detached_s = wall_clock_s();
        segment->status.last = current->tgid;
    }
    const bool is_done = take_if_done(segment);
    spin_unlock(&shm_lock);
    if (is_done)
        free_segment(segment);
}

static void close_attachment(struct vma *vma)
{
    struct shm_segment *segment = vma->file->data;
    map_close_pages(vma);
    release(segment, true);
}

static const struct vma_ops shm_ops = {
    .name = "shm",
    .fault = file_fault,
    .open = open_attachment,
    .close = close_attachment,
};

/* For struct map_request: @vma shows the pages of @file, which is a segment's. */
static int attach_vma(struct vma *vma, struct file *file)
{
    int error = map_attach_file(vma, file);
    if (error)
        return error;
    vma->ops = &shm_ops;
    note_attachment(file->data);
    return 0;
}

/* The address that is meant by @address, 0: any. */
static int round_address(vaddr_t *address, unsigned flags)
{
    if (flags & SHM_RND)
        *address = align_down(*address, PAGE_BYTES);
    if (!is_aligned(*address, PAGE_BYTES) || (!*address && flags & SHM_REMAP))
        return -EINVAL;
    return 0;
}

static int map_segment(struct shm_segment *segment, struct map_request *request, vaddr_t *place)
{
    const bool writes = request->prot & PROT_WRITE;
    int error = file_open(segment->dentry, writes ? O_RDWR : O_RDONLY, &request->file);
    if (error)
        return error;
    request->file->data = segment; /* nobody else knows the file yet */
    error = mm_map(current->mm, request, place);
    file_put(request->file);
    return error == -EEXIST ? -EINVAL : error;
}

int shm_attach(int id, vaddr_t address, unsigned flags, vaddr_t *place)
{
    struct shm_segment *segment;
    struct map_request request = { .flags = MAP_SHARED, .attach = attach_vma };
    int error = id < 0 ? -EINVAL : round_address(&address, flags);
    if (error)
        return error;
    request.address = address;
    request.prot =
        PROT_READ | (flags & SHM_RDONLY ? 0u : PROT_WRITE) | (flags & SHM_EXEC ? PROT_EXEC : 0u);
    if (address)
        request.flags |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    spin_lock(&shm_lock);
    error = find_segment(id, &segment);
    if (!error)
        segment->status.attachments++; /* our own, until the vma has one */
    spin_unlock(&shm_lock);
    if (error)
        return error;
    request.bytes = segment->status.bytes;
    error = address + request.bytes < address ? -EINVAL : map_segment(segment, &request, place);
    release(segment, false);
    return error;
}

/* Is @vma what an attachment at @address begins with, or a later part of it? */
static bool is_attached_at(const struct vma *vma, vaddr_t address)
{
    return vma->ops == &shm_ops && vma->start - address == vma->offset;
}

int shm_detach(struct mm *mm, vaddr_t address)
{
    int error = -EINVAL;
    if (!is_aligned(address, PAGE_BYTES))
        return -EINVAL;
    down_write(&mm->mmap_lock);
    struct vma *vma = vma_find(mm, address);
    while (vma && !is_attached_at(vma, address))
        vma = vma_next(vma);
    const struct file *file = vma ? vma->file : NULL;
    const vaddr_t end =
        vma ? address + align_up((vaddr_t)file->dentry->inode->size, PAGE_BYTES) : 0;
    while (vma && vma->start < end) {
        struct vma *next = vma_next(vma);
        if (is_attached_at(vma, address) && vma->file == file)
            error = range_unmap(mm, vma->start, vma->end);
        vma = next;
    }
    up_write(&mm->mmap_lock);
    return error;
}

/* --- asking and changing ---------------------------------------------------------------------- */

/* As it is now, with the pages that are there. */
static struct shm_status status_of(const struct shm_segment *segment) MUST_HOLD(shm_lock)
{
    struct shm_status status = segment->status;
    const struct inode *inode = segment->dentry->inode;
    status.pages = (unsigned long)inode->ops->blocks(inode);
    return status;
}

int shm_find_status(int id, struct shm_status *status)
{
    struct shm_segment *segment;
    spin_lock(&shm_lock);
    int error = find_segment(id, &segment);
    if (!error)
        *status = status_of(segment);
    spin_unlock(&shm_lock);
    return error;
}

int shm_index_status(int id, struct shm_status *status)
{
    const int index = id % (1 << INDEX_BITS);
    spin_lock(&shm_lock);
    const bool is_there = id >= 0 && index < SHM_SEGMENTS && table[index];
    if (is_there)
        *status = status_of(table[index]);
    spin_unlock(&shm_lock);
    return is_there ? 0 : -EINVAL;
}

/* Do it.  With SHM_DEST nobody finds the segment by its key any more. */
static void apply(struct shm_status *status, const struct shm_change *change) MUST_HOLD(shm_lock)
{
    if (change->sets_owner) {
        status->uid = change->uid;
        status->gid = change->gid;
        status->mode = (status->mode & ~(u32)RIGHTS) | (change->mode & RIGHTS);
        status->changed_s = wall_clock_s();
    }
    if (change->removes) {
        status->mode |= SHM_DEST;
        status->key = IPC_PRIVATE;
    }
    if (change->locks)
        status->mode |= SHM_LOCKED;
    if (change->unlocks)
        status->mode &= ~(u32)SHM_LOCKED;
}

int shm_change(int id, const struct shm_change *change)
{
    struct shm_segment *segment;
    bool is_done = false;
    spin_lock(&shm_lock);
    int error = find_segment(id, &segment);
    if (!error) {
        apply(&segment->status, change);
        is_done = take_if_done(segment);
    }
    spin_unlock(&shm_lock);
    if (is_done)
        free_segment(segment);
    return error;
}

struct shm_totals shm_count(void)
{
    struct shm_totals totals = { .highest = -1 };
    spin_lock(&shm_lock);
    for (int index = 0; index < SHM_SEGMENTS; index++) {
        if (!table[index])
            continue;
        const struct shm_status status = status_of(table[index]);
        totals.segments++;
        totals.highest = index;
        totals.pages += status.bytes / PAGE_BYTES + (status.bytes % PAGE_BYTES != 0);
        totals.resident += status.pages;
    }
    spin_unlock(&shm_lock);
    return totals;
}
