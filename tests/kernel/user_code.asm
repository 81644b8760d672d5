; Programs for user mode, a few instructions each, that user_mode.c copies into an address space.
;
; Each has one source for both machines.  It starts with all registers zero but the stack
; pointer and its thread-local segment, whose first word holds the program's seed.

%ifidn __?OUTPUT_FORMAT?__, elf64
bits 64
%define TLS      fs
%define FIRST    rdi                    ; a system call's first argument
%define SYSTEM   syscall
%define GETPID   39
%define EXIT     60
%define PAUSE    34
%define R(name)  r %+ name
%else
bits 32
%define TLS      gs
%define FIRST    ebx
%define SYSTEM   int 0x80
%define GETPID   20
%define EXIT     1
%define PAUSE    29
%define R(name)  e %+ name
%endif

LOOPS         equ 4000000
SYSTEM_CALLS  equ 100000
NULL_CALLS    equ 1000
TRAP_FLAG     equ 0x100
ZERO_DIVIDE_MASKED equ 4

%macro program 1
global user_%1, user_%1_end
user_%1:
%define NAME user_%1
%endmacro

%macro end_program 0
        %[NAME]_end:
%endmacro

%macro exit_with 1
        mov FIRST, %1
        mov eax, EXIT
        SYSTEM
%endmacro

section .rodata

program exit
        exit_with 7
end_program

program pause
.again: mov eax, PAUSE
        SYSTEM
        jmp .again
end_program

program spin
        jmp $
end_program

program divide
        xor ecx, ecx
        div ecx
end_program

program invalid
        ud2
end_program

program breakpoint
        int3
end_program

program trace
        pushf
        or dword [R(sp)], TRAP_FLAG
        popf
        nop
end_program

program halt
        hlt
end_program

program device_vector
        int 0x30
end_program

program port
        in al, 0x60
end_program

program x87
        push R(ax)
        fnstcw [R(sp)]
        and dword [R(sp)], ~ZERO_DIVIDE_MASKED
        fldcw [R(sp)]
        fld1
        fldz
        fdivp
        fwait
end_program

program bad_segment
        mov eax, 0x1233                 ; beyond the GDT
        mov ds, eax
end_program

%ifidn __?OUTPUT_FORMAT?__, elf64
program other_system_call
        mov eax, 20
        int 0x80
end_program
%else
program other_system_call
        syscall                         ; AMD's; not ours on this machine
end_program
%endif

; The thread-local segment goes away while a segment register still names it.
program stale_segment
%ifidn __?OUTPUT_FORMAT?__, elf32
        push dword 0x28                 ; struct user_desc: empty,
        push dword 0
        push dword 0
        push dword 6                    ; GDT entry 6
        mov ebx, esp
        mov eax, 243                    ; set_thread_area()
        int 0x80
        test eax, eax
        jnz .wrong
        mov eax, gs
        test eax, eax
        jnz .wrong
%endif
        exit_with 0
.wrong: exit_with 1
end_program

; Do nothing but compute, and see that nobody disturbs: general registers, SSE, thread-local data.
program compute
        mov ebx, [TLS:0]
        movd xmm7, ebx
        push R(bx)
        fild dword [R(sp)]
        mov ecx, LOOPS
.loop:  mov esi, ebx
        mov edi, ecx
        movd eax, xmm7
        cmp eax, ebx
        jne .wrong
        cmp [TLS:0], esi
        jne .wrong
        cmp edi, ecx
        jne .wrong
        loop .loop
        fistp dword [R(sp)]
        cmp [R(sp)], ebx
        jne .wrong
        exit_with 0
.wrong: exit_with 1
end_program

; System calls leave every register alone that Linux says they do.
program system_calls
%ifidn __?OUTPUT_FORMAT?__, elf64
        mov edi, 0x1001                 ; arch_prctl(ARCH_SET_GS): not what the kernel could use
        mov esi, 0x12345000
        mov eax, 158
        syscall
%endif
        mov R(bp), SYSTEM_CALLS
.loop:  mov ebx, 0x1111
        mov edx, 0x2222
        mov esi, 0x3333
        mov edi, 0x4444
%ifidn __?OUTPUT_FORMAT?__, elf64
        mov r8, 0x5555
        mov r9, 0x6666
        mov r10, 0x7777
        mov r12, 0x8888
        mov r15, 0x9999
%else
        mov ecx, 0x5555
%endif
        mov eax, GETPID
        SYSTEM
        cmp eax, 0
        jle .wrong
        cmp ebx, 0x1111
        jne .wrong
        cmp edx, 0x2222
        jne .wrong
        cmp esi, 0x3333
        jne .wrong
        cmp edi, 0x4444
        jne .wrong
%ifidn __?OUTPUT_FORMAT?__, elf64
        cmp r8, 0x5555
        jne .wrong
        cmp r9, 0x6666
        jne .wrong
        cmp r10, 0x7777
        jne .wrong
        cmp r12, 0x8888
        jne .wrong
        cmp r15, 0x9999
        jne .wrong
%else
        cmp ecx, 0x5555
        jne .wrong
%endif
        dec R(bp)
        jnz .loop
        exit_with 0
.wrong: exit_with 1
end_program

; Exits with the instructions that one of many system calls takes, as the TSC counts them; 255 for
; more than that.
program null_system_calls
        rdtsc
        mov esi, eax
        mov ebp, NULL_CALLS
.call:  mov eax, GETPID
        SYSTEM
        dec ebp
        jnz .call
        rdtsc
        sub eax, esi
        xor edx, edx
        mov ecx, NULL_CALLS
        div ecx
        cmp eax, 255
        jbe .exit
        mov eax, 255
.exit:  exit_with R(ax)
end_program
