/*
 * What a kernel source needs around it to run as an ordinary program under cmocka.
 *
 * A failed assertion and a panic go through cmocka's mock_assert(), so that a test can say
 * expect_assert_failure(...) of a call that must not be survived.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

_Noreturn void assert_failed(const char *expression, const char *file, int line);
_Noreturn void panic(const char *format, ...);
void report(const char *format, ...);
void printk(int level, const char *format, ...);

__attribute__((weak)) void assert_failed(const char *expression, const char *file, int line)
{
    mock_assert(0, expression, file, line);
    abort();
}

__attribute__((weak)) void panic(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    mock_assert(0, "panic", __FILE__, __LINE__);
    abort();
}

__attribute__((weak)) void report(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    mock_assert(0, "report", __FILE__, __LINE__);
}

__attribute__((weak)) void printk(int level, const char *format, ...)
{
    va_list arguments;

    (void)level;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

/* mm/trace.h: nobody wants to know. */
_Bool trace_on;
void trace_record(const void *event);
__attribute__((weak)) void trace_record(const void *event) { abort(); }

/* mm/trace_fault.h: likewise. */
int trace_fault(void *mm, const void *fault, void *resolve);
__attribute__((weak)) int trace_fault(void *mm, const void *fault, void *resolve) { abort(); }
