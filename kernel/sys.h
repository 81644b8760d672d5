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
#include "kernel/sys_file.h"
#include "lib/types.h"

struct abi_rlimit64;
struct abi_stack;
struct abi_timespec64;

long sys_not_implemented(void);

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
long sys_nice(int more);
long sys_ioprio_get(int which, int who);
long sys_ioprio_set(int which, int who, int priority);
long sys_getcpu(unsigned __user *cpu, unsigned __user *node);

/* sys_membarrier.c */
long sys_membarrier(unsigned command, unsigned flags);

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

/* sys_signal_old.c */
long sys_old_signal(int signal, unsigned long handler);
long sys_old_sigaction(int signal, const void __user *wanted, void __user *old);
long sys_old_sigprocmask(int how, const u32 __user *set, u32 __user *old);
long sys_old_sigpending(u32 __user *set);
long sys_old_sigsuspend(int unused, int unused2, u32 blocked);
long sys_sgetmask(void);
long sys_ssetmask(u32 blocked);

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
long sys_sethostname(const char __user *name, int length);
long sys_setdomainname(const char __user *name, int length);
long sys_getrandom(void __user *buffer, size_t size, unsigned flags);
long sys_reboot(u32 magic, u32 magic2, u32 command);

/* arch/<machine>/sys_machine.c */
long sys_arch_prctl(int operation, unsigned long address);
long sys_set_thread_area(void __user *description);
long sys_get_thread_area(void __user *description);
long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
               unsigned long fourth, unsigned long fifth);

#endif
