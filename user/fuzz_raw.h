/*
 * System calls without a library around them: any number, any arguments, and the kernel's answer.
 *
 * A call that makes a child in the caller's own memory must not return twice: both would go on
 * with one stack.  raw_call_once() ends the child where it is, with registers alone.
 */
#ifndef USER_FUZZ_RAW_H
#define USER_FUZZ_RAW_H

/* The number, then the arguments. */
struct raw_call {
    long word[7];
};

long raw_call(const struct raw_call *call);
long raw_call_once(const struct raw_call *call);

#ifdef __x86_64__

typedef char raw_words_are_8_bytes[sizeof(long) == 8 ? 1 : -1];

__asm__(".macro load_and_call\n"
        "    mov (%rdi), %rax\n"
        "    mov 16(%rdi), %rsi\n"
        "    mov 24(%rdi), %rdx\n"
        "    mov 32(%rdi), %r10\n"
        "    mov 40(%rdi), %r8\n"
        "    mov 48(%rdi), %r9\n"
        "    mov 8(%rdi), %rdi\n"
        "    syscall\n"
        ".endm\n"
        ".global raw_call, raw_call_once\n"
        "raw_call:\n"
        "    load_and_call\n"
        "    ret\n"
        "raw_call_once:\n"
        "    load_and_call\n"
        "    test %rax, %rax\n"
        "    jnz 1f\n"
        "    mov $60, %eax\n" /* exit */
        "    xor %edi, %edi\n"
        "    syscall\n"
        "1:  ret\n");

#else

__asm__(".macro load_and_call\n"
        "    push %ebx\n"
        "    push %esi\n"
        "    push %edi\n"
        "    push %ebp\n"
        "    mov 20(%esp), %eax\n"
        "    mov 4(%eax), %ebx\n"
        "    mov 8(%eax), %ecx\n"
        "    mov 12(%eax), %edx\n"
        "    mov 16(%eax), %esi\n"
        "    mov 20(%eax), %edi\n"
        "    mov 24(%eax), %ebp\n"
        "    mov (%eax), %eax\n"
        "    int $0x80\n"
        ".endm\n"
        ".macro leave_call\n"
        "    pop %ebp\n"
        "    pop %edi\n"
        "    pop %esi\n"
        "    pop %ebx\n"
        "    ret\n"
        ".endm\n"
        ".global raw_call, raw_call_once\n"
        "raw_call:\n"
        "    load_and_call\n"
        "    leave_call\n"
        "raw_call_once:\n"
        "    load_and_call\n"
        "    test %eax, %eax\n"
        "    jnz 1f\n"
        "    mov $1, %eax\n" /* exit */
        "    xor %ebx, %ebx\n"
        "    int $0x80\n"
        "1:  leave_call\n");

#endif

#endif
