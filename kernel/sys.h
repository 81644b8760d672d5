/*
 * The handlers of system calls, by subject: kernel/sys_*.c and arch/<machine>/sys_machine.c.
 *
 * Their contracts are the manual's, section 2.  Each argument is at most a word wide, because
 * syscall_dispatch() passes words; a 64-bit number on i386 comes in two halves.  Pointers may be
 * anything; only copy_to_user() and its kin follow them.
 */
#ifndef KERNEL_SYS_H
#define KERNEL_SYS_H

#include "arch/x86/user_copy.h"
#include "lib/types.h"

struct abi_pollfd;
struct abi_rlimit64;
struct abi_stack;
struct abi_stat;
struct abi_timespec64;
struct epoll_event;

/* So many ranges of memory one call takes.  Source: readv(2). */
enum { VECTOR_MAX = 1024 };

/* Linux moves no more at once, so that the result is an int.  Source: read(2). */
#define TRANSFER_MAX ((size_t)0x7ffff000)

long sys_not_implemented(void);

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

/* sys_memory.c */
long sys_brk(unsigned long end);
long sys_mmap(unsigned long address, size_t bytes, unsigned prot, unsigned flags, int fd,
              unsigned long offset);
long sys_mmap2(unsigned long address, size_t bytes, unsigned prot, unsigned flags, int fd,
               unsigned long offset_pages);
long sys_mmap_block(const unsigned long __user *arguments);
long sys_munmap(unsigned long address, size_t bytes);
long sys_mprotect(unsigned long address, size_t bytes, unsigned long prot);
long sys_msync(unsigned long address, size_t bytes, unsigned flags);
long sys_mremap(unsigned long address, size_t bytes, size_t wanted, unsigned long flags,
                unsigned long place);
long sys_madvise(unsigned long address, size_t bytes, int advice);
long sys_mlock(unsigned long address, size_t bytes);
long sys_mlock2(unsigned long address, size_t bytes, unsigned flags);
long sys_munlock(unsigned long address, size_t bytes);
long sys_mlockall(unsigned flags);
long sys_munlockall(void);
long sys_mincore(unsigned long address, size_t bytes, u8 __user *vector);

/* sys_shm.c */
long sys_shmget(int key, size_t bytes, unsigned flags);
long sys_shmat(int id, vaddr_t address, unsigned flags);
long sys_shmdt(vaddr_t address);
long sys_shmctl(int id, int command, void __user *user);
long sys_ipc(unsigned call, int first, unsigned long second, unsigned long third,
             void __user *user);

/* sys_remote.c */
long sys_process_vm_readv(int pid, const void __user *local, size_t locals,
                          const void __user *remote, size_t remotes, unsigned long flags);
long sys_process_vm_writev(int pid, const void __user *local, size_t locals,
                           const void __user *remote, size_t remotes, unsigned long flags);
long sys_move_pages(int pid, unsigned long count, vaddr_t __user *pages, int __user *nodes,
                    int __user *status, int flags);

/* sys_process.c */
long sys_exit(int code);
long sys_exit_group(int code);
long sys_getpid(void);
long sys_gettid(void);
long sys_getppid(void);
long sys_capget(void __user *header, void __user *sets);
long sys_capset(void __user *header, const void __user *sets);
long sys_set_tid_address(int __user *address);
long sys_set_robust_list(void __user *head, size_t bytes);
long sys_get_robust_list(int pid, vaddr_t __user *head, size_t __user *bytes);
long sys_prctl(int operation, unsigned long argument, unsigned long second, unsigned long third,
               unsigned long fourth);
long sys_fork(void);
long sys_vfork(void);
long sys_personality(u32 wanted);

/* sys_id.c */
long sys_get_id(void);
long sys_get_three_ids(u32 __user *real, u32 __user *effective, u32 __user *saved);
long sys_get_three_ids16(u16 __user *real, u16 __user *effective, u16 __user *saved);
long sys_set_id(u32 id);
long sys_set_id16(u32 id);
long sys_set_two_ids(u32 real, u32 effective);
long sys_set_two_ids16(u32 real, u32 effective);
long sys_set_three_ids(u32 real, u32 effective, u32 saved);
long sys_set_three_ids16(u32 real, u32 effective, u32 saved);
long sys_set_file_id(u32 id);
long sys_getgroups(int size, void __user *list);
long sys_setgroups(int size, const void __user *list);

/* sys_sched.c */
long sys_sched_yield(void);
long sys_sched_getaffinity(int pid, size_t bytes, unsigned long __user *mask);
long sys_sched_setaffinity(int pid, size_t bytes, const unsigned long __user *mask);
long sys_sched_getscheduler(int pid);
long sys_sched_setscheduler(int pid, int policy, const int __user *user);
long sys_sched_getparam(int pid, int __user *priority);
long sys_sched_setparam(int pid, const int __user *user);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_rr_get_interval(int pid, void __user *interval);
long sys_sched_rr_get_interval64(int pid, void __user *interval);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int nice);
long sys_getcpu(unsigned __user *cpu, unsigned __user *node);

/* sys_limit.c */
long sys_getrlimit(unsigned resource, unsigned long __user *limit);
long sys_setrlimit(unsigned resource, const unsigned long __user *limit);
long sys_getrlimit_old(unsigned resource, unsigned long __user *limit);
long sys_prlimit64(int pid, unsigned resource, const struct abi_rlimit64 __user *new_limit,
                   struct abi_rlimit64 __user *old_limit);
long sys_getrusage(int who, void __user *usage);
long sys_times(void __user *times);
long sys_sysinfo(void __user *info);

/* sys_exec.c */
long sys_execve(const char __user *path, const vaddr_t __user *argv, const vaddr_t __user *envp);
long sys_execveat(int dir, const char __user *path, const vaddr_t __user *argv,
                  const vaddr_t __user *envp, unsigned flags);

/* sys_futex.c */
long sys_futex(u32 __user *word, u32 operation, u32 value, const void __user *time,
               u32 __user *word2, u32 value3);
long sys_futex64(u32 __user *word, u32 operation, u32 value, const void __user *time,
                 u32 __user *word2, u32 value3);

/* sys_group.c */
long sys_setpgid(int pid, int group);
long sys_getpgid(int pid);
long sys_getpgrp(void);
long sys_getsid(int pid);
long sys_setsid(void);

/* sys_wait.c */
long sys_wait4(int pid, int __user *status, unsigned options, void __user *usage);
long sys_waitpid(int pid, int __user *status, unsigned options);
long sys_waitid(int type, int id, void __user *info, unsigned options, void __user *usage);

/* sys_signal.c */
long sys_rt_sigaction(int signal, const void __user *wanted, void __user *old, size_t mask_bytes);
long sys_rt_sigprocmask(int how, const u64 __user *set, u64 __user *old, size_t mask_bytes);
long sys_rt_sigpending(u64 __user *set, size_t mask_bytes);
long sys_rt_sigsuspend(const u64 __user *set, size_t mask_bytes);
long sys_rt_sigtimedwait(const u64 __user *set, void __user *info, const void __user *time,
                         size_t mask_bytes);
long sys_rt_sigtimedwait64(const u64 __user *set, void __user *info, const void __user *time,
                           size_t mask_bytes);
long sys_pause(void);
long sys_sigaltstack(const struct abi_stack __user *wanted, struct abi_stack __user *old);
long sys_rt_sigreturn(void);
long sys_sigreturn(void);

/* sys_kill.c */
long sys_kill(int pid, int signal);
long sys_tkill(int tid, int signal);
long sys_tgkill(int tgid, int tid, int signal);
long sys_rt_sigqueueinfo(int pid, int signal, const void __user *info);
long sys_rt_tgsigqueueinfo(int tgid, int tid, int signal, const void __user *info);

/* sys_time.c */
long sys_clock_gettime(int clock, void __user *time);
long sys_clock_getres(int clock, void __user *resolution);
long sys_clock_nanosleep(int clock, int flags, const void __user *wanted, void __user *left);
long sys_nanosleep(const void __user *wanted, void __user *left);
long sys_gettimeofday(void __user *time, void __user *zone);
long sys_time(long __user *seconds);
long sys_clock_gettime64(int clock, struct abi_timespec64 __user *time);
long sys_clock_getres64(int clock, struct abi_timespec64 __user *resolution);
long sys_clock_nanosleep64(int clock, int flags, const struct abi_timespec64 __user *wanted,
                           struct abi_timespec64 __user *left);
long sys_restart_syscall(void);

/* sys_clock.c */
long sys_clock_settime(int clock, const void __user *time);
long sys_clock_settime64(int clock, const void __user *time);
long sys_settimeofday(const void __user *user_time, const void __user *user_zone);
long sys_stime(const long __user *user);
long sys_adjtimex(void __user *user);
long sys_clock_adjtime(int clock, void __user *user);
long sys_clock_adjtime64(int clock, void __user *user);

/* sys_timer.c */
long sys_timer_create(int clock, const void __user *user, int __user *id);
long sys_timer_settime(int id, int flags, const void __user *wanted, void __user *old);
long sys_timer_settime64(int id, int flags, const void __user *wanted, void __user *old);
long sys_timer_gettime(int id, void __user *value);
long sys_timer_gettime64(int id, void __user *value);
long sys_timer_getoverrun(int id);
long sys_timer_delete(int id);

/* sys_signalfd.c */
long sys_signalfd(int fd, const u64 __user *user, size_t bytes);
long sys_signalfd4(int fd, const u64 __user *user, size_t bytes, unsigned flags);

/* sys_timerfd.c */
long sys_timerfd_create(int clock, unsigned flags);
long sys_timerfd_settime(int fd, unsigned flags, const void __user *wanted, void __user *old);
long sys_timerfd_settime64(int fd, unsigned flags, const void __user *wanted, void __user *old);
long sys_timerfd_gettime(int fd, void __user *value);
long sys_timerfd_gettime64(int fd, void __user *value);

/* sys_log.c */
long sys_syslog(int action, char __user *user, int length);

/* sys_itimer.c */
long sys_getitimer(int which, void __user *value);
long sys_setitimer(int which, const void __user *wanted, void __user *old);
long sys_alarm(unsigned seconds);

/* sys_system.c */
long sys_uname(void __user *name);
long sys_getrandom(void __user *buffer, size_t size, unsigned flags);
long sys_reboot(u32 magic, u32 magic2, u32 command);

/* arch/<machine>/sys_machine.c */
long sys_arch_prctl(int operation, unsigned long address);
long sys_set_thread_area(void __user *description);
long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
               unsigned long fourth, unsigned long fifth);

#endif
