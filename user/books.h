/*
 * /proc/audit, for programs that may not cost memory for ever: is all given back that was taken?
 */
#ifndef USER_BOOKS_H
#define USER_BOOKS_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    BOOKS_TRIES = 50,
    BOOKS_PAUSE_US = 20000,
    BOOKS_CACHES = 128,
    BOOKS_NAME = 32,
    /* Page tables of the window that kernel stacks lie in are kept when many tasks have been. */
    BOOKS_KEPT_PAGES = 64,
};

struct books {
    long offences; /* -1: nobody can tell */
    long objects, pages;
    struct {
        char name[BOOKS_NAME];
        long used;
    } cache[BOOKS_CACHES];
};

/* Which caches have how many objects in use. */
static inline void books_read_caches(struct books *books)
{
    char line[256];
    FILE *file = fopen("/proc/slabinfo", "r");
    for (int i = 0; file && fgets(line, sizeof(line), file) && i < BOOKS_CACHES;)
        if (sscanf(line, "%31s %ld", books->cache[i].name, &books->cache[i].used) == 2)
            i++;
    if (file)
        fclose(file);
}

/* Have the kernel audit its memory, and note how much is in use.  Nobody else may be running. */
static inline void books_read(struct books *books)
{
    memset(books, 0, sizeof(*books));
    FILE *file = fopen("/proc/audit", "r");
    if (!file || fscanf(file, "offences %ld objects %ld pages %ld", &books->offences,
                        &books->objects, &books->pages) != 3) {
        perror("/proc/audit");
        books->offences = -1;
    }
    if (file)
        fclose(file);
    books_read_caches(books);
}

/* Is more in use than @before?  What was freed a moment ago has some moments to be given back. */
static inline int books_balance(const struct books *before, struct books *now)
{
    int balance = 0;
    for (int i = 0; i < BOOKS_TRIES && !balance; i++) {
        if (i)
            usleep(BOOKS_PAUSE_US);
        books_read(now);
        if (now->offences)
            return 0;
        balance = now->objects <= before->objects && now->pages <= before->pages + BOOKS_KEPT_PAGES;
    }
    return balance;
}

/* Print what there is more of than @before. */
static inline void books_print_growth(const struct books *before, const struct books *now)
{
    printf("books: offences %ld, objects %+ld, pages %+ld\n", now->offences,
           now->objects - before->objects, now->pages - before->pages);
    for (int i = 0; i < BOOKS_CACHES && *now->cache[i].name; i++)
        if (now->cache[i].used > before->cache[i].used)
            printf("books:     %s %+ld\n", now->cache[i].name,
                   now->cache[i].used - before->cache[i].used);
}

#endif
