/* Expectations for programs that CTest runs: a failure is printed and ends in exit status 1. */
#ifndef EXPECT_H
#define EXPECT_H

#include <nnformer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EXPECT(condition) ((condition) ? (void)0 : expect_fail(__FILE__, __LINE__, #condition))

/* `status` is `expected` and `error`, unless NULL, says the same, with a message that holds `part` and is one line. */
#define EXPECT_STATUS(status, expected, error, part) expect_status(__FILE__, __LINE__, status, expected, error, part)

/* `status` is NNFORMER_OK. */
#define EXPECT_OK(status, error) expect_ok(__FILE__, __LINE__, status, error)

void expect_fail(const char *file, int line, const char *condition);
void expect_status(const char *file, int line, nnformer_status status, nnformer_status expected,
                   const nnformer_error *error, const char *part);
void expect_ok(const char *file, int line, nnformer_status status, const nnformer_error *error);

/* What main returns: 1 if an expectation failed. */
int expect_result(void);

#ifdef __cplusplus
}
#endif

#endif
