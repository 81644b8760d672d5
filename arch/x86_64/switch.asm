; The x86-64's change of stack: from one task to another, and into a new one.

%include "gen/offsets.inc"

global context_switch, task_entry, segments_reload
extern task_first_run, task_exit

section .text progbits alloc exec nowrite align=16
bits 64

; void context_switch(void **save_sp, void *next_sp)
; With: arch/x86_64/stack.h, struct switch_frame
context_switch:
        push rbp
        push rbx
        push r12
        push r13
        push r14
        push r15
        mov [rdi], rsp
        mov rsp, rsi
        pop r15
        pop r14
        pop r13
        pop r12
        pop rbx
        pop rbp
        ret

; A new kernel thread: rbx = its function, r12 = the argument, interrupts off.
task_entry:
        call task_first_run
        mov rdi, r12
        call rbx
        xor edi, edi
        call task_exit

; void segments_reload(void)
segments_reload:
        pop rdi
        push KERNEL_CODE
        push rdi
        mov eax, KERNEL_DATA
        mov ds, eax
        mov es, eax
        mov ss, eax
        xor eax, eax
        mov fs, eax
        mov gs, eax                     ; zeroes the base: the caller sets it next
        retfq
