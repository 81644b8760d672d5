; The x86-64's front door: every trap and every system call comes in here and goes out here.
;
; A stub for each vector makes all traps look alike (a struct trapframe on the stack), then one C
; call does the rest.  The one thing assembly must get right is %gs: in the kernel its base leads
; to this CPU's variables, in user mode it is the user's, and swapgs exchanges the two.  The saved
; code segment says where a trap came from, with three exceptions:
;
;   * iretq into user mode may fault after swapgs: the kernel's code, but the user's %gs;
;   * an NMI, a machine check or a debug trap may come at the first or the last instructions of a
;     system call: the user's %gs, and even the user's stack pointer.  So these, and the double
;     fault, have stacks of their own, and each such stack says at its top what %gs should be;
;   * an NMI handler may not fault: its iretq would let the next NMI in, onto the same stack.
;     trap() sees to it.
;
; Source: Intel SDM vol. 3A, 6.14 "Exception and Interrupt Handling in 64-bit Mode"; vol. 2B,
; "SYSCALL", "SYSRET", "SWAPGS".

%include "arch/x86/user_access.inc"

global trap_vectors, trap_returns, ist_returns, trap_return
global syscall_entry, syscall_returns, fork_entry
extern trap, syscall_trap, trap_to_user, task_first_run
extern percpu_tss, percpu_syscall_user_sp

MSR_GS_BASE_NUMBER equ 0xc0000101
TRAPFRAME_WORDS    equ TRAPFRAME_BYTES / 8

; With: arch/x86_64/trapframe.h
%macro save_registers 0
        push rdi
        push rsi
        push rdx
        push rcx
        push rax
        push r8
        push r9
        push r10
        push r11
        push rbx
        push rbp
        push r12
        push r13
        push r14
        push r15
%endmacro

%macro restore_registers 0
        pop r15
        pop r14
        pop r13
        pop r12
        pop rbp
        pop rbx
        pop r11
        pop r10
        pop r9
        pop r8
        pop rax
        pop rcx
        pop rdx
        pop rsi
        pop rdi
        add rsp, 16                     ; vector, error
%endmacro

; 1 if the CPU pushes an error code for vector %1.
%define HAS_ERROR(n) ((n) == 8 || ((n) >= 10 && (n) <= 14) || (n) == 17 || (n) == 21)
%define HAS_OWN_STACK(n) ((n) == 1 || (n) == 2 || (n) == 8 || (n) == 18)

section .text progbits alloc exec nowrite align=16
bits 64

        align TRAP_STUB_BYTES
trap_vectors:
%assign i 0
%rep 256
        align TRAP_STUB_BYTES
%if i < 32
vector_ %+ i:
%endif
%if !HAS_ERROR(i)
        push 0
%endif
        push i
%if HAS_OWN_STACK(i)
        jmp ist_entry
%else
        jmp trap_enter
%endif
%assign i i+1
%endrep

; A trap, on the task's kernel stack.
trap_enter:
        save_registers
        cld
        forbid_user_pages
        test byte [rsp + TRAPFRAME_cs], 3
        jnz .swap
        cmp qword [rsp + TRAPFRAME_rip], iret_to_user
        jne .call
.swap:  swapgs
.call:  mov rdi, rsp
        call trap
trap_returns:                           ; rsp = struct trapframe *
        test byte [rsp + TRAPFRAME_cs], 3
        jnz return_to_user
return_to_kernel:
        restore_registers
        iretq
return_to_user:
        restore_registers
        swapgs
iret_to_user:
        iretq

; iretq found the user's rip, cs or ss unfit.  The trap that said so is over; the user's registers
; are loaded and rsp is at what iretq wanted.  Say it again as a trap that came from there.
iret_failed:
        push 0
        push TRAP_PROTECTION
        save_registers
        jmp trap_enter.call

; A trap on a stack of its own.  With: arch/x86_64/segments.h, struct ist_stack
ist_entry:
        save_registers
        cld
        forbid_user_pages
        test byte [rsp + TRAPFRAME_cs], 3
        jnz ist_from_user
        mov ecx, MSR_GS_BASE_NUMBER
        rdmsr
        mov ebx, eax                    ; ebp:ebx = %gs base, to be put back
        mov ebp, edx
        mov rax, rsp
        or rax, 4095
        mov eax, [rax - 15]             ; struct ist_stack's cpu_offset
        mov rdx, rsp
        or rdx, 4095
        mov edx, [rdx - 11]
        wrmsr
        mov rdi, rsp
        call trap
ist_returns:
        mov ecx, MSR_GS_BASE_NUMBER
        mov eax, ebx
        mov edx, ebp
        wrmsr
        jmp return_to_kernel
ist_from_user:                          ; %gs and the task's stack are as ever: use that one
        swapgs
        mov rsi, rsp
        mov rsp, [gs:percpu_tss + TSS_sp0]
        sub rsp, TRAPFRAME_BYTES
        mov rdi, rsp
        mov ecx, TRAPFRAME_WORDS
        rep movsq
        jmp trap_enter.call

; The syscall instruction: rcx = the user's rip, r11 = its rflags, interrupts off.  Make it look
; like a trap, whose "error code" is the system call's number.
syscall_entry:
        swapgs
        mov [gs:percpu_syscall_user_sp], rsp
        mov rsp, [gs:percpu_tss + TSS_sp0]
        push USER_DATA
        push qword [gs:percpu_syscall_user_sp]
        push r11
        push USER_CODE
        push rcx
        push rax
        push TRAP_SYSCALL
        save_registers
        mov rdi, rsp
        call syscall_trap
syscall_returns:
        test al, al
        jz return_to_user
        restore_registers               ; syscall_trap() has seen that rcx is rip, r11 rflags
        mov rsp, [rsp + TRAPFRAME_rsp - TRAPFRAME_rip]
        swapgs
        o64 sysret

; void trap_return(struct trapframe *frame)
trap_return:
        cli
        mov rsp, rdi
        jmp return_to_user

; Where a forked task begins: rsp = its struct trapframe *, interrupts off.
fork_entry:
        call task_first_run
        cli
        mov rdi, rsp
        call trap_to_user
        jmp return_to_user

section extable progbits alloc noexec nowrite align=4
        dd iret_to_user - $, iret_failed - $ - 4
