; The i386's front door: every trap and every system call comes in here and goes out here.
;
; A stub for each vector makes all traps look alike (a struct trapframe on the stack), then one C
; call does the rest.  Segment registers are saved and replaced each time, because user programs
; may load what they like: %ds and %es must be flat for C, %fs leads to this CPU's variables.
; Putting them back may fault, if the user's selector has lost its meaning; such a selector
; becomes 0, and if it is iret that finds fault, the program gets to know.
;
; Source: Intel SDM vol. 3A, 6.12 "Exception and Interrupt Handling".

%include "arch/x86/user_access.inc"

global trap_vectors, trap_returns, ist_returns, trap_return
global syscall_returns, fork_entry, double_fault_task, sysenter_entry, sysenter_ready
extern trap, syscall_trap, sysenter_trap, trap_to_user, task_first_run, double_fault

; With: arch/i386/trapframe.h
%macro save_registers 0
        push gs
        push fs
        push es
        push ds
        push eax
        push ebp
        push edi
        push esi
        push edx
        push ecx
        push ebx
        cld
        mov ecx, KERNEL_DATA
        mov ds, ecx
        mov es, ecx
        mov ecx, PERCPU_DATA
        mov fs, ecx
        xor ecx, ecx
        mov gs, ecx                     ; not the user's: a trap in the kernel would load it again
%endmacro

; 1 if the CPU pushes an error code for vector %1.
%define HAS_ERROR(n) ((n) == 8 || ((n) >= 10 && (n) <= 14) || (n) == 17 || (n) == 21)

section .text progbits alloc exec nowrite align=16
bits 32

        align TRAP_STUB_BYTES
trap_vectors:
%assign i 0
%rep 256
        align TRAP_STUB_BYTES
%if i < 32
vector_ %+ i:
%endif
%if i == TRAP_SYSCALL
        push eax                        ; the "error code" of a system call is its number
        push i
        jmp syscall_enter
%else
%if !HAS_ERROR(i)
        push 0
%endif
        push i
        jmp trap_enter
%endif
%assign i i+1
%endrep

; A trap, on the task's kernel stack.
trap_enter:
        save_registers
        forbid_user_pages
        mov eax, esp
        call trap
trap_returns:
ist_returns:                            ; esp = struct trapframe *
restore:
        pop ebx
        pop ecx
        pop edx
        pop esi
        pop edi
        pop ebp
        pop eax
pop_ds: pop ds
pop_es: pop es
pop_fs: pop fs
pop_gs: pop gs
        add esp, 8                      ; vector, error
iret_any:
        iret

; A selector has lost its meaning: 0 instead, and once more.
ds_failed:
        mov dword [esp], 0
        jmp pop_ds
es_failed:
        mov dword [esp], 0
        jmp pop_es
fs_failed:
        mov dword [esp], 0
        jmp pop_fs
gs_failed:
        mov dword [esp], 0
        jmp pop_gs

; iret found the user's eip, cs or ss unfit.  The trap that said so is over; the user's registers
; are loaded and esp is at what iret wanted.  Say it again as a trap that came from there.
iret_failed:
        push 0
        push TRAP_PROTECTION
        jmp trap_enter

syscall_enter:
        save_registers
        forbid_user_pages
        mov eax, esp
        call syscall_trap
syscall_returns:
        jmp restore

; The sysenter instruction: interrupts off, esp = the end of the task's stack (machine_switch()),
; all other registers and flags the user's; ebp = his stack pointer, and where he has put his ebp.
; Make it look like a system call's trap; what is missing is filled in by sysenter_trap().
sysenter_entry:
        push USER_DATA
        push ebp
        pushf
        push FLAGS_ALWAYS_SET
        popf                            ; not the user's: single step, direction, nested task
sysenter_ready:
        or dword [esp], FLAGS_INTERRUPT
        push USER_CODE
        push 0                          ; eip
        push eax
        push TRAP_SYSCALL
        save_registers
        sti                             ; the read may have to wait for its page
        xor edx, edx
        cmp ebp, USER_LAST_WORD
        ja sysenter_read
        allow_user_pages
read_ebp:
        mov ecx, [ebp]
        mov [esp + TRAPFRAME_ebp], ecx
        inc edx                         ; it could be read
sysenter_read:
        forbid_user_pages
        mov eax, esp
        call sysenter_trap
        jmp restore

; void trap_return(struct trapframe *frame)
trap_return:
        cli
        mov esp, eax
        jmp restore

; Where a forked task begins: esp = its struct trapframe *, interrupts off.
fork_entry:
        call task_first_run
        cli
        mov eax, esp
        call trap_to_user
        jmp restore

; The double fault's own task: the stack below is empty, the registers are in the TSS we left.
double_fault_task:
        xor ebp, ebp
        call double_fault
        ud2

section extable progbits alloc noexec nowrite align=4
        dd pop_ds - $, ds_failed - $ - 4
        dd pop_es - $, es_failed - $ - 4
        dd pop_fs - $, fs_failed - $ - 4
        dd pop_gs - $, gs_failed - $ - 4
        dd iret_any - $, iret_failed - $ - 4
        dd read_ebp - $, sysenter_read - $ - 4
