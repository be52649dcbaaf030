#include "expect.h"

#include <stdio.h>
#include <string.h>

static int failures;

void expect_fail(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s:%d: expected %s\n", file, line, condition);
  failures++;
}

void expect_status(const char *file, int line, nnformer_status status, nnformer_status expected,
                   const nnformer_error *error, const char *part) {
  if (status != expected) {
    fprintf(stderr, "%s:%d: status %d (%s), expected %d; message: %s\n", file, line, (int)status,
            nnformer_status_name(status), (int)expected, error ? error->message : "");
    failures++;
    return;
  }
  if (!error) return;
  if (error->status != status) expect_fail(file, line, "error->status to be what was returned");
  if (!strstr(error->message, part)) {
    fprintf(stderr, "%s:%d: message \"%s\" does not hold \"%s\"\n", file, line, error->message, part);
    failures++;
  }
  if (strpbrk(error->message, "\r\n")) expect_fail(file, line, "a message of one line");
}

void expect_ok(const char *file, int line, nnformer_status status, const nnformer_error *error) {
  expect_status(file, line, status, NNFORMER_OK, error, "");
  if (error && error->message[0]) expect_fail(file, line, "no message after success");
}

int expect_result(void) { return failures ? 1 : 0; }
