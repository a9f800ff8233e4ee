/* What the tests of the SDK share, in C and in C++: the host's functions, which keep what they are told, and have a table `pages` and a
 * value `motto`. */
#ifndef SLUICEBOX_TESTS_HOST_H
#define SLUICEBOX_TESTS_HOST_H

#include "sluicebox.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "abi.h"

extern int n_checks;

#define CHECK(condition)                                                    \
    do {                                                                    \
        n_checks++;                                                         \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

/* The last line of the log, behind its level; the last counter, and what has been added to all of them. */
extern char logged[256], counted[64];
extern int64_t count;

/* Whether an answer is an error of a kind, the number of its case in wit/, with `part` in its message. */
bool is_error(const void *answer, int tag, const char *part);

#ifdef __cplusplus
}
#endif

#endif
