/*
 * The handlers of system calls that are about files: part of kernel/sys.h, which says what all of
 * them have in common.
 */
#ifndef KERNEL_SYS_FILE_H
#define KERNEL_SYS_FILE_H

#include "arch/x86/user_copy.h"
#include "lib/types.h"

struct abi_pollfd;
struct abi_stat;
struct epoll_event;

/* So many ranges of memory one call takes.  Source: readv(2). */
enum { VECTOR_MAX = 1024 };

/* Linux moves no more at once, so that the result is an int.  Source: read(2). */
#define TRANSFER_MAX ((size_t)0x7ffff000)

/* sys_file.c */
long sys_read(int fd, void __user *buffer, size_t size);
long sys_write(int fd, const void __user *buffer, size_t size);
long sys_readv(int fd, const void __user *vector, size_t count);
long sys_writev(int fd, const void __user *vector, size_t count);
long sys_preadv(int fd, const void __user *vector, size_t count, unsigned long low,
                unsigned long high);
long sys_pwritev(int fd, const void __user *vector, size_t count, unsigned long low,
                 unsigned long high);
long sys_preadv2(int fd, const void __user *vector, size_t count, unsigned long low,
                 unsigned long high, unsigned flags);
long sys_pwritev2(int fd, const void __user *vector, size_t count, unsigned long low,
                  unsigned long high, unsigned flags);
long sys_pread64(int fd, void __user *buffer, size_t size, long position);
long sys_pwrite64(int fd, const void __user *buffer, size_t size, long position);
long sys_pread64_halves(int fd, void __user *buffer, size_t size, u32 low, u32 high);
long sys_pwrite64_halves(int fd, const void __user *buffer, size_t size, u32 low, u32 high);
long sys_lseek(int fd, long offset, unsigned whence);
long sys_llseek(int fd, u32 high, u32 low, u64 __user *result, unsigned whence);
long sys_ioctl(int fd, unsigned command, unsigned long argument);

/* sys_open.c */
long sys_open(const char __user *path, unsigned flags, unsigned mode);
long sys_openat(int dir, const char __user *path, unsigned flags, unsigned mode);
long sys_creat(const char __user *path, unsigned mode);
long sys_close(int fd);
long sys_getcwd(char __user *buffer, size_t size);
long sys_umask(unsigned mask);

/* sys_attr.c */
long sys_chmod(const char __user *path, unsigned mode);
long sys_fchmod(int fd, unsigned mode);
long sys_fchmodat(int dir, const char __user *path, unsigned mode);
long sys_fchmodat2(int dir, const char __user *path, unsigned mode, unsigned flags);
long sys_chown(const char __user *path, u32 uid, u32 gid);
long sys_lchown(const char __user *path, u32 uid, u32 gid);
long sys_fchown(int fd, u32 uid, u32 gid);
long sys_chown16(const char __user *path, u32 uid, u32 gid);
long sys_lchown16(const char __user *path, u32 uid, u32 gid);
long sys_fchown16(int fd, u32 uid, u32 gid);
long sys_fchownat(int dir, const char __user *path, u32 uid, u32 gid, unsigned flags);
long sys_utimensat(int dir, const char __user *path, const void __user *times, unsigned flags);
long sys_utimensat64(int dir, const char __user *path, const void __user *times, unsigned flags);
long sys_futimesat(int dir, const char __user *path, const void __user *times);
long sys_utimes(const char __user *path, const void __user *times);
long sys_utime(const char __user *path, const long __user *times);

/* sys_xattr.c: the buffers that get and list would fill stay as they are. */
long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
                  size_t bytes, unsigned flags);
long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
                   size_t bytes, unsigned flags);
long sys_fsetxattr(int fd, const char __user *name, const void __user *value, size_t bytes,
                   unsigned flags);
long sys_getxattr(const char __user *path, const char __user *name);
long sys_lgetxattr(const char __user *path, const char __user *name);
long sys_fgetxattr(int fd, const char __user *name);
long sys_listxattr(const char __user *path);
long sys_llistxattr(const char __user *path);
long sys_flistxattr(int fd);
long sys_removexattr(const char __user *path, const char __user *name);
long sys_lremovexattr(const char __user *path, const char __user *name);
long sys_fremovexattr(int fd, const char __user *name);

/* sys_mount.c */
long sys_mount(const char __user *source, const char __user *target, const char __user *type,
               unsigned long flags, const void __user *data);
long sys_umount2(const char __user *target, unsigned flags);
long sys_umount(const char __user *target);
long sys_statfs(const char __user *path, void __user *statfs);
long sys_fstatfs(int fd, void __user *statfs);
long sys_statfs_old(const char __user *path, void __user *statfs);
long sys_fstatfs_old(int fd, void __user *statfs);
long sys_statfs64(const char __user *path, size_t size, void __user *statfs);
long sys_fstatfs64(int fd, size_t size, void __user *statfs);
long sys_chdir(const char __user *path);
long sys_chroot(const char __user *path);
long sys_fchdir(int fd);

/* sys_dir.c */
long sys_getdents(int fd, void __user *buffer, unsigned size);
long sys_getdents64(int fd, void __user *buffer, unsigned size);

/* sys_lock.c */
long sys_flock(int fd, unsigned operation);

/* sys_transfer.c */
long sys_sendfile(int out_fd, int in_fd, long __user *offset, size_t size);
long sys_sendfile64(int out_fd, int in_fd, u64 __user *offset, size_t size);
long sys_copy_file_range(int in_fd, u64 __user *in_offset, int out_fd, u64 __user *out_offset,
                         size_t size, unsigned flags);
long sys_splice(int in_fd, u64 __user *in_offset, int out_fd, u64 __user *out_offset, size_t size,
                unsigned flags);

/* sys_tee.c */
long sys_tee(int in_fd, int out_fd, size_t size, unsigned flags);

/* sys_fd.c */
long sys_dup(int fd);
long sys_dup2(int fd, int new_fd);
long sys_dup3(int fd, int new_fd, unsigned flags);
long sys_fcntl(int fd, unsigned command, unsigned long argument);
long sys_pipe(int __user *fds);
long sys_pipe2(int __user *fds, unsigned flags);
long sys_memfd_create(const char __user *name, unsigned flags);
long sys_close_range(unsigned first, unsigned last, unsigned flags);

/* sys_fallocate.c */
long sys_fsync(int fd);
long sys_sync(void);
long sys_syncfs(int fd);
long sys_fallocate(int fd, unsigned mode, long start, long bytes);
long sys_fallocate_halves(int fd, unsigned mode, u32 start, u32 start_high, u32 bytes,
                          u32 bytes_high);
long sys_fadvise64(int fd, long start, size_t bytes, unsigned advice);
long sys_fadvise64_halves(int fd, u32 start, u32 start_high, size_t bytes, unsigned advice);
long sys_fadvise64_64(int fd, u32 start, u32 start_high, u32 bytes, u32 bytes_high,
                      unsigned advice);
long sys_readahead(int fd, long start, size_t bytes);
long sys_readahead_halves(int fd, u32 start, u32 start_high, size_t bytes);
long sys_sync_file_range(int fd, long start, long bytes, unsigned flags);
long sys_sync_file_range_halves(int fd, u32 start, u32 start_high, u32 bytes, u32 bytes_high,
                                unsigned flags);
long sys_truncate(const char __user *path, long size);
long sys_ftruncate(int fd, long size);
long sys_truncate_halves(const char __user *path, u32 low, u32 high);
long sys_ftruncate_halves(int fd, u32 low, u32 high);

/* sys_poll.c */
long sys_poll(struct abi_pollfd __user *user, unsigned count, int ms);
long sys_ppoll(struct abi_pollfd __user *user, unsigned count, void __user *time,
               const u64 __user *blocked, size_t bytes);
long sys_ppoll64(struct abi_pollfd __user *user, unsigned count, void __user *time,
                 const u64 __user *blocked, size_t bytes);
long sys_select(int count, void __user *read, void __user *write, void __user *except,
                void __user *time);
long sys_select_block(const unsigned long __user *arguments);
long sys_pselect6(int count, void __user *read, void __user *write, void __user *except,
                  void __user *time, const unsigned long __user *mask_and_size);
long sys_pselect64(int count, void __user *read, void __user *write, void __user *except,
                   void __user *time, const unsigned long __user *mask_and_size);

/* sys_epoll.c */
long sys_eventfd(unsigned initial);
long sys_eventfd2(unsigned initial, unsigned flags);
long sys_epoll_create(int size);
long sys_epoll_create1(unsigned flags);
long sys_epoll_ctl(int epoll_fd, int operation, int fd, const struct epoll_event __user *user);
long sys_epoll_wait(int fd, struct epoll_event __user *events, int most, int ms);
long sys_epoll_pwait(int fd, struct epoll_event __user *events, int most, int ms,
                     const u64 __user *blocked, size_t bytes);
long sys_epoll_pwait2(int fd, struct epoll_event __user *events, int most, const void __user *time,
                      const u64 __user *blocked, size_t bytes);

/* sys_name.c */
long sys_mkdir(const char __user *path, unsigned mode);
long sys_mkdirat(int dir, const char __user *path, unsigned mode);
long sys_mknod(const char __user *path, unsigned mode, unsigned device);
long sys_mknodat(int dir, const char __user *path, unsigned mode, unsigned device);
long sys_rmdir(const char __user *path);
long sys_unlink(const char __user *path);
long sys_unlinkat(int dir, const char __user *path, unsigned flags);
long sys_rename(const char __user *from, const char __user *to);
long sys_renameat(int from_dir, const char __user *from, int to_dir, const char __user *to);
long sys_renameat2(int from_dir, const char __user *from, int to_dir, const char __user *to,
                   unsigned flags);
long sys_link(const char __user *from, const char __user *to);
long sys_linkat(int from_dir, const char __user *from, int to_dir, const char __user *to,
                unsigned flags);
long sys_symlink(const char __user *target, const char __user *path);
long sys_symlinkat(const char __user *target, int dir, const char __user *path);

/* sys_stat.c */
long sys_stat(const char __user *path, struct abi_stat __user *stat);
long sys_lstat(const char __user *path, struct abi_stat __user *stat);
long sys_fstat(int fd, struct abi_stat __user *stat);
long sys_fstatat(int dir, const char __user *path, struct abi_stat __user *stat, unsigned flags);
long sys_statx(int dir, const char __user *path, unsigned flags, unsigned mask, void __user *statx);
long sys_access(const char __user *path, unsigned mode);
long sys_faccessat(int dir, const char __user *path, unsigned mode);
long sys_faccessat2(int dir, const char __user *path, unsigned mode, unsigned flags);
long sys_readlink(const char __user *path, char __user *buffer, int size);
long sys_readlinkat(int dir, const char __user *path, char __user *buffer, int size);

#endif
